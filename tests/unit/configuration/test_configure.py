# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way of a configuration."""

from __future__ import annotations

import json

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.configure import (
    Refused,
    configure,
    former_text,
)
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.options import Wish

from tests.unit.configuration.builders import NAMES, NAMESPACE, SECRET_URL, TEXT, deployment, wish
from tests.unit.store import Store


@pytest.fixture
def store() -> Store:
    store = Store()
    store.put(DEPLOYMENT, NAMESPACE, deployment())
    return store


def refused(store: Store, wanted: Wish) -> str:
    with pytest.raises(Refused) as caught:
        configure(store.cluster(), wanted, {}, "now", dry_run=False)
    assert store.writes == []
    return caught.value.text("slipway_config.")


def test_a_good_one_is_put_there_and_nothing_secret_is_told(store: Store) -> None:
    done = configure(store.cluster(), wish(), {}, "now", dry_run=False)
    told = json.dumps(done.as_dict()) + done.text() + repr(done)
    assert done.as_dict()["created"] == [f"ConfigMap {done.bundle.name}", f"Secret {done.bundle.name}"]
    assert "hunter2" not in told
    assert "https://a" not in told
    assert "url: ${DATABASE_URL}" in done.text()
    assert "DATABASE_URL: (secret)" in done.text()
    assert former_text(store.cluster(), wish(), done.bundle.hash).startswith(f"{done.bundle.name}\napi:")
    assert former_text(store.cluster(), wish(), "") == former_text(store.cluster(), wish(), "gone") == ""


def test_all_that_is_wrong_is_told_at_once_before_anything_is_written(store: Store) -> None:
    text = TEXT + "db: {password: hunter2}\nbad: ${a-b}\n"
    workloads = [{"kind": "Deployment", "name": "shop-mian"}]
    told = refused(store, wish(text, names=[{"name": "ORIGINS", "value": ""}], workloads=workloads))
    assert "Why: 5 problems:" in told
    assert "production.yml, line 7, db.password: a secret stands here in clear" in told
    assert "slipway_config.names: ${DATABASE_URL} has no value (production.yml, line 4, database.url)" in told
    assert "slipway_config.names: ${ORIGINS} has no value" in told
    assert "slipway_config.workloads: there is no Deployment 'shop-mian'" in told
    assert "hunter2" not in told


def test_a_schema_is_asked_once_the_file_can_be_read(store: Store) -> None:
    schema = {"properties": {"api": {"properties": {"workers": {"type": "string"}}}}}
    told = refused(store, wish(schema=schema))
    assert told == (
        "Live: what was live before; nothing was changed.\n"
        "Why: production.yml, line 2, api.workers: a whole number, 4; expected a text.\n"
        "Next: correct this and run the same command again."
    )
    assert "not YAML" in refused(store, wish("a: [", schema=schema))


def test_what_the_workload_sets_itself_is_not_overwritten(store: Store) -> None:
    store.put(DEPLOYMENT, NAMESPACE, deployment(env=[{"name": "API_WORKERS", "value": "1"}]))
    assert "sets API_WORKERS itself" in refused(store, wish())


def test_without_a_permission_nothing_begins(store: Store) -> None:
    store.denied = {("create", "secrets"), ("patch", "configmaps")}
    told = refused(store, wish(TEXT + "bad: ${a-b}\n"))
    assert "Why: 2 problems:" in told
    assert "- permissions: these credentials may not patch configmaps, create secrets in namespace shops" in told
    store.denied = {("list", "pods")}
    done = configure(store.cluster(), wish(), {}, "now", dry_run=False)
    assert done.as_dict()["permissions"]["denied"] == []
    assert "create secrets" in done.as_dict()["permissions"]["allowed"]


def test_no_workloads_no_schema_in_check_mode(store: Store) -> None:
    done = configure(store.cluster(), wish(workloads=[]), {}, "now", dry_run=True)
    assert done.before == ""
    assert all(dry for _path, _obj, dry in store.writes)
    assert done.as_dict()["sources"]["DATABASE_URL"] == "given by the inventory"
    assert NAMES[0]["value"] == SECRET_URL
