# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The smallest regression that is found, over the time that the gate may take: an SVG, without a library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite, log

from .finding import Stage, smallest
from .growth import Stream
from .outlook import PROBABILITIES
from .spans import span

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 640.0, 300.0, 70.0, 50.0, 60.0
_TIMES = (60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 86400.0)
_MARKED = (60.0, 300.0, 1800.0, 7200.0, 28800.0, 86400.0)
_RATIOS = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0)
_COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b")
_DASHES = ("", ' stroke-dasharray="5 4"')


def picture(streams: Mapping[str, Stream], shares: Sequence[float]) -> str:
    """A panel for each check, a colour for each share of the requests; dashed is the higher probability."""
    height = (_HEIGHT + _TOP + _BOTTOM) * len(streams)
    width = _LEFT + _WIDTH + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for number, (name, stream) in enumerate(streams.items()):
        top = number * (_HEIGHT + _TOP + _BOTTOM)
        parts += [f'<g transform="translate(0 {top:g})">', *_panel(name, stream, shares), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _panel(name: str, stream: Stream, shares: Sequence[float]) -> list[str]:
    usual, high = (f"{100 * probability:g} %" for probability in PROBABILITIES)
    title = f"{name}: smallest regression that is found with {usual} (line) and {high} (dashed)"
    parts = [f'<text x="{_LEFT:g}" y="20" font-size="14" font-family="sans-serif">{escape(title)}</text>']
    for time in _MARKED:
        parts.append(_line(_x(time), _TOP, _x(time), _TOP + _HEIGHT))
        parts.append(_text(_x(time), _TOP + _HEIGHT + 16, span(time), "middle"))
    for ratio in _RATIOS:
        parts.append(_line(_LEFT, _y(ratio), _LEFT + _WIDTH, _y(ratio)))
        parts.append(_text(_LEFT - 8, _y(ratio) + 4, f"x{ratio:g}", "end"))
    if not any(_curve(stream, share, probability) for share in shares for probability in PROBABILITIES):
        parts.append(
            _text(_LEFT + _WIDTH / 2, _TOP + _HEIGHT / 2, f"nothing below x{_RATIOS[-1]:g} in a day", "middle")
        )
    for number, share in enumerate(shares):
        colour = _COLOURS[number % len(_COLOURS)]
        for probability, dash in zip(PROBABILITIES, _DASHES, strict=True):
            points = " ".join(f"{_x(at):.1f},{_y(ratio):.1f}" for at, ratio in _curve(stream, share, probability))
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        label = f"{100 * share:g} % of {stream.rate:.3g}/s"
        parts.append(_text(_LEFT + 110 * number, _TOP + _HEIGHT + 40, label, "start", colour))
    return parts


def _curve(stream: Stream, share: float, probability: float) -> list[tuple[float, float]]:
    """Points inside the frame."""
    found = ((time, smallest(stream, probability, [Stage(share, time)])) for time in _TIMES)
    return [(time, ratio) for time, ratio in found if isfinite(ratio) and _RATIOS[0] <= ratio <= _RATIOS[-1]]


def _x(time: float) -> float:
    return _LEFT + _WIDTH * log(time / _TIMES[0]) / log(_TIMES[-1] / _TIMES[0])


def _y(ratio: float) -> float:
    return _TOP + _HEIGHT * (1 - log(ratio / _RATIOS[0]) / log(_RATIOS[-1] / _RATIOS[0]))


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#dddddd"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "black") -> str:
    style = f'text-anchor="{anchor}" fill="{colour}" font-family="sans-serif"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'
