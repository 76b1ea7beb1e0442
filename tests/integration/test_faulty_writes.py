# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever becomes of a write on its way, the cluster ends as it was or as it was asked, and the report is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.clock import SystemClock
from ansible_collections.slipway.rollout.plugins.module_utils.connection import connect
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.weigh import weigh

from tests.integration.conftest import Lab
from tests.integration.fault_proxy import FAULTS, PASS, Fault, FaultProxy, serve
from tests.integration.module import run_ansible, run_module
from tests.integration.shop import KINDS, Shop
from tests.integration.slow import slow

ASKED = {"stable": 50, "canary": 50}
PATIENCE = 0.5  # seconds until a request counts as unanswered; the module's own is longer
HURRY = 20


class HurriedClock(SystemClock):
    """Time that passes faster for whoever waits, so that giving up does not take half a minute each time."""

    def monotonic(self) -> float:
        return super().monotonic() * HURRY

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / HURRY)


# They are written in the same way.
LIKE_HTTPROUTE = ("grpcroute", "openshiftroute")


@pytest.fixture(scope="session")
def proxy(lab: Lab) -> Iterator[FaultProxy]:
    with serve(FaultProxy(("127.0.0.1", 6443), lab.config.pki)) as proxy:
        yield proxy


@dataclass(frozen=True)
class Scene:
    """A route of one kind, somewhere else than where it is asked to go, and the way there through the proxy."""

    shop: Shop
    proxy: FaultProxy
    kind: str

    def start(self) -> None:
        self.shop.put(self.kind, *((1, 0) if self.kind == "replicas" else (100, 0)))

    def params(self) -> dict[str, Any]:
        # Of pods only the canary's are to come, so that each kind has one write to make.
        pods = {"capacity": 1, "keep": {"stable": 1}} if self.kind == "replicas" else {}
        return {**self.proxy.params(), "namespace": None, "route": self.shop.route(self.kind, **pods), "split": ASKED}

    def holds(self) -> dict[str, int]:
        """The split that the cluster really has."""
        return Split.of_shares(self.shop.shares(self.kind)).as_dict()

    def run(self) -> dict[str, Any]:
        try:
            cluster = connect(self.proxy.params(), timeout=PATIENCE)
            return weigh(cluster, self.params(), HurriedClock(), check_mode=False)
        except TrafficError as error:
            return {**error.data, "failed": True, "error": error.error, "msg": str(error)}


@pytest.fixture(params=[slow(kind) if kind in LIKE_HTTPROUTE else kind for kind in KINDS])
def scene(request: pytest.FixtureRequest, shop: Shop, proxy: FaultProxy) -> Scene:
    scene = Scene(shop, proxy, request.param)
    scene.start()
    return scene


def judge(scene: Scene, before: dict[str, int], result: dict[str, Any]) -> None:
    """The end state is legal and the report is true."""
    holds = scene.holds()
    assert holds in (before, ASKED)
    if result.get("error") == "outcome_unknown":
        assert holds in result["possible"]
        assert result["possible"] == [before, ASKED]
        assert result["after"] is None
        assert "kubectl -n slipway-tests get" in result["msg"]
    else:
        assert result["after"] == holds
        assert result["changed"] is (holds != before)
    assert result["before"] == before
    assert result.get("failed", False) or holds == ASKED


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_that_passes(scene: Scene, fault: Fault) -> None:
    before = scene.holds()
    scene.proxy.program(fault)
    result = scene.run()
    judge(scene, before, result)
    # Only what was understood and refused stays refused.
    assert result.get("error") == ("refused" if fault.status in (403, 422) else None)


STAYS = {"refuse-409": "conflict", "refuse-500": "server_error", "refuse-503": "server_error"}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_that_stays(scene: Scene, fault: Fault) -> None:
    before = scene.holds()
    scene.proxy.program(then=fault)
    result = scene.run()
    judge(scene, before, result)
    if fault.where in ("after", "late"):
        assert "error" not in result  # it took effect, and the second look says so
    elif fault.what == "refuse":
        assert result["error"] == STAYS.get(str(fault), "refused")
    else:
        assert result["error"] == "outcome_unknown"


@pytest.mark.parametrize("fault", [f for f in FAULTS if f.what != "refuse" and f.where != "late"], ids=str)
def test_a_write_that_is_lost_together_with_the_way_to_look(scene: Scene, fault: Fault) -> None:
    before = scene.holds()
    scene.proxy.program(fault, reads_after_write=Fault("close"))
    result = scene.run()
    judge(scene, before, result)
    assert result["error"] == "outcome_unknown"
    assert scene.proxy.written == 1
    scene.proxy.program()
    again = scene.run()
    assert (again["after"], scene.holds()) == (ASKED, ASKED)  # "run this again" is good advice


@pytest.mark.parametrize("fault", [Fault("close"), Fault("close", "after")], ids=str)
def test_the_second_of_two_steps(shop: Shop, proxy: FaultProxy, fault: Fault) -> None:
    scene = Scene(shop, proxy, "replicas")
    shop.put("replicas", 2, 0)
    before = scene.holds()
    proxy.program(PASS, fault)
    params = {**scene.params(), "route": shop.route("replicas")}
    result = weigh(connect(proxy.params(), timeout=PATIENCE), params, SystemClock(), check_mode=False)
    assert (result["changed"], result["before"], result["after"]) == (True, before, ASKED)
    assert shop.shares("replicas") == {"stable": 1, "canary": 1}


@pytest.mark.parametrize("run", [run_module, run_ansible], ids=["module", "ansible"])
@pytest.mark.parametrize("fault", [Fault("refuse", status=403), Fault("close", "after")], ids=str)
def test_the_module_itself(
    shop: Shop, proxy: FaultProxy, run: Callable[[str, dict[str, Any]], dict[str, Any]], fault: Fault
) -> None:
    scene = Scene(shop, proxy, "httproute")
    scene.start()
    before = scene.holds()
    proxy.program(fault)
    params = {key: value for key, value in scene.params().items() if value is not None}
    result = run("canary_weight", params)
    judge(scene, before, result)
    assert bool(result.get("failed")) is (fault.status == 403)
    assert "let-me-in" not in str(result)


def test_an_api_server_that_is_not_there(shop: Shop) -> None:
    params = {"host": "https://127.0.0.1:1", "api_key": "x", "route": shop.route("httproute"), "split": ASKED}
    result = run_module("canary_weight", params)
    assert (result["failed"], result["error"], result["changed"]) == (True, "unreachable", False)
    assert "could not be read, so nothing was written" in result["msg"]
