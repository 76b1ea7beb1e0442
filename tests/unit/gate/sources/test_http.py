# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON over HTTP against a real server: credentials that go where they should, and every failure named."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError

from tests.unit.gate.sources.server import Metrics, failure, ok, serving

SECRET = "s3cret-value"


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics()) as running:
        yield running


def ask(url: str, **options: object) -> object:
    client = JsonClient("Prometheus", HttpOptions(url, **{"timeout": 0.3, **options}))  # type: ignore[arg-type]
    return client.ask("/x", [("a", "1")], about="`up`")


def problem(url: str, **options: object) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask(url, **options)
    return caught.value


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        ({"token": SECRET}, "Authorization", f"Bearer {SECRET}"),
        (
            {"username": "u", "password": SECRET},
            "Authorization",
            f"Basic {base64.b64encode(f'u:{SECRET}'.encode()).decode()}",
        ),
        ({"headers": {"X-Scope-OrgID": "7"}}, "X-Scope-OrgID", "7"),
    ],
)
def test_credentials_and_headers_are_sent(metrics: Metrics, options: dict[str, object], name: str, value: str) -> None:
    ask(metrics.url, **options)
    assert metrics.asked[0][3][name] == value


def test_credentials_in_the_address_are_used_and_never_shown(metrics: Metrics) -> None:
    metrics.answers["*"] = failure(500, "broken")
    error = problem(metrics.url.replace("//", f"//u:{SECRET}@"))
    assert metrics.asked[0][3]["Authorization"].startswith("Basic ")
    assert SECRET not in str(error)
    assert metrics.url in str(error)


def test_the_path_before_the_api_and_further_parameters_are_kept(metrics: Metrics) -> None:
    ask(f"{metrics.url}/prom/", parameters={"dedup": "true"})
    assert metrics.asked[0][:3] == ("GET", "/prom/x", {"a": "1", "dedup": "true"})


def test_a_long_question_travels_in_the_body(metrics: Metrics) -> None:
    JsonClient("Prometheus", HttpOptions(metrics.url)).ask("/x", [("a", "1" * 3000)])
    assert metrics.asked[0][:3] == ("POST", "/x", {"a": "1" * 3000})


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (failure(401, SECRET), "refused", "refuses these credentials (HTTP 401). Check the source's token"),
        (failure(403, ""), "refused", "(HTTP 403)"),
        (failure(400, f"parse error at {SECRET}"), "bad_query", "rejects the question for `up`: parse error at ***"),
        (failure(422, "too many"), "bad_query", "too many (HTTP 422)"),
        (failure(500, "broken"), "server_error", "failed for `up`: broken (HTTP 500)"),
        ((503, b"Service Unavailable", {}), "server_error", "failed for `up`: Service Unavailable (HTTP 503)"),
        ((404, b"", {}), "server_error", "failed for `up`: no text (HTTP 404)"),
        (
            (302, b"", {"Location": "https://u:p@login.example/x"}),
            "bad_answer",
            "sends elsewhere to https://login.example/x (HTTP 302)",
        ),
        ((204, b"", {}), "bad_answer", "sends elsewhere (HTTP 204)"),
        ((200, b"<html>login</html>", {}), "bad_answer", "not JSON: '<html>login</html>'. Is the url right?"),
        ((200, b"", {}), "bad_answer", "not JSON"),
    ],
)
def test_each_bad_answer_has_a_name(metrics: Metrics, reply: object, kind: str, said: str) -> None:
    metrics.answers["*"] = reply
    error = problem(metrics.url, token=SECRET)
    assert error.kind == kind
    assert said in str(error)
    assert SECRET not in str(error)
    assert str(error).startswith(f"Prometheus at {metrics.url} ")


def test_short_headers_do_not_garble_messages(metrics: Metrics) -> None:
    metrics.answers["*"] = failure(500, "e")
    assert "e (HTTP 500)" in str(problem(metrics.url, headers={"X-Tenant": "e"}))


def test_a_server_that_hangs_is_a_timeout(metrics: Metrics) -> None:
    metrics.answers["*"] = metrics.hang
    error = problem(metrics.url)
    assert (error.kind, "gave no answer in 0.3 s for `up`" in str(error)) == ("timeout", True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://nobody.invalid:9090", "https://127.0.0.1:1"])
def test_no_way_to_the_server(url: str) -> None:
    error = problem(url)
    assert error.kind == "unreachable"
    assert "cannot be reached" in str(error)
    assert "HTTPConnection" not in str(error)


def test_tls_where_there_is_none(metrics: Metrics) -> None:
    for validate in (True, False):
        error = problem(metrics.url.replace("http:", "https:"), validate_certs=validate)
        assert error.kind == "unreachable"


def test_files_that_are_not_there(metrics: Metrics, tmp_path: Path) -> None:
    error = problem(metrics.url.replace("http:", "https:"), ca_cert=str(tmp_path / "none.pem"))
    assert error.kind == "unreachable"


def test_a_header_that_cannot_be_sent(metrics: Metrics) -> None:
    assert problem(metrics.url, headers={"X": "a\nb"}).kind == "unreachable"


@pytest.mark.parametrize("url", ["prometheus:9090", "ftp://u:p@host", "http://", ""])
def test_what_is_no_address_is_refused(url: str) -> None:
    error = problem(url)
    assert error.kind == "bad_query"
    assert "write it as http://prometheus:9090" in str(error)
    assert "u:p" not in str(error)


def test_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "urllib3", None)
    assert "pip install urllib3" in str(problem("http://127.0.0.1:1"))


def test_secrets_do_not_show_in_the_representation() -> None:
    assert SECRET not in repr(HttpOptions("http://x", token=SECRET, password=SECRET, headers={"a": SECRET}))


def test_an_answer_is_decoded(metrics: Metrics) -> None:
    metrics.answers["*"] = ok([1])
    assert ask(metrics.url) == {"status": "success", "data": [1]}
