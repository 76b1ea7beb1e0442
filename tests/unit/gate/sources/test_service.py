# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every service is held to, and what a gate makes of its answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import nan
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.increments import Increments
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Verbatim
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.document import Document
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.service import (
    Points,
    ServiceSource,
    Span,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Answer, Sample, SourceError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers

from tests.unit.gate.builders import FakeClock
from tests.unit.gate.sources.server import Metrics, document, serving
from tests.unit.gate.sources.services import KINDS, SPAN, Kind

SECRET = "s3cret-value"
BAD, ALL = Verbatim("bad"), Verbatim("all")


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics()) as running:
        yield running


def each(kinds: Sequence[Kind]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", kinds, ids=[kind.name for kind in kinds])


def problem(kind: Kind, metrics: Metrics, reply: object) -> SourceError:
    metrics.answers["*"] = reply
    with pytest.raises(SourceError) as caught:
        kind.service(metrics.url, token=SECRET).ask(kind.question, SPAN)
    return caught.value


@each(KINDS)
def test_seven_events_within_the_span(kind: Kind, metrics: Metrics) -> None:
    metrics.answers["*"] = document(kind.seven)
    (points,) = kind.service(metrics.url).ask(kind.question, SPAN)
    assert sum(sample.value for sample in points.samples) == 7
    assert all(SPAN.start <= sample.at <= SPAN.end for sample in points.samples)


@each([kind for kind in KINDS if kind.nothing is not None])
def test_nothing_is_no_data_and_not_nought(kind: Kind, metrics: Metrics) -> None:
    metrics.answers["*"] = document(kind.nothing)
    assert kind.service(metrics.url).ask(kind.question, SPAN) == []


@each([kind for kind in KINDS if kind.made is not Document])
@pytest.mark.parametrize("odd", [{"x": 1}, [1], "text", 7, {"data": 1, "series": 1, "result": 1, "results": 1}])
def test_json_of_another_shape_is_a_bad_answer(kind: Kind, metrics: Metrics, odd: object) -> None:
    error = problem(kind, metrics, document(odd))
    assert (error.kind, "JSON of another shape" in str(error)) == ("bad_answer", True)


@each(KINDS)
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ((200, b"<html>login</html>", {}), "bad_answer"),
        ((302, b"", {"Location": "https://login.example"}), "bad_answer"),
        (document({"errors": ["Forbidden"]}, 403), "refused"),
        (document({"error": {"message": "token"}}, 401), "refused"),
        (document({"error": {"reason": "parse error"}}, 400), "bad_query"),
        (document({"errors": ["too many"]}, 429), "server_error"),
        (document({"message": "broken"}, 500), "server_error"),
    ],
)
def test_each_failure_has_its_outcome(kind: Kind, metrics: Metrics, reply: object, expected: str) -> None:
    error = problem(kind, metrics, reply)
    assert error.kind == expected
    assert SECRET not in str(error)
    assert metrics.url in str(error)


@each(KINDS)
def test_a_service_that_hangs_is_a_timeout(kind: Kind, metrics: Metrics) -> None:
    error = problem(kind, metrics, metrics.hang)
    assert (error.kind, kind.question in str(error)) == ("timeout", True)


@each([kind for kind in KINDS if kind.mistake])
def test_a_mistake_in_a_question_is_told_as_the_service_tells_it(kind: Kind, metrics: Metrics) -> None:
    error = problem(kind, metrics, document(kind.mistake))
    assert (error.kind, kind.question in str(error)) == ("bad_query", True)


class Scripted:
    """A service that answers by question, and notes of which spans it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.spans: dict[str, list[Span]] = {}

    def ask(self, question: str, span: Span) -> Sequence[Points]:
        self.spans.setdefault(question, []).append(span)
        answer = self.answers[question]
        if isinstance(answer, Exception):
            raise answer
        given: Sequence[Points] = answer
        return given

    def describe(self) -> str:
        return "a service"


def points(*samples: tuple[float, float], labels: Mapping[str, str] | None = None) -> Points:
    return Points(labels or {}, [Sample(*sample) for sample in samples])


def source(service: Scripted, **more: Any) -> tuple[ServiceSource, FakeClock]:
    clock = FakeClock()
    return ServiceSource(service, clock, Workers(2), 2.0, **more), clock


def test_events_are_counted_since_the_gate_began_and_late_ones_once() -> None:
    service = Scripted(bad=[points()], all=[points()])
    one, clock = source(service)
    begin, counted = clock.wall(), Increments()
    assert counted.add(one.read([BAD, ALL])) == []
    service.answers["all"] = [points((begin - 5, 100), (begin, 10), (begin + 5, 20))]
    clock.now += 10
    assert [gain.amount for gain in counted.add(one.read([BAD, ALL]))] == [0, 30]
    service.answers["all"] = [points((begin, 15), (begin + 5, 20), (begin + 15, nan))]
    clock.now += 10
    assert [gain.amount for gain in counted.add(one.read([BAD, ALL]))] == [0, 5]
    assert service.spans["all"] == [
        (begin - 300, begin),
        (begin, begin + 10),
        (begin, begin + 20),
    ]


def test_what_was_counted_before_the_gate_does_not_count() -> None:
    service = Scripted(all=[points((1_700_001_000.0, 70))])
    one, clock = source(service)
    counted, before = Increments(), one.read([ALL])
    assert before.series[0].value == 70  # as it is told in check mode
    counted.add(before)
    service.answers["all"] = [points((clock.wall() + 1, 3))]
    clock.now += 1
    assert [gain.amount for gain in counted.add(one.read([ALL]))] == [3]


def test_an_answer_that_is_revised_downwards_is_no_restart() -> None:
    service = Scripted(all=[])
    one, clock = source(service)
    counted, begin = Increments(), clock.wall()
    counted.add(one.read([ALL]))
    gains = []
    for events in (50, 48, 52):
        clock.now += 1
        service.answers["all"] = [points((begin + 1, events))]
        gains += [gain.amount for gain in counted.add(one.read([ALL]))]
    assert gains == [50, 0, 2]


def test_a_question_that_gives_nothing_has_no_series() -> None:
    one, _clock = source(Scripted(all=[]))
    assert one.read([ALL]).series == ()


def test_series_of_pods_are_told_apart_and_equal_ones_are_added() -> None:
    service = Scripted(
        all=[
            points((2e9, 1), labels={"pod_name": "a"}),
            points((2e9, 2), labels={"pod_name": "b"}),
            points((2e9, 4), labels={"pod_name": "b"}),
        ]
    )
    one, _clock = source(service, pod_label="pod_name")
    reading = one.read([ALL])
    assert {series.labels["pod"]: series.value for series in reading.series} == {"a": 1, "b": 6}


def test_a_running_total_is_taken_as_it_is() -> None:
    service = Scripted(all=[points((2e9, 500))])
    one, clock = source(service, running_total=True)
    counted, gains = Increments(), []
    counted.add(one.read([ALL]))
    for total in (520, 3):
        clock.now += 1
        service.answers["all"] = [points((2e9, total))]
        gains += [gain.amount for gain in counted.add(one.read([ALL]))]
    assert gains == [20, 3]  # a smaller total means that whatever counts has begun anew


def test_a_value_is_the_newest_of_the_window() -> None:
    service = Scripted(queue=[points((1.0, 5), (2.0, 7))], none=[points()])
    one, clock = source(service, window=60.0)
    reading = one.read([], ["queue", "none"])
    assert reading.answers == {"queue": Answer((({}, 7.0),)), "none": Answer()}
    assert service.spans["queue"] == [(clock.wall() - 60, clock.wall())]


def test_a_mistake_in_one_value_does_not_hide_another() -> None:
    service = Scripted(queue=[points((1.0, 5))], wrong=SourceError("bad_query", "no such field"))
    one, _clock = source(service)
    assert one.read([], ["queue", "wrong"]).answers["wrong"] == Answer(error="no such field", lasting=True)
    assert one.read([], ["wrong"]).answers["wrong"].lasting


@pytest.mark.parametrize("kind_of_error", ["refused", "unreachable", "timeout"])
def test_a_service_that_answers_nothing_gives_no_reading(kind_of_error: str) -> None:
    one, _clock = source(Scripted(queue=SourceError(kind_of_error, "no")))
    with pytest.raises(SourceError) as caught:
        one.read([], ["queue"])
    assert caught.value.kind == kind_of_error


def test_events_that_cannot_be_counted_give_no_reading() -> None:
    one, _clock = source(Scripted(queue=[], all=SourceError("bad_query", "no")))
    with pytest.raises(SourceError):
        one.read([ALL], ["queue"])


def test_what_it_says_of_itself() -> None:
    one, _clock = source(Scripted())
    assert (one.describe(), one.sent([ALL]), str(ALL)) == ("a service", ["all"], "all")
    for ask in (one.names, lambda: one.label_sets("all")):
        with pytest.raises(SourceError, match="a service has no list of"):
            ask()
