# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role blue_green, whole, under load: what goes live, what is taken back, and what users feel."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator

import pytest

from lab import load
from tests.integration import playbook
from tests.integration.conftest import Lab
from tests.integration.post_office import Chat
from tests.integration.shop import within
from tests.integration.slots import NAME, PODS, Slots
from tests.integration.slow import instants, slow
from tests.integration.users import Users

NAMESPACE = "bluegreen-release"
OTHER = {"blue": "green", "green": "blue"}

CONNECTIONS = [
    pytest.param(True, id="keepalive"),
    slow(False, id="new-connections"),
]


@pytest.fixture(scope="module")
def opened(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slots]:
    slots = Slots(lab.api, lab.images, lab.load_program(), tmp_path_factory.mktemp("users"), NAMESPACE)
    yield slots
    slots.close()


@pytest.fixture
def slots(opened: Slots) -> Slots:
    """The app at rest on blue, whatever the test before has left."""
    opened.open()
    return opened


def hurt(users: Users) -> str:
    """For the record: how long users were hurt, and by how many requests."""
    summary = load.summarise(users.results)
    return f"{summary.requests} requests, {summary.failed} failed within {summary.failing_s:.2f} s"


def assert_as_before(slots: Slots, kind: str = "service") -> None:
    assert slots.live(kind) == "blue"
    assert slots.holds("blue") == (slots.images["good"], PODS)
    assert slots.holds("green") == (slots.images["good"], 0)
    hpa = slots.hpa()
    assert hpa["spec"]["scaleTargetRef"]["name"] == f"{NAME}-main"
    assert "slipway.rollout/former-min-replicas" not in hpa["metadata"].get("annotations", {})
    opened, ended = slots.ledger()
    assert (opened, ended[0]["outcome"]) == ({}, "rolled_back")


@pytest.mark.slow
@pytest.mark.parametrize("keepalive", [True, False], ids=["keepalive", "new-connections"])
def test_there_and_back_three_times_no_request_fails(slots: Slots, keepalive: bool) -> None:
    live, release = "blue", "good"
    with slots.users(keepalive=keepalive) as users:
        for _release in range(6):
            live, release = OTHER[live], "good-2" if release == "good" else "good"
            run = slots.roll(release)
            assert run.code == 0, run.said
            assert slots.live() == live
    print(hurt(users))
    assert users.failed == 0
    assert users.releases == {"good", "good-2"}
    assert slots.holds("blue") == (slots.images["good"], PODS)
    assert slots.holds("green") == (slots.images["good-2"], 1)
    assert slots.hpa()["spec"]["scaleTargetRef"]["name"] == f"{NAME}-main"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["virtualservice", "httproute"])
def test_a_route_may_be_the_switch(slots: Slots, kind: str) -> None:
    with slots.users(kind) as users:
        run = slots.roll("good-2", kind=kind)
        assert run.code == 0, run.said
        assert slots.live(kind) == "green"
        back = slots.roll("failing", kind=kind)
        assert back.code == 2, back.said
    assert slots.live(kind) == "green"
    assert users.results[-1].release == "good-2"
    assert slots.holds("blue") == (slots.images["good"], 1)


def test_what_was_live_is_kept_and_noted_truthfully(slots: Slots, chat: Chat) -> None:
    with slots.users():
        run = slots.roll("good-2", slipway_preview=f"{NAME}-preview", slipway_baseline=1, **chat.wanted)
    assert run.code == 0, run.said
    assert run.line("Live").startswith(f"{NAME}:good-2 on slot green of {NAMESPACE}/{NAME}")
    assert "before the switch: errors" in run.line("Why")
    assert chat.events == ["start", "verdict"]
    assert slots.holds("blue") == (slots.images["good"], 1)
    assert slots.annotations("blue")["slipway.rollout/rollback-image"] == slots.images["good"]
    green = slots.annotations("green")
    assert green["slipway.rollout/image"] == slots.images["good-2"]
    assert green["slipway.rollout/former-image"] == slots.images["good"]
    assert slots.hpa()["spec"]["scaleTargetRef"]["name"] == f"{NAME}-green"
    preview = slots.get("v1", "Service", f"{NAME}-preview")["spec"]["selector"]
    assert preview == {"app": NAME, "slot": "green"}
    _opened, ended = slots.ledger()
    assert (ended[0]["outcome"], ended[0]["evidence"][-1]["verdict"]) == ("released", "pass")
    again = slots.roll("good-2")
    assert (again.code, again.changed, again.line("Why")) == (0, 0, "it was live already."), again.said


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("crashing", "exits with code 3"),
        slow("never-ready", "GET /health/ready on port http answers 503"),
        slow("good-2", "Smoke test /not-there failed"),
    ],
)
def test_what_fails_before_the_switch_no_user_sees(slots: Slots, name: str, why: str) -> None:
    smoke = [{"path": "/health/all"}, {"path": "/not-there"}]
    timeouts = {"release": 8, "observe": 15, "drain": 15}
    with slots.users() as users:
        run = slots.roll(name, slipway_timeouts=timeouts, slipway_smoke_tests=smoke)
    print(hurt(users))
    assert run.code == 2, run.said
    assert (users.failed, users.releases) == (0, {"good"})
    assert why in run.line("Why")
    assert "was rolled back before any user was on it" in run.line("Live")
    assert_as_before(slots)


@pytest.mark.parametrize("keepalive", [True, slow(False)], ids=["keepalive", "new-connections"])
@pytest.mark.parametrize("name", ["failing", slow("slow")])
def test_what_fails_after_the_switch_is_taken_back_by_the_gate(
    slots: Slots, chat: Chat, name: str, keepalive: bool
) -> None:
    with slots.users(keepalive=keepalive) as users:
        run = slots.roll(name, **chat.wanted)
    print(hurt(users))
    assert run.code == 2, run.said
    assert name in users.releases
    assert users.results[-1].release == "good"
    assert users.failed == 0 or name == "failing"
    assert f"{NAME}:{name} was rolled back." in run.line("Live")
    assert chat.events == ["start", "rollback"]
    assert_as_before(slots)
    assert slots.get("v1", "Service", NAME)["metadata"]["annotations"]["slipway.rollout/left-slot"] == "green"


@pytest.mark.slow
def test_a_gate_that_cannot_tell_asks_people(slots: Slots, chat: Chat) -> None:
    never = [{"name": "errors", "template": "error_rate", "max": 0.01, "min_requests": 1_000_000}]
    gate = {"interval": 1, "duration": 3, "on_undecided": "pause", "pause_timeout": 240}
    # The lab's Prometheus knows pods by their label `version`.
    arms = {arm: f"app={NAME},version={version}" for arm, version in (("stable", "main"), ("canary", "green"))}
    changes = {"slipway_checks": never, "slipway_subject": arms, "demo_source": "prometheus", **chat.wanted}
    wanted = slots.variables("good-2", slipway_gate=gate, **changes)
    with slots.users() as users:
        run = slots.start(wanted)
        try:
            within(120, lambda: "pause slot green" in chat.events)
            answer = {**wanted, "slipway_answer": "pass", "slipway_answer_reason": "a quiet night"}
            assert slots.play("answer", answer).code == 0
            said = run.communicate(timeout=120)[0]
        finally:
            run.kill()
    assert run.returncode == 0, said
    assert "has decided that it passes: a quiet night" in said
    assert chat.events == ["start", "pause slot green", "verdict"]
    assert (slots.live(), users.failed) == ("green", 0)


@pytest.mark.slow
def test_a_slot_without_probes_is_refused_and_made_like_the_other_one_if_asked(slots: Slots) -> None:
    slots.set_template("green", {"readinessProbe": None, "lifecycle": None})
    refused = slots.roll("good-2")
    assert refused.code == 2, refused.said
    assert "containers[app].readinessProbe is on blue only" in refused.said
    assert "nothing was changed" in refused.line("Live")
    with slots.users() as users:
        run = slots.roll("good-2", slipway_slot_differences="copy")
    assert run.code == 0, run.said
    assert users.failed == 0
    container, same = (
        slots.deployment(slot)["spec"]["template"]["spec"]["containers"][0] for slot in ("blue", "green")
    )
    assert {**container, "image": ""} == {**same, "image": ""}
    assert slots.deployment("green")["spec"]["template"]["metadata"]["labels"]["slot"] == "green"


@pytest.mark.slow
def test_check_mode_shows_the_whole_plan_and_changes_nothing(slots: Slots) -> None:
    with slots.users() as users:
        before = [slots.deployment(slot)["metadata"]["generation"] for slot in OTHER]
        run = slots.roll("good-2", "--check", "--diff")
        assert [slots.deployment(slot)["metadata"]["generation"] for slot in OTHER] == before
    assert run.code == 0, run.said
    assert (users.releases, slots.live()) == ({"good"}, "blue")
    assert slots.ledger() == ({}, [])
    for words in ("Idle     slot green", "Switches service", "this was a rehearsal, nothing was changed"):
        assert words in run.said, words


@pytest.mark.slow
@pytest.mark.parametrize("keep", [1, PODS])
def test_going_back_later_gives_capacity_first(slots: Slots, keep: int) -> None:
    with slots.users() as users:
        assert slots.roll("good-2", slipway_keep_replicas=keep).code == 0
        assert slots.holds("blue") == (slots.images["good"], keep)
        typed = time.time()
        back = slots.play("rollback", slots.variables("good-2", slipway_keep_replicas=keep))
        assert back.code == 0, back.said
        assert slots.live() == "blue"
        again = slots.play("rollback", slots.variables("good-2", slipway_keep_replicas=keep))
        assert again.code == 0, again.said
        assert slots.live() == "blue"
    there = [one.t for one in users.results if one.t > typed and one.release == "good"]
    print(f"{hurt(users)}; back {there[0] - typed:.1f} s after it was typed, with {keep} pods kept")
    assert users.failed == 0
    assert users.results[-1].release == "good"
    assert slots.holds("blue") == (slots.images["good"], PODS)
    assert slots.holds("green") == (slots.images["good-2"], keep)
    assert ("so users go there at once" in back.said) == (keep == PODS)
    assert slots.hpa()["spec"]["scaleTargetRef"]["name"] == f"{NAME}-main"


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["deploying", "judging", "finishing"])
def test_killed_and_run_again_it_ends_legal(slots: Slots, moment: str) -> None:
    wanted = slots.variables("good-2", slipway_gate={"interval": 0.25, "duration": 4})
    with slots.users() as users:
        run = slots.start(wanted)
        try:
            within(240, lambda: _reached(slots, moment))
        finally:
            os.kill(run.pid, signal.SIGKILL)  # nothing but the playbook's own process
            run.communicate()
        again = slots.play("blue_green", wanted)
        if again.code == 2 and "was cut off" in again.said:
            assert slots.live() == "blue"
            assert slots.holds("green") == (slots.images["good"], 0)
            again = slots.play("blue_green", wanted)
    assert again.code == 0, again.said
    assert users.failed == 0
    assert slots.live() == "green"
    assert slots.holds("blue") == (slots.images["good"], 1)
    opened, ended = slots.ledger()
    assert (opened, ended[0]["outcome"]) == ({}, "released"), json.dumps(ended[0])


@pytest.mark.slow
@pytest.mark.parametrize(("asked", "task"), instants(good=36, failing=34))
def test_killed_at_any_instant_and_run_again_it_ends_legal(slots: Slots, asked: str, task: int) -> None:
    wanted = slots.variables(asked)
    with slots.users() as users:
        run = slots.start(wanted)
        where = playbook.kill(run, task)
        time.sleep(2.0)  # what was left beside the run puts users back within one
        again = slots.play("blue_green", wanted)
    opened, ended = slots.ledger()
    print(f"{asked} killed in {where}: then exit {again.code}, {hurt(users)}")
    assert (opened, ended[0]["outcome"]) == ({}, "released" if again.code == 0 else "rolled_back"), again.said
    assert asked == "good-2" or again.code != 0
    assert slots.live() == ("green" if again.code == 0 else "blue"), again.said
    assert slots.holds(slots.live())[0] == slots.images[asked if again.code == 0 else "good"]
    assert all(one.release == "good" for one in users.results[-20:]) or again.code == 0
    if asked == "good-2":
        assert users.failed == 0


def _reached(slots: Slots, moment: str) -> bool:
    if moment == "deploying":
        return slots.holds("green")[1] == PODS
    if moment == "judging":
        return slots.live() == "green"
    return bool(slots.ledger()[0].get("phase") == "proven")
