# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured: false alarms, times until a regression is found, times until a healthy release passes.

Each part has its own seed, made of the bench's, its name and its number, so that it gives the same figures alone and
among others.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Margins
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.latency import LATENCY_MARGINS

from tests.bench_gate import latency, peers, slipway
from tests.bench_gate.cost import costs
from tests.bench_gate.kept import Found, Job
from tests.bench_gate.scenarios import AT_MARGIN, BURSTS, CELLS, HEALTHY, LATENCY_CELLS, LATENCY_NULLS, NULLS
from tests.bench_gate.streams import PER_MINUTE, Array, Counts, Random, Scenario, before, simulate

Case = TypeVar("Case", Scenario, latency.Case)

ALPHA, BETA = 0.01, 0.05
MARGINS = Margins()
NO_MARGIN = Margins(max_ratio=1.0)  # as Kayenta's default, for like to be compared with like
CHUNK, LATENCY_CHUNK = 1000, 100  # runs at a time: memory, and what a cut may lose
KAYENTA_RUNS = 1000  # its rank test of all pairs is dear


@dataclass(frozen=True, slots=True)
class Bench:
    """`runs` of each healthy release, a tenth of each regression."""

    runs: int
    seed: int

    def jobs(self) -> Iterator[Job]:
        """What healthy releases suffer comes first, of all scenarios the first part before the second of any."""
        for number, size in enumerate(_sizes(self.runs, CHUNK)):
            for one in NULLS:
                yield Job("null", one.name, number, self._part(_null, one, one.name, number, size))
            yield Job("wrong pass", AT_MARGIN.name, number,
                      self._part(_wrong_pass, AT_MARGIN, AT_MARGIN.name, number, size))  # fmt: skip
        some = max(200, self.runs // 10)
        yield Job("pass", HEALTHY.name, 0, self._part(_pass, HEALTHY, HEALTHY.name, 0, some))
        for section, cells in (("detection", CELLS), ("detection in bursts", BURSTS)):
            for one in cells:
                name = f"{one.name} {one.weight} {one.rps}"
                yield Job(section, name, 0, self._part(_detection, one, name, 0, some))
        yield Job("cost", "look", 0, costs)
        for case in LATENCY_CELLS:
            name = f"latency {case.name} {case.weight}"
            yield Job("latency", name, 0, self._part(_latency, case, name, 0, min(some, 400)))
        for number, size in enumerate(_sizes(self.runs, LATENCY_CHUNK)):
            for case in LATENCY_NULLS:
                name = f"latency, {case.name}"
                yield Job("latency null", name, number, self._part(_latency_null, case, name, number, size))

    def _part(
        self, measure: Callable[[Case, int, Random, bool], Found], of: Case, name: str, number: int, size: int
    ) -> Callable[[], Found]:
        return lambda: measure(of, size, seeded(self.seed, name, number), number == 0) | {"runs": size}


def seeded(seed: int, name: str, number: int) -> Random:
    return np.random.default_rng([seed, zlib.crc32(name.encode()), number])


def _sizes(runs: int, chunk: int) -> list[int]:
    return [min(chunk, runs - done) for done in range(0, runs, chunk)]


def _drawn(scenario: Scenario, runs: int, random: Random) -> tuple[Counts, Array]:
    """Counts and the dispersion that the real judge takes from the history; never without one here."""
    phi = slipway.dispersions(*before(scenario, runs, random))
    if np.isnan(phi).any():
        phi = np.where(np.isnan(phi), np.nanmax(phi), phi)
    return simulate(scenario, runs, random), phi


def _null(scenario: Scenario, runs: int, random: Random, first: bool) -> Found:
    """At the very margin, which is the worst that a healthy release can be. What is dear of the first part only."""
    counts, phi = _drawn(scenario, runs, random)
    edge = Margins(max_ratio=scenario.ratio)
    found: Found = {"looks": scenario.looks, "alarms": _count(slipway.judged(counts, phi, edge, ALPHA, BETA)[0])}
    if not first:
        return found
    few = _head(counts, KAYENTA_RUNS, 60 * PER_MINUTE)
    minutes = few.minutes()
    return found | {
        "without_dispersion": _share(slipway.judged(counts, np.ones(runs), edge, ALPHA, BETA)[0]),
        "at_default_margin": _share(slipway.judged(counts, phi, MARGINS, ALPHA, BETA)[0]),
        "kayenta_false_alarm_rate": _share(peers.kayenta(minutes)),
        "lindon_malek_false_alarm_rate": _share(peers.lindon_malek(few, scenario.weight)),
        "threshold_1_percent_false_alarm_rate": _share(peers.threshold(minutes, 0.01, 5)),
    }


def _detection(scenario: Scenario, runs: int, random: Random, _first: bool) -> Found:
    counts, phi = _drawn(scenario, runs, random)
    healthy = simulate(replace(scenario, ratio=1.0), runs, random)
    back, _on = slipway.judged(counts, phi, NO_MARGIN, ALPHA, BETA)
    margin, _on = slipway.judged(counts, phi, MARGINS, ALPHA, BETA)
    few = _head(counts, KAYENTA_RUNS, counts.bad.shape[1])
    minutes = few.minutes()
    kayenta = peers.kayenta(minutes)
    return {
        "from": scenario.base,
        "to": scenario.base * scenario.ratio,
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
        "kayenta_runs": len(few.bad),
    }


def _pass(scenario: Scenario, runs: int, random: Random, _first: bool) -> Found:
    counts, phi = _drawn(scenario, runs, random)
    _back, on = slipway.judged(counts, phi, MARGINS, ALPHA, BETA)
    return {"healthy_median_min": _median(on / PER_MINUTE), "healthy_promoted": _share(on)}


def _wrong_pass(scenario: Scenario, runs: int, random: Random, _first: bool) -> Found:
    counts, phi = _drawn(scenario, runs, random)
    return {"wrong": _count(slipway.judged(counts, phi, MARGINS, ALPHA, BETA)[1])}


def _latency_null(case: latency.Case, runs: int, random: Random, _first: bool) -> Found:
    return {"looks": case.looks, "alarms": _count(latency.slipway(case, latency.simulate(case, runs, random)))}


def _latency(case: latency.Case, runs: int, random: Random, _first: bool) -> Found:
    times = latency.simulate(case, runs, random)
    found, kayenta = latency.slipway(case, times), latency.kayenta(case, times)
    margin = latency.slipway(replace(case, max_ratio=LATENCY_MARGINS.max_ratio), times)
    return {
        "case": case.name,
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
