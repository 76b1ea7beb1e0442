# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a source: where it is, how it is proven who asks, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.source_options import (
    SERVICES,
    SOURCE_SPEC,
    parse_endpoint,
    parse_http,
    parse_span,
    parse_timeout,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.pods import Endpoint
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError

from tests.unit.gate.builders import gate_params


def source(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = gate_params(source=changes)["source"]
    return found


def test_http_options_are_taken_over_as_text() -> None:
    found = parse_http(source(headers={"X-Org": 7}, secret_headers={"Api-Key": "s"}, parameters={"a": 1}, timeout=2.5))
    assert found.headers == {"X-Org": "7", "Api-Key": "s"}
    assert (found.parameters, found.timeout, found.validate_certs) == ({"a": "1"}, 2.5, True)


@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key", "Cookie", "x-secret", "X-TOKEN"])
def test_secrets_among_the_headers_that_are_logged_are_refused_without_their_value(name: str) -> None:
    with pytest.raises(OptionError, match=f"source.headers has '{name}'") as caught:
        parse_http(source(headers={name: "hush"}))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(("kind", "seconds"), [("pods", 2.0), ("prometheus", 5.0), ("datadog", 10.0)])
def test_each_source_has_its_own_timeout(kind: str, seconds: float) -> None:
    assert parse_timeout(source(type=kind)) == seconds


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("nan"), float("inf")])
def test_a_timeout_must_be_above_0(timeout: float) -> None:
    with pytest.raises(OptionError, match="source.timeout is .*; it is a time in seconds and must be above 0."):
        parse_timeout(source(timeout=timeout))


def test_where_pods_are_read_is_an_endpoint() -> None:
    assert parse_endpoint(source(via="direct", port=9090, path="/m")) == Endpoint("direct", 9090, "/m", None)


@pytest.mark.parametrize(
    ("kind", "url", "headers", "scheme", "token"),
    [
        ("prometheus", "http://here", {}, "Bearer", "t"),
        ("datadog", "https://api.datadoghq.com", {"DD-API-KEY": "t", "DD-APPLICATION-KEY": "a"}, "Bearer", None),
        ("newrelic", "https://api.newrelic.com", {"API-Key": "t"}, "Bearer", None),
        ("dynatrace", "http://here", {}, "Api-Token", "t"),
        ("elasticsearch", "http://here", {}, "ApiKey", "t"),
        ("influxdb", "http://here", {}, "Token", "t"),
        ("google", "https://monitoring.googleapis.com", {}, "Bearer", "t"),
    ],
)
def test_each_service_has_its_own_way_of_taking_a_token(
    kind: str, url: str, headers: dict[str, str], scheme: str, token: str | None
) -> None:
    given = "http://here" if url == "http://here" else None
    found = parse_http(source(type=kind, url=given, token="t", application_key="a" if headers else None))
    assert (found.url, found.headers, found.scheme, found.token) == (url, headers, scheme, token)


@pytest.mark.parametrize("span", [0.0, -1.0, float("nan"), float("inf")])
def test_a_span_must_be_above_0(span: float) -> None:
    with pytest.raises(OptionError, match="source.span is .*; it is a time in seconds and must be above 0."):
        parse_span(source(span=span))
    assert parse_span(source()) == 300.0


def test_every_service_can_be_chosen() -> None:
    choices = SOURCE_SPEC["options"]["type"]["choices"]
    assert set(choices) == {"pods", "prometheus", "google", *SERVICES}
    assert choices == sorted(choices)
