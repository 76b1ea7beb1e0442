# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures as pictures, without a library: SVG that a page can show."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def pictures(report: dict[str, Any], folder: Path) -> None:
    """Writes gate-detection.svg and gate-false-alarms.svg."""
    cells = report["detection"]
    rows = [
        (f"{100 * one['from']:g} → {100 * one['to']:g} %, {100 * one['weight']:g} % of {one['rps']:g}/s",
         {"oracle": one["sprt_min"], "Slipway": one["slipway_min"], "Kayenta": one["kayenta_min"]})
        for one in cells
    ]  # fmt: skip
    (folder / "gate-detection.svg").write_text(bars("Minutes until a regression is found (median)", rows, 30.0))
    alarms = [
        (one["scenario"], {"Slipway": 100 * one["false_alarm_rate"],
                           "Kayenta": 100 * one.get("kayenta_false_alarm_rate", 0.0),
                           "without dispersion": 100 * one.get("without_dispersion", 0.0)})
        for one in report["scenarios"]
    ]  # fmt: skip
    (folder / "gate-false-alarms.svg").write_text(bars("Healthy releases taken back within the run, %", alarms, 10.0))


_COLOURS = {"Slipway": "#1f77b4", "Kayenta": "#ff7f0e", "oracle": "#999999", "without dispersion": "#d62728"}


def bars(title: str, rows: list[tuple[str, dict[str, float | None]]], most: float) -> str:
    """Horizontal bars; what is longer than `most`, or never, ends in an arrow and its number."""
    left, wide, high = 260, 420, 14
    lines = [f'<text x="8" y="20" font-size="15" font-weight="bold">{title}</text>']
    at = 40
    for name, values in rows:
        lines.append(f'<text x="{left - 8}" y="{at + high}" text-anchor="end">{name}</text>')
        for kind, value in values.items():
            length = wide if value is None else min(wide, wide * value / most)
            shown = "never" if value is None else f"{value:.2g}"
            lines.append(f'<rect x="{left}" y="{at}" width="{max(1.0, length):.1f}" height="{high - 3}" '
                         f'fill="{_COLOURS[kind]}"/>')  # fmt: skip
            lines.append(
                f'<text x="{left + length + 4:.1f}" y="{at + high - 4}">{shown}{" ›" if length >= wide else ""}</text>'
            )
            at += high
        at += 6
    legend = "".join(f'<tspan fill="{_COLOURS[kind]}">■ {kind}  </tspan>' for kind in (rows[0][1] if rows else ()))
    lines.append(f'<text x="8" y="{at + 16}">{legend}</text>')
    body = "\n".join(lines)
    size = f'width="{left + wide + 90}" height="{at + 28}"'
    font = 'font-family="sans-serif" font-size="11"'
    sheet = '<rect width="100%" height="100%" fill="white"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>\n{sheet}\n{body}\n</svg>\n'
