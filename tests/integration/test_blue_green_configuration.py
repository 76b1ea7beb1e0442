# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blue-green with a configuration: it goes live with the release, and goes back with it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.integration.configured import API_KEY, ENVIRONMENT, config_of, configured
from tests.integration.conftest import Lab
from tests.integration.playbook import Run
from tests.integration.shop import within
from tests.integration.slots import PODS, Slots

NAMESPACE = "bluegreen-configuration"


@pytest.fixture(scope="module")
def opened(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slots]:
    slots = Slots(lab.api, lab.images, lab.load_program(), tmp_path_factory.mktemp("users"), NAMESPACE)
    yield slots
    slots.close()


@pytest.fixture
def slots(opened: Slots) -> Slots:
    """The app at rest on blue, without a configuration, whatever the test before has left."""
    opened.open()
    return opened


def released(slots: Slots, release: str, batch_size: int) -> Run:
    run = slots.roll(release, **configured(batch_size))
    assert run.code == 0, run.said
    assert API_KEY not in run.said
    return run


def configs(slots: Slots) -> dict[str, str]:
    return {slot: config_of(slots.deployment(slot)) for slot in ("blue", "green")}


@pytest.mark.slow
def test_a_release_has_its_configuration_and_only_one_slot_does(slots: Slots) -> None:
    with slots.users() as users:
        released(slots, "good-2", 8)
    assert users.failed == 0
    assert slots.live() == "green"
    found = configs(slots)
    assert (bool(found["green"]), found["blue"]) == (True, "")
    (entry,) = slots.ledger(ENVIRONMENT)[1]
    assert (entry["outcome"], entry["release"]["config"]) == ("released", found["green"])
    again = released(slots, "good-2", 8)
    assert again.line("Why") == "it was live already."


@pytest.mark.slow
def test_a_new_configuration_alone_is_a_release_and_goes_back_with_it(slots: Slots) -> None:
    with slots.users() as users:
        released(slots, "good-2", 8)
        first = configs(slots)["green"]
        released(slots, "good-2", 16)
        assert slots.live() == "blue"
        assert slots.holds("blue") == (slots.images["good-2"], PODS)
        second = configs(slots)
        assert second["green"] == first != second["blue"]

        back = slots.play("rollback", slots.variables("good-2", **configured(16)))
        assert back.code == 0, back.said
        assert (slots.live(), configs(slots)) == ("green", second)
        assert slots.holds("green") == (slots.images["good-2"], PODS)

        bad = slots.roll("failing", **configured(32))
        assert bad.code == 2, bad.said
    assert (slots.live(), configs(slots)) == ("green", second)
    assert slots.holds("blue") == (slots.images["good-2"], 1)
    assert {one.release for one in users.results if one.failed} <= {"failing"}


@pytest.mark.slow
def test_a_slot_that_somebody_has_changed_is_given_what_was_live_before(slots: Slots) -> None:
    with slots.users():
        released(slots, "good-2", 8)
        first = configs(slots)["green"]
        released(slots, "good-2", 16)
    green = slots.deployment("green")
    template = slots.deployment("blue")["spec"]["template"]
    template["metadata"]["labels"] = green["spec"]["template"]["metadata"]["labels"]
    slots.put("apps/v1", "Deployment", green["metadata"]["name"], {"spec": {"template": template}})
    assert configs(slots)["green"] != first
    back = slots.play("rollback", slots.variables("good-2", **configured(16)))
    assert back.code == 0, back.said
    assert (slots.live(), configs(slots)["green"]) == ("green", first)


@pytest.mark.slow
def test_what_was_cut_off_is_resumed_or_taken_back_with_its_configuration(slots: Slots) -> None:
    wanted = slots.variables("good-2", **configured(8), slipway_gate={"interval": 0.25, "duration": 6})
    run = slots.start(wanted)
    try:
        within(120, lambda: slots.live() == "green")
    finally:
        os.kill(run.pid, signal.SIGKILL)  # nothing but the playbook's own process
        run.communicate()
    other = slots.roll("good-2", **configured(16))
    assert other.code == 2, other.said
    assert "with configuration" in other.line("Why")
    with slots.users() as users:
        back = slots.play("blue_green", wanted)
        assert back.code == 2, back.said
        assert "was cut off" in back.line("Why")
        assert (slots.live(), configs(slots)) == ("blue", {"blue": "", "green": ""})
        released(slots, "good-2", 8)
    assert users.failed == 0
    assert slots.live() == "green"
