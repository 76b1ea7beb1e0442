# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every judge by its name in the option `judge`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..check import Check
from ..statistics.assessment import Errors
from ..suggest import OptionError, nearest
from .judge import Judge
from .kayenta import Kayenta
from .latency import Latency
from .panel import Panel
from .sequential import Sequential
from .slo import Slo
from .threshold import Threshold

JUDGES: Mapping[str, Callable[[Check, Errors], Judge]] = {
    "kayenta": lambda check, _errors: Kayenta(check.analysis),
    "latency": lambda check, errors: Latency(check.margins, errors),
    "sequential": lambda check, errors: Sequential(check.margins, errors),
    "slo": lambda check, errors: Slo(check.margins, errors),
    "threshold": lambda _check, _errors: Threshold(),
}

# Judges that have an error rate of their own, whatever the gate's.
_APART = ("kayenta", "threshold")


def open_judges(checks: Sequence[Check], errors: Errors) -> Judge:
    """A judge of all checks. `errors` are those of the whole gate: the checks that may err at random, and decide,
    share them.

    Raises OptionError.
    """
    for check in checks:
        if check.judge not in JUDGES:
            raise OptionError(f"judge is '{check.judge}'.{nearest(check.judge, JUDGES)}")
    each = errors.shared(sum(check.judge not in _APART and not check.dry_run for check in checks))
    return Panel({check.name: JUDGES[check.judge](check, each) for check in checks})
