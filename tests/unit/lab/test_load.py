# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.load import ENTRANCES, Load, Result, describe, percentile, read, summarise


def result(t: float = 0.0, code: int = 200, latency: float = 0.001, version: str = "main") -> Result:
    answered = code != 0
    return Result(
        t=t,
        code=code,
        latency_s=latency,
        version=version if answered else "",
        release="good" if answered else "",
        error="" if answered else "connection refused",
    )


def test_summary_counts_and_finds_first_and_last_failure() -> None:
    summary = summarise(
        [result(4.0, 500, version="canary"), result(1.0), result(2.0, 0), result(3.0), result(5.0, 204)]
    )
    assert (summary.requests, summary.failed) == (5, 2)
    assert summary.by_code == {0: 1, 200: 2, 204: 1, 500: 1}
    assert summary.by_version == {"canary": 1, "main": 3, "none": 1}
    assert summary.by_release == {"good": 4, "none": 1}
    assert (summary.first_failed, summary.last_failed, summary.failing_s) == (2.0, 4.0, 2.0)


@pytest.mark.parametrize("code", [0, 101, 302, 404, 500, 503])
def test_whatever_is_not_2xx_has_failed(code: int) -> None:
    assert summarise([result(code=code)]).failed == 1


def test_nothing_sent_is_not_a_success_story() -> None:
    summary = summarise([])
    assert (summary.requests, summary.p50, summary.first_failed, summary.failing_s) == (0, None, None, 0.0)
    assert describe(summary) == "no requests were sent"


def test_description_is_for_people() -> None:
    text = describe(summarise([result(10.0), result(11.0, 0), result(13.5, 500)]))
    assert text.splitlines()[0] == "3 requests, 2 failed"
    assert "no answer 1, 200 1, 500 1" in text
    assert "2.5 s from first to last" in text


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0.01, 1))
def test_percentile_is_a_value_that_enough_others_do_not_exceed(values: list[float], share: float) -> None:
    found = percentile(sorted(values), share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values) + 1e-9


@given(st.lists(st.sampled_from([0, 200, 404, 500]), max_size=50))
def test_every_request_is_counted_once(codes: list[int]) -> None:
    summary = summarise(result(float(i), code) for i, code in enumerate(codes))
    for counts in (summary.by_code, summary.by_version, summary.by_release):
        assert sum(counts.values()) == len(codes)
    assert summary.failed == len(codes) - codes.count(200)
    assert json.loads(json.dumps(summary.as_dict()))["requests"] == len(codes)


def test_results_are_read_but_for_a_line_that_is_still_written(tmp_path: Path) -> None:
    line = '{"t":1.5,"code":200,"latency_s":0.25,"version":"main","release":"good","error":""}'
    path = tmp_path / "out.jsonl"
    path.write_text(f"{line}\n{line[:20]}")
    assert list(read(path)) == [Result(1.5, 200, 0.25, "main", "good", "")]


def test_command_names_entrance_rate_and_bounds() -> None:
    load = Load(ENTRANCES["replicas"], rate=50, duration="10s", keepalive=False)
    assert load.command(Path("bin/load"), "-") == [
        "bin/load",
        "-url=http://127.0.0.1:8088/v1/transform",
        "-host=shared.lab",
        "-rate=50",
        "-duration=10s",
        "-keepalive=false",
        "-timeout=10s",
        "-out=-",
    ]
