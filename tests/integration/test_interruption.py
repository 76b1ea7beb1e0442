# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A canary whose run dies or is told to end, at instants spread over all of it, and the same command again."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.integration import playbook
from tests.integration.release import Release
from tests.integration.shop import within
from tests.integration.slow import instants, slow

KEEPER = 1.0  # seconds that users may still be there after a run has died
BAD = "failing"
# One of them is in every run of the tests.
INSTANTS = [
    (pytest.param if (asked, task) == (BAD, 21) else slow)(asked, task, id=f"{asked}-{task}")
    for asked, task in instants(good=44, failing=29)
]


def assert_legal(release: Release, code: int, said: str, asked: str) -> None:
    """Released or back: one of the two, in the cluster and in the ledger."""
    opened, ended = release.ledger()
    assert opened == {}, said
    outcome = "released" if code == 0 else "rolled_back"
    live = asked if code == 0 else "good"
    assert ended, said
    assert ended[0]["outcome"] == outcome, said
    assert release.live("main") == release.images[live], said
    assert (release.pods("canary"), release.weights()) == (0, [100, 0]), said


@pytest.mark.parametrize(("asked", "task"), INSTANTS)
def test_killed_and_run_again_it_ends_legal(release: Release, asked: str, task: int) -> None:
    wanted = release.wanted(asked)
    with release.users() as users, release.running("canary", wanted) as run:
        where = playbook.kill(run, task)
        killed = time.time()
        opened, ended = release.ledger()
        time.sleep(KEEPER + 1.0)
        restarted = time.time()
        again = release.play("canary", wanted)
    unwatched = [one for one in users.results if killed + KEEPER < one.t < restarted and one.release == asked]
    if opened and opened["phase"] != "proven":
        assert unwatched == []
    phase = opened.get("phase", "closed" if ended else "not begun")
    print(f"{asked} killed in {where}: {phase}, then exit {again.code}")
    if asked == BAD:
        assert again.code != 0
        # It was refused a second time from the very start, or taken back for what was left.
        assert all(one.release != BAD for one in users.results[-20:])
    assert_legal(release, again.code, again.said, asked)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "stage"),
    [
        pytest.param(signal.SIGTERM, 10, id="SIGTERM-10"),
        pytest.param(signal.SIGINT, 10, id="SIGINT-10"),
        pytest.param(signal.SIGTERM, 100, id="SIGTERM-100"),
        pytest.param(signal.SIGINT, 100, id="SIGINT-100"),
    ],
)
def test_told_to_end_it_puts_users_back_first(release: Release, number: int, stage: int) -> None:
    wanted = release.wanted("good-2", slipway_gate={"interval": 0.25, "duration": 8})
    with release.users() as users, release.running("canary", wanted) as run:
        within(60, lambda: release.weights()[1] == stage)
        time.sleep(1.0)
        os.kill(run.pid, number)
        said = run.communicate(timeout=60)[0]
        assert release.weights() == [100, 0], said
    assert users.failed == 0
    assert run.returncode not in (0, 2), said
    opened, _ended = release.ledger()
    assert opened["phase"] == "judging"
    again = release.roll("good-2")
    assert again.code == 2
    assert "was cut off" in again.line("Why")
    assert_legal(release, again.code, again.said, "good-2")


@pytest.mark.slow
def test_what_was_cut_off_is_resumed_where_that_is_asked_for(release: Release) -> None:
    wanted = release.wanted("good-2", slipway_stages=[10, 50, 100], slipway_on_interrupted="resume")
    with release.users() as users:
        with release.running("canary", wanted) as run:
            within(60, lambda: run.poll() is None and release.weights()[1] == 50)
        again = release.play("canary", wanted)
    assert again.code == 0, again.said
    assert users.failed == 0
    assert "10 % of the users" not in again.said
    assert "50 % of the users" in again.said
    assert_legal(release, 0, again.said, "good-2")


@pytest.mark.slow
def test_another_command_is_told_what_is_open(release: Release) -> None:
    with release.users(), release.running("canary", release.wanted("good-2")):
        within(60, lambda: release.weights()[1] > 0)
    other = release.roll("slow")
    assert other.code == 2
    assert "another rollout is open: canary of continual-transformer:good-2, at 10 %" in other.line("Why")
    assert "playbooks/rollback.yml" in other.line("Next")
    history = release.play("history", release.wanted("good-2"))
    assert "canary      continual-transformer:good-2" in history.said
    back = release.play("rollback", release.wanted("good-2"))
    assert back.code == 0, back.said
    assert "continual-transformer" in back.line("Live")
    twice = release.play("rollback", release.wanted("good-2"))
    assert (twice.code, twice.changed) == (0, 0), twice.said
    assert_legal(release, 2, back.said, "good-2")


@pytest.mark.parametrize("delay", [0.0, *(slow(round(0.4 * step, 1)) for step in range(1, 20))])
def test_two_at_once_are_one(release: Release, delay: float) -> None:
    wanted = release.wanted("good-2", slipway_stages=[100])
    with release.users(), release.running("canary", wanted) as first:
        time.sleep(delay)  # so that the second meets the first at another instant each time
        with release.running("canary", wanted) as second:
            said = [one.communicate(timeout=240)[0] for one in (first, second)]
    assert sorted((first.returncode, second.returncode)) == [0, 2], "\n".join(said)
    refused = said[0] if first.returncode else said[1]
    assert "is under way: " in refused
    assert "this run has changed nothing" in refused
    assert_legal(release, 0, "\n".join(said), "good-2")


@pytest.mark.slow
def test_an_hour_later_the_last_release_is_gone_back_from(release: Release) -> None:
    with release.users():
        forth = release.roll("good-2", slipway_keep_replicas=3)
    assert forth.code == 0, forth.said
    assert (release.live("canary"), release.pods("canary")) == (release.images["good"], 3)
    with release.users() as users:
        back = release.play("rollback", release.wanted("good-2"))
        twice = release.play("rollback", release.wanted("good-2"))
    assert back.code == 0, back.said
    assert (twice.code, twice.changed) == (0, 0), twice.said
    assert users.failed == 0
    assert (release.live("main"), release.pods("canary")) == (release.images["good"], 0)
    assert release.weights() == [100, 0]


RELEASED_AND_BACK = """
- name: Release what nobody looks at closely, and go back from it
  hosts: all
  gather_facts: false
  roles: [slipway.rollout.canary, slipway.rollout.rollback]
"""


@pytest.mark.slow
def test_one_run_may_release_and_go_back(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "both.yml"
    path.write_text(RELEASED_AND_BACK)
    lenient = [{"name": "slow", "template": "latency", "bound": 5, "max": 0.5}]
    wanted = release.wanted(BAD, slipway_checks=lenient, slipway_stages=[100])
    with release.users() as users:
        run = playbook.play(str(path), "-i", "inventories/lab", "-e", json.dumps(wanted))
    assert run.code == 0, run.said
    assert BAD in users.releases
    assert users.results[-1].release == "good"
    assert release.live("main") == release.images["good"]
    assert (release.pods("canary"), release.weights()) == (0, [100, 0])
