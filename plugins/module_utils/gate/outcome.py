# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The last words of a gate: what it found, and where traffic goes now."""

from __future__ import annotations

from .decision import Ending, Policy, fails
from .judges.judge import Verdict
from .text import seconds
from .verdict import GateResult

_WORDS = {Verdict.PASS: "Passed", Verdict.FAIL: "Failed", Verdict.INCONCLUSIVE: "Inconclusive"}


def message(result: GateResult, policy: Policy) -> tuple[bool, str]:
    """Whether the task fails, and the text for people."""
    ending = Ending(result.verdict, result.reason, result.error, paused=result.paused)
    failed = fails(ending, policy)
    first = "Paused" if result.paused else _WORDS[result.verdict]
    words = [f"{first} after {seconds(result.seconds)}: {result.reason.rstrip('.')}."]
    rollback = result.rollback
    if rollback is not None and rollback.done:
        words.append(f"The route is back at {rollback.split.describe()}.")
    elif rollback is not None:
        words.append(f"THE ROUTE IS NOT BACK at {rollback.split.describe()}.")
    elif failed and result.after:
        words.append("The split stays, because on_fail is not given.")
    if rollback is not None and rollback.error:
        words.append(rollback.error)
    return failed, " ".join(words)
