# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts that were measured say together, each row with as many runs as it really had."""

from __future__ import annotations

from typing import Any

from scipy.stats import beta

from tests.bench_gate.kept import Found, Kept
from tests.bench_gate.measures import ALPHA, BETA, MARGINS
from tests.bench_gate.scenarios import AT_MARGIN, HEALTHY, REPORTED


def upper95(events: int, runs: int) -> float:
    """The upper end of a one-sided 95 % interval for a share (Clopper and Pearson 1934)."""
    return 1.0 if events == runs else float(beta.ppf(0.95, events + 1, runs - events))


def report(kept: Kept) -> dict[str, Any]:
    """Needs at least one scenario of healthy releases."""
    nulls = [_null(name, parts) for name, parts in (kept.of("null") | kept.of("latency null")).items()]
    claimed = [one for one in nulls if one["scenario"] not in REPORTED]
    worst = max(claimed, key=lambda one: float(one["false_alarm_upper95"]))
    passes = kept.of("pass").get(HEALTHY.name, [{}])[0]
    return {
        "runs": max(one["runs"] for one in nulls),
        "seed": kept.seed,
        "alpha": ALPHA,
        "beta": BETA,
        "max_ratio": MARGINS.max_ratio,
        "promote_ratio": MARGINS.promote_ratio,
        "worst_scenario": worst["scenario"],
        "false_alarm_rate": worst["false_alarm_rate"],
        "false_alarm_upper95": worst["false_alarm_upper95"],
        "scenarios": nulls,
        "detection": _rows(kept, "detection"),
        "detection_in_bursts": _rows(kept, "detection in bursts"),
        "latency": _rows(kept, "latency"),
        "promote": {"healthy_median_min": None} | passes | _wrong(kept.of("wrong pass").get(AT_MARGIN.name, [])),
        **kept.of("cost").get("look", [{}])[0],
    }


def summary(kept: Kept) -> dict[str, Any]:
    """What another seed has given, in short."""
    found = report(kept)
    return {key: found[key] for key in ("seed", "runs", "worst_scenario", "false_alarm_rate", "false_alarm_upper95",
                                        "detection", "promote")}  # fmt: skip


def _rows(kept: Kept, section: str) -> list[Found]:
    return [parts[0] for parts in kept.of(section).values()]


def _null(name: str, parts: list[Found]) -> Found:
    alarms, runs = (sum(part[key] for part in parts) for key in ("alarms", "runs"))
    first = {key: value for key, value in parts[0].items() if key not in ("alarms", "runs", "looks")}
    return {
        "scenario": name,
        "looks": parts[0]["looks"],
        "runs": runs,
        "false_alarm_rate": alarms / runs,
        "false_alarm_upper95": upper95(alarms, runs),
        **first,
    }


def _wrong(parts: list[Found]) -> Found:
    wrong, runs = (sum(part[key] for part in parts) for key in ("wrong", "runs"))
    if not runs:
        return {"wrong_pass_rate": None, "wrong_pass_upper95": None, "wrong_pass_runs": 0}
    return {"wrong_pass_rate": wrong / runs, "wrong_pass_upper95": upper95(wrong, runs), "wrong_pass_runs": runs}
