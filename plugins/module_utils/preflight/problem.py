# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A problem: what keeps a rollout from starting, with what was found, what should be there, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Problem:
    """Texts without a full stop; `field` is the option that it is about. Empty ones are left out."""

    field: str
    found: str
    expected: str = ""
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        return {"field": self.field, "found": self.found, "expected": self.expected, "remedy": self.remedy}

    def text(self, prefix: str = "") -> str:
        """`prefix` goes before the option's name, for people who know it by another one."""
        told = f"{prefix}{self.field}: {self.found.rstrip('. ')}"
        if self.expected:
            told += f"; expected {self.expected}"
        if self.remedy:
            told += f"{_stop(told)} {self.remedy[0].upper()}{self.remedy[1:].rstrip('. ')}"
        return told + _stop(told)


def _stop(sentence: str) -> str:
    return "" if sentence.endswith(("?", "…", ".")) else "."


def one_of(wanted: str, there: Iterable[str]) -> str:
    """`one of a, b`, near names first, for the field `expected`; `a` if it is alone, empty where there is nothing."""
    names = sorted(there)
    near = difflib.get_close_matches(wanted, names, 3, 0.6)
    shown: Sequence[str] = [*near, *(name for name in names if name not in near)][:_SHOWN]
    if not shown:
        return ""
    if len(names) == 1:
        return names[0]
    return f"one of {', '.join(shown)}{', …' if len(names) > len(shown) else ''}"
