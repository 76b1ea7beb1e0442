# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a check is judged: which judge, compared with whom, and by which margins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from .check import Margins
from .judges.latency import LATENCY_MARGINS
from .suggest import OptionError, nearest

JUDGES = ("latency", "sequential", "slo", "threshold")
COMPARING = ("latency", "sequential")  # that need another arm; slo uses one where there is one
KEYS = ("judge", "baseline", "baseline_labels", "max_ratio", "promote_ratio")


@dataclass(frozen=True, slots=True)
class Judging:
    """`baseline` is the arm that is compared with, "" for none."""

    judge: str
    baseline: str
    margins: Margins

    @property
    def comparing(self) -> bool:
        return self.judge in COMPARING


def parse_judging(path: str, item: Mapping[str, Any], default: str, arms: Mapping[str, object]) -> Judging:
    """Raises OptionError."""
    judge = str(item.get("judge", default))
    if judge not in JUDGES:
        raise OptionError(f"{path}.judge is '{judge}'.{nearest(judge, JUDGES)}")
    if judge == "threshold":
        for key in KEYS[1:]:
            if key in item:
                raise OptionError(f"{path}.{key} is given, but the judge threshold compares with nobody. Leave it out.")
        return Judging(judge, "", Margins())
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
    return Judging(judge, baseline, margins)


def _ratio(path: str, value: object, least: float) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = float("nan")
    if isinstance(value, bool) or not isfinite(number) or number < least:
        raise OptionError(f"{path} is {value!r}; it says how many times as often is still right, at least {least:g}.")
    return number
