# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixed limits: fast when the limit is clearly exceeded, patient with a stray failure.

While the gate runs, a check fails as soon as its bad events can no longer be explained by a release that is just at
the limit: the chance of that many or more is below CHANCE (the tail of the binomial distribution). When time is up, the
share of bad events is compared with the limit as it is. In both cases fewer than `min_failures` bad events never fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, inf, isfinite, lgamma, log

from ..check import Check, Counters, Events
from ..evidence import Evidence
from ..text import number, percent
from .judge import Opinion, Verdict

CHANCE = 0.001


@dataclass(frozen=True, slots=True)
class Threshold:
    """The judge `threshold`."""

    chance: float = CHANCE

    def opinion(self, check: Check, evidence: Evidence, *, final: bool) -> Opinion:
        if isinstance(check.measure, Counters):
            return self._counters(check, evidence, final)
        return _gauge(check, evidence, final)

    def _counters(self, check: Check, evidence: Evidence, final: bool) -> Opinion:
        whole, latest = evidence.events, evidence.latest
        since = latest.at - check.window if latest else 0.0
        for events, start in ((evidence.since(since), since), (whole, -inf)):
            if self._exceeds(check, events):
                return Opinion(Verdict.FAIL, _compared(check, events), events, start)
        if not final:
            return Opinion(Verdict.UNDECIDED, _so_far(check, whole), whole)
        return _final(check, whole, evidence)

    def _exceeds(self, check: Check, events: Events) -> bool:
        if events.total < check.min_requests or events.bad < check.min_failures or events.rate <= check.limit:
            return False
        return tail(events.bad, events.total, check.limit) < self.chance


def _final(check: Check, events: Events, evidence: Evidence) -> Opinion:
    missing = _missing(evidence)
    if missing:
        return Opinion(Verdict.INCONCLUSIVE, missing, events)
    if events.total == 0:
        return Opinion(Verdict.INCONCLUSIVE, "no requests were seen, which is not the same as no failures", events)
    if events.total < check.min_requests:
        few = f"only {number(events.total)} requests were seen of the {check.min_requests} that a verdict needs"
        return Opinion(Verdict.INCONCLUSIVE, few, events)
    if events.rate <= check.limit:
        return Opinion(Verdict.PASS, _compared(check, events), events)
    if events.bad < check.min_failures:
        stray = f"{_compared(check, events)}, but fewer than {check.min_failures} are taken as stray"
        return Opinion(Verdict.PASS, stray, events)
    return Opinion(Verdict.FAIL, _compared(check, events), events)


def _missing(evidence: Evidence) -> str:
    """What was good before the data ended says nothing about after."""
    if evidence.count == 0:
        return "there was never any data"
    if evidence.latest is not None and not evidence.latest.has_data:
        return f"the data has ended after {evidence.count} looks"
    return ""


def _so_far(check: Check, events: Events) -> str:
    return _compared(check, events) if events.total else "no requests yet"


def _compared(check: Check, events: Events) -> str:
    limit = f"the limit is {percent(check.limit)}"
    if events.bad == 0:
        return f"none of {number(events.total)} requests {check.verb}, {limit}"
    return f"{number(events.bad)} of {number(events.total)} requests ({percent(events.rate)}) {check.verb}, {limit}"


def _gauge(check: Check, evidence: Evidence, final: bool) -> Opinion:
    latest = evidence.latest
    missing = _missing(evidence)
    if missing or latest is None or latest.value is None:
        return Opinion(Verdict.INCONCLUSIVE if final else Verdict.UNDECIDED, missing or "no value yet")
    limits = " and ".join(
        f"the {word} is {number(value)}"
        for word, value in (("least allowed", check.floor), ("most allowed", check.ceiling))
        if isfinite(value)
    )
    said = f"the value is {number(latest.value)}, {limits}"
    if not check.floor <= latest.value <= check.ceiling:
        return Opinion(Verdict.FAIL, said, since=latest.at)
    return Opinion(Verdict.PASS if final else Verdict.UNDECIDED, said)


def tail(bad: float, total: float, share: float) -> float:
    """The chance of at least `bad` bad events among `total`, if each is bad with probability `share`."""
    least, count = ceil(bad), ceil(total)
    if least <= count * share or least <= 0:
        return 1.0  # at or below what is expected: as large as makes no difference here
    if share <= 0:
        return 0.0
    term = exp(
        lgamma(count + 1) - lgamma(least + 1) - lgamma(count - least + 1)
        + least * log(share) + (count - least) * log(1 - share)
    ) if share < 1 else 1.0  # fmt: skip
    total_chance, events = term, least
    while events < count and term > total_chance * 1e-9:
        term *= (count - events) / (events + 1) * share / (1 - share)
        total_chance += term
        events += 1
    return min(1.0, total_chance)
