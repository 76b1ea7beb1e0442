# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The same configuration as environment variables: `api.workers` is API_WORKERS."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..preflight.problem import Problem
from .document import Document, Path, name_of

_OTHER = re.compile(r"[^A-Z0-9]+")


def variables_of(document: Document) -> tuple[dict[str, str], list[Problem]]:
    """Lists are JSON, truth values `true` and `false`. Two keys of one name are a problem."""
    found: dict[str, str] = {}
    first: dict[str, Path] = {}
    problems = []
    for path, value in document.leaves():
        name = _OTHER.sub("_", "_".join(str(part) for part in path).upper())
        if name in first:
            told = f"as an environment variable this is {name}, and so is {name_of(first[name])}"
            where = f"{document.place(path)}, {name_of(path)}"
            problems.append(Problem(where, told, "", "rename one, or set variables: false"))
        first.setdefault(name, path)
        found[name] = _text(value)
    return found, problems


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, list, Mapping)):
        return json.dumps(value, default=str)
    return str(value)
