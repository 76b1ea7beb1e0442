# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges that compare the canary with stable, on real pods under users: what they find, when, and how it reads.

Times are printed and not asserted. Most wait for minutes of stable's history first, so they are slow.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.compared import ERRORS, HISTORY, SLOW, SPLIT, Compared, growing
from tests.integration.conftest import Lab
from tests.integration.gates import BACK, PODS, SHARE, Scene, start
from tests.integration.post_office import Chat
from tests.integration.shop import Shop, within

LIMIT = {"name": "errors", "template": "error_rate"}  # for a judge of fixed limits
CHECKS = [{**ERRORS, "promote_ratio": 2}]
ROUNDS = 20


@pytest.fixture(scope="module")
def usual(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compared]:
    """Stable with a history, all the time under users."""
    shop = Shop(lab.api, lab.images, "slipway-compared")
    compared = Compared(lab, shop, tmp_path_factory.mktemp("compared"))
    shop.open()
    try:
        compared.give("main", 3)
        with compared.users():
            compared.give("canary", 1)
            within(HISTORY + 60, compared.has_history)
            yield compared
    finally:
        Shop(lab.api, lab.images, shop.namespace).close()


@pytest.fixture
def compared(usual: Compared) -> Iterator[Compared]:
    usual.shop.put("virtualservice", 100, 0)
    yield usual
    usual.shop.put("virtualservice", 100, 0)


def test_one_bad_pod_of_several_is_named(lab: Lab, shop: Shop, tmp_path: Path) -> None:
    """Whoever judges. Here a fixed limit does, since it needs no history."""
    limit = {**LIMIT, "max": 0.04}
    few = Compared(lab, shop, tmp_path)
    shop.put("virtualservice", 100, 0)
    Scene(lab, shop, PODS).release("good")
    shop.scale(canary=2)
    try:
        few.add_bad_pod(FAILURE_RATE="0.3")  # not at once so bad that a handful of failures would decide
        (bad,) = few.odd_pods()
        with few.users():
            result, _lines = few.gate("one bad pod", limit, source=PODS, interval=0.25, split=SHARE)
    finally:
        few.remove_bad_pod()
        shop.scale(canary=1)
    assert result["verdict"] == "fail"
    assert result["checks"][0]["attribution"]["bad_pods"] == [bad]
    healthy = rf"2 of 3 pods of canary are healthy; pod {bad} on node \S+ has .* % of the failures"
    assert re.search(healthy, result["msg"])


@pytest.mark.slow
def test_three_times_as_many_failures_are_found(compared: Compared) -> None:
    """1 % to 3 % at 10 % of 200 requests a second; beside it, of the same requests, what fixed limits make of it."""
    compared.give("canary", 1, "good-2", FAILURE_RATE="0.03")
    compared.shop.put("virtualservice", *SPLIT.values())
    time.sleep(5)  # until its pods are in the metrics server: these gates move nobody, and so wait for nobody
    still = {"split": None, "on_fail": None, "route": None, "namespace": compared.shop.namespace, "duration": 240}
    gates = {
        "sequential": compared.options(ERRORS, **still),
        "sequential and latency": compared.options(ERRORS, SLOW, **still),
        "sequential by pods": compared.options(ERRORS, **still | {"source": PODS, "duration": 30, "history": 0}),
        "limit 1 %": compared.options({**LIMIT, "max": 0.01}, **still),
        "limit 2 %": compared.options({**LIMIT, "max": 0.02}, **still),
    }
    told = {name: compared.folder / f"{name}.txt" for name in gates}
    running = {name: start({**options, "progress_file": str(told[name])}) for name, options in gates.items()}
    found: dict[str, dict[str, Any]] = {}
    for name, process in running.items():
        found[name] = json.loads(process.communicate(timeout=300)[0])
        print(f"\n== {name}: {found[name]['verdict']} after {found[name]['seconds']:.1f} s: {found[name]['reason']}")
        print(told[name].read_text())
    assert found["sequential"]["verdict"] == "fail"
    weighed = [one["errors"]["against"] for one in found["sequential"]["measurements"] if "against" in one["errors"]]
    assert weighed == sorted(weighed)
    assert weighed[-1] > weighed[0]
    lines = growing(told["sequential"].read_text().splitlines())
    assert lines[-1] > lines[0]
    assert "judged minute by minute" in found["sequential by pods"]["reason"]


@pytest.mark.slow
def test_a_slower_release_is_found_and_taken_back(compared: Compared) -> None:
    """p95 from 95 ms to 115 ms."""
    compared.give("canary", 1, "good-2", DELAY="20ms")
    result, lines = compared.gate("slower", ERRORS, SLOW)
    assert result["verdict"] == "fail"
    assert result["checks"][1]["verdict"] == "fail"
    assert compared.shop.shares("virtualservice") == BACK
    assert lines


@pytest.mark.slow
def test_a_bad_pod_is_replaced_once(compared: Compared) -> None:
    compared.give("canary", 2, "good-2")
    for action in ("fail", "replace"):
        try:
            compared.add_bad_pod(FAILURE_RATE="0.3")
            (bad,) = compared.odd_pods()
            result, lines = compared.gate(
                f"a bad pod, {action}", CHECKS[0], on_bad_pod=action, duration=120, on_undecided="pass"
            )
            assert compared.odd_pods() != [bad] or action == "fail"
        finally:
            compared.remove_bad_pod()
        said = [line for line in lines if line.startswith("replaced")]
        if action == "fail":
            assert result["verdict"] == "fail"
            assert f"pod {bad} on node " in result["reason"]
        else:
            assert bad in said[0]
            assert result["verdict"] != "fail", result["reason"]


@pytest.mark.slow
def test_the_plan_of_this_traffic(compared: Compared) -> None:
    picture = compared.folder / "plan.svg"
    checks = [ERRORS, SLOW, {**LIMIT, "name": "outage", "max": 0.2}]
    run = compared.play("plan", slipway_checks=checks, slipway_plan_picture=str(picture), slipway_plan_days=0.05)
    print(run.said)
    assert run.code == 0
    assert "false alarm" in run.said
    assert picture.read_text().startswith("<svg") or "<svg" in picture.read_text()


def rollout(compared: Compared, **changes: Any) -> dict[str, Any]:
    compared.give("canary", 0)
    gate = {"interval": 1, "max_soak": 20, "history": 900, "on_undecided": "pause", "pause_timeout": 240}
    return {
        "slipway_image": compared.lab.images["good-2"].partition("@")[0] + ":good-2",
        "slipway_checks": [{**ERRORS, "promote_ratio": 1.26}],  # nothing passes by so little evidence
        "slipway_stages": [10, 25],
        "slipway_gate": gate,
        **changes,
    }


def asked(compared: Compared) -> bool:
    said = compared.play("history").said
    return "paused" in said.lower()


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "stages"), [("fail", [10]), ("pass", [10, 25])])
def test_a_pause_is_told_and_answered(compared: Compared, chat: Chat, answer: str, stages: list[int]) -> None:
    """And what the first stage has shown counts in the second."""
    compared.give("main", 3)
    process = compared.start("canary", **rollout(compared, **chat.wanted))
    try:
        for stage in stages:
            within(120, lambda stage=stage: f"pause {stage} %" in chat.events and asked(compared))
            run = compared.play("answer", slipway_answer=answer, slipway_answer_reason="a partner's outage")
            assert run.code == 0, run.said
        said = process.communicate(timeout=300)[0]
    finally:
        process.kill()
    print(said)
    assert process.returncode == (0 if answer == "pass" else 2)
    assert chat.events[:2] == ["start", "pause 10 %"]
    assert said.count("a partner's outage") >= len(stages)
    if answer == "pass":
        begun = re.split(r"split is stable .*, it was stable", said)[1:]  # not where a gate goes on after a pause
        first = [int(re.findall(r"errors \d+ of (\d+)", one)[0]) for one in begun]
        assert first[1] > 5 * first[0]


@pytest.mark.slow
def test_healthy_releases_stay(compared: Compared) -> None:
    """Twenty rollouts to 10 % for a quarter of a minute each, with both judges; each is put back by the test."""
    compared.give("canary", 1, "good-2")
    taken = []
    for _round in range(ROUNDS):
        compared.shop.put("virtualservice", 100, 0)
        result, _lines = compared.gate(f"healthy {_round}", ERRORS, SLOW, duration=15, on_undecided="pass")
        taken += [result["reason"]] if result["verdict"] == "fail" else []
    print(f"{len(taken)} of {ROUNDS} healthy rollouts were taken back: {taken}")
    assert not taken


@pytest.mark.slow
def test_an_incident_of_both_arms_is_not_the_release_s(compared: Compared) -> None:
    """The last one, since stable's history is another one afterwards."""
    compared.give("canary", 1, "good-2", FAILURE_RATE="0.1")
    compared.give("main", 3, FAILURE_RATE="0.1")
    time.sleep(10)  # of the incident alone, so that what was before has no part in the first look
    budget = {**LIMIT, "judge": "slo", "max": 0.03, "baseline": "stable"}
    result, lines = compared.gate("an incident of both", budget, duration=90, pause_timeout=10, on_undecided="fail")
    assert result["verdict"] == "inconclusive"
    assert "an incident of both" in result["reason"]
    assert any(line.startswith("PAUSED, an incident of both arms") for line in lines)
