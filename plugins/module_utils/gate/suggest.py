# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may have been meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 8


class OptionError(ValueError):
    """An option that cannot be used: the text names the field, what was found, and what to do."""


def is_typo(word: str, known: Iterable[str]) -> bool:
    """Whether it is so like a known word that it can hardly be another one."""
    return bool(get_close_matches(word, sorted(set(known)), 1, 0.8))


def nearest(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'duration'?`, or what there is instead, as a sentence to append; "" when there is nothing."""
    names = sorted(set(known))
    close = get_close_matches(word, names, 1, 0.6)
    if close:
        return f" Did you mean '{close[0]}'?"
    return f" There is {listed(names)}." if names else ""


def listed(names: Iterable[str]) -> str:
    """The first few of many."""
    ordered = list(names)
    rest = f" and {len(ordered) - _SHOWN} more" if len(ordered) > _SHOWN else ""
    return ", ".join(ordered[:_SHOWN]) + rest
