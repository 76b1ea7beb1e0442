# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as proven."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DAEMON_SET, DEPLOYMENT
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.document import Layer
from ansible_collections.slipway.rollout.plugins.module_utils.promotion.origin import Origin
from ansible_collections.slipway.rollout.plugins.module_utils.promotion.proof import Proof, prove
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.entry import Entry

from tests.unit.promotion.builders import IMAGE, NAMES, PROVEN, RELEASE, environment
from tests.unit.store import Store

ORIGIN = Origin(NAMES, "Deployment", "shop-main")
OTHER = "registry.example/shop@sha256:" + "b2" * 32


def proof(store: Store | None = None, image: str = "", common: str = "", origin: Origin = ORIGIN) -> Proof:
    files = (Layer("common.yml", common, common=True), Layer("staging.yml", "own: 1\n"))
    return prove((store or environment()).cluster(), origin, image, files)


def told(store: Store | None = None, **asked: Any) -> str:
    found = proof(store, **asked)
    assert found.problems
    return found.text()


def test_what_is_live_and_healthy() -> None:
    assert proof().as_dict() == {
        "image": IMAGE,
        "release": "registry.example/shop:2@sha256:" + "a1" * 32,
        "title": "shop:2",
        "hash": "h1",
        "common": "c1",
        "since": "2026-01-01 12:00:00 UTC",
        "by": "ann@ops",
        "problems": [],
    }


@pytest.mark.parametrize("image", ["", IMAGE, "mirror.example/shop@sha256:" + "a1" * 32, "registry.example/shop:2"])
def test_the_release_may_be_named_by_digest_or_as_it_was_asked_for(image: str) -> None:
    assert proof(image=image).problems == ()


@pytest.mark.parametrize("image", [OTHER, "registry.example/shop:3"])
def test_another_release_was_never_live(image: str) -> None:
    assert "is not live in testing; live is shop:2" in told(image=image)


def test_the_tag_goes_along_for_people_only_where_it_is_of_the_same_repository() -> None:
    entry = replace(PROVEN, release={**RELEASE, "name": "mirror.example/shop:2"})
    assert proof(environment(entry)).release == IMAGE
    promoted = replace(PROVEN, release={**RELEASE, "name": "registry.example/shop:2@sha256:" + "a1" * 32})
    assert proof(environment(promoted)).release == "registry.example/shop:2@sha256:" + "a1" * 32


def test_nothing_was_ever_released() -> None:
    refused = replace(PROVEN, outcome="rolled_back")
    assert "no release was ever live in testing: its ledger has none. Release it in testing first." in told(
        environment(refused)
    )


def test_something_else_runs_than_was_released() -> None:
    text = told(environment(image=OTHER))
    assert "runs in testing, but its ledger has shop:2 as released" in text


def test_a_tag_proves_nothing() -> None:
    tag = "registry.example/shop:2"
    text = told(environment(replace(PROVEN, release={**RELEASE, "image": tag}), image=tag))
    assert "is a tag, so it is not certain what was proven" in text


@pytest.mark.parametrize(
    ("noted", "runs", "text"),
    [
        ("h0", "h1", "(h1) is not the released one (h0)"),
        ("", "h1", "(h1) is not the released one (none)"),
        ("h0", "", "(none) is not the released one (h0)"),
    ],
)
def test_the_configuration_was_changed_by_hand(noted: str, runs: str, text: str) -> None:
    entry = replace(PROVEN, release={**RELEASE, "config": noted})
    assert text in told(environment(entry, config=runs))


def test_a_configuration_may_be_noted_with_more_than_its_hash() -> None:
    entry = replace(PROVEN, release={**RELEASE, "config": {"hash": "h1", "name": "shop-config-h1"}})
    assert proof(environment(entry)).problems == ()


def test_a_rollout_is_open() -> None:
    assert "a rollout is open there: canary of shop:3" in told(
        environment(opened=Entry("canary", {"title": "shop:3"}, by="bob", since="now"))
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"status": {"observedGeneration": 1, "updatedReplicas": 2, "availableReplicas": 1}},
        {"status": {"observedGeneration": 1, "updatedReplicas": 1, "availableReplicas": 2}},
        {"generation": 2},
        {"replicas": 0},
        {"status": {}},
    ],
)
def test_it_is_not_healthy(changes: dict[str, Any]) -> None:
    assert "shop-main is not healthy in testing" in told(environment(**changes))


def test_a_daemon_set() -> None:
    store = environment()
    obj = store.cluster().get(DEPLOYMENT, "shops", "shop-main")
    obj["status"] = {"desiredNumberScheduled": 1, "updatedNumberScheduled": 1, "numberAvailable": 1}
    store.put(DAEMON_SET, "shops", {**obj, "status": {**obj["status"], "observedGeneration": 1}})
    assert proof(store, origin=Origin(NAMES, "DaemonSet", "shop-main")).problems == ()


def test_nothing_serves_there() -> None:
    assert "there is no Deployment 'shop'" in told(origin=Origin(NAMES, "Deployment", "shop"))


def test_the_common_configuration_has_to_be_the_one_that_was_proven() -> None:
    store = environment(common="model: {batch: 32, size: 1}\n")
    assert proof(store, common="model:\n  size: 1\n  batch: 32\n").problems == ()
    text = told(store, common="model:\n  size: 1\n  batch: 64\nnew: 1\n")
    assert (
        "the common configuration: it was changed since it was proven in testing: "
        "model.batch 32 -> 64 (common.yml, line 3), new none -> 1 (common.yml, line 4)" in text
    )
    assert "model.batch 32 -> none" in told(store)
    many = "".join(f"k{number}: 1\n" for number in range(9))
    assert ", and 4 more" in told(common=many)


def test_without_a_configuration_none_is_compared() -> None:
    entry = replace(PROVEN, release={"image": IMAGE})
    found = proof(environment(entry, config=""))
    assert (found.problems, found.hash, found.common, found.title) == ((), "", "", IMAGE)


def test_all_reasons_are_told_at_once() -> None:
    assert "Why: 2 reasons:" in told(environment(replicas=0), image=OTHER)
