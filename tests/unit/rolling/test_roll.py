# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout from its first write to its end: kept, or stopped and taken back to the letter."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Forbidden
from ansible_collections.slipway.rollout.plugins.module_utils.gate.stop import Stop, Stopped
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.former import (
    FORMER_IMAGE,
    FORMER_REVISION,
    PINNED,
    RELEASE,
    STOPPED,
    digest,
)
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.writer import Foreign
from ansible_collections.slipway.rollout.plugins.module_utils.workload.snapshot import template

from tests.unit.rolling.runs import ERRORS, PODS, Run
from tests.unit.rolling.world import NEW, OLD, World, workload

KINDS = ("DaemonSet", "Deployment", "StatefulSet")
WATCHED: dict[str, Any] = {"source": PODS, "checks": [ERRORS]}


def spec_fields(world: World) -> list[str]:
    """What each real write was about, by the first field of the spec."""
    found = []
    for _path, patch, dry in world.store.writes:
        if not dry and isinstance(patch, list):
            found.append(" ".join(sorted(one["path"].split("/")[2] for one in patch[1:] if "/spec/" in one["path"])))
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("watched", [WATCHED, {}], ids=["checks", "none"])
def test_a_good_release_stays(kind: str, watched: dict[str, Any]) -> None:
    world = World.of(kind=kind)
    rolled = Run(world).open(**watched).run()
    assert not rolled.failed, rolled.text()
    assert (world.image, rolled.changed, rolled.undone) == (NEW, True, None)
    assert world.notes[RELEASE] == "shop:2"
    assert (world.notes[PINNED], world.notes[FORMER_IMAGE]) == (NEW, OLD)
    assert world.notes[FORMER_REVISION].startswith("shop-")
    assert f"{kind} production/shop: " in rolled.text()
    assert rolled.as_dict()["replicas"]["old"] == 0
    if watched:
        assert "none of" in rolled.text()
        assert set(rolled.gate.checks[0].pods) == {pod["metadata"]["name"] for pod in world.pods()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_failing_release_is_stopped_first_and_then_taken_back_to_the_letter(kind: str) -> None:
    world = World.of(kind=kind)
    before = template(world.obj)
    notes = world.notes
    run = Run(world, failing=NEW)
    rolled = run.open(**WATCHED).run()
    assert rolled.failed
    assert "errors: " in rolled.text()
    assert "The template of" in rolled.text()
    assert rolled.undone is not None
    assert rolled.undone.done
    assert template(world.obj) == before
    assert world.notes == notes
    field = "strategy" if kind == "Deployment" else "updateStrategy"
    stop = "paused" if kind == "Deployment" else "updateStrategy"
    given, stopped, restored = spec_fields(world)[:3]
    assert "template" in given
    assert stopped == stop
    assert "template" in restored
    assert not world.obj["spec"].get("paused")
    assert world.obj["spec"][field]["type"] == "RollingUpdate"


@pytest.mark.parametrize("kind", KINDS)
def test_pods_that_do_not_come_are_told_by_their_cause_and_taken_back(kind: str) -> None:
    world = World.of(kind=kind, broken={NEW})
    before, begun = digest(template(world.obj)), world.clock.now
    rolled = Run(world).open().run()
    assert rolled.failed
    assert rolled.undone is not None
    assert rolled.undone.back is not None
    assert rolled.gate.seconds + rolled.undone.back <= world.clock.now - begun  # to the verdict, and from there
    assert "exits with code 3 (4 times)" in rolled.text()
    assert rolled.as_dict()["details"][0]["kind"] == "crash"
    assert rolled.undone.equal
    assert digest(template(world.obj)) == before
    assert bool(rolled.undone.deleted) is (kind == "StatefulSet")


def test_what_an_earlier_run_has_given_is_watched_from_there() -> None:
    world = World.of()
    first = Run(world).open()
    first.writer.roll(first.goal, first.former)
    writes = len([1 for _path, _patch, dry in world.store.writes if not dry])
    run = Run(world)
    rolled = run.open(former=first.former.as_dict(), **WATCHED).run()
    assert not rolled.failed, rolled.text()
    assert not rolled.changed
    assert len([1 for _path, _patch, dry in world.store.writes if not dry]) == writes
    assert "the release was given before; it is watched from here on" in run.said
    assert Run(world).open().former.digest == first.former.digest


def test_what_an_earlier_run_has_stopped_is_taken_back() -> None:
    world = World.of()
    first = Run(world).open()
    first.writer.roll(first.goal, first.former)
    first.writer.stop(first.former, "errors: 5 of 10")
    rolled = Run(world).open(former=first.former.as_dict()).run()
    assert rolled.failed
    assert "an earlier run had stopped it: errors: 5 of 10" in rolled.text()
    assert world.image == OLD
    assert STOPPED not in world.notes


def test_what_somebody_else_has_written_is_left_alone() -> None:
    world = World.of()
    roll = Run(world, failing=NEW).open(**WATCHED)
    judged = roll.loop.hold

    def meddle() -> str:
        if world.image == NEW:
            world.write(lambda obj: obj["spec"]["template"]["spec"]["containers"][0].update(image="other:1"))
        return judged() if judged else ""

    roll.loop.hold = meddle
    rolled = roll.run()
    assert rolled.failed
    assert "IT IS NOT AS BEFORE" in rolled.text()
    assert "somebody else has changed it" in rolled.text()
    assert world.image == "other:1"


def test_before_anything_was_written_it_is_only_refused() -> None:
    world = World.of()
    roll = Run(world).open()
    world.write(lambda obj: obj["spec"]["template"]["spec"]["containers"][0].update(image="other:1"))
    with pytest.raises(Foreign, match="so the release was not given to it"):
        roll.run()


def test_a_write_that_is_refused_ends_it_with_everything_as_before() -> None:
    world = World.of()
    roll = Run(world).open()
    world.store.failures[world.path] = []
    filled = roll.writer.filled(world.obj, roll.goal)
    assert filled["spec"]["containers"][0]["image"] == NEW

    def refuse() -> None:
        raise Forbidden(403, "Forbidden", "admission webhook denied it.")

    roll.marks = type("Marks", (), {"begun": staticmethod(refuse), "judged": staticmethod(lambda _result: "")})()
    rolled = roll.run()
    assert "the release could not be given: admission webhook denied it" in rolled.text()
    assert (world.image, rolled.changed) == (OLD, False)


class Told(Stop):
    """A signal that comes at the second look."""

    looks = 0

    def check(self) -> None:
        self.looks += 1
        if self.looks == 2 and not self._deaf:
            raise Stopped("the gate was told to stop (SIGTERM)")


def test_told_to_stop_it_puts_the_template_back_and_does_not_wait() -> None:
    world = World.of()
    before = template(world.obj)
    run = Run(world, stop=Told())
    rolled = run.open(**WATCHED).run()
    assert rolled.failed
    assert "not finished: the gate was told to stop (SIGTERM)" in rolled.text()
    assert template(world.obj) == before
    assert rolled.undone is not None
    assert rolled.undone.back is None
    assert rolled.gate.error == "stopped"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"image": None}, "image is missing"),
        ({"container": "api"}, "container is 'api', which Deployment shop does not have"),
        ({"checks": [ERRORS]}, "without a source"),
        ({"subject": {"canary": "a=b"}}, "subject is given"),
        ({"stuck_after": 0.0}, "stuck_after is 0"),
        ({"max_surge": "a few"}, "max_surge is 'a few'"),
        ({"max_surge": "0", "max_unavailable": "0%"}, "both 0"),
        ({"min_ready_seconds": -2}, "min_ready_seconds is -2"),
    ],
)
def test_wrong_options_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        Run(World.of()).open(**changes)


def test_promql_cannot_tell_old_and_new_pods_apart() -> None:
    prometheus = {**PODS, "type": "prometheus", "url": "http://127.0.0.1:1"}
    query = {"name": "queue", "query": "max(queue{$canary})", "max": 3}
    with pytest.raises(OptionError, match=r"checks\[0\].query cannot ask for one of the arms"):
        Run(World.of()).open(source=prometheus, checks=[query])


def test_the_former_template_comes_back_with_more_than_an_image() -> None:
    world = World.of(workload(env=[{"name": "A", "value": "1"}]))
    before = template(world.obj)
    patch = {"spec": {"containers": [{"name": "app", "env": [{"name": "A", "value": "2"}]}]}}
    roll = Run(world, failing=NEW).open(template=patch, **WATCHED)
    assert roll.writer.filled(world.obj, roll.goal)["spec"]["containers"][0]["env"] == [{"name": "A", "value": "2"}]
    assert roll.run().failed
    assert template(world.obj) == before
