# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading a document field by field: what is missing has a default, what is of the wrong kind is refused by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..suggest import OptionError, nearest


class Fields:
    """A mapping somewhere in a document, and where: `metrics[0].query`. One that is missing is an empty one."""

    def __init__(self, value: object, path: str) -> None:
        if value is not None and not isinstance(value, Mapping):
            raise OptionError(f"{path} is {value!r:.60}; a mapping is expected.")
        self.path = path
        self.mapping: Mapping[str, Any] = {} if value is None else {str(name): item for name, item in value.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self.mapping)

    def at(self, name: str) -> Fields:
        return Fields(self.mapping.get(name), f"{self.path}.{name}")

    def each(self, name: str) -> list[Fields]:
        return [Fields(item, f"{self.path}.{name}[{number}]") for number, item in enumerate(self._list(name))]

    def texts(self, name: str) -> list[str]:
        return [str(item) for item in self._list(name)]

    def text(self, name: str, default: str) -> str:
        value = self.mapping.get(name)
        return default if value is None else str(value)

    def choice(self, name: str, default: str, choices: Sequence[str]) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise OptionError(f"{self.path}.{name} is '{value}'.{nearest(value, choices)}")
        return value

    def number(self, name: str, default: float) -> float:
        value = self.mapping.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise OptionError(f"{self.path}.{name} is {value!r:.60}; it must be a number.")
        return float(value)

    def flag(self, name: str) -> bool:
        value = self.mapping.get(name)
        if value is not None and not isinstance(value, bool):
            raise OptionError(f"{self.path}.{name} is {value!r:.60}; it must be true or false.")
        return bool(value)

    def _list(self, name: str) -> Sequence[Any]:
        value = self.mapping.get(name)
        if value is None:
            return ()
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise OptionError(f"{self.path}.{name} is {value!r:.60}; a list is expected.")
        return value
