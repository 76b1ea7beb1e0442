# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pull secrets as users have them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import SECRET, SERVICE_ACCOUNT
from ansible_collections.slipway.rollout.plugins.module_utils.registry.credentials import (
    Credentials,
    Found,
    from_pull_secrets,
)
from ansible_collections.slipway.rollout.plugins.module_utils.registry.image import Image

from tests.unit.store import Obj, Store

POD: Obj = {"imagePullSecrets": [{"name": "pull"}]}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def entry(user: str, password: str = "secret") -> Obj:
    return {"auth": encoded(f"{user}:{password}")}


def put(store: Store, auths: Any, name: str = "pull") -> None:
    data = {".dockerconfigjson": encoded(json.dumps({"auths": auths}))}
    store.put(SECRET, "shop", {"metadata": {"name": name}, "data": data})


def found(store: Store, image: str = "ghcr.io/team/shop:2", pod: Obj | None = None) -> Found:
    return from_pull_secrets(store.cluster(), "shop", POD if pod is None else pod, Image.parse(image))


def user(store: Store, image: str) -> str | None:
    credentials = found(store, image).credentials
    return credentials.username if credentials else None


@pytest.mark.parametrize(
    ("key", "image", "fits"),
    [
        ("ghcr.io", "ghcr.io/team/shop", True),
        ("https://ghcr.io", "ghcr.io/team/shop", True),
        ("https://ghcr.io/v2/", "ghcr.io/team/shop", True),
        ("ghcr.io/team", "ghcr.io/team/shop", True),
        ("ghcr.io/tea", "ghcr.io/team/shop", False),
        ("ghcr.io/other", "ghcr.io/team/shop", False),
        ("quay.io", "ghcr.io/team/shop", False),
        ("*.registry.example", "eu.registry.example/shop", True),
        ("*.registry.example", "a.eu.registry.example/shop", False),
        ("https://index.docker.io/v1/", "nginx", True),
        ("docker.io", "team/shop", True),
        ("localhost:5000", "localhost:5001/shop", False),
    ],
)
def test_which_entry_is_meant(key: str, image: str, fits: bool) -> None:
    store = Store()
    put(store, {key: entry("robot")})
    assert user(store, image) == ("robot" if fits else None)


def test_the_most_exact_entry_wins() -> None:
    store = Store()
    put(store, {"ghcr.io": entry("wide"), "ghcr.io/team/shop": entry("narrow"), "ghcr.io/team": entry("middle")})
    assert user(store, "ghcr.io/team/shop") == "narrow"


def test_name_and_password_in_clear_and_a_password_with_colons() -> None:
    store = Store()
    put(store, {"ghcr.io": {"username": "robot", "password": "a:b"}})
    assert found(store).credentials == Credentials("robot", "a:b", "pull secret shop/pull")
    put(store, {"ghcr.io": entry("robot", "a:b")})
    credentials = found(store).credentials
    assert credentials is not None
    assert credentials.basic() == "Basic " + encoded("robot:a:b")
    assert "a:b" not in repr(credentials)


def test_the_old_kind_of_secret() -> None:
    store = Store()
    data = {".dockercfg": encoded(json.dumps({"ghcr.io": entry("robot")}))}
    store.put(SECRET, "shop", {"metadata": {"name": "pull"}, "data": data})
    assert user(store, "ghcr.io/team/shop") == "robot"


def test_the_service_account_gives_its_secrets_to_pods_without_their_own() -> None:
    store = Store()
    put(store, {"ghcr.io": entry("robot")}, "from-account")
    account = {"metadata": {"name": "default"}, "imagePullSecrets": [{"name": "from-account"}]}
    store.put(SERVICE_ACCOUNT, "shop", account)
    assert user(store, "ghcr.io/team/shop") is None
    credentials = found(store, pod={}).credentials
    assert credentials is not None
    assert credentials.origin == "pull secret shop/from-account"
    assert found(store, pod={"serviceAccountName": "other"}) == Found()


@pytest.mark.parametrize(
    "data",
    [
        {".dockerconfigjson": "%%%"},
        {".dockerconfigjson": encoded("[]")},
        {".dockerconfigjson": encoded('{"auths": []}')},
        {".dockerconfigjson": encoded('{"auths": {"ghcr.io": {"auth": "%%%"}}}')},
        {".dockerconfigjson": encoded('{"auths": {"ghcr.io": {"auth": ""}}}')},
        {},
        None,
    ],
)
def test_malformed_secrets_give_nothing(data: Any) -> None:
    store = Store()
    store.put(SECRET, "shop", {"metadata": {"name": "pull"}, "data": data})
    assert found(store).credentials is None


def test_what_cannot_be_read_is_noted() -> None:
    store = Store()
    assert found(store).notes == ("Pull secret shop/pull does not exist, so the kubelet cannot use it either.",)
    store.failures["/api/v1/namespaces/shop/secrets/pull"] = [403]
    assert found(store).notes[0].startswith("Pull secret shop/pull could not be read: ")
    store.failures["/api/v1/namespaces/shop/serviceaccounts/default"] = [403]
    assert found(store, pod={}).notes[0].startswith("ServiceAccount shop/default could not be read")
