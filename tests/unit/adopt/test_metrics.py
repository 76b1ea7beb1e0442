# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.metrics import Found, find_checks
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check_options import Defaults, parse_checks
from ansible_collections.slipway.rollout.plugins.module_utils.gate.exposition import parse
from ansible_collections.slipway.rollout.plugins.module_utils.gate.templates import Subject

from tests.unit.adopt.builders import PAGE

SUBJECT = Subject("shop", {"stable": {"app": "shop"}, "canary": {"app": "shop-canary"}})


def found(page: str, *probes: str) -> Found:
    checks = find_checks(parse(page), probes)
    if checks.checks:  # whatever is proposed, a gate must take
        parse_checks([dict(one) for one in checks.checks], SUBJECT, Defaults())
    return checks


def test_the_well_known_names() -> None:
    checks = found(PAGE)
    assert [dict(one) for one in checks.checks] == [
        {"name": "errors", "template": "error_rate", "metrics": "app", "max": 0.01},
        {"name": "slow", "template": "latency", "metrics": "app", "bound": 0.5, "max": 0.05},
    ]
    assert checks.observe == {"metric": "http_requests_total", "matchers": "{}"}
    assert "today 99.9% of 900 took at most 0.25 s, and the next bucket is 0.5 s" in checks.notes[1]
    assert checks.questions == ()


PROBED = """
promhttp_metric_handler_requests_total{code="200"} 9999
http_requests_total{status="200"} 5000
http_request_duration_seconds_bucket{method="GET",path="readyz",status="200",le="0.1"} 4000
http_request_duration_seconds_bucket{method="GET",path="readyz",status="200",le="1"} 4000
http_request_duration_seconds_bucket{method="GET",path="readyz",status="200",le="+Inf"} 4000
http_request_duration_seconds_count{method="GET",path="readyz",status="200"} 4000
http_request_duration_seconds_bucket{method="GET",path="root",status="200",le="0.1"} 10
http_request_duration_seconds_bucket{method="GET",path="root",status="200",le="1"} 999
http_request_duration_seconds_bucket{method="GET",path="root",status="200",le="+Inf"} 1000
http_request_duration_seconds_count{method="GET",path="root",status="200"} 1000
"""


def test_probes_are_left_out_where_they_can_be_told_apart() -> None:
    errors, slow = found(PROBED, "/readyz", "/healthz").checks
    base = "http_request_duration_seconds"
    assert errors["bad"] == f'{base}_count{{$canary,path!~"readyz",status=~"5.."}}'
    assert errors["all"] == f'{base}_count{{$canary,path!~"readyz"}}'
    assert slow["good"] == f'{base}_bucket{{$canary,path!~"readyz",le=~"1(\\\\.0)?"}}'
    assert (slow["all"], slow["min"]) == (f'{base}_count{{$canary,path!~"readyz"}}', 0.95)
    observed = found(PROBED, "/readyz").observe
    assert observed == {"metric": f"{base}_count", "matchers": '{path!~"readyz"}'}


def test_other_names_and_units() -> None:
    page = """
    shop_requests_total{code="200",handler="/a.b"} 300
    shop_requests_total{code="503",handler="/ready"} 3
    shop_latency_milliseconds_bucket{le="100.0"} 299
    shop_latency_milliseconds_bucket{le="500"} 300
    shop_latency_milliseconds_bucket{le="+Inf"} 303
    shop_latency_milliseconds_count 303
    """
    checks = found(page, "/ready")
    assert checks.checks[0]["bad"] == 'shop_requests_total{$canary,handler!~"/ready",code=~"5.."}'
    assert checks.checks[1]["good"] == 'shop_latency_milliseconds_bucket{$canary,le=~"500(\\\\.0)?"}'
    assert "at most 0.5 s" in checks.notes[-1] or "0.5 s" in checks.notes[-1]


def test_too_few_requests_say_nothing_of_what_is_usual() -> None:
    page = PAGE.replace("880", "1").replace("899", "2").replace("900", "3")
    checks = found(page)
    assert checks.checks[1]["bound"] == 0.5
    assert "too few so far to say what is usual, so 0.5 s is a guess" in checks.notes[1]


def test_no_bucket_that_nearly_all_keep() -> None:
    page = """
    http_request_duration_seconds_bucket{le="0.1"} 10
    http_request_duration_seconds_bucket{le="0.2"} 20
    http_request_duration_seconds_bucket{le="+Inf"} 900
    """
    checks = found(page)
    assert checks.checks[0]["bound"] == 0.2
    assert checks.questions[0].startswith("Which counter knows how many requests failed?")


@pytest.mark.parametrize(
    "page",
    [
        "",
        "go_goroutines 7",
        'jobs_total{status="done"} 7',
        'rpc_client_requests_total{code="200"} 7',
        'response_size_bytes_bucket{le="1"} 1\nresponse_size_bytes_bucket{le="+Inf"} 1',
        'rpc_duration_seconds{quantile="0.5"} 1\nrpc_duration_seconds_count{code="200"} 7',
    ],
)
def test_what_says_nothing_of_requests(page: str) -> None:
    checks = found(page)
    assert checks.checks == ()
    assert len(checks.questions) == 2
    assert checks.observe == {}
