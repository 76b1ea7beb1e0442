# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role rolling, whole, under load, on each kind of workload: what is kept, what is taken back, what users feel."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lab import kube
from tests.integration import playbook
from tests.integration.conftest import Lab
from tests.integration.post_office import Chat
from tests.integration.rolling import CORE, KINDS, Rolling, told
from tests.integration.shop import within
from tests.integration.slow import instants, slow

AFTER = r"Failed after ([0-9.]+ (?:min [0-9]+ )?s)"
COUNTED = r"(errors: [0-9]+ of [^;]*? failed)"
STOPPED = r"(is (?:paused|stopped) .*? as before after .*? s)\."


# The kind that every run of the tests takes comes last.
KINDS_IN_ORDER = [*(slow(kind) for kind in KINDS[1:]), KINDS[0]]


@pytest.fixture(scope="module", params=KINDS_IN_ORDER)
def opened(request: pytest.FixtureRequest, lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rolling]:
    rolling = Rolling(lab.api, lab.images, lab.load_program(), tmp_path_factory.mktemp("users"), request.param)
    yield rolling
    kube.delete(lab.api, rolling.path)
    if request.param == KINDS[0]:
        rolling.close()


@pytest.fixture
def rolling(opened: Rolling) -> Rolling:
    """The workload at rest, whatever the test before has left."""
    opened.open()
    return opened


def assert_as_before(rolling: Rolling, template: dict[str, Any], revisions: set[str]) -> None:
    assert rolling.template() == template
    assert rolling.revisions() == revisions
    assert rolling.at_rest()
    obj = rolling.get()
    assert "slipway.rollout/stopped" not in obj["metadata"].get("annotations", {})
    assert not obj["spec"].get("paused")
    assert (obj["spec"].get("updateStrategy") or {}).get("type", "RollingUpdate") == "RollingUpdate"


@pytest.mark.parametrize("keepalive", [True, slow(False)], ids=["keepalive", "no-keepalive"])
def test_a_good_release_and_no_request_fails(rolling: Rolling, chat: Chat, keepalive: bool) -> None:
    with rolling.users(keepalive=keepalive) as users:
        run = rolling.roll("good-2", **chat.wanted)
    assert run.code == 0, run.said
    print(f"{rolling.kind}: {len(users.results)} requests, {users.failed} failed")
    assert users.failed == 0
    assert users.releases == {"good", "good-2"}
    assert chat.events == ["start", "verdict"]
    assert rolling.live() == rolling.images["good-2"]
    assert run.line("Live").startswith(f"continual-transformer:good-2 on {rolling.kind} rolling-app/{rolling.name}")
    opened, ended = rolling.ledger()
    assert (opened, ended[0]["outcome"], ended[0]["strategy"]) == ({}, "released", "rolling")
    again = rolling.roll("good-2")
    assert (again.code, again.changed) == (0, 0), again.said
    assert again.line("Why") == "it was live already."


def test_a_failing_release_is_stopped_and_taken_back(rolling: Rolling, chat: Chat) -> None:
    template, revisions = rolling.template(), rolling.revisions()
    with rolling.users() as users:
        run = rolling.roll("failing", **chat.wanted)
        time.sleep(1.0)
    assert run.code == 2, run.said
    failed = [one for one in users.results if one.failed]
    span = failed[-1].t - failed[0].t if failed else 0.0
    print(f"{rolling.kind}: {len(users.results)} requests, {len(failed)} failed, {span:.1f} s from first to last")
    print(f"  {told(run.said, COUNTED)}; {told(run.said, STOPPED)}")
    assert "failing" in users.releases
    assert chat.events == ["start", "rollback"]
    assert users.results[-1].release == "good"
    assert_as_before(rolling, template, revisions)
    assert "continual-transformer:failing was rolled back" in run.line("Live")
    assert "the limit is 1 %" in run.line("Why")
    opened, ended = rolling.ledger()
    assert (opened, ended[0]["outcome"]) == ({}, "rolled_back")


@pytest.mark.parametrize(
    ("release", "why"),
    [
        slow("crashing", ["exits with code 3", "cannot open model file"]),
        slow("never-ready", ["GET /health/ready on port http answers 503"]),
    ],
)
def test_a_stuck_rollout_is_told_by_its_cause(rolling: Rolling, release: str, why: list[str]) -> None:
    template, revisions = rolling.template(), rolling.revisions()
    with rolling.users() as users:
        run = rolling.roll(release)
    assert run.code == 2, run.said
    print(f"{rolling.kind} {release}: told after {told(run.said, AFTER)}")
    assert users.failed == 0
    assert users.releases == {"good"}
    for words in why:
        assert words in run.line("Why")
    assert_as_before(rolling, template, revisions)


@pytest.mark.slow
def test_no_node_takes_it(rolling: Rolling) -> None:
    template, revisions = rolling.template(), rolling.revisions()
    huge = {"spec": {"containers": [{"name": "app", "resources": {"requests": {"cpu": "999"}}}]}}
    run = rolling.roll("good-2", slipway_template=huge)
    assert run.code == 2, run.said
    print(f"{rolling.kind} no node: told after {told(run.said, AFTER)}")
    assert "Insufficient cpu" in run.line("Why")
    assert_as_before(rolling, template, revisions)


@pytest.mark.slow
def test_a_quota_without_room(rolling: Rolling) -> None:
    template, revisions = rolling.template(), rolling.revisions()
    pods = len(kube.find(rolling.api, f"{CORE}/pods")["items"])  # type: ignore[index]
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "spec": {"hard": {"pods": str(pods)}}}
    kube.apply(rolling.api, {**quota, "metadata": {"name": "full", "namespace": "rolling-app"}})
    try:
        within(20, lambda: "used" in (kube.find(rolling.api, f"{CORE}/resourcequotas/full") or {}).get("status", {}))
        with rolling.users():
            run = rolling.roll("good-2")
    finally:
        kube.delete(rolling.api, f"{CORE}/resourcequotas/full")
    if rolling.kind == "StatefulSet":  # takes a pod away before it makes one
        assert run.code == 0, run.said
        return
    assert run.code == 2, run.said
    assert "nothing was changed" in run.line("Live")
    assert "slipway_max_surge: max_surge asks for 1 more pods, but ResourceQuota full has no room" in run.line("Why")
    assert_as_before(rolling, template, revisions)


@pytest.mark.slow
def test_an_hour_later_it_goes_back_to_the_very_template(rolling: Rolling) -> None:
    template, revisions = rolling.template(), rolling.revisions()
    with rolling.users():
        run = rolling.roll("good-2")
    assert run.code == 0, run.said
    began = time.monotonic()
    with rolling.users() as users:
        back = rolling.play("rollback", rolling.wanted("good-2"))
    assert back.code == 0, back.said
    print(f"{rolling.kind}: back after {time.monotonic() - began:.1f} s, {users.failed} failed")
    assert users.failed == 0
    assert_as_before(rolling, template, revisions)


def test_check_mode_shows_the_plan_and_changes_nothing(rolling: Rolling) -> None:
    before = rolling.get()["metadata"]["generation"]
    run = rolling.roll("good-2", "--check", "--diff")
    assert run.code == 0, run.said
    assert rolling.get()["metadata"]["generation"] == before
    assert f"+  app: {rolling.images['good-2']}" in run.said
    assert "this was a rehearsal, nothing was changed" in run.said
    assert rolling.ledger() == ({}, [])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("opened", "release", "task"),
    [(KINDS[0], *one) for one in instants(good=28, failing=24)]
    + [(kind, *one) for kind in KINDS[1:] for one in (("good-2", 14), ("failing", 14), ("failing", 20))],
    indirect=["opened"],
)
def test_killed_and_run_again_it_ends_legal(rolling: Rolling, release: str, task: int) -> None:
    wanted = rolling.wanted(release)
    with rolling.users() as users:
        run = rolling.start("rolling", wanted)
        where = playbook.kill(run, task)
        time.sleep(2.0)  # what was left beside the run puts users back within one
        again = rolling.play("rolling", wanted)
    opened, ended = rolling.ledger()
    print(f"{rolling.kind} {release} killed in {where}: then exit {again.code}, {users.failed} failed requests")
    assert all(one.release == "good" for one in users.results[-20:]) or again.code == 0
    assert opened == {}, again.said
    assert ended[0]["outcome"] == ("released" if again.code == 0 else "rolled_back"), again.said
    within(30, rolling.at_rest)
    assert rolling.live() == rolling.images[release if again.code == 0 else "good"], again.said
    assert release == "good-2" or again.code != 0


@pytest.mark.slow
def test_told_to_end_it_puts_the_template_back_first(rolling: Rolling) -> None:
    run = rolling.start("rolling", rolling.wanted("good-2", slipway_gate={"interval": 0.25, "duration": 30}))
    within(60, lambda: rolling.live() == rolling.images["good-2"])
    run.send_signal(signal.SIGTERM)
    said = run.communicate(timeout=60)[0]
    assert rolling.live() == rolling.images["good"], said
    again = rolling.roll("good-2")
    assert again.code == 2, again.said
    assert "was cut off" in again.line("Why")
    assert rolling.at_rest()
