# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's result as a table for people."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 60
VERDICTS = {"promoted": "promoted", "rolled_back": "rolled back", "broken": "NEITHER: look at the cluster"}
COLUMNS = ("release", "verdict", "took", "requests", "failed", "failing for")


def render(outcomes: Sequence[Mapping[str, Any]], source: str, route: str) -> str:
    """One row per release and, below it, why."""
    rows = [COLUMNS, *(_row(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = [f"What users felt ({route}, judged by {source})", ""]
    lines += [_line(COLUMNS, widths), "  ".join("-" * width for width in widths)]
    for outcome, row in zip(outcomes, rows[1:], strict=True):
        lines.append(_line(row, widths))
        if outcome["why"]:
            lines += textwrap.wrap(
                outcome["why"], WIDTH + 20, initial_indent="    why: ", subsequent_indent="         "
            )
    return "\n".join(lines) + "\n"


def _row(outcome: Mapping[str, Any]) -> tuple[str, ...]:
    failing = f"{outcome['breach_to_healthy_s']:.2f} s" if outcome["failed"] else "-"
    return (
        outcome["release"],
        VERDICTS[outcome["verdict"]],
        f"{outcome['duration_s']:.0f} s",
        str(outcome["requests"]),
        str(outcome["failed"]),
        failing,
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
