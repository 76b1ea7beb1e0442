# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An end before time is up: once all evidence that is weighed suffices, what has fixed limits is taken as it is."""

from __future__ import annotations

from collections.abc import Sequence

from .judge_options import WEIGHING
from .judges.judge import Judge, Verdict
from .watched import Watched


def settle(watched: Sequence[Watched], judge: Judge) -> None:
    """Ask the judges of fixed limits for their last word, if nothing else is left to wait for.

    A limit alone never ends a gate early by passing: it would pass at the first look.
    """
    deciding = [one for one in watched if not one.check.dry_run]
    weighed = [one for one in deciding if one.check.judge in WEIGHING]
    limits = [one for one in deciding if one.check.judge == "threshold"]
    if not weighed or not limits or len(weighed) + len(limits) < len(deciding):
        return
    if all(one.opinion.verdict is Verdict.PASS for one in weighed):
        for one in limits:
            last = judge.opinion(one.check, one.evidence, final=True)
            if last.verdict is Verdict.PASS:
                one.opinion = last
