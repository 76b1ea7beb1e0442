# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a pod and its events tell: no node, no volume, no network, a probe that fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ..cluster import Obj
from .cause import AT_ONCE, NEVER, Cause, shorten
from .events import newest_first
from .snapshot import is_ready

_NO_NODE = 60.0  # seconds for pods that are ending to make room, or for an autoscaler to speak up
_NO_VOLUME = 15.0  # seconds for a ConfigMap or Secret that may be about to come
_NODE_IS_COMING = {"TriggeredScaleUp", "Nominated"}  # cluster-autoscaler's and Karpenter's words
_NO_NODE_WILL_COME = {"NotTriggerScaleUp"}
_MISSING_OBJECT = re.compile(r'(configmap|secret) "?([^"\s]+)"? not found|references non-existent', re.IGNORECASE)
_PROBE = re.compile(r"(Readiness|Liveness|Startup) probe (failed|errored)[^:]*: (.*)", re.DOTALL)
_STATUS_CODE = re.compile(r"statuscode: (\d{3})")


def pod_causes(pod: Obj, events: Sequence[Obj]) -> Iterator[Cause]:
    """The causes that concern the pod as a whole, and probes, which only events tell of."""
    status = pod.get("status") or {}
    if status.get("phase") == "Failed":
        yield _failed(pod, status)
        return
    for condition in status.get("conditions") or []:
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            yield _unscheduled(pod, condition, events)
            return
    started = any("running" in (c.get("state") or {}) for c in status.get("containerStatuses") or [])
    if not started:
        yield from _preparing(pod, events)
    elif not is_ready(pod):
        yield from _probes(pod, events)


def _failed(pod: Obj, status: Obj) -> Cause:
    name, reason = pod["metadata"]["name"], status.get("reason", "")
    told = shorten(status.get("message", "")) or "no message"
    # The ReplicaSet makes another one; it is the repetition that counts.
    return Cause("evicted", f"Pod {name} failed ({reason or 'no reason given'}): {told}.", 30.0, name, facts={})


def _unscheduled(pod: Obj, condition: Obj, events: Sequence[Obj]) -> Cause:
    name = pod["metadata"]["name"]
    told = shorten(condition.get("message", "")) or "no message"
    reasons = {event.get("reason") for event in events}
    patience = _NO_NODE
    if reasons & _NODE_IS_COMING:
        patience = NEVER
    elif reasons & _NO_NODE_WILL_COME:
        patience = AT_ONCE
    if condition.get("reason") == "SchedulingGated":
        return Cause("unschedulable", f"Pod {name} is held back by a scheduling gate: {told}.", NEVER, name)
    text = f"No node takes pod {name}: {told}."
    claim = next((event for event in newest_first(events) if _of_claim(event)), None)
    if claim is not None:
        text += f" PersistentVolumeClaim {claim['involvedObject']['name']}: {shorten(claim.get('message', ''))}."
    return Cause("unschedulable", text, patience, name)


def _of_claim(event: Obj) -> bool:
    return bool((event.get("involvedObject") or {}).get("kind") == "PersistentVolumeClaim")


def _preparing(pod: Obj, events: Sequence[Obj]) -> Iterator[Cause]:
    name = pod["metadata"]["name"]
    for event in newest_first(events):
        reason, told = event.get("reason"), shorten(event.get("message", ""))
        if reason in ("FailedMount", "FailedAttachVolume"):
            patience = _NO_VOLUME if _MISSING_OBJECT.search(told) else NEVER
            yield Cause("volume", f"A volume of pod {name} cannot be mounted: {told}.", patience, name)
            return
        if reason == "FailedCreatePodSandBox":
            yield Cause("sandbox", f"The node cannot set up pod {name}: {told}.", NEVER, name)
            return


def _probes(pod: Obj, events: Sequence[Obj]) -> Iterator[Cause]:
    name = pod["metadata"]["name"]
    for status in pod["status"].get("containerStatuses") or []:
        if status.get("ready"):
            continue
        container: Obj = next((c for c in pod["spec"].get("containers") or [] if c["name"] == status["name"]), {})
        found = _failing_probe(status["name"], events)
        if found is None:
            continue
        kind, message = found
        facts = _probe_facts(kind, container, message)
        text = f"The {kind} probe of container {status['name']} in pod {name} fails: {_probe_text(facts, message)}."
        yield Cause("probe", text, NEVER, name, status["name"], "current", {"probe": facts})


def _failing_probe(container: str, events: Sequence[Obj]) -> tuple[str, str] | None:
    for event in newest_first(events):
        path = (event.get("involvedObject") or {}).get("fieldPath", "")
        found = _PROBE.match(event.get("message", ""))
        if event.get("reason") == "Unhealthy" and found and (not path or f"{{{container}}}" in path):
            return found[1].lower(), shorten(found[3])
    return None


def _probe_facts(kind: str, container: Obj, message: str) -> dict[str, Any]:
    probe = container.get(f"{kind}Probe") or {}
    facts: dict[str, Any] = {"kind": kind}
    if http := probe.get("httpGet"):
        facts |= {"path": http.get("path", "/"), "port": http.get("port")}
    elif probe.get("tcpSocket"):
        facts["port"] = probe["tcpSocket"].get("port")
    elif probe.get("grpc"):
        facts["port"] = probe["grpc"].get("port")
    elif probe.get("exec"):
        facts["command"] = " ".join(probe["exec"].get("command") or [])
    if code := _STATUS_CODE.search(message):
        facts["code"] = int(code[1])
    return facts


def _probe_text(facts: dict[str, Any], message: str) -> str:
    if "path" in facts:
        asked = f"GET {facts['path']} on port {facts['port']}"
        return f"{asked} answers {facts['code']}" if "code" in facts else f"{asked}: {message}"
    if "command" in facts:
        return f"{facts['command']}: {message}"
    return message
