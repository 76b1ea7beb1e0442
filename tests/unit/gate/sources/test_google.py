# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Google: where its API of Prometheus is, and tokens that are renewed when they have run out."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.google import SCOPE, address, open_signer
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError


class GoogleAuthError(Exception):
    """As google-auth's own."""


class Credentials:
    """Of an account whose tokens last for one request."""

    def __init__(self) -> None:
        self.valid = False
        self.token = ""
        self.broken = False

    def refresh(self, request: object) -> None:
        if self.broken:
            raise GoogleAuthError("revoked")
        self.token += "t"


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> Credentials:
    found = Credentials()

    def default(scopes: list[str]) -> tuple[Any, str]:
        assert scopes == [SCOPE]
        if found.broken:
            raise GoogleAuthError("could not be determined")
        return found, "project"

    package, auth = ModuleType("google"), ModuleType("google.auth")
    package.auth, auth.default = auth, default  # type: ignore[attr-defined]
    modules: dict[str, Any] = {
        "google": package,
        "google.auth": auth,
        "google.auth.exceptions": SimpleNamespace(GoogleAuthError=GoogleAuthError),
        "google.auth.transport": ModuleType("google.auth.transport"),
        "google.auth.transport.requests": SimpleNamespace(Request=object),
    }
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    return found


def test_the_address() -> None:
    assert address("shop-1") == ("https://monitoring.googleapis.com/v1/projects/shop-1/location/global/prometheus")
    assert (
        address("shop-1", "http://127.0.0.1:8/") == "http://127.0.0.1:8/v1/projects/shop-1/location/global/prometheus"
    )


def test_a_token_is_renewed_when_it_has_run_out(credentials: Credentials) -> None:
    sign = open_signer()
    assert sign("GET", "https://x", None) == {"Authorization": "Bearer t"}
    credentials.valid = True
    assert sign("GET", "https://x", None) == {"Authorization": "Bearer t"}
    credentials.valid = False
    assert sign("GET", "https://x", None) == {"Authorization": "Bearer tt"}


def test_no_credentials(credentials: Credentials) -> None:
    credentials.broken = True
    with pytest.raises(SourceError) as caught:
        open_signer()
    assert (caught.value.kind, "no Google credentials on this host" in str(caught.value)) == ("refused", True)


def test_credentials_that_cannot_be_renewed(credentials: Credentials) -> None:
    sign = open_signer()
    credentials.broken = True
    with pytest.raises(SourceError) as caught:
        sign("GET", "https://x", None)
    assert (caught.value.kind, "cannot be renewed: revoked" in str(caught.value)) == ("refused", True)


def test_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.auth", None)
    with pytest.raises(SourceError) as caught:
        open_signer()
    assert "pip install google-auth" in str(caught.value)
