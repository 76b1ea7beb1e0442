# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Times from seconds to months as people say them."""

from __future__ import annotations

from math import isfinite

from ..text import number

_UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))


def span(seconds: float) -> str:
    """`45 s`, `3.5 min`, `8 h`, `12 d`; `never` where it does not end."""
    if not isfinite(seconds):
        return "never"
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), _UNITS[-1])
    value = seconds / size
    return f"{value:.1f}".removesuffix(".0") + f" {unit}" if value < 10 else f"{value:.0f} {unit}"


def frequency(value: float) -> str:
    """`2.6/s`: of an average of hours, what is beyond two digits says nothing."""
    return f"{number(float(f'{value:.2g}'))}/s"
