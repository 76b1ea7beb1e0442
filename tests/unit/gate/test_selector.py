# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Selectors: what Prometheus would select, and where a mistake is."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import (
    Matcher,
    Selector,
    SelectorError,
    merge,
    one_of,
    quote,
)
from hypothesis import given
from hypothesis import strategies as st

LABELS = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,5}", fullmatch=True)
OPERATORS = st.sampled_from(["=", "!="])
MATCHERS = st.builds(Matcher, LABELS.filter(lambda label: label != "__name__"), OPERATORS, st.text(max_size=8))
SELECTORS = st.builds(
    Selector, st.from_regex(r"[a-z:_][a-z0-9:_]{0,8}", fullmatch=True), st.lists(MATCHERS, max_size=4).map(tuple)
)


@given(SELECTORS)
def test_what_is_written_reads_back_the_same(selector: Selector) -> None:
    assert Selector.parse(str(selector)) == selector


@given(st.text(max_size=20))
def test_any_text_is_a_string_literal_when_quoted(text: str) -> None:
    assert Selector.parse(f"up{{a={quote(text)}}}").matchers == (Matcher("a", "=", text),)


@given(st.text(alphabet="abe{}[](),=!~\"'`\\ 0.", max_size=30))
def test_no_text_breaks_the_parser(text: str) -> None:
    column = 1
    try:
        Selector.parse(text)
    except SelectorError as error:
        column = error.column
    assert 1 <= column <= len(text) + 1


@pytest.mark.parametrize(
    ("text", "labels", "fits"),
    [
        ("m", {}, True),
        ('m{a="1"}', {"a": "1"}, True),
        ('m{a="1",}', {"a": "2"}, False),
        ('m{a!="1"}', {}, True),
        ('m{a=""}', {}, True),
        ('m{a=~"5.."}', {"a": "503"}, True),
        ('m{a=~"5.."}', {"a": "5030"}, False),
        ('m{a!~"/health.*"}', {"a": "/v1"}, True),
        ('m{a!~"/health.*"}', {"a": "/health/ready"}, False),
        ('m{ a = "1" , b!="2" }', {"a": "1", "b": "3"}, True),
        ("m{a='x\\'y'}", {"a": "x'y"}, True),
        ("m{a=`\\d+`}", {"a": r"\d+"}, True),
        ('m{a="\\x41\\u00e9\\101\\n"}', {"a": "Aé" + "A\n"}, True),
        ('{__name__="m",a="1"}', {"a": "1"}, True),
        ('{"m","a.b"="1"}', {"a.b": "1"}, True),
        ('m{a=~"."}', {"a": "\n"}, True),
    ],
)
def test_matching_is_that_of_promql(text: str, labels: dict[str, str], fits: bool) -> None:
    assert Selector.parse(text).matches("m", labels) is fits


def test_another_name_never_matches() -> None:
    assert not Selector.parse("m").matches("n", {})


def test_names_beyond_the_classic_letters_are_written_quoted() -> None:
    assert str(Selector.parse('{"a.metric","b.c"="d"}')) == '{"a.metric","b.c"="d"}'


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "a metric's name is expected"),
        ("  {}", 1, "the metric's name is missing"),
        ("rate(m[5m])", 5, "'rate(' is a function"),
        ("m[5m]", 2, "no time range belongs here"),
        ("m offset 5m", 3, "the selector ends before 'offset 5m'"),
        ("m{a}", 4, "one of = != =~ !~ is expected after the label 'a'"),
        ("m{a=1}", 5, "must be in quotes"),
        ('m{a="1" b="2"}', 9, "',' or '}' is expected"),
        ('m{a="1"', 8, "',' or '}' is expected"),
        ('m{1a="1"}', 3, "a label's name is expected"),
        ('m{a=~"("}', 6, "is no regular expression"),
        ('m{a="1}', 5, "must be in quotes"),
        ('m{__name__="n"}', 1, "must be given once and in full"),
        ('{__name__=~"n.*"}', 1, "must be given once and in full"),
    ],
)
def test_a_mistake_is_named_with_its_column(text: str, column: int, message: str) -> None:
    with pytest.raises(SelectorError) as caught:
        Selector.parse(text)
    assert caught.value.column == column
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"column {column}: ")


def test_selectors_of_one_metric_become_one_question() -> None:
    everything, bad = Selector.parse('m{v="canary"}'), Selector.parse('m{v="canary",status=~"5.."}')
    assert merge([bad, everything]) == [everything]
    assert merge([everything, bad, everything]) == [everything]


def test_selectors_that_differ_in_one_value_become_an_alternative() -> None:
    merged = merge([Selector.parse('b{v="canary",le="0.25"}'), Selector.parse('b{v="canary",le="+Inf"}')])
    assert [str(selector) for selector in merged] == ['b{v="canary",le=~"0\\\\.25|\\\\+Inf"}']


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("m", "n"),
        ('m{a="1"}', 'm{b="1"}'),
        ('m{a="1"}', 'm{a!="2"}'),
        ('m{a="1"}', 'm{a=""}'),
        ('m{a="1",b="1"}', 'm{a="2",b="2"}'),
    ],
)
def test_other_selectors_stay_apart(one: str, other: str) -> None:
    assert len(merge([Selector.parse(one), Selector.parse(other)])) == 2


@given(st.lists(SELECTORS, max_size=5), st.dictionaries(LABELS, st.text(max_size=3), max_size=3))
def test_merging_loses_no_series(selectors: list[Selector], labels: dict[str, str]) -> None:
    merged = merge(selectors)
    assert len(merged) <= len(selectors)
    for selector in selectors:
        if selector.matches(selector.name, labels):
            assert any(other.matches(selector.name, labels) for other in merged)


@given(st.lists(st.text(max_size=6), min_size=1, max_size=3), st.text(max_size=6))
def test_one_of_fits_these_values_and_no_other(values: list[str], other: str) -> None:
    matcher = one_of("a", values)
    assert all(matcher.matches({"a": value}) for value in values)
    assert matcher.matches({"a": other}) is (other in values)


def test_matchers_are_added_and_taken_away() -> None:
    selector = Selector.parse("m").where("a", "=", "1")
    assert str(selector) == 'm{a="1"}'
    assert str(selector.without(selector.matchers[0])) == "m"
