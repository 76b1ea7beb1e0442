# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The option `canary_config`: a canary-config of Kayenta, by which all checks are judged together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .check import Check
from .judges.judge import Opinion
from .judges.kayenta import judge_canary
from .kayenta.config import CanaryConfig, parse_config
from .suggest import OptionError, nearest
from .watched import Watched


def parse_canary(params: Mapping[str, Any], checks: Sequence[Check]) -> CanaryConfig | None:
    """None without the option. Each metric needs a check of its name, and no check is of anything else.

    Raises OptionError.
    """
    if params.get("canary_config") is None:
        return None
    config = parse_config(params["canary_config"])
    names, metrics = [check.name for check in checks], [metric.name for metric in config.metrics]
    for number, check in enumerate(checks):
        if check.judge != "kayenta":
            raise OptionError(f"checks[{number}].judge is '{check.judge}', but canary_config is for the judge kayenta.")
        if check.dry_run:
            raise OptionError(
                f"checks[{number}].dry_run is no part of a canary_config. Set muted on its metric instead."
            )
        if check.name not in metrics:
            hint = nearest(check.name, metrics)
            raise OptionError(f"checks[{number}].name is '{check.name}', no metric of canary_config.{hint}")
    for number, name in enumerate(metrics):
        if name not in names:
            raise OptionError(
                f"canary_config.metrics[{number}].name is '{name}', but no check says how it is measured. Add a check "
                f"with name: {name}.{nearest(name, names)}"
            )
    return config


def analysed(checks: Sequence[Check], config: CanaryConfig | None) -> Sequence[Check]:
    """The checks with what the config says of each."""
    if config is None:
        return checks
    found = {metric.name: metric.analysis for metric in config.metrics}
    return [replace(check, analysis=found[check.name]) for check in checks]


def scoring(config: CanaryConfig | None) -> Callable[[Sequence[Watched]], Opinion] | None:
    """What is thought of all checks together; None without a config."""
    if config is None:
        return None

    def score(watched: Sequence[Watched]) -> Opinion:
        return judge_canary(config, {one.check.name: one.evidence for one in watched})[1]

    return score
