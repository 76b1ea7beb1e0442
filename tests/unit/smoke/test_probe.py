# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.probe import Probe, ProbeError, judge, parse_probes

from tests.unit.store import status as api_status


def probe(**options: Any) -> Probe:
    (parsed,) = parse_probes([{"path": "/x", **options}])
    return parsed


def test_options_become_probes() -> None:
    assert probe(contains=None, repeat=3) == Probe("/x", repeat=3)
    assert probe(status=[200, 204], port="8000").status == (200, 204)
    assert probe(status=404).status == (404,)


def test_what_is_sent() -> None:
    sent = probe(method="POST", body={"a": 1}, headers={"X-User": 7})
    assert (sent.body, sent.label) == (b'{"a": 1}', "POST /x")
    assert sent.headers == {"X-User": "7", "Content-Type": "application/json"}
    assert probe(body="a=1").headers == {}
    assert probe(body=[1], headers={"content-type": "text/x"}).headers == {"content-type": "text/x"}
    assert probe(name="it works").label == "it works"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"repeat": 0}, "tests[0].repeat is 0; it is a number of requests and must be at least 1"),
        ({"parallel": -1}, "tests[0].parallel is -1"),
        ({"timeout": 0}, "tests[0].timeout is 0; it is a time in seconds and must be above 0"),
        ({"max_seconds": 0}, "tests[0].max_seconds is 0"),
        ({"json": [{"query": "a["}]}, "tests[0].json[0].query is 'a[', which is no JMESPath"),
    ],
)
def test_what_cannot_be_right_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ProbeError) as caught:
        probe(**options)
    assert said in str(caught.value)


DOCUMENT = json.dumps({"status": "ok", "count": 3, "parts": [{"up": True}, {"up": False}], "none": None}).encode()


@pytest.mark.parametrize(
    ("answer", "options", "problem"),
    [
        ((200, b"well"), {}, ""),
        ((500, b"oh"), {}, "answers 500, expected 200"),
        ((500, b"oh"), {"status": [200, 204]}, "answers 500, expected 200 or 204"),
        ((404, b""), {"status": [404]}, ""),
        ((200, b"well"), {"contains": "sick"}, "the answer does not contain 'sick'"),
        (api_status(503, "dial tcp: refused."), {}, "answers 503, expected 200 (dial tcp: refused)"),
        (api_status(404, "of the pod's own"), {}, "answers 404, expected 200"),
        ((503, b"[]"), {}, "answers 503, expected 200"),
        ((200, DOCUMENT), {"json": [{"query": "status", "equals": "ok"}, {"query": "count", "equals": "3"}]}, ""),
        ((200, DOCUMENT), {"json": [{"query": "count > `2`"}, {"query": "parts[0].up", "equals": True}]}, ""),
        ((200, DOCUMENT), {"json": [{"query": "status", "equals": "no"}]}, 'status is "ok", expected "no"'),
        ((200, DOCUMENT), {"json": [{"query": "parts[1].up"}]}, "parts[1].up is false, expected something true"),
        ((200, DOCUMENT), {"json": [{"query": "sum(status)"}]}, "sum(status) cannot be asked of this answer"),
        ((200, b"<html>"), {"json": [{"query": "status"}]}, "the answer is not JSON: '<html>'"),
    ],
)
def test_what_can_be_wrong(answer: tuple[int, bytes], options: dict[str, Any], problem: str) -> None:
    assert judge(probe(**options), *answer, 0.1).startswith(problem)
    assert bool(judge(probe(**options), *answer, 0.1)) is bool(problem)


def test_a_limit_of_time() -> None:
    assert judge(probe(max_seconds=0.5), 200, b"", 0.5) == ""
    assert judge(probe(max_seconds=0.5), 200, b"", 0.7) == "took 0.700 s, at most 0.5 s are allowed"
