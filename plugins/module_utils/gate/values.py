# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Single values of options that are free in their form, such as those of a check."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite

from .suggest import OptionError, nearest

_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def number(path: str, value: object) -> float:
    """Raises OptionError, as all of these do."""
    try:
        found = float(str(value))
    except ValueError:
        found = inf
    if isinstance(value, bool) or not isfinite(found):
        raise OptionError(f"{path} is {value!r}; it must be a number.")
    return found


def whole(path: str, value: object, least: int) -> int:
    found = number(path, value)
    if found != int(found) or found < least:
        raise OptionError(f"{path} is {value!r}; it must be a whole number of at least {least}.")
    return int(found)


def choice(path: str, value: object, choices: Sequence[str]) -> str:
    if value not in choices:
        raise OptionError(f"{path} is '{value}'.{nearest(str(value), choices)}")
    return str(value)


def flag(path: str, value: object) -> bool:
    """True or false, also as the words that Jinja makes of them."""
    found = value if isinstance(value, bool) else _WORDS.get(str(value).strip().lower())
    if found is None:
        raise OptionError(f"{path} is {value!r}; it is true or false.")
    return found
