# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench-gate`: how often the gate's judges are wrong, and how fast they are right, beside others.

Each scenario has its own seed, made of SEED and its name, so that it gives the same figures alone and among others.
"""

from __future__ import annotations

import argparse
import json
import time
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Margins
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.latency import LATENCY_MARGINS
from scipy.stats import beta as beta_distribution

from tests.bench_gate import latency, peers, slipway
from tests.bench_gate.cost import judge_ms_per_look
from tests.bench_gate.plots import pictures
from tests.bench_gate.scenarios import (
    AT_MARGIN,
    BURSTS,
    CELLS,
    HEALTHY,
    LATENCY_CELLS,
    LATENCY_NULLS,
    NULLS,
    REPORTED,
)
from tests.bench_gate.streams import PER_MINUTE, Array, Counts, Random, Scenario, before, simulate
from tests.bench_gate.tables import insert

SEED = 20260101
ALPHA, BETA = 0.01, 0.05
MARGINS = Margins()
NO_MARGIN = Margins(max_ratio=1.0)  # as Kayenta's default, for like to be compared with like
CHUNK = 1000  # runs at a time: memory
KAYENTA_RUNS = 300  # its rank test of all pairs is dear
OUT = Path("build/bench-gate.json")


def seeded(name: str) -> Random:
    return np.random.default_rng([SEED, zlib.crc32(name.encode())])


def upper95(events: int, runs: int) -> float:
    """The upper end of a one-sided 95 % interval for a share (Clopper and Pearson 1934)."""
    return 1.0 if events == runs else float(beta_distribution.ppf(0.95, events + 1, runs - events))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-gate", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="of each healthy release; regressions get a tenth")
    chosen = parser.parse_args()
    begun = time.monotonic()
    report = measure(chosen.runs)
    report["seconds"] = round(time.monotonic() - begun)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(report, indent=1) + "\n")
    pictures(report, Path("docs"))
    insert(report, Path("docs/gate.md"))
    print(f"written to {OUT} after {report['seconds']} s")
    return 0


def measure(runs: int) -> dict[str, Any]:
    nulls = [said(_null(one, runs)) for one in NULLS] + [
        said(_latency_null(one, max(100, runs // 20))) for one in LATENCY_NULLS
    ]
    worst = max((one for one in nulls if one["scenario"] not in REPORTED), key=lambda one: one["false_alarm_upper95"])
    some = max(200, runs // 10)
    return {
        "runs": runs,
        "seed": SEED,
        "alpha": ALPHA,
        "beta": BETA,
        "max_ratio": MARGINS.max_ratio,
        "promote_ratio": MARGINS.promote_ratio,
        "worst_scenario": worst["scenario"],
        "false_alarm_rate": worst["false_alarm_rate"],
        "false_alarm_upper95": worst["false_alarm_upper95"],
        "scenarios": nulls,
        "detection": [said(_detection(one, some)) for one in CELLS],
        "detection_in_bursts": [said(_detection(one, some)) for one in BURSTS],
        "latency": [said(_latency(one, min(some, 40 if one.native else 100))) for one in LATENCY_CELLS],
        "promote": said(_promote(some, runs)),
        "judge_ms_per_look": judge_ms_per_look(),
    }


def said(found: dict[str, Any]) -> dict[str, Any]:
    print(json.dumps(found), flush=True)
    return found


def _drawn(scenario: Scenario, runs: int, random: Random) -> tuple[Counts, Array]:
    """Counts and the dispersion that the real judge takes from the history; never without one here."""
    phi = slipway.dispersions(*before(scenario, runs, random))
    if np.isnan(phi).any():
        phi = np.where(np.isnan(phi), np.nanmax(phi), phi)
    return simulate(scenario, runs, random), phi


def _null(scenario: Scenario, runs: int) -> dict[str, Any]:
    random = seeded(scenario.name)
    alarms = plain = usual = first_runs = done = 0
    others = {"kayenta": 0, "lindon_malek": 0, "threshold_1_percent": 0}
    other_runs = 0
    while done < runs:
        size = min(CHUNK, runs - done)
        counts, phi = _drawn(scenario, size, random)
        # At the very margin, which is the worst that a healthy release can be.
        edge = Margins(max_ratio=scenario.ratio)
        alarms, done = alarms + _count(slipway.judged(counts, phi, edge, ALPHA, BETA)[0]), done + size
        if other_runs < KAYENTA_RUNS:
            plain += _count(slipway.judged(counts, np.ones(size), edge, ALPHA, BETA)[0])
            usual += _count(slipway.judged(counts, phi, MARGINS, ALPHA, BETA)[0])
            first_runs += size
            few = _head(counts, KAYENTA_RUNS - other_runs, 60 * PER_MINUTE)
            minutes = few.minutes()
            others["kayenta"] += _count(peers.kayenta(minutes))
            others["lindon_malek"] += _count(peers.lindon_malek(few, scenario.weight))
            others["threshold_1_percent"] += _count(peers.threshold(minutes, 0.01, 5))
            other_runs += len(few.bad)
    rates = {f"{name}_false_alarm_rate": count / other_runs for name, count in others.items()}
    return {
        "scenario": scenario.name,
        "looks": scenario.looks,
        "runs": runs,
        "false_alarm_rate": alarms / runs,
        "false_alarm_upper95": upper95(alarms, runs),
        "without_dispersion": plain / first_runs,
        "at_default_margin": usual / first_runs,
        **rates,
    }


def _detection(scenario: Scenario, runs: int) -> dict[str, Any]:
    random = seeded(f"{scenario.name} {scenario.weight} {scenario.rps}")
    counts, phi = _drawn(scenario, runs, random)
    healthy = simulate(_healthy(scenario), runs, random)
    back, _on = slipway.judged(counts, phi, NO_MARGIN, ALPHA, BETA)
    margin, _on = slipway.judged(counts, phi, MARGINS, ALPHA, BETA)
    few = _head(counts, KAYENTA_RUNS, counts.bad.shape[1])
    minutes = few.minutes()
    worse = scenario.base * scenario.ratio
    kayenta = peers.kayenta(minutes)
    return {
        "from": scenario.base,
        "to": worse,
        "weight": scenario.weight,
        "rps": scenario.rps,
        "burst": scenario.burst,
        "slipway_min": _median(back / PER_MINUTE),
        "slipway_found": _share(back),
        "slipway_default_margin_min": _median(margin / PER_MINUTE),
        "slipway_default_margin_found": _share(margin),
        "kayenta_min": _median(kayenta),
        "kayenta_found": _share(kayenta),
        "kayenta_15s_min": _median(peers.kayenta(_head(few, 100, 60)) / PER_MINUTE),
        "sprt_min": _median(peers.sprt(counts, scenario.ratio) / PER_MINUTE),
        "lindon_malek_min": _median(peers.lindon_malek(counts, scenario.weight) / PER_MINUTE),
        "calibrated_threshold_min": _median(peers.calibrated(healthy.minutes(), counts.minutes())),
        "calibrated_threshold_15s_min": _median(peers.calibrated(healthy, counts) / PER_MINUTE),
        "runs": runs,
        "kayenta_runs": len(few.bad),
    }


def _healthy(scenario: Scenario) -> Scenario:
    return replace(scenario, ratio=1.0)


def _promote(some: int, runs: int) -> dict[str, Any]:
    counts, phi = _drawn(HEALTHY, some, seeded(HEALTHY.name))
    _back, on = slipway.judged(counts, phi, MARGINS, ALPHA, BETA)
    wrong, done, random = 0, 0, seeded(AT_MARGIN.name)
    while done < runs:
        size = min(CHUNK, runs - done)
        bad, phi = _drawn(AT_MARGIN, size, random)
        _back, passed = slipway.judged(bad, phi, MARGINS, ALPHA, BETA)
        wrong, done = wrong + _count(passed), done + size
    return {
        "healthy_median_min": _median(on / PER_MINUTE),
        "healthy_promoted": _share(on),
        "wrong_pass_rate": wrong / runs,
        "wrong_pass_upper95": upper95(wrong, runs),
    }


def _latency_null(case: latency.Case, runs: int) -> dict[str, Any]:
    random = seeded(f"latency {case.name}")
    alarms = done = 0
    while done < runs:
        size = min(100, runs - done)
        alarms += _count(latency.slipway(case, latency.simulate(case, size, random)))
        done += size
    return {
        "scenario": f"latency, {case.name}",
        "looks": case.looks,
        "runs": runs,
        "false_alarm_rate": alarms / runs,
        "false_alarm_upper95": upper95(alarms, runs),
    }


def _latency(case: latency.Case, runs: int) -> dict[str, Any]:
    times = latency.simulate(case, runs, seeded(f"latency {case.name} {case.weight}"))
    found, kayenta = latency.slipway(case, times), latency.kayenta(case, times)
    margin = latency.slipway(replace(case, max_ratio=LATENCY_MARGINS.max_ratio), times)
    return {
        "case": case.name,
        "runs": runs,
        "weight": case.weight,
        "rps": case.rps,
        "slipway_min": _median(found / PER_MINUTE),
        "slipway_found": _share(found),
        "slipway_default_margin_min": _median(margin / PER_MINUTE),
        "kayenta_min": _median(kayenta),
        "kayenta_found": _share(kayenta),
    }


def _head(counts: Counts, runs: int, looks: int) -> Counts:
    return Counts(*(one[:runs, :looks] for one in (counts.bad, counts.total, counts.other_bad, counts.other_total)))


def _count(found: Array) -> int:
    return int(np.isfinite(found).sum())


def _share(found: Array) -> float:
    return round(float(np.isfinite(found).mean()), 4)


def _median(found: Array) -> float | None:
    """None where fewer than half are found."""
    value = float(np.median(found))
    return round(value, 3) if np.isfinite(value) else None


if __name__ == "__main__":
    raise SystemExit(main())
