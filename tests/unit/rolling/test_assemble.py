# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From options to a rollout."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.former import PINNED, RELEASE

from tests.unit.rolling.runs import ERRORS, PODS, Run
from tests.unit.rolling.world import NEW, OLD, World, workload


def test_what_is_there_goes_by_the_name_that_people_know() -> None:
    known = World.of(workload(annotations={RELEASE: "shop:1", PINNED: OLD}))
    assert Run(known).open().former.release == "shop:1"
    changed = World.of(workload(annotations={RELEASE: "shop:1", PINNED: NEW}))
    assert Run(changed).open().former.release == OLD


def test_the_release_goes_by_its_image_without_a_name() -> None:
    assert Run(World.of()).open(release=None).goal.release == NEW


def test_a_service_is_waited_for_only_if_there_is_one() -> None:
    assert Run(World.of()).open().watch.behind is None
    behind = Run(World.of()).open(service="shop").watch.behind
    assert behind is not None
    assert behind.service == "shop"


def test_checks_are_about_the_arms_by_revision() -> None:
    roll = Run(World.of()).open(source=PODS, checks=[ERRORS])
    (watched,) = roll.loop.watched
    assert str(watched.selectors()[0]) == 'http_requests_total{namespace="production",slipway_arm="canary"}'


def test_a_service_that_does_not_know_pods_is_refused() -> None:
    with pytest.raises(OptionError, match="source.type is 'datadog', which does not know which pods are new."):
        Run(World.of()).open(source={"type": "datadog"}, checks=[ERRORS])


def test_what_has_been_rolled_out_before_goes_back_to_what_was_before_that() -> None:
    world = World.of()
    first = Run(world).open()
    assert not first.run().failed
    again = Run(world).open()
    assert again.former.digest == first.former.digest
    # Without a note there is nothing else to go back to.
    world.write(lambda obj: obj["metadata"].update(annotations={}))
    assert Run(world).open().former.digest != first.former.digest
