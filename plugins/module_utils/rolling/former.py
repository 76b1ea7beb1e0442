# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a workload was before a rollout: enough to put the very same template back."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..cluster import Cluster, Obj
from ..labels import join_labels, match_labels
from ..registry.image import short_name
from ..workload.kinds import workload_of
from ..workload.snapshot import Snapshot, name_of, owned_by, template
from .pace import former_pace

RELEASE = "slipway.rollout/release"
PINNED = "slipway.rollout/image"
FORMER_IMAGE = "slipway.rollout/former-image"
FORMER_RELEASE = "slipway.rollout/former-release"
FORMER_REVISION = "slipway.rollout/former-revision"
FORMER_TEMPLATE = "slipway.rollout/former-template"
# The digest of the template that a rollout of ours has given, by which it is known again.
TEMPLATE = "slipway.rollout/template"
# Set when a rollout is stopped, until all is as it was: why.
STOPPED = "slipway.rollout/stopped"
NOTES = (RELEASE, PINNED, TEMPLATE, FORMER_IMAGE, FORMER_RELEASE, FORMER_REVISION, FORMER_TEMPLATE)
_SECRET = re.compile(r"passw|secret|token|api_?key|private|credential|dsn|(^|_)auth(_|$)", re.IGNORECASE)
_IN_URL = re.compile(r"://[^/\s:@]*:[^/\s@]+@")


class NoFormer(Exception):
    """The former template is not to be had any more; the text says what was looked for and what to do."""


@dataclass(frozen=True, slots=True)
class Former:
    """`digest` is the template's, `revision` the object of the cluster that keeps it.

    `template` is the template itself; None where it has values that look secret, which belong into no record of ours.
    `pace` are fields of the spec, `notes` annotations; None in them is for what was not there.
    """

    revision: str
    digest: str
    image: str
    release: str
    template: Obj | None = None
    pace: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """For people."""
        return short_name(self.release or self.image)

    def as_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "revision": self.revision,
            "digest": self.digest,
            "image": self.image,
            "release": self.release,
        }
        return told | {"template": self.template, "pace": dict(self.pace), "notes": dict(self.notes)}

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Former:
        """From as_dict(). Raises NoFormer."""
        if not given.get("digest"):
            raise NoFormer("former has no digest of a template. Give it as the module returned it.")
        known = {name: given[name] for name in cls.__slots__ if given.get(name) is not None}
        return cls(**{"revision": "", "image": "", "release": "", **known})


def former_of(snapshot: Snapshot, image: str, release: str) -> Former:
    """What the workload is now. `release` is what people know its image by."""
    obj = snapshot.workload
    kept, notes = template(obj), obj["metadata"].get("annotations") or {}
    return Former(
        revision=name_of(snapshot.revision) if snapshot.revision else "",
        digest=digest(kept),
        image=image,
        release=release,
        template=None if has_secrets(kept) else kept,
        pace=former_pace(obj),
        notes={name: notes.get(name) for name in NOTES},
    )


def noted(obj: Obj) -> Former:
    """What the last rollout noted on the workload itself, for a way back an hour later. Raises NoFormer."""
    notes = obj["metadata"].get("annotations") or {}
    if not notes.get(FORMER_TEMPLATE):
        raise NoFormer(
            f"{obj['kind']} {name_of(obj)} does not say what it was before: no rollout of ours gave it its release, or "
            "it was taken back already. Roll out the release that is wanted."
        )
    image, release = notes.get(FORMER_IMAGE, ""), notes.get(FORMER_RELEASE, "")
    # Where that was gone back to is nothing to go back to a second time.
    after = {**dict.fromkeys(NOTES), RELEASE: release or None, PINNED: image or None}
    return Former(notes.get(FORMER_REVISION, ""), notes[FORMER_TEMPLATE], image, release, notes=after)


def find_template(cluster: Cluster, obj: Obj, former: Former) -> Obj:
    """The very template, by its digest: from the record, or from the revisions that the cluster keeps.

    Raises NoFormer, ClusterError.
    """
    if former.template is not None and digest(former.template) == former.digest:
        return former.template
    there = workload_of(obj)
    for revision in cluster.list(there.revisions, obj["metadata"]["namespace"], labels=join_labels(match_labels(obj))):
        if owned_by(revision, obj):
            found = template(revision if "spec" in revision else _of_data(revision))
            if digest(found) == former.digest:
                return found
    limit = obj["spec"].get("revisionHistoryLimit", 10)
    raise NoFormer(
        f"{there.revisions.kind} {former.revision} with the former template of {obj['kind']} {name_of(obj)} is gone "
        f"(revisionHistoryLimit is {limit}). Roll out {former.release or former.image} instead."
    )


def _of_data(revision: Obj) -> Obj:
    """A ControllerRevision keeps a patch, which for these kinds is the template and a word for how to apply it."""
    found = json.loads(json.dumps(revision.get("data") or {}))
    found.setdefault("spec", {}).setdefault("template", {}).pop("$patch", None)
    return dict(found)


def digest(wanted: Obj) -> str:
    """The same for templates that say the same, whatever the order of their fields."""
    cleaned = _without_empty(wanted)
    return hashlib.sha256(json.dumps(cleaned, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _without_empty(value: Any) -> Any:
    """The API drops some empty fields and returns others as null."""
    if isinstance(value, dict):
        cleaned = {key: _without_empty(one) for key, one in value.items()}
        return {key: one for key, one in cleaned.items() if one not in (None, {}, [])}
    return [_without_empty(one) for one in value] if isinstance(value, list) else value


def has_secrets(wanted: Obj) -> bool:
    """Whether an environment variable, an argument or an annotation has a value that looks like a secret."""
    spec = wanted.get("spec") or {}
    for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        for variable in container.get("env") or []:
            value = str(variable.get("value") or "")
            if value and (_SECRET.search(variable.get("name", "")) or _IN_URL.search(value)):
                return True
        words = [*(container.get("command") or []), *(container.get("args") or [])]
        if any(_SECRET.search(str(word)) or _IN_URL.search(str(word)) for word in words):
            return True
    notes = (wanted.get("metadata") or {}).get("annotations") or {}
    return any(_SECRET.search(name) or _IN_URL.search(str(value)) for name, value in notes.items())
