# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text format, with what clients really write."""

from __future__ import annotations

import contextlib
import math

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.exposition import ExpositionError, Line, parse
from hypothesis import given
from hypothesis import strategies as st

PAGE = """\
# HELP http_requests_total User requests.
# TYPE http_requests_total counter
http_requests_total{path="/v1",status="200",version="canary"} 12
http_requests_total{path="/v1",status="500",version="canary",} 3 1700000000000

# TYPE latency histogram
latency_bucket{le="0.25"} 1e+06
latency_bucket{le="+Inf"} 1.5E6 # {trace_id="a"} 0.3 1700000000.1
latency_sum  17.5
process_start_time_seconds 1.7e9
"""


def test_a_usual_page() -> None:
    lines = parse(PAGE)
    assert lines[0] == Line("http_requests_total", {"path": "/v1", "status": "200", "version": "canary"}, 12)
    assert [line.value for line in lines] == [12, 3, 1e6, 1.5e6, 17.5, 1.7e9]


def test_other_metrics_are_left_alone() -> None:
    assert [line.name for line in parse(PAGE, {"latency_sum", "up"})] == ["latency_sum"]
    assert parse("ugly{ 1\ngood 1", {"good"}) == [Line("good", {}, 1.0)]


@pytest.mark.parametrize("text", ["NaN", "nan", "+Inf", "-Inf", "Inf", "1", "-1.5", ".5", "5.", "1e-3"])
def test_every_spelling_of_a_number(text: str) -> None:
    value = parse(f"m {text}")[0].value
    assert value == float(text) or math.isnan(value)


def test_labels_may_hold_anything_when_escaped() -> None:
    (line,) = parse('m{a="x\\\\y\\"z\\n{},=# ",b=""} 1')
    assert line.labels == {"a": 'x\\y"z\n{},=# ', "b": ""}


def test_space_is_allowed_where_clients_put_it() -> None:
    assert parse('  m { a = "1" , b="2" }\t3  \r\n') == [Line("m", {"a": "1", "b": "2"}, 3.0)]


def test_quoted_names() -> None:
    assert parse('{"a.metric","b.c"="d"} 1') == [Line("a.metric", {"b.c": "d"}, 1.0)]
    assert parse('{"a.metric"} 1', {"other"}) == []


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,4}", fullmatch=True), st.text(max_size=9), max_size=3))
def test_any_label_value_comes_back(labels: dict[str, str]) -> None:
    escaped = {
        name: value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for name, value in labels.items()
    }
    inside = ",".join(f'{name}="{value}"' for name, value in escaped.items())
    assert parse(f"m{{{inside}}} 1") == [Line("m", labels, 1.0)]


@given(st.text(max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    with contextlib.suppress(ExpositionError):  # the one error it may raise
        parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html><body>404</body></html>", "line 1 is not Prometheus' text format: '<html>"),
        ("good 1\nm{a=1} 2", "line 2 has labels that cannot be read"),
        ("m{a} 2", "line 1 has a label without a value"),
        ('{a="1"} 2', "line 1 has no metric name"),
        ("m", "line 1 has no number as value"),
        ("m 1_000", "line 1 has no number as value"),
        ('m{a="1"', "line 1 has labels that cannot be read"),
        ('m{"b"} 1', "line 1 has a label without a value"),
    ],
)
def test_what_is_no_exposition_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ExpositionError, match=message.replace("(", r"\(")):
        parse(text)
