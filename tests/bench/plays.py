# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A switch of weights by four tools, turn by turn in one playbook run, timed by Ansible itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.integration.shop import NAME, Shop

Obj = dict[str, Any]

OURS = "canary_weight"
OBSERVED = "canary_weight, observed"
CORE = "kubernetes.core.k8s"
KUBECTL = "kubectl by command"
TOOLS = (OURS, CORE, KUBECTL, OBSERVED)


@dataclass(frozen=True, slots=True)
class Turn:
    """One task of one tool: seconds as Ansible counts them, and what its result says."""

    tool: str
    seconds: float
    result: Mapping[str, Any]


def run(shop: Shop, kubeconfig: Path, rounds: int, folder: Path) -> list[Turn]:
    """All tools `rounds` times, each round in another order, every task a write that changes something."""
    tasks = list(_tasks(shop, kubeconfig, rounds))
    book = folder / "bench.yml"
    book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    environment = {
        "ANSIBLE_LOAD_CALLBACK_PLUGINS": "true",
        "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    program = Path(sys.executable).with_name("ansible-playbook")
    done = subprocess.run(
        [str(program), "-i", "localhost,", "-c", "local", str(book)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60 + 20 * rounds * len(TOOLS),
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"bench: the playbook failed.\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    report = json.loads(done.stdout[done.stdout.index("{") :])
    return [_turn(task) for task in report["plays"][0]["tasks"]]


def _turn(task: Obj) -> Turn:
    times, result = task["task"]["duration"], task["hosts"]["localhost"]
    assert result["changed"], result
    return Turn(task["task"]["name"], _seconds(times["end"]) - _seconds(times["start"]), result)


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def _tasks(shop: Shop, kubeconfig: Path, rounds: int) -> Iterator[Obj]:
    canary = 10
    for number in range(rounds):
        for place in range(len(TOOLS)):
            tool = TOOLS[(number + place) % len(TOOLS)]
            canary = 60 if canary == 10 else 10
            yield {"name": tool, **_task(tool, shop, str(kubeconfig), canary)}


def _task(tool: str, shop: Shop, kubeconfig: str, canary: int) -> Obj:
    if tool in (OURS, OBSERVED):
        split = {"stable": 100 - canary, "canary": canary}
        options = {"kubeconfig": kubeconfig, "route": shop.route("virtualservice"), "split": split}
        return {"slipway.rollout.canary_weight": {**options, "observe": tool == OBSERVED}}
    if tool == CORE:
        destinations = [
            {"destination": {"host": f"{NAME}-{arm}"}, "weight": weight}
            for arm, weight in (("main", 100 - canary), ("canary", canary))
        ]
        spec = {"http": [{"name": "primary", "route": destinations}]}
        where = {"api_version": "networking.istio.io/v1", "kind": "VirtualService", "name": NAME}
        options = {**where, "namespace": shop.namespace, "state": "patched", "definition": {"spec": spec}}
        return {"kubernetes.core.k8s": {"kubeconfig": kubeconfig, **options}}
    patch = [
        {"op": "replace", "path": f"/spec/http/0/route/{i}/weight", "value": weight}
        for i, weight in enumerate((100 - canary, canary))
    ]
    name = f"virtualservices.v1.networking.istio.io/{NAME}"
    command = ["kubectl", f"--kubeconfig={kubeconfig}", "-n", shop.namespace, "patch", name, "--type=json"]
    return {"ansible.builtin.command": {"argv": [*command, f"--patch={json.dumps(patch)}"]}}
