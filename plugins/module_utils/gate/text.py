# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Numbers as people read them."""

from __future__ import annotations

from math import isfinite


def percent(share: float) -> str:
    """`0 %`, `0.5 %`, `33 %`: two digits that matter, never a 0 that is none and no 100 that is not all."""
    value = share * 100
    if value in (0.0, 100.0) or value >= 10:
        text = f"{value:.0f}" if value < 99.5 or value == 100 else f"{min(value, 99.99):.2f}"
    else:
        text = f"{value:.2g}" if value >= 0.001 else "<0.001"
    return f"{text} %"


def number(value: float) -> str:
    """`1234`, `0.25`, `1.2e+09`."""
    return f"{value:.0f}" if isfinite(value) and value == int(value) and abs(value) < 1e15 else f"{value:.4g}"


def seconds(value: float) -> str:
    """`0.4 s`, `12 s`, `3 min 5 s`."""
    if value < 9.95:
        return f"{value:.1f} s"
    if value < 119.5:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s"
