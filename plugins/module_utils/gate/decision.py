# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what is thought of each check to what becomes of the gate: pure, and in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from .check import Counters
from .foresight.spans import span
from .judges.judge import Opinion, Verdict
from .watched import Watched


@dataclass(frozen=True, slots=True)
class Policy:
    """What is done about outcomes: `patience` is how many looks in a row may be without an answer.

    `undecided` is what becomes of a gate whose time is up while its evidence suffices for neither side: pass, fail, or
    pause, which is to go on looking until it does, or until a person says so.
    """

    patience: int = 5
    inconclusive_fails: bool = True
    pods_fail: bool = True
    undecided: str = "fail"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a gate came to its end. `error` is a word when it was not by its own judgement.

    `undecided`: there are data, and they do not suffice. `shared`: they show an incident of both arms. `paused`: it is
    no end, but somebody else tells people before it goes on.
    """

    verdict: Verdict
    reason: str
    error: str = ""
    undecided: bool = False
    shared: bool = False
    paused: bool = False


def decide(
    watched: Sequence[Watched], policy: Policy, faults: str, *, final: bool, score: Opinion | None = None
) -> Ending | None:
    """None to go on. A failure outweighs what cannot be said, which outweighs all that is good.

    A `score` of all checks together stands in the place of what is thought of each. Dry runs are left out.
    """
    deciding = [one for one in watched if not one.check.dry_run]
    failing = _failing(deciding, faults if policy.pods_fail else "", final, scored=score is not None)
    if failing:
        return Ending(Verdict.FAIL, "; ".join(failing))
    unanswered = _unanswered(deciding, policy.patience)
    if unanswered:
        return Ending(Verdict.INCONCLUSIVE, "; ".join(unanswered))
    if score is not None:
        return Ending(score.verdict, score.reason, undecided=score.verdict is Verdict.INCONCLUSIVE)
    unclear = [one for one in deciding if one.opinion.verdict not in (Verdict.PASS, Verdict.FAIL)]
    if final and unclear:
        return _unclear(unclear)
    if final or (deciding and all(one.opinion.verdict is Verdict.PASS for one in deciding)):
        return Ending(Verdict.PASS, "; ".join(map(_passing, deciding)) or "all checks are dry runs")
    return None


def fails(ending: Ending, policy: Policy) -> bool:
    """Whether traffic is taken back and the task fails."""
    if ending.paused:
        return False
    if ending.verdict is Verdict.INCONCLUSIVE and ending.undecided and not ending.error:
        return policy.undecided != "pass"
    unclear = ending.verdict is Verdict.INCONCLUSIVE and (policy.inconclusive_fails or bool(ending.error))
    return ending.verdict is Verdict.FAIL or unclear


def _failing(watched: Sequence[Watched], faults: str, final: bool, *, scored: bool) -> list[str]:
    found = [faults] if faults else []
    for one in watched:
        # A share over the whole gate that is too large at its end is no passing weakness of a look.
        whole = final and isinstance(one.measure, Counters)
        if one.opinion.verdict is Verdict.FAIL and (whole or one.failed) and not scored:
            found.append(f"{one.check.name}: {one.opinion.reason}{one.describe_failing()}")
        elif one.check.on_no_data == "fail" and _silent(one, final):
            found.append(f"{one.check.name}: {_missing(one)}")
    return found


def _unanswered(watched: Sequence[Watched], patience: int) -> list[str]:
    """Checks that got no answer too often in a row, or no data where that is not to be waited for."""
    troubled = [one for one in watched if one.evidence.errors >= patience]
    reasons = {one.evidence.latest.error for one in troubled if one.evidence.latest}
    if troubled and len(troubled) == len(watched) and len(reasons) == 1:
        return [f"there were no measurements in {patience} looks in a row: {reasons.pop()}"]
    found = [f"{one.check.name}: {_missing(one)}" for one in troubled]
    silent = [one for one in watched if one.check.on_no_data == "inconclusive" and one.evidence.gaps >= patience]
    return found + [f"{one.check.name}: {_missing(one)}" for one in silent]


def _silent(one: Watched, final: bool) -> bool:
    latest = one.evidence.latest
    return one.evidence.gaps >= one.patience or (final and latest is not None and bool(latest.gap))


def _unclear(unclear: Sequence[Watched]) -> Ending:
    """What is without data, or without one request, is not undecided: nothing speaks for it at all."""
    said = "; ".join(f"{one.check.name}: {_missing(one) or one.opinion.reason}{_in_time(one)}" for one in unclear)
    undecided = not any(_missing(one) or _idle(one) for one in unclear)
    shared = undecided and any(one.opinion.shared for one in unclear)
    return Ending(Verdict.INCONCLUSIVE, said, undecided=undecided, shared=shared)


def _in_time(one: Watched) -> str:
    """How long the traffic that is still needed takes to come, if it comes as it did; "" where that is not known."""
    found, looks = one.opinion.assessment, one.evidence.looks
    if found is None or not found.needed or not isfinite(found.needed) or len(looks) < 2 or not found.canary.total:
        return ""
    seconds = (looks[-1].at - looks[0].at) * len(looks) / (len(looks) - 1)
    return f" (that is {span(found.needed / found.canary.total * seconds)} at this traffic)" if seconds > 0 else ""


def _idle(one: Watched) -> bool:
    return isinstance(one.measure, Counters) and one.evidence.events.total == 0


def _missing(one: Watched) -> str:
    """Why there are no data now, and since how many looks; "" if there are."""
    latest = one.evidence.latest
    if latest is None or latest.has_data:
        return ""
    looks = one.evidence.errors if latest.error else one.evidence.gaps
    ever = "" if one.evidence.count else ", as in all before"
    what = f"no answer: {latest.error}" if latest.error else f"no data: {latest.gap}"
    return f"{what} ({'the last look' if looks == 1 else f'the last {looks} looks'}{ever})"


def _passing(one: Watched) -> str:
    weak = f"{one.describe_failing()}" if one.opinion.verdict is Verdict.FAIL else ""
    return f"{one.check.name}: {one.opinion.reason}{weak}"
