# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much more the baseline's counts vary than independent requests would: the dispersion phi.

Failures come in bursts: a client tries again, a dependency falters. A test that takes each failure for one of its own
then has several times the false alarms that it states. So evidence is divided by phi, estimated from the baseline by
Pearson's X2 over its degrees of freedom (Wedderburn 1974; McCullagh and Nelder 1989, section 4.5), and not by the
estimate but by the upper end of a one-sided 95 % interval, X2 / chi2(0.05, degrees), and never by less than 1. This is
a quasi-likelihood: measured by simulation, not exact. To divide by more than is due costs time, never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..check import Events
from ..evidence import add
from .special import chi_square_quantile

LEVEL = 0.05
# Below this the bound is more than 5.6 times the estimate, and the paired test is the quicker one.
LEAST_DEGREES = 4
# A cell expects so many bad events at least; smaller ones are put together, as Cochran (1954) has it for many cells.
LEAST_EXPECTED = 1.0

Variance = Callable[[float], float]


def bernoulli(share: float) -> float:
    """The variance of one event that is bad with this probability."""
    return share * (1.0 - share)


class Pearson(NamedTuple):
    """X2 and its degrees of freedom. Sums of independent ones are again such."""

    statistic: float = 0.0
    degrees: int = 0

    def upper(self) -> float:
        """The upper bound of phi, at least 1. Needs a degree of freedom."""
        return max(1.0, self.statistic / chi_square_quantile(LEVEL, self.degrees))


@dataclass(frozen=True, slots=True)
class Dispersion:
    """phi, with its degrees of freedom and, in words for people, what it was estimated from."""

    value: float
    degrees: int
    origin: str


def over_time(cells: Iterable[Events], variance: Variance = bernoulli) -> Pearson:
    """Between one minute and the next. Drift and incidents count as dispersion, which is the safe side."""
    known = [cell for cell in cells if cell.total > 0]
    return _pearson(_merged(known, variance(_share(known))), variance)


def over_pods(cells: Sequence[Mapping[str, Events]], variance: Variance = bernoulli) -> Pearson:
    """Between all moments of all pods: many cells, and so a narrow bound."""
    pods = sorted({pod for cell in cells for pod in cell})
    spread = variance(_share(events for cell in cells for events in cell.values()))
    known = [[cell[pod] for cell in cells if pod in cell and cell[pod].total > 0] for pod in pods]
    return _pearson([part for own in known for part in _merged(own, spread)], variance)


def estimate(
    cells: Sequence[Mapping[str, Events]], per_minute: int = 1, variance: Variance = bernoulli
) -> Dispersion | None:
    """Phi from what the baseline's pods have counted, in so many cells per minute; None where there is too little.

    The bound is that of all cells of all pods. What lasts longer than a cell, or befalls all pods of an arm at once,
    shows between minutes only; so where minutes clearly vary more than cells do, phi is not less than their bound.
    """
    sums = [add(cell.values()) for cell in cells]
    minutes = [add(sums[place : place + per_minute]) for place in range(0, len(sums), per_minute)]
    whole, fine = over_time(minutes, variance), over_pods(cells, variance)
    if whole.degrees < LEAST_DEGREES or fine.degrees < LEAST_DEGREES:
        return None
    pods = len({pod for cell in cells for pod in cell})
    origin = f"{len(minutes)} min of {pods} pod{'s' if pods > 1 else ''} of the baseline"
    usual = max(1.0, fine.statistic / fine.degrees) * chi_square_quantile(1.0 - LEVEL, whole.degrees)
    least = whole.upper() if whole.statistic > usual else 1.0
    return Dispersion(max(fine.upper(), least), fine.degrees, origin)


def _merged(cells: Sequence[Events], spread: float) -> list[Events]:
    """Neighbours put together until each expects enough; what is left over goes to the last."""
    found: list[Events] = []
    bad = total = 0.0
    for cell in cells:
        bad, total = bad + cell.bad, total + cell.total
        if total * spread >= LEAST_EXPECTED:
            found.append(Events(bad, total))
            bad = total = 0.0
    if total > 0 and found:
        found[-1] = Events(found[-1].bad + bad, found[-1].total + total)
    return found


def _pearson(cells: Sequence[Events], variance: Variance) -> Pearson:
    share = _share(cells)
    spread = variance(share)
    if len(cells) < 2 or spread <= 0:
        return Pearson()
    return Pearson(sum((cell.bad - cell.total * share) ** 2 / (cell.total * spread) for cell in cells), len(cells) - 1)


def _share(cells: Iterable[Events]) -> float:
    return add(cells).rate
