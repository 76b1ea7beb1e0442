# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a release was proven in an environment: live there by the ledger, healthy, and with what configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..cluster import CONFIG_MAP, Cluster, Obj
from ..configuration.bundle import COMMON, COMMON_FILE
from ..configuration.document import Document, Layer, name_of, parse
from ..configuration.template import container_of, used_by
from ..preflight.problem import Problem
from ..registry.image import short_name
from ..rollout.entry import Entry
from ..rollout.ledger import Book, Ledger
from ..traffic.errors import TrafficError
from ..workload.patch import KINDS
from .origin import Origin
from .origin import found as found_origin

RELEASED = "released"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Proof:
    """`image` by digest; `release` has its tag too. Without a configuration `hash` and `common` are empty."""

    problems: tuple[Problem, ...]
    image: str = ""
    release: str = ""
    title: str = ""
    hash: str = ""
    common: str = ""
    since: str = ""
    by: str = ""

    def text(self) -> str:
        told = [one.text() for one in self.problems]
        lines = told if len(told) == 1 else [f"{len(told)} reasons:", *(f"- {one}" for one in told)]
        why = "\n".join((f"Why: {lines[0]}", *lines[1:]))
        again = "Next: correct this and run the same command again."
        return f"Live: what was live before; nothing was changed.\n{why}\n{again}"

    def as_dict(self) -> dict[str, Any]:
        keys = ("image", "release", "title", "hash", "common", "since", "by")
        return {key: getattr(self, key) for key in keys} | {"problems": [one.as_dict() for one in self.problems]}


def prove(cluster: Cluster, origin: Origin, wanted: str, files: tuple[Layer, ...]) -> Proof:
    """`wanted`: the image that somebody names, "" for the one that is live. `files`: the target's configuration.

    Raises ClusterError.
    """
    book = Ledger(cluster, origin.names).read()
    try:
        origin = found_origin(cluster, origin, book)
    except TrafficError as error:
        return Proof((Problem(origin.place, f"which slot is live cannot be told: {error}"),))
    obj = cluster.find(KINDS[origin.kind], origin.names.namespace, origin.workload)
    if obj is None:
        told = f"there is no {origin.kind} '{origin.workload}' in namespace '{origin.names.namespace}'"
        return Proof((Problem(origin.place, told, "", "correct the name, or the namespace"),))
    template: Obj = obj["spec"]["template"]
    live, digest = str((container_of(template, origin.container) or {}).get("image", "")), used_by(template)
    entry = _released(book, live, digest)
    problems = [*_unproven(origin, book, live, digest, entry), *_unhealthy(origin, obj)]
    if wanted and _differs(wanted, live, entry):
        found = f"{short_name(wanted)} is not live in {origin.place}; live is {_title(entry, live)}"
        problems.append(Problem("image", found, "", f"release it in {origin.place} first, or leave slipway_image out"))
    config = cluster.find(CONFIG_MAP, origin.names.namespace, f"{origin.names.app}-config-{digest}") if digest else None
    problems += _changed(origin, config, files)
    return Proof(
        problems=tuple(problems),
        image=live,
        release=_release(entry, live),
        title=_title(entry, live),
        hash=digest,
        common=str(((config or {}).get("metadata", {}).get("annotations") or {}).get(COMMON, "")),
        since=entry.ended if entry else "",
        by=entry.by if entry else "",
    )


def _released(book: Book, live: str, digest: str) -> Entry | None:
    """The latest one of that image, and of that configuration too if there was one."""
    those = [one for one in book.history if one.outcome == RELEASED and _image(one) == live]
    return next((one for one in those if _config(one) == digest), those[0] if those else None)


def _unproven(origin: Origin, book: Book, live: str, digest: str, entry: Entry | None) -> Iterator[Problem]:
    place = origin.place
    if book.open is not None:
        told = f"a rollout is open there: {book.open.describe()}"
        yield Problem(place, told, "", "let it end, or take it back: playbooks/rollback.yml")
    if entry is None:
        if book.last_released is None:
            found = f"no release was ever live in {place}: its ledger has none"
        else:
            found = f"{short_name(live)} runs in {place}, but its ledger has {book.last_released.title()} as released"
        yield Problem(place, found, "", f"release it in {place} first")
        return
    if "@sha256:" not in live:
        yield Problem(
            place, f"{live} is a tag, so it is not certain what was proven", "", f"release it in {place} again"
        )
    noted = _config(entry)
    if noted != digest:
        found = (
            f"the configuration that runs in {place} ({digest or 'none'}) is not the released one ({noted or 'none'})"
        )
        yield Problem(place, found, "", f"release it in {place} again")


def _unhealthy(origin: Origin, obj: Obj) -> Iterator[Problem]:
    status, spec, meta = obj.get("status") or {}, obj["spec"], obj["metadata"]
    if origin.kind == "DaemonSet":
        wanted, ready = status.get("desiredNumberScheduled", 0), status.get("numberAvailable", 0)
        updated = status.get("updatedNumberScheduled", 0)
    else:
        wanted, updated = int(spec.get("replicas", 1)), status.get("updatedReplicas", 0)
        ready = status.get("availableReplicas", status.get("readyReplicas", 0))
    seen = status.get("observedGeneration", 0) >= meta.get("generation", 0)
    if wanted < 1 or not seen or min(updated, ready) < wanted:
        found = f"{origin.workload} is not healthy in {origin.place}: {min(updated, ready)} of {wanted} pods are ready"
        yield Problem(origin.place, found, "at least 1 pod, and all of them ready", "find out why, or wait")


def _differs(wanted: str, live: str, entry: Entry | None) -> bool:
    if wanted in (live, (entry.release if entry else {}).get("asked")):
        return False
    digest = wanted.partition("@")[2]
    return not digest or not live.endswith(f"@{digest}")


def _changed(origin: Origin, config: Obj | None, files: tuple[Layer, ...]) -> Iterator[Problem]:
    """The part of the configuration that is the same everywhere must be the one that was proven."""
    common, _problems = parse([one for one in files if one.common])
    text = ((config or {}).get("data") or {}).get(COMMON_FILE, "")
    proven, _none = parse([Layer("proven", text)])
    before, after = dict(proven.leaves()), dict(common.leaves())
    changed = [path for path in {**before, **after} if before.get(path, ...) != after.get(path, ...)]
    if not changed:
        return
    told = [_change(common, path, before, after) for path in changed[:_SHOWN]]
    more = f", and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
    found = f"it was changed since it was proven in {origin.place}: {', '.join(told)}{more}"
    yield Problem("the common configuration", found, "", f"release it in {origin.place} first, or set it back")


def _change(common: Document, path: Any, before: Mapping[Any, Any], after: Mapping[Any, Any]) -> str:
    place = common.place(path)
    return f"{name_of(path)} {before.get(path, 'none')} -> {after.get(path, 'none')}{f' ({place})' if place else ''}"


def _image(entry: Entry) -> str:
    return str(entry.release.get("image") or "")


def _config(entry: Entry) -> str:
    """Its hash."""
    config = entry.release.get("config") or ""
    return str(config.get("hash") or "") if isinstance(config, Mapping) else str(config)


def _release(entry: Entry | None, live: str) -> str:
    """`repository:tag@digest` where the tag is known: the digest decides."""
    name, at, digest = live.partition("@")
    asked = str((entry.release.get("name") or entry.release.get("asked") or "") if entry else "").partition("@")[0]
    return f"{asked}{at}{digest}" if at and asked.startswith(f"{name}:") else live


def _title(entry: Entry | None, live: str) -> str:
    return entry.title() if entry else short_name(live)
