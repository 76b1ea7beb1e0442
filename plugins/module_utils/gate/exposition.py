# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a pod answers on /metrics: Prometheus' text format, and OpenMetrics as far as it is the same.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r'\s*(?:([a-zA-Z_][a-zA-Z0-9_]*)|"((?:[^"\\]|\\.)*)")\s*(?:=\s*"((?:[^"\\]|\\.)*)"\s*)?(,|(?=\}))')
_ESCAPE = re.compile(r"\\(.)")
_NUMBER = re.compile(r"[+-]?(?:inf|infinity|nan|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)", re.IGNORECASE)


class ExpositionError(ValueError):
    """Text that is no exposition; the message names the line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sample: the metric's name, its labels as exposed, its value (may be NaN or infinite)."""

    name: str
    labels: dict[str, str]
    value: float


def parse(text: str, names: Collection[str] | None = None) -> list[Line]:
    """Every sample, or those of these metrics. Raises ExpositionError at the first line that cannot be read.

    Lines of other metrics are not looked into, so that a page of thousands costs little four times a second.
    Timestamps are not used: what is read now is true now. Exemplars are skipped.
    """
    return list(_lines(text, names))


def _lines(text: str, names: Collection[str] | None) -> Iterator[Line]:
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line[0] == "#":
            continue
        if line[0] == "{":
            found = _sample(number, line, "", 0)
            if names is None or found.name in names:
                yield found
            continue
        name = _NAME.match(line)
        if name is None:
            raise ExpositionError(
                f"line {number} is not Prometheus' text format: {line[:60]!r}. Is this the path of the metrics?"
            )
        if names is None or name.group() in names:
            yield _sample(number, line, name.group(), name.end())


def _sample(number: int, line: str, name: str, at: int) -> Line:
    labels: dict[str, str] = {}
    while line[at : at + 1] in (" ", "\t"):
        at += 1
    if line[at : at + 1] == "{":
        at += 1
        while line[at : at + 1] != "}":
            pair = _LABEL.match(line, at)
            if pair is None:
                raise ExpositionError(f"line {number} has labels that cannot be read: {line[:120]!r}.")
            at = pair.end()
            plain, quoted, value = pair.group(1), pair.group(2), pair.group(3)
            if value is None and quoted is not None and not name:
                name = _unescape(quoted)  # {"a.name", label="..."}: names beyond the classic letters
            elif value is None:
                raise ExpositionError(f"line {number} has a label without a value: {line[:120]!r}.")
            else:
                labels[plain or _unescape(quoted)] = _unescape(value)
            while line[at : at + 1] in (" ", "\t"):
                at += 1
        at += 1
    if not name:
        raise ExpositionError(f"line {number} has no metric name: {line[:120]!r}.")
    words = line[at:].split(None, 1)
    if not words or not _NUMBER.fullmatch(words[0]):
        raise ExpositionError(f"line {number} has no number as value: {line[:120]!r}.")
    return Line(name, labels, float(words[0]))


def _unescape(value: str) -> str:
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda found: "\n" if found.group(1) == "n" else found.group(1), value)
