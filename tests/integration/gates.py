# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gates in the lab: a shop with a release on its canary, users at its door, and the module's options."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab import load
from tests.integration.conftest import Lab
from tests.integration.shop import MERGE, NAME, Shop, within

RATE = 100
SHARE = {"stable": 80, "canary": 20}
BACK = {"stable": 100, "canary": 0}
PODS = {"type": "pods"}
# The module in a process of its own: options on standard input, the result on standard output.
PROGRAM = textwrap.dedent("""
    import json, sys
    from ansible.module_utils.testing import patch_module_args
    from ansible_collections.slipway.rollout.plugins.modules.metric_gate import main
    with patch_module_args(json.load(sys.stdin)):
        main()
""")


@dataclass(frozen=True)
class Scene:
    """The lab, its shop, and the option source of the gate."""

    lab: Lab
    shop: Shop
    source: dict[str, Any]
    checks: list[dict[str, Any]] = field(
        default_factory=lambda: [{"name": "errors", "template": "error_rate", "max": 0.01}]
    )

    def options(self, kind: str = "virtualservice", **changes: Any) -> dict[str, Any]:
        version = f"app={NAME},version="
        return {
            "kubeconfig": str(self.lab.kubeconfig),
            "namespace": self.shop.namespace,
            "subject": {"stable": f"{version}main", "canary": f"{version}canary"},
            "source": self.source,
            "checks": self.checks,
            "interval": 0.25,
            "duration": 6,
            "route": self.shop.route(kind),
            "split": SHARE,
            "on_fail": BACK,
            **changes,
        }

    def release(self, name: str) -> None:
        """The canary runs this release and is ready."""
        image = self.lab.images[name]
        spec = {"replicas": 1, "template": {"spec": {"containers": [{"name": "app", "image": image}]}}}
        path = self.shop.path("replicas", "canary")
        self.shop.api.call("PATCH", path, {"spec": spec}, "application/strategic-merge-patch+json")
        within(60, self._canary_is_ready)

    def _canary_is_ready(self) -> bool:
        obj = self.shop.get("replicas", "canary")
        status = obj.get("status", {})
        counts = [status.get(key, 0) for key in ("replicas", "readyReplicas", "updatedReplicas")]
        return counts == [1, 1, 1] and status.get("observedGeneration", 0) >= obj["metadata"]["generation"]

    def scale_canary(self, count: int) -> None:
        self.shop.api.call("PATCH", self.shop.path("replicas", "canary"), {"spec": {"replicas": count}}, MERGE)

    @contextmanager
    def users(self, path: Path, kind: str = "virtualservice", rate: int = RATE) -> Iterator[None]:
        """Requests at a steady rate for as long as the block takes, bounded in any case."""
        sending = load.Load(self.shop.entrance(kind), rate=rate, duration="60s")
        process = load.start(sending, self.lab.load_program(), str(path))
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


def failed_requests(path: Path) -> list[load.Result]:
    return [result for result in load.read(path) if result.failed]


def start(options: dict[str, Any]) -> subprocess.Popen[str]:
    """The module in a process of its own."""
    pipe, command = subprocess.PIPE, [sys.executable, "-c", PROGRAM]
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert process.stdin is not None
    process.stdin.write(json.dumps(options))
    process.stdin.close()
    process.stdin = None
    return process
