# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the pods serve as metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..cluster import POD, Cluster, ClusterError, Obj
from ..gate.exposition import ExpositionError, Line, parse
from ..gate.subject import read_pod

_FEW = 3  # pods that are looked at
_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class Exposed:
    """`source` is the option `source` of type pods as far as it must be said; `questions` are comments."""

    lines: tuple[Line, ...] = ()
    source: Mapping[str, Any] = field(default_factory=lambda: {"type": "pods"})
    where: str = ""
    questions: tuple[str, ...] = ()


def read_metrics(cluster: Cluster, pods: Sequence[Obj]) -> Exposed:
    """By the pods' annotations, else by a port that is named for it, else by any port that serves it."""
    if not pods:
        return Exposed(questions=("Which metrics are there? No pod is ready that could be asked.",))
    troubles: list[str] = []
    for port, annotated in _ports(pods[0]):
        path = _annotation(pods[0], "path") or "/metrics"
        try:
            lines = [line for pod in pods[:_FEW] for line in _read(cluster, pod, port, path)]
        except (ClusterError, ExpositionError, _NoMetrics) as error:
            troubles.append(f"port {port}: {' '.join(str(error).split())[:120]}")
            continue
        source = {"type": "pods"} | ({} if annotated else {"port": port})
        return Exposed(tuple(lines), source, f"port {port}, {path}")
    tried = f" Tried {'; '.join(troubles)}." if troubles else " The pods name no port."
    return Exposed(questions=(f"Where do the pods serve metrics?{tried}",))


class _NoMetrics(Exception):
    """A page that is none."""


def _read(cluster: Cluster, pod: Obj, port: int, path: str) -> list[Line]:
    meta = pod["metadata"]
    status, body = cluster.ask(POD, meta["namespace"], f"{meta['name']}:{port}", path, timeout=_TIMEOUT)
    if status != 200:
        raise _NoMetrics(f"answers {status}")
    lines = parse(body.decode("utf-8", "replace"))
    if not lines:
        raise _NoMetrics("answers with no metrics")
    return lines


def _ports(pod: Obj) -> list[tuple[int, bool]]:
    """Ports to try, and whether the gate finds that one by itself."""
    named = read_pod(pod, "").ports
    annotated = _annotation(pod, "port")
    if annotated.isdigit():
        return [(int(annotated), True)]
    numbers = [
        int(port["containerPort"])
        for container in pod["spec"].get("containers") or []
        for port in container.get("ports") or []
    ]
    likely = sorted(numbers, key=lambda number: not any("metric" in n for n, at in named.items() if at == number))
    return [(number, named.get("metrics") == number) for number in likely]


def _annotation(pod: Obj, name: str) -> str:
    return str((pod["metadata"].get("annotations") or {}).get(f"prometheus.io/{name}", ""))
