# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release goes through four environments, with its configuration; what must not go is refused with the reason."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import pytest

from tests.integration.conftest import Lab
from tests.integration.environments import (
    API_KEY,
    COMMON,
    ENVIRONMENTS,
    ORIGINS,
    PASSWORD,
    Environments,
    namespace,
)
from tests.integration.module import run_module
from tests.integration.playbook import Run
from tests.integration.shop import NAME, within

pytestmark = pytest.mark.slow  # four environments, one after the other

FROZEN = [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "reason": "Christmas trade"}]


@pytest.fixture(scope="module")
def places(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environments]:
    folder = tmp_path_factory.mktemp("repository")
    places = Environments(lab.api, lab.images, lab.kubeconfig, folder, lab.load_program())
    places.open()
    yield places
    places.close()


def refused(run: Run, *told: str) -> None:
    """With the reason and the way out, and before any change."""
    assert run.code == 2, run.said
    text = " ".join(run.said.split())
    assert "nothing was changed" in text, run.said
    for one in told:
        assert one in text, run.said


def nothing_secret(text: str) -> None:
    for secret in (PASSWORD, API_KEY, ORIGINS):
        assert secret not in text


def test_a_freeze_a_wrong_key_and_an_unresolved_name_are_refused_before_any_change(places: Environments) -> None:
    before = places.deployment("development")["metadata"]["generation"]
    refused(places.release("development", "good-2", slipway_freeze=FROZEN), "development is frozen until", "Christmas")
    places.write_common("api:\n  prot: 8000\n")
    refused(places.release("development", "good-2"), "common.yml, line 2, api.prot: there is no such key", "mean port?")
    places.write_common("api:\n  port: 8000\nredis:\n  url: ${REDIS_URL}\n")
    refused(
        places.release("development", "good-2"),
        "common.yml, line 3, redis: there is no such key",
        "${REDIS_URL} has no value",
        "common.yml, line 4, redis.url",
    )
    places.write_common(COMMON)
    assert places.deployment("development")["metadata"]["generation"] == before
    assert places.config("development") == ""


def test_nothing_is_promoted_that_was_never_live(places: Environments) -> None:
    refused(places.promote("testing", "staging"), "no release was ever live in testing")


def test_from_development_to_production_by_digest(places: Environments) -> None:
    run = places.release("development", "good-2", "--diff", "-vvv")
    assert run.code == 0, run.said
    said = run.said
    for origin, target in itertools.pairwise(ENVIRONMENTS[:-1]):
        run = places.promote(origin, target, "--diff")
        assert run.code == 0, run.said
        said += run.said
    with places.users("production") as users:
        run = places.promote("staging", "production", "--diff")
    assert run.code == 0, run.said
    said += run.said
    assert users.failed == 0
    assert {places.live(one) for one in ENVIRONMENTS} == {places.images["good-2"]}
    assert places.health("production")["environment"] == "production"
    nothing_secret(said)


def test_each_environment_has_its_own_configuration_mounted_and_as_variables(places: Environments) -> None:
    names = {one: places.config(one) for one in ENVIRONMENTS}
    assert len(set(names.values())) == 4
    assert all(name.startswith(f"{NAME}-config-") for name in names.values())
    for environment, name in names.items():
        found = {one["metadata"]["name"]: one for one in places.objects(environment, "configmaps")}
        assert found[name]["immutable"]
        assert found[name]["data"]["ENVIRONMENT"] == environment
        variables = places.variables(environment)
        assert variables["API_WORKERS"]["valueFrom"]["configMapKeyRef"]["name"] == name
        assert variables["API_KEY"]["valueFrom"]["secretKeyRef"]["name"] == name
        assert "VERSION" in variables


def test_nothing_secret_is_anywhere_but_in_secrets(places: Environments) -> None:
    for environment in ENVIRONMENTS:
        nothing_secret(json.dumps(places.objects(environment, "configmaps")))
        nothing_secret(json.dumps(places.deployment(environment)))


def test_both_ledgers_know_of_it(places: Environments) -> None:
    assert any("promoted to production" in note for note in places.ledger("staging")[0]["notes"])
    entry = places.ledger("production")[0]
    assert entry["outcome"] == "released"
    assert "promoted from staging" in entry["notes"]
    assert entry["release"]["image"] == places.images["good-2"]
    assert places.config("production").endswith(entry["release"]["config"])


def test_the_same_again_changes_nothing(places: Environments) -> None:
    before = places.deployment("testing")["metadata"]["generation"]
    run = places.promote("development", "testing")
    assert run.code == 0, run.said
    assert places.deployment("testing")["metadata"]["generation"] == before


def test_no_environment_is_skipped_but_in_an_emergency_which_is_recorded(places: Environments) -> None:
    refused(places.promote("testing", "production"), "from testing to production leaves out staging")
    run = places.promote("testing", "production", slipway_skip_reason="the shop is down")
    assert run.code == 0, run.said


def test_a_freeze_is_overridden_with_a_reason_that_is_kept(places: Environments) -> None:
    changes = {"slipway_freeze": FROZEN, "slipway_freeze_override": "a security fix", "slipway_run_by": "ann"}
    run = places.release("development", "good", **changes)
    assert run.code == 0, run.said
    notes = places.ledger("development")[0]["notes"]
    assert any("Christmas trade; overridden by ann: a security fix" in note for note in notes)


def test_a_changed_common_configuration_was_not_proven(places: Environments) -> None:
    places.write_common(COMMON.replace("32", "64"))
    run = places.promote("staging", "production")
    places.write_common(COMMON)
    refused(run, "changed since it was proven in staging: model.batch_size 32 -> 64", "common.yml, line 4")


def test_what_somebody_has_put_there_by_hand_was_not_proven(places: Environments) -> None:
    container = {"name": "app", "image": places.images["good"]}
    places.put("testing", {"spec": {"template": {"spec": {"containers": [container]}}}})
    refused(places.promote("testing", "staging"), "runs in testing, but its ledger has")


def test_a_new_configuration_alone_is_a_release_and_rollback_takes_it_back(places: Environments) -> None:
    former = places.config("development")
    changed = {"slipway_config": {"values": {"model": {"batch_size": 8}}, "names": []}}
    run = places.release("development", "good", **changed)
    assert run.code == 0, run.said
    assert places.config("development") not in ("", former)
    back = places.play("rollback", {"slipway_hosts": "development"})
    assert back.code == 0, back.said
    assert places.config("development") == former


def test_old_configurations_are_cleared_away_and_used_ones_stay(places: Environments) -> None:
    where = {"kubeconfig": str(places.kubeconfig), "namespace": namespace("development"), "app": NAME}
    made = run_module("configuration", {**where, "files": [{"name": "f.yml", "content": "unused: 1\n"}]})
    again = run_module("configuration", {**where, "files": [{"name": "f.yml", "content": "unused: 1\n"}]})
    assert (made["changed"], again["changed"]) == (True, False)
    kept = run_module("configuration", {**where, "state": "cleared"})
    assert kept["deleted"] == []
    within(30, lambda: places.deployment("development")["status"].get("unavailableReplicas", 0) == 0)
    cleared = run_module("configuration", {**where, "state": "cleared", "keep_for": 0})
    assert f"ConfigMap {made['name']}" in cleared["deleted"]
    assert f"ConfigMap {places.config('development')}" in cleared["kept"]
    assert places.config("development") in {one["metadata"]["name"] for one in places.objects("development", "secrets")}
