# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole way of a configuration: read, refuse what is wrong, put it into the cluster, say what pods need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..cluster import DEPLOYMENT, Cluster, NotFound, Obj
from ..preflight.permissions import Permission, ask, permission_problems, told
from ..preflight.problem import Problem
from ..workload.patch import KINDS
from . import references, schema, template
from .access import to_apply
from .apply import Applied, apply
from .bundle import Bundle, make
from .document import parse
from .options import NAMES, Wish
from .values import resolve, secret_reader


class Refused(Exception):
    """The configuration must not be rolled out."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("configuration refused")
        self.problems = problems

    def text(self, prefix: str) -> str:
        texts = [one.text(prefix if one.field in NAMES else "") for one in self.problems]
        lines = texts if len(texts) == 1 else [f"{len(texts)} problems:", *(f"- {one}" for one in texts)]
        why = "\n".join(("Why: " + lines[0], *lines[1:]))
        next_step = "Next: correct this and run the same command again."
        return f"Live: what was live before; nothing was changed.\n{why}\n{next_step}"


@dataclass(frozen=True, slots=True)
class Configured:
    """`patch` and `former` are patches of a pod template. Nothing secret is in any of these."""

    bundle: Bundle
    applied: Applied
    patch: dict[str, Any]
    former: dict[str, Any]
    before: str
    sources: Mapping[str, str] = field(default_factory=dict)
    permissions: tuple[Permission, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        secret = sorted(set(self.bundle.secret))
        return {
            "name": self.bundle.name,
            "hash": self.bundle.hash,
            "common": self.bundle.common,
            "former_hash": self.before,
            "created": list(self.applied.created),
            "variables": sorted(self.bundle.keys),
            "secret_keys": secret,
            "sources": dict(self.sources),
            "template": self.patch,
            "former_template": self.former,
            "permissions": told(self.permissions),
        }

    def text(self) -> str:
        """For a diff: what is public, and the names of what is not."""
        hidden = "".join(f"{key}: (secret)\n" for key in sorted(self.bundle.secret))
        return f"{self.bundle.name}\n{self.bundle.public.get(self.bundle.mounting.file_name, '')}{hidden}"


def configure(cluster: Cluster, wish: Wish, environ: Mapping[str, str], stamp: str, *, dry_run: bool) -> Configured:
    """Raises Refused, before anything is written, and ClusterError."""
    document, problems = parse(wish.layers)
    common, _again = parse([layer for layer in wish.layers if layer.common])
    problems += references.bad_names(document) + references.in_clear(document)
    if wish.schema and not problems:
        problems += schema.check(document, wish.schema)
    permissions = ask(cluster, to_apply(wish))
    if missing := permission_problems(permissions):
        raise Refused([*problems, *missing])  # what may not be read cannot be judged
    wanted = references.places_of(document)
    values = resolve(wanted, wish.sources, environ, secret_reader(cluster, wish.namespace))
    problems += values.problems
    templates, missing = _templates(cluster, wish)
    problems += missing
    if problems:
        raise Refused(problems)
    bundle, problems = make(wish, document, common, values.known)
    for workload, one in templates.items():
        problems += template.problems_of(bundle, workload, one)
    if problems:
        raise Refused(problems)
    applied = apply(cluster, wish.namespace, bundle, stamp, dry_run=dry_run)
    patch = template.forward(bundle, list(templates.values()))
    first: Obj = next(iter(templates.values()), {})
    return Configured(
        bundle=bundle,
        applied=applied,
        patch=patch,
        former=template.backward(patch, first),
        before=template.used_by(first),
        sources={source.name: source.describe() for source in wish.sources},
        permissions=tuple(permissions),
    )


def former_text(cluster: Cluster, wish: Wish, digest: str) -> str:
    """The configuration of that hash, for a diff; "" where it is gone."""
    if not digest:
        return ""
    name = f"{wish.app}-config-{digest}"
    obj = cluster.find(KINDS["ConfigMap"], wish.namespace, name)
    data = (obj or {}).get("data") or {}
    return f"{name}\n{data.get(wish.mounting.file_name, '')}" if obj else ""


def _templates(cluster: Cluster, wish: Wish) -> tuple[dict[str, Obj], list[Problem]]:
    found: dict[str, Obj] = {}
    problems = []
    for kind, name in wish.workloads:
        try:
            obj = cluster.get(KINDS.get(kind, DEPLOYMENT), wish.namespace, name)
        except NotFound:
            told = f"there is no {kind} '{name}' in namespace '{wish.namespace}'"
            problems.append(Problem("workloads", told, "", "correct the name"))
        else:
            found[f"{kind} {name}"] = obj["spec"]["template"]
    return found, problems
