# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed requests: the real botocore's where it is installed, and each way in which there is nothing to sign with."""

from __future__ import annotations

import hashlib
import hmac
import re
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.sigv4 import open_signer
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError

from tests.unit.gate.sources import aws

URL = "https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-1/api/v1/query"


class Session:
    """Of botocore, with what a test wants it to find."""

    region: str | None = "eu-central-1"
    credentials: Any = SimpleNamespace(get_frozen_credentials=lambda: "frozen")

    def __init__(self, profile: str | None) -> None:
        if profile == "none":
            raise aws.of_botocore("ProfileNotFound", profile="none")

    def get_config_variable(self, name: str) -> str | None:
        return self.region if name == "region" else None

    def get_credentials(self) -> Any:
        return self.credentials


class Auth:
    """Of botocore: writes into the request what it was made with."""

    def __init__(self, *made_with: object) -> None:
        self.made_with = made_with

    def add_auth(self, request: SimpleNamespace) -> None:
        request.headers = {"Authorization": f"{self.made_with} {request.method} {request.url} {request.data}"}


@pytest.fixture
def libraries(monkeypatch: pytest.MonkeyPatch) -> type[Session]:
    found = type("Session", (Session,), {})
    aws.install(
        monkeypatch,
        botocore__auth=SimpleNamespace(SigV4Auth=Auth),
        botocore__awsrequest=SimpleNamespace(AWSRequest=SimpleNamespace),
        botocore__session=SimpleNamespace(Session=found),
    )
    return found


def test_what_is_signed_with_what(libraries: type[Session]) -> None:
    sign = open_signer("aps", None, None)
    assert sign("POST", URL, "query=up") == {"Authorization": f"('frozen', 'aps', 'eu-central-1') POST {URL} query=up"}
    assert "'us-east-1'" in open_signer("aps", "us-east-1", None)("GET", URL, None)["Authorization"]


@pytest.mark.parametrize(
    ("changes", "profile", "kind", "said"),
    [
        ({"credentials": None}, None, "refused", "There are no AWS credentials on this host."),
        ({"region": None}, None, "bad_query", "source.region is missing"),
        ({}, "none", "refused", "AWS' credentials cannot be used"),
    ],
)
def test_nothing_to_sign_with(
    libraries: type[Session], changes: dict[str, Any], profile: str | None, kind: str, said: str
) -> None:
    for name, value in changes.items():
        setattr(libraries, name, value)
    with pytest.raises(SourceError) as caught:
        open_signer("aps", None, profile)
    assert (caught.value.kind, said in str(caught.value)) == (kind, True)


def test_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.auth", None)
    with pytest.raises(SourceError) as caught:
        open_signer("aps", "eu-central-1", None)
    assert "pip install boto3" in str(caught.value)


def test_the_signature_is_that_of_the_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("botocore")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    headers = open_signer("aps", "eu-central-1", None)("GET", f"{URL}?query=up", None)
    stamp = headers["X-Amz-Date"]
    scope = f"{stamp[:8]}/eu-central-1/aps/aws4_request"
    hosts = f"host:aps-workspaces.eu-central-1.amazonaws.com\nx-amz-date:{stamp}\n"
    path, nothing = "/workspaces/ws-1/api/v1/query", hashlib.sha256(b"").hexdigest()
    canonical = "\n".join(("GET", path, "query=up", hosts, "host;x-amz-date", nothing))
    to_sign = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = b"AWS4hush"
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    assert re.findall(r"Signature=(\w+)", headers["Authorization"]) == [signature]
