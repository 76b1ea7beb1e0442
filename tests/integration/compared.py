# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two arms of a shop under users, each as faulty as a test wants it, for judges that compare them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from lab import kube, load
from tests.integration import playbook
from tests.integration.conftest import Lab
from tests.integration.gates import BACK, Scene
from tests.integration.module import run_module
from tests.integration.playbook import Run
from tests.integration.shop import Shop, within

RATE = 200
SPLIT = {"stable": 90, "canary": 10}
# Of stable before a gate, so that it knows how failures cluster: five whole minutes and a little.
HISTORY = 330.0
LATELY = 900
PATCH = "application/strategic-merge-patch+json"
# Response times up to 100 ms, as even as can be, and one request of a hundred fails.
USUAL = {"FAILURE_RATE": "0.01", "DELAY": "0s", "DELAY_JITTER": "100ms"}
ERRORS = {"name": "errors", "template": "error_rate", "judge": "sequential"}
SLOW = {"name": "slow", "template": "latency", "bound": 0.1, "judge": "latency"}


@dataclass(frozen=True)
class Compared:
    """Stable with three pods and the canary, both with `USUAL` faults unless they are given others."""

    lab: Lab
    shop: Shop
    folder: Path

    @property
    def prometheus(self) -> dict[str, Any]:
        return {"type": "prometheus", "url": self.lab.prometheus_url}

    def give(self, arm: str, pods: int, release: str = "good", **faults: str) -> None:
        """This release with these faults on so many pods of an arm, all ready."""
        environment = [{"name": name, "value": value} for name, value in {**USUAL, **faults}.items()]
        container = {"name": "app", "image": self.lab.images[release], "env": environment}
        spec = {"replicas": pods, "template": {"spec": {"containers": [container]}}}
        self.shop.api.call("PATCH", self.shop.path("replicas", arm), {"spec": spec}, PATCH)
        within(90, lambda: self._ready(arm, pods))

    def add_bad_pod(self, **faults: str) -> None:
        """One more canary pod, with these faults; whatever comes in its place has none."""
        template = copy.deepcopy(self.shop.get("replicas", "canary")["spec"]["template"])
        template["metadata"]["labels"]["odd"] = "one"
        variables = template["spec"]["containers"][0]["env"]
        usual = list(variables)
        bad = [*(one for one in variables if one["name"] not in faults), *_environment(faults)]
        obj = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {"name": "odd", "namespace": self.shop.namespace},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"odd": "one"}}, "template": template},
        }
        template["spec"]["containers"][0]["env"] = bad
        kube.apply(self.shop.api, obj)
        path = kube.path(obj)
        within(60, lambda: self.shop.api.call("GET", path).get("status", {}).get("readyReplicas") == 1)
        template["spec"]["containers"][0]["env"] = usual
        kube.replace(self.shop.api, obj)

    def odd_pods(self) -> list[str]:
        where = kube.collection("v1", "Pod", self.shop.namespace)
        pods = self.shop.api.call("GET", f"{where}?labelSelector=odd=one")["items"]
        return [str(pod["metadata"]["name"]) for pod in pods]

    def remove_bad_pod(self) -> None:
        where = kube.collection("apps/v1", "ReplicaSet", self.shop.namespace)
        kube.delete(self.shop.api, f"{where}/odd")
        within(60, lambda: not self.odd_pods())

    def options(self, *checks: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        scene = Scene(self.lab, self.shop, self.prometheus, [dict(one) for one in checks])
        usual = {"interval": 1, "duration": 240, "split": SPLIT, "on_fail": BACK, "history": LATELY}
        return scene.options(**{**usual, **changes})

    def gate(self, name: str, *checks: Mapping[str, Any], **changes: Any) -> tuple[dict[str, Any], list[str]]:
        """Its result, and what it said meanwhile; printed as well, for whoever wants to know how it reads."""
        told = self.folder / f"{name}.txt"
        told.unlink(missing_ok=True)
        result = run_module("metric_gate", self.options(*checks, **{"progress_file": str(told), **changes}))
        lines = told.read_text().splitlines()
        print(f"\n== {name}: {result['seconds']:.1f} s, {result['looks']} looks\n" + "\n".join(lines))
        print(f"-> {result['msg']}")
        return result, lines

    def play(self, name: str, *options: str, **variables: Any) -> Run:
        return playbook.play(*self._arguments(name, variables), *options, timeout=400)

    def start(self, name: str, **variables: Any) -> Any:
        """A playbook that is not waited for."""
        return playbook.start(*self._arguments(name, variables))

    @contextmanager
    def users(self) -> Iterator[None]:
        """All the time, also before the first gate."""
        sending = load.Load(self.shop.entrance("virtualservice"), RATE, "40m")
        process = load.start(sending, self.lab.load_program(), str(self.folder / "users"))
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)

    def has_history(self) -> bool:
        """Whether stable has been under users for long enough of late, so that a gate can tell how failures cluster."""
        where = f'namespace="{self.shop.namespace}",version="main"'
        busy = f"sum(rate(http_requests_total{{{where}}}[15s])) > {RATE / 2}"
        query = urlencode({"query": f"count_over_time(({busy})[{LATELY}s:15s])"})
        with urlopen(f"{self.lab.prometheus_url}/api/v1/query?{query}", timeout=5) as answer:
            found = json.load(answer)["data"]["result"]
        return bool(found) and 15 * float(found[0]["value"][1]) >= HISTORY

    def _arguments(self, name: str, variables: Mapping[str, Any]) -> list[str]:
        given = {"slipway_namespace": self.shop.namespace, **variables}
        return [f"playbooks/{name}.yml", "-i", "inventories/lab", "-e", json.dumps(given)]

    def _ready(self, arm: str, pods: int) -> bool:
        obj = self.shop.get("replicas", arm)
        status = obj.get("status", {})
        counts = [status.get(key, 0) for key in ("replicas", "readyReplicas", "updatedReplicas")]
        return counts == [pods] * 3 and status.get("observedGeneration", 0) >= obj["metadata"]["generation"]


def _environment(faults: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in faults.items()]


def growing(lines: list[str]) -> list[float]:
    """The evidence against the release, as the lines of a gate tell it, in the order in which they came."""
    found = [line.partition("evidence against it ")[2].partition(" to 1")[0] for line in lines]
    return [float(one) for one in found if one and one[0].isdigit()]
