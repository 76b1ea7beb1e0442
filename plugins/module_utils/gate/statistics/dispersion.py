# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much more the baseline's counts vary than independent requests would: the dispersion phi.

Failures come in bursts: a client tries again, a dependency falters. A test that takes each failure for one of its own
then has several times the false alarms that it states. So evidence is divided by phi, estimated from the baseline by
Pearson's X2 over its degrees of freedom m (Wedderburn 1974; McCullagh and Nelder 1989, section 4.5), times what makes
up for its being an estimate, and never by less than 1. Evidence that is divided by k X2/m reaches L = log(1/alpha)
with probability at most E exp(-L k X2 / (m phi)) by Ville's inequality; if X2/phi is chi-square, that is
(1 + 2 k L / m)^(-m/2), which is alpha for k = (exp(2L/m) - 1) m / (2L). So the error of the estimate is inside alpha,
as Student (1908) has it for the mean, and where much is known, next to nothing is paid. That the dispersion stays as it
was, and that X2 is chi-square, is a quasi-likelihood: measured by simulation, not exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import expm1, log
from typing import NamedTuple

from ..check import Events
from ..evidence import add
from .special import chi_square_quantile

# A larger variation of whole minutes is taken for chance up to this level.
LEVEL = 0.05
# Below this the estimate counts ten times and more, and the paired test is the quicker one.
LEAST_DEGREES = 4
# log(2 components / alpha) of one check at the usual alpha.
LOG_ODDS = log(2 * 12 / 0.01)
# A cell expects so many bad events at least; smaller ones are put together, as Cochran (1954) has it for many cells.
LEAST_EXPECTED = 1.0

Variance = Callable[[float], float]


def bernoulli(share: float) -> float:
    """The variance of one event that is bad with this probability."""
    return share * (1.0 - share)


class Pearson(NamedTuple):
    """X2, its degrees of freedom, and the variance of all events that it is made of (of rare ones, their number)."""

    statistic: float = 0.0
    degrees: int = 0
    events: float = 0.0

    @property
    def phi(self) -> float:
        """The estimate, at least 1. Needs a degree of freedom."""
        return max(1.0, self.statistic / self.degrees)

    @property
    def known(self) -> float:
        """Degrees of freedom of the chi-square variable that varies as much as X2 does (Satterthwaite 1946).

        Few large bursts tell less than many cells do. Of Poisson many bursts of geometric size, whose mean is then
        (phi + 1) / 2, the estimate's squared coefficient of variation is 2/m + (phi - 1/phi) / events, by the first
        four cumulants and the delta method, since the share is estimated as well.
        """
        if self.degrees < 1 or self.events <= 0:
            return 0.0
        return 1.0 / (1.0 / self.degrees + (self.phi - 1.0 / self.phi) / (2.0 * self.events))

    def divisor(self, log_odds: float) -> float:
        """What to divide evidence by, if it decides at `log_odds`. At least 1."""
        return max(1.0, self.statistic / self.degrees * uncertainty(self.known, log_odds))


def uncertainty(degrees: float, log_odds: float) -> float:
    """How many times an estimate of phi with so many degrees of freedom counts: 1 if it were known."""
    part = 2.0 * log_odds / degrees
    return expm1(part) / part


@dataclass(frozen=True, slots=True)
class Dispersion:
    """What evidence is divided by, the degrees of freedom, and in words for people what it was estimated from."""

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
    cells: Sequence[Mapping[str, Events]],
    per_minute: int = 1,
    variance: Variance = bernoulli,
    log_odds: float = LOG_ODDS,
) -> Dispersion | None:
    """Phi from what the baseline's pods have counted, in so many cells per minute; None where there is too little.

    It is that of all cells of all pods. What lasts longer than a cell, or befalls all pods of an arm at once, shows
    between minutes only; so where minutes clearly vary more than cells do, phi is not less than theirs. `log_odds` is
    log(2n / alpha) for a mixture of n components: if phi is too small by a factor r, the chance of an error is at most
    alpha^r n^(1-r) below 1 and alpha^r above, which over all histories comes to 1.08 alpha at most.
    """
    sums = [add(cell.values()) for cell in cells]
    minutes = [add(sums[place : place + per_minute]) for place in range(0, len(sums), per_minute)]
    whole, fine = over_time(minutes, variance), over_pods(cells, variance)
    if whole.degrees < LEAST_DEGREES or fine.known < LEAST_DEGREES:
        return None
    pods = len({pod for cell in cells for pod in cell})
    origin = f"{len(minutes)} min of {pods} pod{'s' if pods > 1 else ''} of the baseline"
    usual = fine.phi * chi_square_quantile(1.0 - LEVEL, whole.degrees)
    clear = whole.statistic > usual
    if clear and whole.known < LEAST_DEGREES:
        return None
    least = whole.divisor(log_odds) if clear else 1.0
    return Dispersion(max(fine.divisor(log_odds), least), fine.degrees, origin)


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
    statistic = sum((cell.bad - cell.total * share) ** 2 / (cell.total * spread) for cell in cells)
    return Pearson(statistic, len(cells) - 1, sum(cell.total for cell in cells) * spread)


def _share(cells: Iterable[Events]) -> float:
    return add(cells).rate
