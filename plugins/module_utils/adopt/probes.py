# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the kubelet's probes to smoke tests: paths that say whether the app is well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..cluster import Obj

# A command that asks by HTTP, such as `curl -f http://localhost:9898/readyz`.
_URL = re.compile(r"(?:https?://)?(?:localhost|127\.0\.0\.1|\[::1\])(?::(\d+))?(/[^\s'\"]*)?")
_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")


@dataclass(frozen=True, slots=True)
class Path:
    """A path that a probe asks; `port` is a name or a number."""

    path: str
    port: str
    scheme: str = "http"

    def as_test(self) -> dict[str, Any]:
        test: dict[str, Any] = {"path": self.path}
        if self.port != "http":
            test["port"] = int(self.port) if self.port.isdigit() else self.port
        return test | ({"scheme": self.scheme} if self.scheme != "http" else {})


def probe_paths(container: Obj) -> list[Path]:
    """Each once, readiness first."""
    found = [path for probe in _PROBES for path in _paths(container, container.get(probe) or {})]
    return list(dict.fromkeys(found))


def _paths(container: Obj, probe: Obj) -> Iterator[Path]:
    get = probe.get("httpGet")
    if get:
        scheme = str(get.get("scheme", "HTTP")).lower()
        yield Path(str(get.get("path") or "/"), _named(container, get.get("port", "http")), scheme)
    words = " ".join(map(str, (probe.get("exec") or {}).get("command") or []))
    asked = _URL.search(words)
    if asked and asked.group(2):
        yield Path(asked.group(2), _named(container, asked.group(1) or 80))


def _named(container: Obj, port: object) -> str:
    """The port's name where it has one: names outlast numbers."""
    for one in container.get("ports") or []:
        if str(one.get("containerPort")) == str(port) and one.get("name"):
            return str(one["name"])
    return str(port)


def user_port(container: Obj) -> str:
    """The port that users' requests come in by, "" where it cannot be told."""
    ports = container.get("ports") or []
    for name in ("http", "web", "https", "http1", "http-web"):
        if any(port.get("name") == name for port in ports):
            return name
    if len(ports) == 1:
        return str(ports[0].get("name") or ports[0]["containerPort"])
    return ""
