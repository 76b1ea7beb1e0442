# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a sequential test makes of the evidence so far: the numbers, the decision, and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import exp, isfinite, log
from typing import Any

from ..check import Events
from ..text import number, percent
from .dispersion import Dispersion


class Decision(str, Enum):
    """What follows. INCONCLUSIVE is what CONTINUE becomes when time is up."""

    ROLLBACK = "rollback"
    PROMOTE = "promote"
    CONTINUE = "continue"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Errors:
    """How often one check may be wrong: `alpha` to roll back a healthy release, `beta` to promote one at the margin."""

    alpha: float = 0.01
    beta: float = 0.05

    @property
    def rollback_at(self) -> float:
        """The log e-value at which it is rolled back."""
        return log(1.0 / self.alpha)

    @property
    def promote_at(self) -> float:
        """The log e-value at which it is promoted."""
        return log(1.0 / self.beta)

    def log_odds(self, components: int) -> float:
        """What an estimated dispersion has to be good for, if it divides mixtures of so many components."""
        return max(self.rollback_at, self.promote_at) + log(2 * components)

    def shared(self, checks: int) -> Errors:
        """For each of so many checks. Any may roll back, so they share alpha (Bonferroni); all must promote, so that
        a wrong promotion needs each of them to be wrong, and beta is not divided (Berger 1982).
        """
        return Errors(self.alpha / max(1, checks), self.beta)


@dataclass(frozen=True, slots=True)
class Assessment:
    """Evidence is the natural logarithm of an e-value: the greatest so far, in either direction.

    `ratio` is the canary's rate over the baseline's as observed, None where that says nothing. `needed` is how many
    more requests of the canary a healthy release is expected to need for promotion, None where that is not known.
    `reservation` is what a person must know about how it was judged, "" if nothing.
    """

    method: str
    errors: Errors
    log_e_rollback: float
    log_e_promote: float
    canary: Events
    baseline: Events | None
    ratio: float | None
    dispersion: Dispersion | None
    needed: float | None
    final: bool = False
    reservation: str = ""

    @property
    def decision(self) -> Decision:
        if self.log_e_rollback >= self.errors.rollback_at:
            return Decision.ROLLBACK
        if self.log_e_promote >= self.errors.promote_at:
            return Decision.PROMOTE
        return Decision.INCONCLUSIVE if self.final else Decision.CONTINUE

    def weight(self) -> str:
        """The evidence in words: `evidence against it 350 to 1, of 100 to 1 that suffice`."""
        if self.decision is Decision.ROLLBACK:
            return f"evidence against it {_odds(self.log_e_rollback)}, where {_odds(self.errors.rollback_at)} suffices"
        if self.decision is Decision.PROMOTE:
            return f"evidence for it {_odds(self.log_e_promote)}, where {_odds(self.errors.promote_at)} suffices"
        against = f"evidence against it {_odds(self.log_e_rollback)} of {_odds(self.errors.rollback_at)}"
        return f"{against}, for it {_odds(self.log_e_promote)} of {_odds(self.errors.promote_at)}"

    def more(self) -> str:
        """How much more traffic is needed, while there is no decision; else ""."""
        if self.decision in (Decision.ROLLBACK, Decision.PROMOTE) or self.needed is None:
            return ""
        if not isfinite(self.needed):
            return "no amount of traffic like this will decide it"
        return f"a healthy release needs about {_rounded(self.needed)} more requests"

    def as_dict(self) -> dict[str, Any]:
        pairs: dict[str, Any] = {
            "method": self.method,
            "decision": self.decision.value,
            "log_e_rollback": _plain(self.log_e_rollback),
            "log_e_promote": _plain(self.log_e_promote),
            "rollback_at": _plain(self.errors.rollback_at),
            "promote_at": _plain(self.errors.promote_at),
            "alpha": self.errors.alpha,
            "beta": self.errors.beta,
            "canary": self.canary._asdict(),
            "baseline": self.baseline._asdict() if self.baseline else None,
            "ratio": None if self.ratio is None else _plain(self.ratio),
            "requests_needed": None if self.needed is None else _plain(self.needed),
            "reservation": self.reservation,
        }
        phi = self.dispersion
        return pairs | {
            "dispersion": None if phi is None else round(phi.value, 4),
            "dispersion_origin": "" if phi is None else phi.origin,
        }


def counted(events: Events, verb: str) -> str:
    """`32 of 1000 requests (3.2 %) failed`."""
    share = f" ({percent(events.rate)})" if events.bad else ""
    return f"{number(events.bad)} of {number(events.total)} requests{share} {verb}"


def _odds(log_e: float) -> str:
    """`350 to 1`; an e-value below 1 is no evidence."""
    if log_e > log(1e6):
        return "over a million to 1"
    value = exp(max(0.0, log_e))
    return f"{value:.0f} to 1" if value >= 9.95 else f"{value:.1f} to 1"


def _rounded(count: float) -> str:
    """Two digits of an estimate are enough."""
    return number(float(f"{count:.2g}"))


def _plain(value: float) -> float | None:
    """JSON has no infinity."""
    return round(value, 6) if isfinite(value) else None
