# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check a configuration against a JSON schema; each complaint names file, line and key."""

from __future__ import annotations

import difflib
import importlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..cluster import ClusterError
from ..preflight.problem import Problem, one_of
from .document import Document, Path, name_of

_WORDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a mapping",
}
_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "nothing",
    "number": "a number",
    "object": "a mapping",
    "string": "a text",
}
_LONGEST = 60


def check(document: Document, schema: Mapping[str, Any]) -> list[Problem]:
    """Problems in the order of the lines. Raises ClusterError when the schema is wrong or the library is missing."""
    try:
        library: Any = importlib.import_module("jsonschema")
    except ImportError as error:
        raise ClusterError(
            f"The Python library 'jsonschema' is missing on this host ({error}). Install it: pip install jsonschema"
        ) from error
    kind = library.validators.validator_for(schema, default=library.Draft202012Validator)
    try:
        kind.check_schema(schema)
    except library.SchemaError as error:
        where = name_of(tuple(error.absolute_path)) or "the top"
        raise ClusterError(f"The schema of the configuration is wrong at {where}: {error.message}.") from error
    errors = sorted(kind(schema).iter_errors(document.data), key=lambda error: _line(document, error))
    return [problem for error in errors for problem in _problems(document, error)]


def _line(document: Document, error: Any) -> tuple[str, int, str]:
    file, _comma, line = document.place(tuple(error.absolute_path)).rpartition(", line ")
    return file, int(line or 0), str(error.validator)


def _problems(document: Document, error: Any) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    if error.validator == "required":
        yield _problem(document, (*path, _missing(error)), "the key is missing", "", "add it", around=path)
        return
    if error.validator == "additionalProperties" and error.validator_value is False:
        known = error.schema.get("properties", {})
        for key in sorted(set(error.instance) - set(known)):
            near = difflib.get_close_matches(key, known, 1, 0.6)
            remedy = f"did you mean {near[0]}?" if near else "remove it, or add it to the schema"
            yield _problem(document, (*path, key), "there is no such key", one_of(key, known), remedy)
        return
    yield _problem(document, path, _found(error.instance), _expected(error.validator, error.validator_value))


def _problem(
    document: Document, path: Path, found: str, expected: str, remedy: str = "", around: Path | None = None
) -> Problem:
    place = document.place(path if around is None else around)
    return Problem(", ".join(part for part in (place, name_of(path)) if part), found, expected, remedy)


def _missing(error: Any) -> str:
    found = re.match(r"'(.*)' is a required property", error.message)
    return found.group(1) if found else "?"


def _found(value: Any) -> str:
    text = json.dumps(value, default=str)
    word = "nothing" if value is None else _WORDS.get(type(value), "a value")
    return f"{word}, {text}" if len(text) <= _LONGEST and not isinstance(value, bool) and value is not None else word


def _expected(keyword: str, value: Any) -> str:
    if keyword == "type":
        return " or ".join(_TYPES.get(one, str(one)) for one in ([value] if isinstance(value, str) else value))
    if keyword == "enum":
        return f"one of {', '.join(str(one) for one in value)}"
    if keyword in ("anyOf", "oneOf"):
        told = [one.get("description") or _expected("type", one["type"]) for one in value if "type" in one]
        return " or ".join(told) or f"what {keyword} of the schema allows"
    words = {
        "minimum": "at least",
        "maximum": "at most",
        "pattern": "a text like",
        "const": "",
        "minLength": "length >=",
    }
    return f"{words.get(keyword, keyword)} {value}".strip()
