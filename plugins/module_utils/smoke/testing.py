# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the module smoke_test does, from options to result."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle
from typing import Any

from ..clock import Clock
from ..cluster import SERVICE, Cluster
from ..workload.smoke import run, summary
from .command import Command, parse_command, run_command
from .command import summary as command_summary
from .forward import Dial, Stream, forward, pod_dialer
from .probe import ProbeError, parse_probes
from .targets import Target, behind, find_targets, of_url
from .ways import Ask, address_of, by_forward, by_proxy, directly, refuse_credentials

_CONNECT = 5.0


def describe(params: Mapping[str, Any]) -> str:
    """For people: who is asked."""
    if params.get("url"):
        return str(params["url"])
    place = params["namespace"]
    if params.get("service"):
        return f"Service {place}/{params['service']}"
    return (
        f"each pod of {place}/{params['name']}" if params.get("name") else f"each pod {params['selector']} of {place}"
    )


def rehearse(params: Mapping[str, Any]) -> dict[str, Any]:
    """What would be asked. Raises ProbeError."""
    asked = ", ".join(probe.label for probe in parse_probes(params["tests"]))
    command = parse_command(params["command"]) if params.get("command") else None
    said = [f"would ask {describe(params)} for {asked or 'nothing'}"] if asked or not command else []
    said += [f"would run {' '.join(command.with_url('URL'))} on {describe(params)}"] if command else []
    return {"changed": False, "msg": "; ".join(said)}


class SmokeTest:
    """One run of the module. `connect` is called only where a cluster is needed."""

    def __init__(self, params: Mapping[str, Any], connect: Callable[[], Cluster], clock: Clock) -> None:
        self._params = params
        self._connect = connect
        self._clock = clock
        self._probes = parse_probes(params["tests"])
        self._command = parse_command(params["command"]) if params.get("command") else None
        if not self._probes and self._command is None:
            raise ProbeError("tests is empty and there is no command, so that nothing would be tested. Give one.")
        if params["via"] == "proxy" and not params.get("url"):
            refuse_credentials(self._probes)

    def run(self) -> dict[str, Any]:
        """The module's result. Raises NoDeployment, ProbeError, ClusterError."""
        cluster = None if self._params.get("url") else self._connect()
        targets = find_targets(cluster, self._params) if cluster else [of_url(self._params["url"])]
        if not targets:
            raise ProbeError(self._nobody())
        result = self._ask_all(cluster, targets) if self._probes else {"failed": False, "msg": "", "results": []}
        if self._command is not None and not result["failed"]:
            ran = self._run_command(cluster, targets, self._command)
            said = "; ".join(str(one["msg"]) for one in (result, ran) if one["msg"])
            result = {**result, **ran, "msg": ran["msg"] if ran["failed"] else said}
        return {"changed": False, **result}

    def _nobody(self) -> str:
        if self._params.get("name"):
            name = f"{self._params['namespace']}/{self._params['name']}"
            return f"Deployment {name} has no ready pod of its newest template to be tested."
        return f"No pod in namespace {self._params['namespace']} is ready and has {self._params['selector']}."

    def _ask_all(self, cluster: Cluster | None, targets: Sequence[Target]) -> dict[str, Any]:
        with self._way(cluster, targets) as ask:
            results = run(targets, self._probes, ask, self._clock)
        kind = "pod" if targets[0].kind is not SERVICE else "Service"
        said = summary(results, self._probes, kind if targets[0].kind else "address")
        failed = any(result.problem for result in results)
        return {"failed": failed, "msg": said, "results": [result.as_dict() for result in results]}

    @contextmanager
    def _way(self, cluster: Cluster | None, targets: Sequence[Target]) -> Iterator[Ask]:
        via, certs = self._params["via"], self._params["verify"]
        if cluster is None or via == "direct":
            yield directly(validate_certs=certs)
        elif via == "proxy":
            yield by_proxy(cluster)
        else:
            with ExitStack() as stack:
                yield by_forward(self._forwards(cluster, targets, stack))

    def _forwards(self, cluster: Cluster, targets: Sequence[Target], stack: ExitStack) -> Mapping[tuple[str, int], str]:
        """One for each target and port that any question is about."""
        urls: dict[tuple[str, int], str] = {}
        for port in sorted({probe.port for probe in self._probes}):
            ends = self._ends(cluster, port)
            for target in targets:
                mine = [(pod, at) for pod, at in ends if target.kind is SERVICE or pod.name == target.name]
                if mine:
                    dial = self._dialer(mine, direct=False)
                    urls[target.name, target.port(port)] = stack.enter_context(forward(dial)).address
        return urls

    def _ends(self, cluster: Cluster, port: str) -> list[tuple[Target, int]]:
        try:
            ends = behind(cluster, self._params, port)
        except OSError as error:
            raise ProbeError(f"{error}. Correct the port.") from error
        if not ends:
            raise ProbeError(f"No ready pod stands behind {describe(self._params)}.")
        return ends

    def _dialer(self, ends: Sequence[tuple[Target, int]], *, direct: bool) -> Dial:
        if direct:
            turn = cycle([(pod.host, port) for pod, port in ends])
            return lambda: _connect_to(*next(turn))
        return pod_dialer(self._params, self._params["namespace"], [(pod.name, port) for pod, port in ends])

    def _run_command(self, cluster: Cluster | None, targets: Sequence[Target], command: Command) -> dict[str, Any]:
        direct = self._params["via"] == "direct"
        if cluster is None or (direct and targets[0].kind is SERVICE):
            return self._finished(command, self._address(targets[0], command), lambda: "")
        with forward(self._dialer(self._ends(cluster, command.port), direct=direct)) as opened:
            return self._finished(command, f"{command.scheme}://{opened.address}", lambda: opened.trouble)

    def _address(self, target: Target, command: Command) -> str:
        try:
            return address_of(target, command.port, command.scheme)
        except OSError as error:
            raise ProbeError(f"command.port: {error}.") from error

    def _finished(self, command: Command, url: str, trouble: Callable[[], str]) -> dict[str, Any]:
        outcome = run_command(command, url, self._clock)
        about = describe(self._params).removeprefix("each pod of ")
        said = command_summary(command, outcome, about)
        if outcome.problem and trouble():
            said = f"{said} (the last connection: {trouble()})"
        return {
            "failed": bool(outcome.problem),
            "msg": said,
            "command": {
                "argv": command.with_url(url),
                "url": url,
                "rc": outcome.code,
                "seconds": round(outcome.seconds, 3),
                "output": list(outcome.output),
            },
        }


def _connect_to(host: str, port: int) -> Stream:
    opened = socket.create_connection((host, port), timeout=_CONNECT)
    opened.settimeout(None)  # the program on the other side has time-outs of its own
    return opened
