# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An inventory's variables as text: what was found as values, what was not as commented questions."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_WIDTH = 118


@dataclass(frozen=True, slots=True)
class Entry:
    """A variable. Without a `value` (None) it is written as a comment, `example` in its place."""

    name: str
    value: Any = None
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    example: Any = None

    def lines(self) -> list[str]:
        said = [line for note in self.notes for line in _comment(note, "# ")]
        said += [line for question in self.questions for line in _comment(question, "# ? ")]
        if self.value is not None:
            return said + assignment(self.name, self.value)
        if self.example is not None:
            return said + [f"# {line}" for line in assignment(self.name, self.example)]
        return said


def render(title: str, entries: Iterable[Entry]) -> str:
    """The whole file; an entry with comments stands apart."""
    lines = ["---", *_comment(title, "# ")]
    for entry in entries:
        found = entry.lines()
        if found and found[0].startswith("#") and lines[-1]:
            lines.append("")
        lines += found
    return "\n".join(lines) + "\n"


def assignment(name: str, value: Any) -> list[str]:
    """`name: value`; a list of mappings gets a line for each."""
    if isinstance(value, Sequence) and not isinstance(value, str) and any(isinstance(one, Mapping) for one in value):
        return [f"{name}:", *(f"  - {flow(one)}" for one in value)]
    line = f"{name}: {flow(value)}"
    if len(line) <= _WIDTH or not isinstance(value, Mapping):
        return [line]
    return [f"{name}:", *(f"  {key}: {flow(one)}" for key, one in value.items())]


def flow(value: Any) -> str:
    """YAML on one line, quoted where it must be."""
    import yaml  # with kubernetes.core it is always there

    text: str = yaml.safe_dump(value, default_flow_style=True, width=10**6, sort_keys=False, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...")


def difference(title: str, before: Any, after: Any) -> list[str]:
    """What a change makes of an object, as `diff -u` shows it; all of a new one."""
    old, new = (_document(one) for one in (before, after))
    return list(difflib.unified_diff(old, new, title if before else "nothing", title, lineterm=""))


def _document(value: Any) -> list[str]:
    import yaml

    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True).splitlines() if value else []


def _comment(text: str, mark: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=mark,
        subsequent_indent="# " + " " * (len(mark) - 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
