# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A configuration as people write it: YAML whose every key knows the file and line that it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

from ..preflight.problem import Problem

Path = tuple[Union[str, int], ...]  # noqa: UP007 - pylint of ansible-test knows no other at run time


@dataclass(frozen=True, slots=True)
class Layer:
    """A file, or values of the inventory. `common`: the same in every environment."""

    name: str
    text: str
    common: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """`places` has `file, line n` for each path that is written somewhere."""

    data: dict[str, Any] = field(default_factory=dict)
    places: Mapping[Path, str] = field(default_factory=dict)

    def place(self, path: Path) -> str:
        """Where the path, or the nearest thing around it, is written."""
        return next((self.places[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.places), "")

    def leaves(self) -> Iterator[tuple[Path, Any]]:
        """Everything but mappings; a list is one value."""
        return _leaves((), self.data)

    def over(self, base: Document) -> Document:
        """This upon the other: mappings are merged, everything else is replaced."""
        return Document(_merge(base.data, self.data), {**base.places, **self.places})


def parse(layers: Sequence[Layer]) -> tuple[Document, list[Problem]]:
    """The layers merged, later ones over earlier ones; a problem for each that cannot be read."""
    merged, problems = Document(), []
    for layer in layers:
        one, found = _parse(layer)
        problems += found
        merged = one.over(merged)
    return merged, problems


def name_of(path: Path) -> str:
    """`security.cors_origins[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _parse(layer: Layer) -> tuple[Document, list[Problem]]:
    import yaml

    try:
        loader = yaml.SafeLoader(layer.text)
        node: Any = loader.get_single_node()
        if node is None:
            return Document(), []
        if node.id != "mapping":
            return Document(), [
                Problem(_at(layer, node), "this is no mapping", "keys and values, as in api: {port: 1}")
            ]
        places: dict[Path, str] = {}
        problems = list(_walk(layer, node, (), places))
        if problems:
            return Document(), problems
        return Document(loader.construct_document(node), places), []
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        return Document(), [Problem(f"{layer.name}{line}", f"this is not YAML: {error.problem}")]
    except (yaml.YAMLError, ValueError) as error:
        return Document(), [Problem(layer.name, f"this is not YAML: {error}")]


def _walk(layer: Layer, node: Any, path: Path, places: dict[Path, str]) -> Iterator[Problem]:
    places.setdefault(path, _at(layer, node))
    if node.id == "sequence":
        for index, item in enumerate(node.value):
            yield from _walk(layer, item, (*path, index), places)
    if node.id != "mapping":
        return
    for key, value in node.value:
        here = (*path, str(key.value))
        where = f"{_at(layer, key)}, {name_of(here)}"
        if key.id != "scalar" or key.tag != "tag:yaml.org,2002:str":
            yield Problem(where, "the key is no text", "a text in quotes", "quote it, and do not merge with <<")
        elif here in places:
            yield Problem(where, f"the key is there twice; the first time: {places[here]}", "", "remove one of them")
        else:
            places[here] = _at(layer, key)
            yield from _walk(layer, value, here, places)


def _at(layer: Layer, node: Any) -> str:
    return f"{layer.name}, line {node.start_mark.line + 1}"


def _merge(base: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _leaves(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    if not isinstance(value, Mapping):
        yield path, value
        return
    for key, below in value.items():
        yield from _leaves((*path, key), below)
