# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Smoke tests: small questions to each pod of the newest template, before any user sees it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from ..clock import Clock
from ..cluster import Cluster, ClusterError, Obj
from .cause import shorten
from .snapshot import is_ready, take

_AT_ONCE = 8
_LARGEST = 64 * 1024  # of an answer that is looked into

# Path, port and time-out to status and body; raises ClusterError or OSError when there is no answer.
Ask = Callable[[Obj, "Test"], tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Test:
    """One question. `port` is a number or a name, `contains` a text in the answer; asked `repeat` times in a row."""

    path: str
    port: str
    status: int = 200
    contains: str = ""
    timeout: float = 5.0
    repeat: int = 1
    scheme: str = "http"
    __test__ = False  # pytest takes it for one of its own


@dataclass(frozen=True, slots=True)
class Result:
    """How one pod answered one question, at the last time of asking. `problem` is empty when all was well."""

    pod: str
    path: str
    status: int
    seconds: float
    problem: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"seconds": round(self.seconds, 3), "ok": not self.problem}


def parse_tests(options: Sequence[Mapping[str, Any]]) -> list[Test]:
    return [Test(**{key: value for key, value in option.items() if value is not None}) for option in options]


def ready_pods(cluster: Cluster, namespace: str, deployment: str) -> list[Obj]:
    """Raises NoDeployment or ClusterError."""
    return [pod for pod in take(cluster, namespace, deployment).pods if is_ready(pod)]


def run(pods: Sequence[Obj], tests: Sequence[Test], ask: Ask, clock: Clock) -> list[Result]:
    """Every test on every pod, side by side; in the order of pods, then of tests."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(
            pool.map(lambda pair: _one(pair[0], pair[1], ask, clock), [(pod, test) for pod in pods for test in tests])
        )


def _one(pod: Obj, test: Test, ask: Ask, clock: Clock) -> Result:
    name = pod["metadata"]["name"]
    status, seconds, problem = 0, 0.0, ""
    for dummy in range(max(1, test.repeat)):
        began = clock.monotonic()
        try:
            status, body = ask(pod, test)
            problem = _judge(test, status, body)
        except (ClusterError, OSError) as error:
            status, problem = 0, f"no answer: {shorten(error)}"
        seconds = clock.monotonic() - began
        if problem:
            break
    return Result(name, test.path, status, seconds, problem)


def _judge(test: Test, status: int, body: bytes) -> str:
    if status != test.status:
        told = _proxy_says(status, body)
        return f"answers {status}, expected {test.status}" + (f" ({told})" if told else "")
    if test.contains and test.contains not in body[:_LARGEST].decode("utf-8", "replace"):
        return f"the answer does not contain '{test.contains}'"
    return ""


def _proxy_says(status: int, body: bytes) -> str:
    """When it is the API server that answers, because it does not reach the pod, its own words."""
    try:
        answer = json.loads(body)
        return shorten(answer["message"]) if answer.get("kind") == "Status" and status >= 500 else ""
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def by_proxy(cluster: Cluster) -> Ask:
    """Through the API server: works from anywhere; needs `get` on pods/proxy."""

    def ask(pod: Obj, test: Test) -> tuple[int, bytes]:
        meta = pod["metadata"]
        prefix = "https:" if test.scheme == "https" else ""
        name, port = f"{prefix}{meta['name']}", int(_number(pod, test.port))
        return cluster.ask_pod(meta["namespace"], name, port, test.path, timeout=test.timeout)

    return ask


def directly(pod: Obj, test: Test) -> tuple[int, bytes]:
    """Straight to the pod's address, where the pod network can be reached."""
    host = pod["status"]["podIP"]
    host = f"[{host}]" if ":" in host else host
    url = f"{test.scheme}://{host}:{_number(pod, test.port)}/{test.path.lstrip('/')}"
    straight = build_opener(ProxyHandler({}))  # a pod's address is behind no proxy
    try:
        with straight.open(url, timeout=test.timeout) as answer:
            return int(answer.status), bytes(answer.read(_LARGEST))
    except HTTPError as error:
        with error:
            return error.code, error.read(_LARGEST)


def _number(pod: Obj, port: str) -> str:
    if port.isdigit():
        return port
    for container in pod["spec"].get("containers") or []:
        for one in container.get("ports") or []:
            if one.get("name") == port:
                return str(one["containerPort"])
    raise OSError(f"pod {pod['metadata']['name']} has no port named '{port}'")


def summary(results: Sequence[Result], tests: Sequence[Test]) -> str:
    """One sentence: all well, or the first thing that was not."""
    pods = len({result.pod for result in results})
    failed = [result for result in results if result.problem]
    if not failed:
        return f"{len(tests)} smoke test{_s(len(tests))} passed on {pods} pod{_s(pods)}"
    more = f", and {len(failed) - 1} more" if len(failed) > 1 else ""
    return f"Smoke test {failed[0].path} failed on pod {failed[0].pod}: {failed[0].problem}{more}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
