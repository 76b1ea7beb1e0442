# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`${NAME}` in a configuration: a value that is known to the environment only, and stands nowhere in clear."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..preflight.problem import Problem
from .document import Document, Path, name_of

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REFERENCE = re.compile(r"\$\{([^}]*)\}")
_SECRET_KEY = re.compile(r"(^|[_.-])(password|passwd|secret|token|api_?key|private_?key|credentials?)$", re.IGNORECASE)


def names_in(value: Any) -> list[str]:
    """The names that a value refers to, in order, once each."""
    return list(dict.fromkeys(name for _path, text in _texts((), value) for name in _REFERENCE.findall(text)))


def fill(value: Any, values: Mapping[str, str]) -> Any:
    """The value with each known name replaced; a text stays a text."""
    if isinstance(value, Mapping):
        return {key: fill(below, values) for key, below in value.items()}
    if isinstance(value, list):
        return [fill(item, values) for item in value]
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: values.get(found.group(1), found.group(0)), value)
    return value


def places_of(document: Document) -> dict[str, list[str]]:
    """Where each name stands, as `file, line n, key`."""
    places: dict[str, list[str]] = {}
    for path, text in _texts((), document.data):
        for name in _REFERENCE.findall(text):
            places.setdefault(name, []).append(f"{document.place(path)}, {name_of(path)}")
    return places


def bad_names(document: Document) -> list[Problem]:
    return [
        Problem(where, f"'${{{name}}}' is no name", "letters, digits and _ in ${}", "rename it")
        for name, places in places_of(document).items()
        for where in places
        if not NAME.fullmatch(name)
    ]


def in_clear(document: Document) -> list[Problem]:
    """Secrets that somebody has written into the configuration. The value is not told again."""
    remedy = "put it into a Secret or a vault, and its name here"
    return [
        Problem(f"{document.place(path)}, {name_of(path)}", "a secret stands here in clear", "${NAME}", remedy)
        for path, text in _texts((), document.data)
        if _is_secret(path, text)
    ]


def _is_secret(path: Path, text: str) -> bool:
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    if _SECRET_KEY.search(key) and text and not _REFERENCE.search(text):
        return True
    try:
        password = urlsplit(_REFERENCE.sub("", text)).password if "://" in text else None
    except ValueError:
        return False
    return bool(password)


def _texts(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from _texts((*path, key), below)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts((*path, index), item)
