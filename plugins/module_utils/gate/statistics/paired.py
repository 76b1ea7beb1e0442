# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When too little is known of the dispersion: a t-test on minutes that may be looked at as often as one likes.

Each minute gives one difference of the two arms' rates, whatever the variance inside it. With n of them and
nu = n - 1, the Bayes factor of the unit-information prior against a mean of 0 is
log E = 1/2 log r + (nu + 1)/2 [log(1 + t2/nu) - log(1 + r t2/nu)], r = g / (g + n)
(Lindon, Ham, Tingley and Bojinov 2022, "Anytime-valid linear models and regression adjusted causal inference").
It is one-sided here: where t is not above 0 there is no evidence. A mean below 0 only moves t down, path by path, so
that the error at 0 bounds all of them. Exact for normal differences.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, log1p

PRIOR = 1.0  # g: the prior is worth one minute
MINUTE = 60.0


@dataclass(slots=True)
class PairedProcess:
    """Evidence that the mean of differences is above 0, from their number, mean and sum of squares about it."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0
    peak: float = 0.0

    def add(self, difference: float) -> None:
        """Welford's update (1962)."""
        self.count += 1
        step = difference - self.mean
        self.mean += step / self.count
        self.squares += step * (difference - self.mean)
        self.peak = max(self.peak, self.log_e)

    @property
    def log_e(self) -> float:
        """0 before there are two differences."""
        if self.count < 2:
            return 0.0
        if self.mean <= 0:
            return -inf
        degrees = self.count - 1
        r = PRIOR / (PRIOR + self.count)
        if self.squares <= 1e-18 * self.mean**2 * self.count:  # all the same, to the last digit
            return -0.5 * degrees * log(r)
        t2 = self.count * self.mean**2 * degrees / self.squares
        return 0.5 * log(r) + 0.5 * (degrees + 1) * (log1p(t2 / degrees) - log1p(r * t2 / degrees))
