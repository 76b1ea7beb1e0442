# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures as tables, put between two marks of a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def insert(report: dict[str, Any], page: Path) -> None:
    """Replaces what stands between the marks; a page without them is left alone."""
    text = page.read_text("utf-8") if page.exists() else ""
    head, begin, rest = text.partition(BEGIN)
    _old, end, tail = rest.partition(END)
    if begin and end:
        page.write_text(f"{head}{BEGIN}\n{tables(report)}\n{END}{tail}", "utf-8")


def tables(report: dict[str, Any]) -> str:
    return "\n".join(
        [
            f"By `make bench-gate`, seed {report['seed']}, with as many runs as each table says.",
            *(line for other in report.get("other_seeds", ()) for line in _other(other)),
            "",
            "### Healthy releases that are taken back",
            "",
            "At the very margin, which is the worst that a healthy release can be; looked at every 15 s, in percent.",
            "The last three columns are of the first hour. The threshold is 1 %, exceeded in five minutes.",
            "",
            *_table(
                ("scenario", "looks", "runs", "Slipway", "95 % bound", "without φ", "Kayenta", "Lindon–Malek",
                 "threshold"),
                [
                    (one["scenario"], one["looks"], one["runs"], *(_percent(one.get(key)) for key in (
                        "false_alarm_rate", "false_alarm_upper95", "without_dispersion", "kayenta_false_alarm_rate",
                        "lindon_malek_false_alarm_rate", "threshold_1_percent_false_alarm_rate")))
                    for one in report["scenarios"]
                ],
            ),
            "",
            "### Minutes until a regression is found",
            "",
            "Medians; `–` where fewer than half are found within the hour. The first column of Slipway is without a",
            "margin, as Kayenta's default is; the second with `max_ratio` 1.25. The oracle knows the ratio beforehand.",
            "The threshold was set in hindsight to 1 % false alarms in these very streams, for each of them anew.",
            "With bursts the oracle is none: it takes each failure for one of its own.",
            "",
            *_compared(report["detection"]),
            "",
            *_table(
                ("errors", "weight", "requests/s", "runs", "Slipway", "with margin", "Kayenta 60 s", "Kayenta 15 s",
                 "oracle", "threshold 60 s", "threshold 15 s"),
                [
                    (_regression(one), _share(one["weight"]), f"{one['rps']:g}", one["runs"],
                     *(_minutes(one[key]) for key in (
                         "slipway_min", "slipway_default_margin_min", "kayenta_min", "kayenta_15s_min", "sprt_min",
                         "calibrated_threshold_min", "calibrated_threshold_15s_min")))
                    for one in [*report["detection"], *report["detection_in_bursts"]]
                ],
            ),
            "",
            "### Minutes until a p95 that is 20 % slower is found, at 50 requests/s",
            "",
            *_table(
                ("case", "weight", "runs", "Slipway", "with margin 1.1", "Kayenta 60 s"),
                [
                    (one["case"], _share(one["weight"]), one["runs"], _minutes(one["slipway_min"]),
                     _minutes(one["slipway_default_margin_min"]), _minutes(one["kayenta_min"]))
                    for one in report["latency"]
                ],
            ),
            "",
            *_passing(report["promote"]),
            *_cost(report),
        ]
    )  # fmt: skip


def _compared(cells: Sequence[dict[str, Any]]) -> list[str]:
    """In how many of the cells without bursts Slipway, without a margin, is so much faster than others."""

    def within(other: str, factor: float, more: float = 0.0) -> int:
        return sum(_at_most(one["slipway_min"], one[other], factor, more) for one in cells)

    missed = [one for one in cells if not _at_most(one["slipway_min"], one["kayenta_min"], 0.5)]
    hopeless = missed and not any(_at_most(one["sprt_min"], one["kayenta_min"], 0.5) for one in missed)
    others = ", and in the others the oracle needs more than that as well" if hopeless else ""
    return [
        f"Of {len(cells)} cells without bursts Slipway needs in {within('kayenta_min', 0.5)} at most half of the time",
        f"of Kayenta with points of 60 s{others};",
        f"in {within('sprt_min', 1.5, 0.25)} at most 1.5 times the oracle's and a scrape;",
        f"in {within('calibrated_threshold_min', 1.25)} at most 1.25 times the threshold's of 60 s,",
        f"in {within('calibrated_threshold_15s_min', 1.25)} of that of 15 s.",
    ]


def _other(report: dict[str, Any]) -> list[str]:
    """Whether it was luck."""
    cells = report["detection"]
    half, oracle, threshold = (
        sum(_at_most(one["slipway_min"], one[other], factor, more) for one in cells)
        for other, factor, more in (("kayenta_min", 0.5, 0.0), ("sprt_min", 1.5, 0.25),
                                    ("calibrated_threshold_min", 1.25, 0.0))
    )  # fmt: skip
    return [
        f"With the seed {report['seed']} and {report['runs']} runs the worst of healthy releases that is claimed is",
        f"`{report['worst_scenario']}`, 95 % bound {_percent(report['false_alarm_upper95'])} %; of {len(cells)} cells",
        f"{half}, {oracle} and {threshold} are within half of Kayenta's, 1.5 times the oracle's and 1.25 times the",
        "threshold's time (see below).",
    ]


def _at_most(mine: float | None, other: float | None, factor: float, more: float = 0.0) -> bool:
    """Whether it is found within so many times the time of another, to whom None is never."""
    return mine is not None and (other is None or mine <= factor * other + more)


def _passing(promote: dict[str, Any]) -> list[str]:
    return [
        "A healthy release at 500 requests/s, 10 % and 1 % errors passes after",
        f"{_minutes(promote['healthy_median_min'])} min (median); one that fails 1.5 times as often passes in",
        f"{_percent(promote['wrong_pass_rate'])} % of {promote['wrong_pass_runs']} runs (95 % bound",
        f"{_percent(promote['wrong_pass_upper95'])} %).",
    ]


def _cost(report: dict[str, Any]) -> list[str]:
    """Nothing where it was not measured."""
    if "judge_ms_per_look" not in report:
        return []
    grown = report["bytes_grown_in_10000_looks"]
    return [
        f"A look at 20 checks, from the source's series to the verdicts, takes {report['judge_ms_per_look']:.2g} ms of",
        f"CPU with 3 pods and {report['judge_ms_per_look_1000_pods']:.0f} ms with 1,000 (each check has two series of",
        f"each pod); after the 3,600 looks that a check keeps it grows by {grown} bytes in 10,000.",
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    line = "|" + "---|" * len(head)
    return [_row(head), line, *map(_row, rows)]


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2g}" if share < 0.995 else "100"


def _share(share: float) -> str:
    return f"{100 * share:g} %"


def _minutes(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _regression(one: dict[str, Any]) -> str:
    bursts = f", bursts of {one['burst']:g}" if one["burst"] > 1 else ""
    return f"{_share(one['from'])} → {_share(one['to'])}{bursts}"
