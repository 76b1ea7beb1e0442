# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a pod's container statuses tell: images that cannot be pulled, containers that die or cannot be started."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..cluster import Obj
from .cause import AT_ONCE, NEVER, Cause, shorten

_PULLING = ("ErrImagePull", "ImagePullBackOff", "ImageInspectError", "RegistryUnavailable")
_NEVER_PULLED = {
    "InvalidImageName": "is not a valid image name",
    "ErrImageNeverPull": "is not on the node, and imagePullPolicy is Never",
}
# What a registry says when trying again is of no use. Any other trouble (time-outs, 5xx) may pass.
_REFUSED = re.compile(
    r"not found|manifest unknown|does not exist|no match for platform|unauthorized|authentication required"
    r"|access.{0,20}denied|40[134]\b|invalid reference|malformed",
    re.IGNORECASE,
)
_UNREACHED = 20.0  # seconds for a registry that does not answer well
_UNSTARTED = 15.0  # seconds for a ConfigMap, Secret or device that may be about to come
_KILLED_BY = 128  # a shell's and the container runtime's way to tell of a signal: 128 + its number


@dataclass(frozen=True, slots=True)
class _Container:
    pod: Obj
    status: Obj
    spec: Obj

    @property
    def where(self) -> str:
        return f"container {self.status['name']} of pod {self.pod['metadata']['name']}"

    @property
    def title(self) -> str:
        return "C" + self.where[1:]

    def cause(self, kind: str, text: str, patience: float, logs: str = "", **facts: Any) -> Cause:
        pod = self.pod["metadata"]["name"]
        return Cause(kind, text, patience, pod, self.status["name"], logs, facts)


def container_causes(pod: Obj, events: Sequence[Obj], max_restarts: int) -> Iterator[Cause]:
    """The causes in one pod. `events` tell whether a probe had the container killed."""
    status, spec = pod.get("status") or {}, pod["spec"]
    for statuses, specs in (("initContainerStatuses", "initContainers"), ("containerStatuses", "containers")):
        by_name = {container["name"]: container for container in spec.get(specs) or []}
        for one in status.get(statuses) or []:
            container = _Container(pod, one, by_name.get(one["name"], {}))
            waiting = (one.get("state") or {}).get("waiting") or {}
            if waiting.get("reason") in (*_PULLING, *_NEVER_PULLED):
                yield _image(container, waiting)
            elif (died := _last_death(one)) and not one.get("ready"):
                yield from _crash(container, died, events, max_restarts)
            elif waiting.get("reason") not in (None, "", "ContainerCreating", "PodInitializing"):
                yield _unstarted(container, waiting)


def _image(container: _Container, waiting: Obj) -> Cause:
    image = container.spec.get("image") or container.status.get("image", "")
    reason, message = waiting["reason"], shorten(waiting.get("message", ""))
    if reason in _NEVER_PULLED:
        text = f"The image {image} of {container.where} {_NEVER_PULLED[reason]}."
        return container.cause("image", text, AT_ONCE, image=image)
    # ImagePullBackOff repeats the error behind it since Kubernetes 1.30, and hides it before.
    essence = _essence(message, image)
    told = f": {essence}" if essence else ""
    patience = AT_ONCE if _REFUSED.search(message) else _UNREACHED
    text = f"The image {image} of {container.where} cannot be pulled{told}."
    return container.cause("image", text.replace("..", "."), patience, image=image)


def _essence(message: str, image: str) -> str:
    """A runtime's error without the layers it came through and without the image, which the sentence names."""
    told = re.sub(r"^.*\bdesc = ", "", message)
    told = re.sub(r'failed to [a-z ]+ "[^"]*": ', "", told)
    return told.replace(f"{image}: ", "")


def _last_death(status: Obj) -> Obj | None:
    for state in (status.get("state") or {}, status.get("lastState") or {}):
        if state.get("terminated"):
            terminated: Obj = state["terminated"]
            return terminated
    return None


def _crash(container: _Container, died: Obj, events: Sequence[Obj], max_restarts: int) -> Iterator[Cause]:
    status = container.status
    state = status.get("state") or {}
    restarts, code = int(status.get("restartCount", 0)), int(died.get("exitCode", 0))
    down = "running" not in state
    if code == 0 and "terminated" in state and _runs_once(container):
        return  # an init container that has done its work
    deaths = restarts + (1 if down else 0)
    number = int(died.get("signal") or (code - _KILLED_BY if _KILLED_BY < code < _KILLED_BY + 65 else 0))
    facts: dict[str, Any] = {
        "exit_code": code,
        "signal": _signal_name(number),
        "oom": died.get("reason") == "OOMKilled",
        "restarts": restarts,
    }
    # A container that runs again may be on its way; one that is down after so many tries is not.
    patience = AT_ONCE if down and deaths > max_restarts else NEVER
    text = f"{container.title} {_how(container, died, facts, events)}"
    text += f" ({deaths} times)." if deaths > 1 else "."
    # Between two lives the last one is "previous" only after the restart.
    logs = "current" if "terminated" in state else "previous"
    yield container.cause("oom" if facts["oom"] else "crash", text, patience, logs, **facts)


def _runs_once(container: _Container) -> bool:
    inits = container.pod["spec"].get("initContainers") or []
    return any(init["name"] == container.status["name"] and init.get("restartPolicy") != "Always" for init in inits)


def _how(container: _Container, died: Obj, facts: Obj, events: Sequence[Obj]) -> str:
    if facts["oom"]:
        limit = ((container.spec.get("resources") or {}).get("limits") or {}).get("memory")
        told = f" its limit of {limit}" if limit else " the node had"
        return f"was killed because it used more memory than{told} (OOMKilled, exit code {facts['exit_code']})"
    probe = _killing_probe(container.status["name"], events)
    if probe:
        return f"was killed because its {probe} (exit code {facts['exit_code']})"
    if facts["signal"]:
        return f"was ended by {facts['signal']} (exit code {facts['exit_code']})"
    message = shorten(died.get("message", ""))
    if died.get("reason") in ("StartError", "ContainerCannotRun"):
        return f"could not be started: {message or died['reason']} (exit code {facts['exit_code']})"
    if facts["exit_code"] == 0:
        return "ended by itself with exit code 0, but a server must keep running"
    return f"exits with code {facts['exit_code']}" + (f": {message}" if message else "")


def _killing_probe(container: str, events: Sequence[Obj]) -> str:
    if not any(event.get("reason") == "Killing" and _about(event, container) for event in events):
        return ""
    for event in events:
        found = re.match(r"(Liveness|Startup) probe failed: (.*)", event.get("message", ""), re.DOTALL)
        if event.get("reason") == "Unhealthy" and found and _about(event, container):
            return f"{found[1].lower()} probe failed: {shorten(found[2])}"
    return ""


def _about(event: Obj, container: str) -> bool:
    path = (event.get("involvedObject") or {}).get("fieldPath", "")
    return not path or f"{{{container}}}" in path


def _signal_name(number: int) -> str | None:
    if number <= 0:
        return None
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _unstarted(container: _Container, waiting: Obj) -> Cause:
    reason, message = waiting["reason"], shorten(waiting.get("message", ""))
    kind = "config" if reason == "CreateContainerConfigError" else "start"
    text = f"{container.title} cannot be started ({reason})"
    text += f": {message}." if message else "."
    return container.cause(kind, text.replace("..", "."), _UNSTARTED, reason=reason)
