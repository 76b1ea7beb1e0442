# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversations with registries of several kinds."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.registry.credentials import Credentials
from ansible_collections.slipway.rollout.plugins.module_utils.registry.image import Image
from ansible_collections.slipway.rollout.plugins.module_utils.registry.resolve import (
    Answer,
    Registry,
    RegistryError,
    is_local,
)

DIGEST = "sha256:" + "a1" * 32
MANIFEST = b'{"schemaVersion": 2}'
ROBOT = Credentials("robot", "secret", "pull secret shop/pull")
BASIC = "Basic " + base64.b64encode(b"robot:secret").decode()
BEARER = 'Bearer realm="https://auth.example/token",service="registry",scope="repository:team/shop:pull"'


@dataclass
class Hub:
    """A registry with one repository. `challenge` asks for credentials, `accepts` is the header that it takes."""

    tags: tuple[str, ...] = ("1.0", "1.1", "2.0")
    challenge: str = ""
    accepts: str = ""
    head: bool = True
    digest_header: bool = True
    status: int = 0
    token: Any = field(default_factory=lambda: {"token": "t"})
    asked: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        self.asked.append((method, url, dict(headers)))
        if url.startswith("https://auth.example/"):
            return Answer(200, {}, self.token if isinstance(self.token, bytes) else json.dumps(self.token).encode())
        if self.challenge and headers.get("Authorization") != self.accepts:
            return Answer(401, {"www-authenticate": self.challenge})
        if self.status:
            return Answer(self.status, {})
        if url.endswith("/tags/list"):
            return Answer(200, {}, json.dumps({"tags": self.tags}).encode())
        if method == "HEAD" and not self.head:
            return Answer(405, {})
        if url.rsplit("/", 1)[1] not in (*self.tags, DIGEST):
            return Answer(404, {})
        headers = {"docker-content-digest": DIGEST} if self.digest_header else {}
        return Answer(200, headers, MANIFEST if method == "GET" else b"")


def registry(hub: Hub, image: str = "registry.example/team/shop:2.0", **more: Any) -> Registry:
    return Registry(hub, Image.parse(image), **more)


def error(hub: Hub, image: str = "registry.example/team/shop:2.0", **more: Any) -> RegistryError:
    with pytest.raises(RegistryError) as caught:
        registry(hub, image, **more).digest()
    return caught.value


def test_an_open_registry() -> None:
    hub = Hub()
    assert registry(hub).digest() == DIGEST
    ((method, url, headers),) = hub.asked
    assert (method, url) == ("HEAD", "https://registry.example/v2/team/shop/manifests/2.0")
    assert "application/vnd.oci.image.index.v1+json" in headers["Accept"]
    assert "Authorization" not in headers


def test_plain_http_and_docker_hub() -> None:
    hub = Hub()
    registry(hub, "localhost:5000/team/shop:2.0", plain=True).digest()
    registry(hub, "team/shop:2.0").digest()
    hosts = ["http://localhost:5000/v2/", "https://registry-1.docker.io/v2/"]
    assert [url.partition("team/")[0] for _method, url, _headers in hub.asked] == hosts


def test_an_image_by_digest_is_looked_up_by_digest() -> None:
    hub = Hub()
    assert registry(hub, f"registry.example/team/shop:9@{DIGEST}").digest() == DIGEST
    assert hub.asked[0][1].endswith(f"/manifests/{DIGEST}")


@pytest.mark.parametrize("token", [{"token": "t"}, {"access_token": "t"}])
@pytest.mark.parametrize("credentials", [None, ROBOT])
def test_a_bearer_token(token: Any, credentials: Credentials | None) -> None:
    hub = Hub(challenge=BEARER, accepts="Bearer t", token=token)
    assert registry(hub, credentials=credentials).digest() == DIGEST
    _method, url, headers = hub.asked[1]
    assert url == "https://auth.example/token?scope=repository%3Ateam%2Fshop%3Apull&service=registry"
    assert headers == ({"Authorization": BASIC} if credentials else {})


def test_a_challenge_that_names_neither_scope_nor_service() -> None:
    hub = Hub(challenge='Bearer realm="https://auth.example/token"', accepts="Bearer t")
    assert registry(hub).digest() == DIGEST
    assert hub.asked[1][1] == "https://auth.example/token?scope=repository%3Ateam%2Fshop%3Apull"


def test_basic_credentials() -> None:
    assert registry(Hub(challenge='Basic realm="x"', accepts=BASIC), credentials=ROBOT).digest() == DIGEST


def test_a_registry_without_head_or_without_the_header() -> None:
    hub = Hub(challenge=BEARER, accepts="Bearer t", head=False)
    assert registry(hub).digest() == DIGEST
    assert len(hub.asked) == 4  # the token serves again
    assert registry(Hub(digest_header=False)).digest() == "sha256:" + hashlib.sha256(MANIFEST).hexdigest()


def test_a_wrong_tag_is_told_with_near_ones() -> None:
    wrong = error(Hub(tags=("1.0", "2.0", "2.0.1", "latest", "x1", "x2", "x3")), "registry.example/team/shop:2.00")
    assert wrong.kind == "no_image"
    assert str(wrong) == "no tag '2.00' in registry.example/team/shop; it has 2.0, 2.0.1, …"
    assert str(error(Hub(tags=("a", "b")), "registry.example/team/shop:zzz")).endswith("; it has a, b")


@pytest.mark.parametrize("tags", [(), None])
def test_a_wrong_tag_without_any_other(tags: Any) -> None:
    hub = Hub()
    hub.tags = ()
    assert str(error(hub)) == "no tag '2.0' in registry.example/team/shop"


def test_a_list_of_tags_that_is_not_given_costs_the_hint_only() -> None:
    class Mute(Hub):
        def send(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
            if url.endswith("/tags/list"):
                raise TimeoutError("timed out")
            return super().send(method, url, headers)

    assert str(error(Mute(), "registry.example/team/shop:9")) == "no tag '9' in registry.example/team/shop"

    class Strange(Hub):
        def send(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
            return Answer(200, {}, b"<html>") if url.endswith("/tags/list") else super().send(method, url, headers)

    assert str(error(Strange(), "registry.example/team/shop:9")) == "no tag '9' in registry.example/team/shop"


def test_a_wrong_digest() -> None:
    wrong = "sha256:" + "b2" * 32
    assert (
        str(error(Hub(), f"registry.example/team/shop@{wrong}")) == f"no digest {wrong} in registry.example/team/shop"
    )


@pytest.mark.parametrize(
    ("hub", "who"),
    [
        (Hub(challenge='Basic realm="x"', accepts="never"), "without credentials"),
        (Hub(challenge="Negotiate", accepts="never"), "without credentials"),
        (Hub(challenge="", status=403), "without credentials"),
        (Hub(challenge=BEARER, accepts="never"), "without credentials"),
        (Hub(challenge=BEARER, accepts="Bearer t", token=b"not json"), "without credentials"),
        (Hub(challenge=BEARER, accepts="Bearer t", token={}), "without credentials"),
        (Hub(challenge=BEARER, accepts="Bearer t", token=[]), "without credentials"),
    ],
)
def test_a_registry_that_refuses(hub: Hub, who: str) -> None:
    refused = error(hub)
    assert refused.kind == "refused"
    assert f"does not give registry.example/team/shop to us {who}" in str(refused)
    assert "imagePullSecrets" in refused.remedy


def test_credentials_that_do_not_help_are_named_without_the_password() -> None:
    refused = str(error(Hub(challenge='Basic realm="x"', accepts="never"), credentials=ROBOT))
    assert "with pull secret shop/pull" in refused
    assert "secret," not in refused


def test_other_answers_and_none_at_all() -> None:
    assert error(Hub(status=503)).kind == "bad_answer"

    class Away:
        def send(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
            raise ConnectionRefusedError(111, "Connection refused")

    with pytest.raises(RegistryError) as caught:
        Registry(Away(), Image.parse("registry.example/shop:2")).digest()
    assert caught.value.kind == "unreachable"
    assert "Connection refused" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("localhost", True),
        ("localhost:5000", True),
        ("127.0.0.1:5000", True),
        ("127.1.2.3", True),
        ("[::1]:5000", True),
        ("[::1]", True),
        ("ghcr.io", False),
        ("127.0.0.1.example:5000", False),
    ],
)
def test_registries_on_this_machine(name: str, local: bool) -> None:
    assert is_local(name) is local
