# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a gate will find and when, for one check at one split: numbers, and what a user must hear before."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from ..text import percent
from .finding import Stage, found, passed, smallest, time_to_find, time_to_pass
from .growth import Stream
from .spans import frequency, span

PROBABILITIES = (0.8, 0.95)
RATIOS = (1.5, 2.0, 5.0)
DOUBLED = 2.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of a check while the canary has `share` of the requests for `seconds`. Times are expected ones, in seconds.

    `smallest` is the ratio of the smallest regression that is found with each of PROBABILITIES, `find` the time to find
    each of RATIOS, `passes` the time until a healthy release passes early, `alarm` the probability that a healthy one
    is taken back.
    """

    check: str
    stream: Stream
    share: float
    seconds: float
    smallest: tuple[float, ...]
    find: tuple[float, ...]
    passes: float
    passed: float
    alarm: float

    @classmethod
    def of(cls, check: str, stream: Stream, share: float, seconds: float) -> Outlook:
        stages = [Stage(share, seconds)]
        return cls(
            check=check,
            stream=stream,
            share=share,
            seconds=seconds,
            smallest=tuple(smallest(stream, probability, stages) for probability in PROBABILITIES),
            find=tuple(time_to_find(stream, ratio, share) for ratio in RATIOS),
            passes=time_to_pass(stream, share),
            passed=passed(stream, 1.0, stages),
            alarm=found(stream, 1.0, stages) if stream.judge == "threshold" else stream.errors.alpha,
        )

    def doubling(self) -> str:
        """`at 2.5 canary requests/s and 0.1 % bad requests a doubling is not found within 1 h (a chance of 7 %, …)`."""
        chance = found(self.stream, DOUBLED, [Stage(self.share, self.seconds)])
        usual = percent(self.stream.events(1.0, self.share).base)
        kind = "slow requests" if self.stream.judge == "latency" else "bad requests"
        often = frequency(self.stream.rate * self.share).removesuffix("/s")
        at = f"at {often} canary requests/s and {usual} {kind} a doubling"
        time = time_to_find(self.stream, DOUBLED, self.share)
        after = f"expected after {span(time)}" if isfinite(time) else "at no time expected"
        if chance >= PROBABILITIES[0]:
            return f"{at} is found within {span(self.seconds)} with {percent(chance)} ({after})"
        if chance < 0.5:
            return f"{at} is not found within {span(self.seconds)} (a chance of {percent(chance)}, {after})"
        return f"{at} is found within {span(self.seconds)} only with {percent(chance)} ({after})"

    def as_dict(self) -> dict[str, Any]:
        times = {f"{ratio:g}": _plain(time) for ratio, time in zip(RATIOS, self.find, strict=True)}
        found_with = {f"{p:g}": _plain(one) for p, one in zip(PROBABILITIES, self.smallest, strict=True)}
        return {
            "check": self.check,
            "judge": self.stream.judge,
            "share": self.share,
            "seconds": self.seconds,
            "rate": round(self.stream.rate, 3),
            "base": self.stream.base,
            "dispersion": self.stream.dispersion,
            "smallest": found_with,
            "seconds_to_find": times,
            "seconds_to_pass": _plain(self.passes),
            "passes_in_time": round(self.passed, 4),
            "healthy_taken_back": round(self.alarm, 4),
            "doubling": self.doubling(),
        }


def _plain(value: float) -> float | None:
    """JSON has no infinity."""
    return round(value, 3) if isfinite(value) else None
