# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a check is judged: which judge, compared with whom, and by which margins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from .check import Counters, Gauge, Margins
from .judges.latency import LATENCY_MARGINS
from .kayenta.config import Analysis, Direction, parse_analysis
from .kayenta.fields import Fields
from .suggest import OptionError, nearest

JUDGES = ("kayenta", "latency", "sequential", "slo", "threshold")
COMPARING = ("kayenta", "latency", "sequential")  # that need another arm; slo uses one where there is one
WEIGHING = ("latency", "sequential", "slo")  # that may end a gate as soon as the evidence suffices
KEYS = ("judge", "baseline", "baseline_labels", "max_ratio", "promote_ratio", "analysis")


@dataclass(frozen=True, slots=True)
class Judging:
    """`baseline` is the arm that is compared with, "" for none, `given` what Kayenta's judge is told of the check."""

    judge: str
    baseline: str
    margins: Margins
    given: Fields

    @property
    def comparing(self) -> bool:
        return self.judge in COMPARING

    def analysis(self, measure: Counters | Gauge) -> Analysis:
        """More bad events are bad, fewer are not; of a value nobody knows. Raises OptionError."""
        usual = Direction.INCREASE if isinstance(measure, Counters) else Direction.EITHER
        return parse_analysis(self.given, usual)


def parse_judging(path: str, item: Mapping[str, Any], default: str, arms: Mapping[str, object]) -> Judging:
    """Raises OptionError."""
    judge = str(item.get("judge", default))
    if judge not in JUDGES:
        raise OptionError(f"{path}.judge is '{judge}'.{nearest(judge, JUDGES)}")
    if "analysis" in item and judge != "kayenta":
        raise OptionError(f"{path}.analysis is for the judge kayenta, but judge is '{judge}'. Leave one of them out.")
    for key in ("max_ratio", "promote_ratio"):
        if judge == "kayenta" and key in item:
            raise OptionError(f"{path}.{key} is no margin of the judge kayenta. Give analysis with effectSize.")
    given = Fields(item.get("analysis"), f"{path}.analysis")
    if judge == "threshold":
        for key in KEYS[1:]:
            if key in item:
                raise OptionError(f"{path}.{key} is given, but the judge threshold compares with nobody. Leave it out.")
        return Judging(judge, "", Margins(), given)
    usual = LATENCY_MARGINS if judge == "latency" else Margins()
    margins = Margins(
        _ratio(f"{path}.max_ratio", item.get("max_ratio", usual.max_ratio), 1.0),
        _ratio(f"{path}.promote_ratio", item.get("promote_ratio", usual.promote_ratio), 1.01),
    )
    baseline = str(item.get("baseline", "stable"))
    if "baseline" not in item and judge == "slo" and baseline not in arms:
        baseline = ""
    if baseline and baseline == str(item.get("arm", "canary")):
        raise OptionError(f"{path}.baseline is '{baseline}', the arm that is judged. Name the other one.")
    if baseline and baseline not in arms and "baseline_labels" not in item:
        raise OptionError(
            f"{path}.baseline is '{baseline}', which subject does not have.{nearest(baseline, arms)} Add it there, "
            f"such as subject: {{{baseline}: 'app=shop,version={baseline}'}}."
        )
    return Judging(judge, baseline, margins, given)


def _ratio(path: str, value: object, least: float) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = float("nan")
    if isinstance(value, bool) or not isfinite(number) or number < least:
        raise OptionError(f"{path} is {value!r}; it says how many times as often is still right, at least {least:g}.")
    return number
