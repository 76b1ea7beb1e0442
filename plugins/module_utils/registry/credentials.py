# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Credentials for registries, from the pull secrets that the cluster itself would use."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..cluster import SECRET, SERVICE_ACCOUNT, Cluster, ClusterError, Obj
from .image import DOCKER_HUB, Image


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user's name and password (or token). `origin` says where they come from, for messages."""

    username: str
    password: str = field(repr=False)
    origin: str = ""

    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Found:
    """Credentials, and what could not be read on the way to them (sentences)."""

    credentials: Credentials | None = None
    notes: tuple[str, ...] = ()


def from_pull_secrets(cluster: Cluster, namespace: str, pod_spec: Obj, image: Image) -> Found:
    """What the kubelet would use for this image: the pod's imagePullSecrets and those of its ServiceAccount."""
    notes: list[str] = []
    names = [reference["name"] for reference in pod_spec.get("imagePullSecrets") or []]
    account = pod_spec.get("serviceAccountName") or "default"
    try:
        # A pod that names secrets gets none of its ServiceAccount's.
        if not names and (found := cluster.find(SERVICE_ACCOUNT, namespace, account)):
            names = [reference["name"] for reference in found.get("imagePullSecrets") or []]
    except ClusterError as error:
        notes.append(f"ServiceAccount {namespace}/{account} could not be read for its pull secrets: {error}")
    for name in names:
        try:
            secret = cluster.find(SECRET, namespace, name)
        except ClusterError as error:
            notes.append(f"Pull secret {namespace}/{name} could not be read: {error}")
            continue
        if secret is None:
            notes.append(f"Pull secret {namespace}/{name} does not exist, so the kubelet cannot use it either.")
        elif credentials := _matching(_entries(secret), image, f"pull secret {namespace}/{name}"):
            return Found(credentials, tuple(notes))
    return Found(None, tuple(notes))


def _entries(secret: Obj) -> Mapping[str, Obj]:
    """Registry to entry, of either of the two kinds of pull secret; nothing where it is malformed."""
    data = secret.get("data") or {}
    try:
        if ".dockerconfigjson" in data:
            auths = json.loads(base64.b64decode(data[".dockerconfigjson"])).get("auths") or {}
        else:
            auths = json.loads(base64.b64decode(data.get(".dockercfg", "e30=")))
    except (ValueError, binascii.Error, AttributeError):
        return {}
    return auths if isinstance(auths, dict) else {}


def _matching(entries: Mapping[str, Obj], image: Image, origin: str) -> Credentials | None:
    """The entry with the longest match, as the kubelet chooses."""
    fitting = [(len(key), entry) for key, entry in entries.items() if _fits(key, image)]
    for _depth, entry in sorted(fitting, key=lambda pair: pair[0], reverse=True):
        if credentials := _decode(entry, origin):
            return credentials
    return None


def _fits(key: str, image: Image) -> bool:
    place = key.removeprefix("https://").removeprefix("http://").rstrip("/")
    host, _slash, path = place.partition("/")
    if path in ("v1", "v2"):
        path = ""
    hosts = _same_hosts(image.registry)
    if host.startswith("*."):
        here = any(one.endswith(host[1:]) and one.count(".") == host.count(".") for one in hosts)
    else:
        here = host in hosts
    return here and (not path or f"{image.repository}/".startswith(f"{path}/"))


def _same_hosts(registry: str) -> Iterable[str]:
    return (registry, "index.docker.io", "registry-1.docker.io") if registry == DOCKER_HUB else (registry,)


def _decode(entry: Obj, origin: str) -> Credentials | None:
    if entry.get("username"):
        return Credentials(str(entry["username"]), str(entry.get("password", "")), origin)
    try:
        username, colon, password = base64.b64decode(entry.get("auth", "")).decode().partition(":")
    except (ValueError, binascii.Error):
        return None
    return Credentials(username, password, origin) if colon else None
