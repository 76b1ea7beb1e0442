# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a selector finds nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters
from ansible_collections.slipway.rollout.plugins.module_utils.gate.diagnose import explain, lacks_bucket, misspelt
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector

from tests.unit.gate.builders import ScriptedSource, reading, unreachable

FOUND = [
    {"__name__": "m", "version": "main", "status": "200"},
    {"__name__": "m", "version": "canary", "status": "404"},
]


@dataclass
class Known(ScriptedSource):
    """A source that knows these series of every metric but those called `none`."""

    found: tuple[Mapping[str, str], ...] = ()
    broken: bool = False

    def names(self) -> list[str]:
        return ["http_requests_total", "http_request_duration_seconds_bucket", "up"]

    def label_sets(self, name: str) -> list[Mapping[str, str]]:
        if self.broken:
            raise unreachable()
        return list(self.found)


def why(text: str, *found: Mapping[str, str], broken: bool = False) -> str:
    return explain(Selector.parse(text), Known(script=[reading(0)], found=found, broken=broken))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('m{version="cannary"}', "No series of m has version=\"cannary\"; they have version 'canary', 'main'."),
        ('m{verison="canary"}', "No series of m has a label 'verison'. Did you mean 'version'?"),
        (
            'm{version="main",status="404"}',
            'Series of m with version="main" have no status="404"; they have status \'200\'.',
        ),
        ('m{version="main"}', ""),
    ],
)
def test_the_label_that_matches_nothing_is_named(text: str, said: str) -> None:
    assert why(text, *FOUND) == said


def test_a_metric_that_is_not_there_is_named_with_the_nearest_one() -> None:
    said = why('http_request_total{version="canary"}')
    assert said == "There is no metric http_request_total. Did you mean 'http_requests_total'?"
    assert why("zzz") == "There is no metric zzz."


def test_a_source_that_cannot_say_leaves_it_unsaid() -> None:
    assert why("m", broken=True) == ""


@pytest.mark.parametrize(
    ("buckets", "broken", "said"),
    [
        (("0.1", "1", "+Inf"), False, ""),
        (("0.1", "+Inf"), False, "no bucket of the histogram ends at 0.3 or above; its buckets end at 0.1"),
        ((), False, ""),
        ((), True, ""),
    ],
)
def test_a_bound_beyond_every_bucket_is_seen_by_whatever_series_there_are(
    buckets: tuple[str, ...], broken: bool, said: str
) -> None:
    measure = Counters((), (Selector.parse('h_bucket{version="canary"}'),), bound=0.3)
    found = tuple({"__name__": "h_bucket", "version": "main", "le": le} for le in buckets)
    assert lacks_bucket(measure, Known(script=[reading(0)], found=found, broken=broken)) == said


@pytest.mark.parametrize(
    ("text", "found", "said"),
    [
        ('m{verison="canary"}', FOUND, "No series of m has a label 'verison'. Did you mean 'version'?"),
        ('m{error="timeout"}', FOUND, ""),
        ('m{verison!="canary"}', FOUND, ""),
        ('m{version="new"}', FOUND, ""),
        ("http_request_total", [], "There is no metric http_request_total. Did you mean 'http_requests_total'?"),
        ("errors_total", [], ""),
    ],
)
def test_only_what_is_surely_a_typo_is_refused(text: str, found: list[Mapping[str, str]], said: str) -> None:
    assert misspelt(Selector.parse(text), Known(script=[reading(0)], found=tuple(found))) == said
    assert misspelt(Selector.parse(text), Known(script=[reading(0)], broken=True)) == ""
