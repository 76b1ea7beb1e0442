# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Prometheus knows of the pods' metrics."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ..clock import Clock
from ..gate.selector import Matcher, Selector
from ..gate.sources.http import JsonClient
from ..gate.sources.source import SourceError

_UNSAFE = re.compile(r"[^a-zA-Z0-9_]")
_LOOKBACK = 300.0  # seconds within which a series must have been seen
_MANY = "1000"
# The labels of the series that a selector means. Raises SourceError.
Series = Callable[[Selector], Sequence[Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Known:
    """Whether Prometheus can take the place of the pods, and why not."""

    usable: bool
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def series_of(client: JsonClient, clock: Clock) -> Series:
    """https://prometheus.io/docs/prometheus/latest/querying/api/#finding-series-by-label-matchers"""

    def ask(selector: Selector) -> list[Mapping[str, str]]:
        at = clock.wall()
        window = [("start", f"{at - _LOOKBACK:.3f}"), ("end", f"{at:.3f}"), ("limit", _MANY)]
        answer = client.ask("/api/v1/series", [("match[]", str(selector)), *window])
        data = answer.get("data") if isinstance(answer, Mapping) else None
        if not isinstance(data, list):
            raise SourceError("bad_answer", f"{client.name} at {client.address} does not answer as Prometheus does.")
        return [labels for labels in data if isinstance(labels, Mapping)]

    return ask


def ask_prometheus(ask: Series, place: str, names: Collection[str], namespace: str, stable: Mapping[str, str]) -> Known:
    """`names` are metrics that checks need, `stable` the labels by which stable's pods are told from the canary's."""
    if not names:
        return Known(False, questions=(f"{place} was not asked for anything, as no check is known yet.",))
    try:
        wrong = next(filter(None, (_wrong(ask, name, namespace, stable) for name in names)), "")
    except SourceError as error:
        return Known(False, questions=(f"Is this the right Prometheus? {error}",))
    if wrong:
        return Known(False, questions=(f"{place} {wrong}",))
    return Known(True, notes=(f"{place} has {', '.join(names)} of these pods",))


def _wrong(ask: Series, name: str, namespace: str, stable: Mapping[str, str]) -> str:
    here = ask(Selector(name, (Matcher("namespace", "=", namespace),)))
    if not here:
        elsewhere = ask(Selector(name))
        places = sorted({labels.get("namespace", "") for labels in elsewhere} - {""})
        there = f"only in {', '.join(places[:5])}" if places else "without namespaces" if elsewhere else "nowhere"
        return f"has {name} {there}. Does it scrape the pods of {namespace}?"
    wanted = {_UNSAFE.sub("_", key): value for key, value in stable.items()}
    if any(wanted.items() <= labels.items() for labels in here):
        return ""
    lacking = [key for key in sorted(wanted) if not any(labels.get(key) == wanted[key] for labels in here)]
    return (
        f"has {name} of {namespace}, but not with {' and '.join(f'{key}={wanted[key]}' for key in lacking or wanted)}, "
        "so that stable and canary cannot be told apart there. Its scrape configuration can add the pods' labels "
        "(labelmap), or each check can be given labels."
    )
