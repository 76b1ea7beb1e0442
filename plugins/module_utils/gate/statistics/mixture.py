# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mixtures of likelihood ratios: evidence that may be looked at as often as one likes.

Each component is a bet on one alternative; it starts at 1 and under the null hypothesis is not expected to grow. The
mean of the components has the same property, so that by Ville's inequality (1939) the chance that it ever reaches
1 / alpha is at most alpha, however often it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp, inf, log

from .special import log_mean_exp


def log_spaced(low: float, high: float, count: int) -> tuple[float, ...]:
    """`count` numbers from `low` to `high`, each the same multiple of the one before."""
    step = log(high / low) / (count - 1)
    return tuple(low * exp(step * place) for place in range(count))


@dataclass(slots=True)
class Mixture:
    """An e-process of equal weights. `logs` are the components' logarithms, `peak` the most that it ever was.

    Its whole state: what is kept elsewhere and put back goes on as if nothing had been.
    """

    logs: list[float]
    peak: float = 0.0
    _value: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._value = log_mean_exp(self.logs)

    @classmethod
    def of(cls, components: int) -> Mixture:
        return cls([0.0] * components)

    def add(self, gains: Iterable[float]) -> None:
        """Multiply each component by a factor, given by its logarithm."""
        self.logs = [one + gain for one, gain in zip(self.logs, gains, strict=True)]
        self._value = log_mean_exp(self.logs)
        self.peak = max(self.peak, self._value)

    @property
    def log_e(self) -> float:
        """The logarithm of the e-value now."""
        return self._value


def averaged(log_e: Sequence[float]) -> float:
    """The log e-value of several e-values of whatever dependence: their mean (Vovk and Wang 2021, section 3)."""
    return log_mean_exp(log_e) if log_e else -inf
