# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Smoke tests: small questions to each target, side by side, before any user does."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from ..clock import Clock
from ..cluster import ClusterError
from ..smoke.probe import Probe, judge
from ..smoke.targets import Target
from ..smoke.ways import Ask
from .cause import shorten

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Result:
    """How one target answered one question. `problem` is empty when all was well.

    `status` is that of the last answer, or of the first wrong one; `seconds` is the time of the slowest answer,
    `asked` how many there were.
    """

    pod: str
    path: str
    status: int
    seconds: float
    problem: str
    test: str = ""
    asked: int = 1

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"seconds": round(self.seconds, 3), "ok": not self.problem}


def run(targets: Sequence[Target], probes: Sequence[Probe], ask: Ask, clock: Clock) -> list[Result]:
    """Every question to every target, side by side; in the order of targets, then of questions."""
    pairs = [(target, probe) for target in targets for probe in probes]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda pair: _one(pair[0], pair[1], ask, clock), pairs))


def _one(target: Target, probe: Probe, ask: Ask, clock: Clock) -> Result:
    """Asked in rounds of `parallel`; the round with the first wrong answer is the last."""
    answers: list[tuple[int, float, str]] = []
    with ThreadPoolExecutor(probe.parallel) as pool:
        while len(answers) < probe.repeat and not any(problem for _status, _seconds, problem in answers):
            count = min(probe.parallel, probe.repeat - len(answers))
            answers += pool.map(lambda dummy: _once(target, probe, ask, clock), range(count))
    status, _seconds, problem = next((answer for answer in answers if answer[2]), answers[-1])
    slowest = max(seconds for _status, seconds, _problem in answers)
    return Result(target.name, probe.path, status, slowest, problem, probe.label, len(answers))


def _once(target: Target, probe: Probe, ask: Ask, clock: Clock) -> tuple[int, float, str]:
    began = clock.monotonic()
    try:
        status, body = ask(target, probe)
    except (ClusterError, OSError) as error:
        return 0, clock.monotonic() - began, f"no answer: {shorten(error)}"
    seconds = clock.monotonic() - began
    return status, seconds, judge(probe, status, body, seconds)


def summary(results: Sequence[Result], probes: Sequence[Probe], what: str = "pod") -> str:
    """One sentence: all well, or the first thing that was not. `what` are the targets called."""
    count = len({result.pod for result in results})
    failed = [result for result in results if result.problem]
    if not failed:
        return f"{len(probes)} smoke test{_s(len(probes))} passed on {count} {what}{_s(count)}"
    more = f", and {len(failed) - 1} more" if len(failed) > 1 else ""
    first = failed[0]
    return f"Smoke test {first.test or first.path} failed on {what} {first.pod}: {first.problem}{more}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
