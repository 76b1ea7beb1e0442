# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of the module, parsed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .document import Layer
from .values import Source

# Options that several modules have.
FILE_SPEC: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "content": {"type": "str", "required": True},
    "common": {"type": "bool", "default": False},
}
WORKLOAD_SPEC: dict[str, dict[str, Any]] = {
    "kind": {"type": "str", "choices": ["DaemonSet", "Deployment", "StatefulSet"], "default": "Deployment"},
    "name": {"type": "str", "required": True},
}
# Options that a problem may be about; all other problems are about a place in a file.
NAMES = ("names", "workloads", "app", "files")


@dataclass(frozen=True, slots=True)
class Mounting:
    """How the app gets it. `mount`: the folder, "" for none. `rendered`: names are replaced in the file beforehand."""

    file_name: str = "config.yaml"
    mount: str = "/app/config"
    rendered: bool = False
    variables: bool = True
    container: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """The configuration that is wanted, and the workloads that are to get it, as (kind, name)."""

    namespace: str
    app: str
    layers: tuple[Layer, ...]
    schema: Mapping[str, Any]
    sources: tuple[Source, ...]
    mounting: Mounting
    workloads: tuple[tuple[str, str], ...]


def parse_wish(params: Mapping[str, Any]) -> Wish:
    """`values` is the last layer: it is written out, so that complaints can name its lines too."""
    layers = [Layer(file["name"], file["content"], bool(file["common"])) for file in params["files"]]
    if params["values"]:
        import yaml

        text = yaml.safe_dump(params["values"], sort_keys=False, allow_unicode=True)
        layers.append(Layer(params["values_name"], text))
    return Wish(
        namespace=params["namespace"],
        app=params["app"],
        layers=tuple(layers),
        schema=params["schema"] or {},
        sources=tuple(Source.parse(one) for one in params["names"]),
        mounting=Mounting(
            file_name=params["file_name"],
            mount=params["mount"],
            rendered=params["rendered"],
            variables=params["variables"],
            container=params["container"] or "",
        ),
        workloads=tuple((one["kind"], one["name"]) for one in params["workloads"]),
    )
