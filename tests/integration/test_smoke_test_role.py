# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoke tests of pods, slots, Services and addresses, and the scripts of a team, on the real cluster."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import Lab
from tests.integration.module import run_module, run_tasks
from tests.integration.plays import play
from tests.integration.shop import NAME, Shop
from tests.integration.slow import slow

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "examples" / "scripts"
NAMESPACE = "smoketest-shop"
HEALTH = {"path": "/health/all"}
TRANSFORM: dict[str, Any] = {
    "path": "/v1/transform",
    "method": "POST",
    "body": {"text": "hello world"},
    "json": [{"query": "tokens", "equals": 2}, {"query": "length(vector) > `0`"}],
    "max_seconds": 5,
    "repeat": 6,
    "parallel": 3,
}


@pytest.fixture(scope="module")
def town(lab: Lab) -> Iterator[Shop]:
    shop = Shop(lab.api, lab.images, NAMESPACE)
    shop.open()
    shop.scale(main=2, canary=0)
    yield shop
    Shop(lab.api, lab.images, NAMESPACE).close()


def smoke(lab: Lab, **options: Any) -> dict[str, Any]:
    where = {} if "url" in options else {"namespace": NAMESPACE}
    return run_module("smoke_test", {"kubeconfig": str(lab.kubeconfig), **where, **options})


TARGETS = [
    {"name": f"{NAME}-main"},
    {"selector": f"app={NAME},slot=blue"},
    {"service": f"{NAME}-main"},
]


@pytest.mark.parametrize("via", ["direct", "forward", "proxy"])
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: next(iter(target)))
def test_every_target_in_every_way(lab: Lab, town: Shop, target: dict[str, str], via: str) -> None:
    found = smoke(lab, **target, via=via, tests=[HEALTH, TRANSFORM])
    assert not found.get("failed"), found
    assert found["msg"] == f"2 smoke tests passed on {'1 Service' if 'service' in target else '2 pods'}"
    assert {result["asked"] for result in found["results"]} == {1, 6}


def test_an_address(lab: Lab, town: Shop) -> None:
    entrance = town.entrance("virtualservice")
    tests = [{"path": "/v1/transform", "headers": {"Host": entrance.host}}]
    assert smoke(lab, url=entrance.url, tests=tests)["msg"] == "1 smoke test passed on 1 address"


def test_what_is_wrong_is_said(lab: Lab, town: Shop) -> None:
    wrong = [{"path": "/v1/transform", "json": [{"query": "tokens", "equals": 7}]}]
    found = smoke(lab, service=f"{NAME}-main", tests=wrong)
    assert found["failed"]
    assert found["msg"].endswith("tokens is 14, expected 7")
    slow = smoke(lab, name=f"{NAME}-main", tests=[{**HEALTH, "max_seconds": 0.000001}])
    assert "at most 1e-06 s are allowed" in slow["msg"]
    nobody = smoke(lab, selector="slot=purple", tests=[HEALTH])
    assert nobody["msg"] == f"No pod in namespace {NAMESPACE} is ready and has slot=purple."


@pytest.mark.parametrize("via", ["direct", "proxy"])
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: next(iter(target)))
@pytest.mark.parametrize(
    "script",
    [
        "smoke_tests.py",
        "post_deployment_tests.py",
        slow("monitor_deployment.py --duration 3 --interval 0.1 --path /v1/transform"),
    ],
)
def test_the_scripts_of_a_team(lab: Lab, town: Shop, target: dict[str, str], via: str, script: str) -> None:
    command = {"cmd": f"{sys.executable} {SCRIPTS}/{script}", "timeout": 60}
    found = smoke(lab, **target, via=via, command=command)
    assert not found.get("failed"), found
    assert found["command"]["rc"] == 0
    assert found["command"]["output"]


def test_a_script_that_fails_says_so_with_its_last_lines(lab: Lab, town: Shop) -> None:
    command = {"cmd": f"{sys.executable} {SCRIPTS}/smoke_tests.py", "port": "metrics"}
    found = smoke(lab, name=f"{NAME}-main", command=command)
    assert found["failed"]
    assert "smoke_tests.py failed on" in found["msg"]
    assert found["command"]["rc"] == 1
    assert any(line.startswith("FAILED") for line in found["command"]["output"])


def test_a_pod_that_goes_while_a_script_runs(lab: Lab, town: Shop) -> None:
    """Each connection is dialled anew: the other pod answers, and what could not be reached is told."""
    command = {"argv": [sys.executable, "-c", "import sys; sys.exit(7)"], "timeout": 20}
    found = smoke(lab, service=f"{NAME}-main", command=command)
    assert (found["failed"], found["command"]["rc"]) == (True, 7)


def test_examples_of_the_documentation(lab: Lab, town: Shop, tmp_path: Path) -> None:
    module = (ROOT / "plugins/modules/smoke_test.py").read_text()
    examples = (
        module.split('EXAMPLES = r"""')[1].split('"""')[0].replace("namespace: production", f"namespace: {NAMESPACE}")
    )
    for result in run_tasks(yaml.safe_load(examples), lab.kubeconfig, tmp_path):
        assert not result.get("failed"), result


def test_the_role(lab: Lab, town: Shop, tmp_path: Path) -> None:
    options = {
        "slipway_namespace": NAMESPACE,
        "slipway_cluster": {"kubeconfig": str(lab.kubeconfig)},
        "smoke_test_service": f"{NAME}-main",
        "smoke_test_tests": [HEALTH],
        "smoke_test_commands": [
            {"cmd": f"{sys.executable} {SCRIPTS}/smoke_tests.py"},
            {"cmd": f"{sys.executable} {SCRIPTS}/monitor_deployment.py --duration 1 --interval 0.1 --path /health"},
        ],
    }
    task = {"ansible.builtin.include_role": {"name": "slipway.rollout.smoke_test"}, "vars": options}
    for more in ([], ["--check"]):
        run = play(tmp_path, [task], *more)
        assert run.code == 0, run.said
        assert "changed=0" in run.said
