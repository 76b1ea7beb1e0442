# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""slot_switch under load, there and back, by every kind of switch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.slipway.rollout.plugins.modules import slot_preflight, slot_switch

from tests.integration.conftest import Lab
from tests.integration.module import run_module, run_tasks
from tests.integration.slots import KINDS, NAME, Slots
from tests.integration.slow import slow

NAMESPACE = "bluegreen-switch"

CONNECTIONS = [
    pytest.param(True, id="keepalive"),
    slow(False, id="new-connections"),
]


@pytest.fixture(scope="module")
def opened(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slots]:
    slots = Slots(lab.api, lab.images, lab.load_program(), tmp_path_factory.mktemp("users"), NAMESPACE)
    slots.open()
    slots.scale("green", 3, "good-2")
    yield slots
    slots.close()


@pytest.fixture
def slots(lab: Lab, opened: Slots) -> Slots:
    """Blue is live, and both have three pods: `good` on blue, `good-2` on green."""
    for kind in KINDS:
        if opened.live(kind) != "blue":
            switch(lab, opened, kind, slot="blue")
    return opened


def switch(lab: Lab, slots: Slots, kind: str, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    params = {"kubeconfig": str(lab.kubeconfig), "namespace": slots.namespace, "switch": slots.switch(kind)}
    return run_module("slot_switch", {**params, **options}, check_mode=check_mode)


@pytest.mark.parametrize("keepalive", [True, slow(False)], ids=["keepalive", "new-connections"])
@pytest.mark.parametrize("kind", KINDS)
def test_there_and_back_three_times_loses_no_request(lab: Lab, slots: Slots, kind: str, keepalive: bool) -> None:
    with slots.users(kind, keepalive=keepalive) as users:
        for _round in range(3):
            there = switch(lab, slots, kind, slot="green", min_ready=3, image=slots.images["good-2"], observe=True)
            assert (there["changed"], slots.live(kind)) == (True, "green")
            assert there["observation"]["followed"], there
            back = switch(lab, slots, kind, state="previous", observe=True)
            assert (back["changed"], slots.live(kind)) == (True, "blue")
            assert back["observation"]["followed"], back
    assert users.failed == 0
    assert users.releases == {"good", "good-2"}
    assert users.results[-1].release == "good"


def test_no_proxy_between_no_request_is_lost_either(lab: Lab, slots: Slots) -> None:
    """Connections that are kept open stay where they are, which is told and no failure."""
    with slots.users("address") as users:
        there = switch(lab, slots, "service", slot="green", observe=True, observe_timeout=5)
        assert slots.live() == "green"
        back = switch(lab, slots, "service", state="previous")
    assert users.failed == 0
    assert there["observation"]["by"] in ("counters", "endpoints")
    assert back["observation"]["by"] == "endpoints"


def test_with_the_same_options_twice_nothing_changes(lab: Lab, slots: Slots) -> None:
    assert switch(lab, slots, "service", slot="green", check_mode=True)["changed"]
    assert slots.live() == "blue"
    assert switch(lab, slots, "service", slot="green")["diff"]["after"] == "green\n"
    assert not switch(lab, slots, "service", slot="green")["changed"]
    assert not switch(lab, slots, "service", slot="green", check_mode=True)["changed"]
    assert switch(lab, slots, "service", state="previous")["after"] == "blue"
    assert not switch(lab, slots, "service", state="previous")["changed"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_slot_that_is_not_fit_is_refused(lab: Lab, slots: Slots, kind: str) -> None:
    few = switch(lab, slots, kind, slot="green", min_ready=4)
    assert (few["failed"], few["error"]) == (True, "not_ready")
    other = switch(lab, slots, kind, slot="green", image=slots.images["failing"])
    assert (other["failed"], other["error"]) == (True, "wrong_image")
    assert slots.live(kind) == "blue"


def test_somebody_elses_fields_stay(lab: Lab, slots: Slots) -> None:
    before = slots.get("v1", "Service", NAME)
    switch(lab, slots, "service", slot="green")
    after = slots.get("v1", "Service", NAME)
    assert {**after["spec"], "selector": None} == {**before["spec"], "selector": None}
    assert after["spec"]["selector"] == {**before["spec"]["selector"], "slot": "green"}
    assert after["metadata"]["annotations"]["slipway.rollout/former-slot"] == "blue"


@pytest.mark.slow
def test_every_example_runs(lab: Lab, slots: Slots, tmp_path: Path) -> None:
    tasks = yaml.safe_load(slot_switch.EXAMPLES)
    for task in tasks:
        task["slipway.rollout.slot_switch"]["namespace"] = slots.namespace
    results = run_tasks(tasks, lab.kubeconfig, tmp_path)
    assert [result.get("after") for result in results] == ["blue", "green", "blue", "green"]
    assert results[0]["slots"]["green"]["ready"] == 3
    assert results[2]["drained"]["quiet"]


def test_every_example_of_the_preflight_runs(lab: Lab, slots: Slots, tmp_path: Path) -> None:
    tasks = yaml.safe_load(slot_preflight.EXAMPLES)
    tasks[0]["slipway.rollout.slot_preflight"]["namespace"] = slots.namespace
    first, _shown = run_tasks(tasks, lab.kubeconfig, tmp_path)
    assert first["live"]["slot"] == "blue"
    assert first["plan"][0].startswith("Release ")
