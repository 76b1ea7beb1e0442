# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a selector finds nothing: which name, which label, which value matches no series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .check import Counters
from .histograms import NoBucket
from .selector import Matcher, Selector
from .sources.source import Sample, Series, Source, SourceError
from .suggest import is_typo, listed, nearest


def explain(selector: Selector, source: Source) -> str:
    """A sentence; "" when the selector does find series, or the source cannot say."""
    try:
        found = source.label_sets(selector.name)
        if not found:
            hint = nearest(selector.name, [name for name in source.names() if _alike(name, selector.name)])
            return f"There is no metric {selector.name}.{hint}"
    except SourceError:
        return ""
    return _by_label(selector, found)


def misspelt(selector: Selector, source: Source) -> str:
    """A sentence when the metric, or a label of it, is not there but a near one is: then it never finds anything.

    What is like no other may come with the first event that has it.
    """
    try:
        found = source.label_sets(selector.name)
        if not found and is_typo(selector.name, source.names()):
            return f"There is no metric {selector.name}.{nearest(selector.name, source.names())}"
    except SourceError:
        return ""
    known = {label for labels in found for label in labels if label != "__name__"}
    for matcher in selector.matchers:
        if matcher.label not in known and not matcher.matches({}) and is_typo(matcher.label, known):
            return _nothing(selector.name, matcher, found)
    return ""


def lacks_bucket(measure: Counters, source: Source) -> str:
    """Why no bucket serves the bound, judged by whatever series of the histogram there are; "" if one does."""
    try:
        found = source.label_sets(measure.all[0].name)
        series = [Series.of(measure.all[0].name, labels, (Sample(0.0, 0.0),), "") for labels in found]
        measure.buckets(series)
    except SourceError:
        return ""
    except NoBucket as error:
        return str(error)
    return ""


def _by_label(selector: Selector, found: Sequence[Mapping[str, str]]) -> str:
    for matcher in selector.matchers:
        if not any(matcher.matches(labels) for labels in found):
            return _nothing(selector.name, matcher, found)
    left = list(found)
    for number, matcher in enumerate(selector.matchers):
        kept = [labels for labels in left if matcher.matches(labels)]
        if not kept:
            others = ",".join(str(other) for other in selector.matchers[:number])
            return f"Series of {selector.name} with {others} have no {matcher}; they have {_values(matcher, left)}."
        left = kept
    return ""


def _nothing(name: str, matcher: Matcher, found: Sequence[Mapping[str, str]]) -> str:
    known = {label for labels in found for label in labels if label != "__name__"}
    if matcher.label not in known:
        hint = nearest(matcher.label, known)
        return f"No series of {name} has a label '{matcher.label}'.{hint}"
    return f"No series of {name} has {matcher}; they have {_values(matcher, found)}."


def _values(matcher: Matcher, found: Sequence[Mapping[str, str]]) -> str:
    values = sorted({labels.get(matcher.label, "") for labels in found})
    return f"{matcher.label} {listed(repr(value) for value in values)}"


def _alike(name: str, asked: str) -> bool:
    """Of thousands of names, those worth suggesting."""
    words = set(asked.lower().split("_"))
    return len(words & set(name.lower().split("_"))) * 2 >= len(words)
