# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which time series are meant: the vector selector of PromQL, parsed, so that every source understands it.

https://prometheus.io/docs/prometheus/latest/querying/basics/#instant-vector-selectors
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_OPERATOR = re.compile(r"=~|!~|!=|=")
_SPACE = re.compile(r"\s*")
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|`([^`]*)`')
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)")
_PLAIN_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class SelectorError(ValueError):
    """A selector that cannot be read; `column` counts from 1, the text is a whole sentence that names it."""

    def __init__(self, column: int, message: str) -> None:
        super().__init__(f"column {column}: {message}")
        self.column = column


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on one label. A label that is not there counts as the empty string, as in PromQL."""

    label: str
    operator: str
    value: str
    _pattern: re.Pattern[str] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.operator in ("=~", "!~"):
            # Prometheus anchors and lets "." match line breaks; only the rarest of RE2's syntax differs from re's.
            object.__setattr__(self, "_pattern", re.compile(self.value, re.DOTALL))

    def matches(self, labels: Mapping[str, str]) -> bool:
        found = labels.get(self.label, "")
        if self._pattern is None:
            return (found == self.value) is (self.operator == "=")
        return (self._pattern.fullmatch(found) is not None) is (self.operator == "=~")

    def __str__(self) -> str:
        label = self.label if _LABEL.fullmatch(self.label) else quote(self.label)
        return f"{label}{self.operator}{quote(self.value)}"


@dataclass(frozen=True, slots=True)
class Selector:
    """A metric's name and the matchers that a series of it must all fit."""

    name: str
    matchers: tuple[Matcher, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Selector:
        """From PromQL such as `http_requests_total{version="canary",status=~"5.."}`. Raises SelectorError."""
        return _Parser(text).selector()

    def matches(self, name: str, labels: Mapping[str, str]) -> bool:
        return name == self.name and all(matcher.matches(labels) for matcher in self.matchers)

    def where(self, label: str, operator: str, value: str) -> Selector:
        """The same with one more matcher."""
        return Selector(self.name, (*self.matchers, Matcher(label, operator, value)))

    def without(self, matcher: Matcher) -> Selector:
        return Selector(self.name, tuple(other for other in self.matchers if other != matcher))

    def covers(self, other: Selector) -> bool:
        """Whether every series of `other` surely is one of this selector (it asks for no more)."""
        return self.name == other.name and set(self.matchers) <= set(other.matchers)

    def __str__(self) -> str:
        matchers = [str(matcher) for matcher in self.matchers]
        if not NAME.fullmatch(self.name):
            return "{" + ",".join([quote(self.name), *matchers]) + "}"
        return self.name + ("{" + ",".join(matchers) + "}" if matchers else "")


@dataclass(frozen=True, slots=True)
class Verbatim(Selector):
    """A question in a service's own language; what it gives goes by the question's text as name."""

    def __str__(self) -> str:
        return self.name


def quote(value: str) -> str:
    """A PromQL string literal."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def one_of(label: str, values: Iterable[str]) -> Matcher:
    """A matcher for one label that fits any of these values and no other."""
    known = list(values)
    if len(known) == 1:
        return Matcher(label, "=", known[0])
    # re.escape also escapes what RE2 takes only unescaped or not at all (space, "-"), so it is done by hand.
    return Matcher(label, "=~", "|".join(re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", value) for value in known))


def merge(selectors: Sequence[Selector]) -> list[Selector]:
    """Fewer selectors that together find every series of all of them, and perhaps some more.

    One answer from a source is one moment: what is compared with each other (bad and all) should come from one.
    """
    merged: list[Selector] = []
    for selector in selectors:
        if any(other.covers(selector) for other in merged):
            continue
        merged = [other for other in merged if not selector.covers(other)]
        twin = next((other for other in merged if _differ_in_one_value(other, selector)), None)
        if twin is not None:
            merged.remove(twin)
            selector = _joined(twin, selector)
        merged.append(selector)
    return merged


def _differ_in_one_value(one: Selector, other: Selector) -> bool:
    mine, theirs = set(one.matchers) - set(other.matchers), set(other.matchers) - set(one.matchers)
    if one.name != other.name or len(mine) != 1 or len(theirs) != 1:
        return False
    (a,), (b,) = mine, theirs
    return a.label == b.label and a.operator == b.operator == "=" and "" not in (a.value, b.value)


def _joined(one: Selector, other: Selector) -> Selector:
    common = tuple(matcher for matcher in one.matchers if matcher in other.matchers)
    (a,), (b,) = set(one.matchers) - set(other.matchers), set(other.matchers) - set(one.matchers)
    return Selector(one.name, (*common, one_of(a.label, (a.value, b.value))))


class _Parser:
    """Reads one selector from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def selector(self) -> Selector:
        self._skip(_SPACE)
        name = self._take(NAME)
        matchers: list[Matcher] = []
        self._skip(_SPACE)
        if self._peek() == "{":
            matchers = self._matchers()
        elif not name:
            raise self._error("a metric's name is expected, such as http_requests_total")
        self._skip(_SPACE)
        if self._peek():
            raise self._beyond(name)
        for matcher in [m for m in matchers if m.label == "__name__"]:
            if name or matcher.operator != "=":
                raise SelectorError(1, "the metric's name must be given once and in full")
            name = matcher.value
            matchers.remove(matcher)
        if not name:
            raise SelectorError(1, "the metric's name is missing before '{', such as http_requests_total{...}")
        return Selector(name, tuple(matchers))

    def _matchers(self) -> list[Matcher]:
        self._at += 1
        found: list[Matcher] = []
        while True:
            self._skip(_SPACE)
            if self._peek() == "}":
                self._at += 1
                return found
            found.append(self._matcher())
            self._skip(_SPACE)
            if self._peek() == ",":
                self._at += 1
            elif self._peek() != "}":
                raise self._error("',' or '}' is expected after a label's value")

    def _matcher(self) -> Matcher:
        label = self._take(_LABEL)
        if not label:
            quoted = self._string()
            if quoted is None:
                raise self._error("a label's name is expected, such as version")
            label = quoted
            self._skip(_SPACE)
            if self._peek() in (",", "}"):  # {"a.metric", ...}: names beyond the classic letters are quoted
                return Matcher("__name__", "=", label)
        self._skip(_SPACE)
        operator = self._take(_OPERATOR)
        if not operator:
            raise self._error(f"one of = != =~ !~ is expected after the label '{label}'")
        self._skip(_SPACE)
        column, value = self._at + 1, self._string()
        if value is None:
            raise self._error(f"the value of label '{label}' must be in quotes, such as {label}{operator}\"...\"")
        try:
            return Matcher(label, operator, value)
        except re.error as error:
            raise SelectorError(column, f"the value of label '{label}' is no regular expression: {error}") from error

    def _string(self) -> str | None:
        found = _QUOTED.match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        double, single, raw = found.groups()
        return raw if raw is not None else _ESCAPE.sub(_unescape, double if double is not None else single)

    def _beyond(self, name: str) -> SelectorError:
        """What stands after a whole selector says what was meant."""
        if self._peek() == "(":
            return self._error(
                f"'{name}(' is a function, but here a counter is named as it is exposed; "
                "the increments are computed from the counter itself, without rate() or sum()"
            )
        if self._peek() == "[":
            return self._error("no time range belongs here; leave out '[...]'")
        return self._error(f"the selector ends before '{self._text[self._at :][:20]}', which does not belong here")

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._take(pattern)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found.group()

    def _error(self, message: str) -> SelectorError:
        return SelectorError(self._at + 1, message)


def _unescape(found: re.Match[str]) -> str:
    code = found.group(1)
    if code[0] in "xuU":
        return chr(int(code[1:], 16))
    if len(code) == 3:
        return chr(int(code, 8))
    return _PLAIN_ESCAPES.get(code, code)
