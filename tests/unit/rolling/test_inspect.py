# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole preflight of a rolling update, on a cluster in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import HPA, NAMESPACE, PDB, SERVICE
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.inspect import Preflight
from ansible_collections.slipway.rollout.plugins.module_utils.registry.resolve import Answer
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.inspect import inspect
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.options import PREFLIGHT_SPEC
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.view import QUOTA

from tests.unit.rolling.runs import ERRORS, PODS, Run
from tests.unit.rolling.world import LABELS, NAME, NEW, World, workload

HERE = "production"


class Registry:
    """Has the image by digest b…, and by the tag 2."""

    def send(self, _method: str, url: str, _headers: Mapping[str, str]) -> Answer:
        known = url.endswith(("/manifests/2", f"/manifests/{NEW.partition('@')[2]}"))
        return Answer(200 if known else 404, {"docker-content-digest": NEW.partition("@")[2]})


def look(world: World, **changes: Any) -> Preflight:
    defaults = {name: spec.get("default") for name, spec in PREFLIGHT_SPEC.items()}
    wanted = {"kind": world.kind, "name": NAME, "namespace": HERE, "image": "registry.example/shop:2"}
    return inspect(world.cluster(), {**defaults, **wanted, **changes}, lambda _options: Registry(), world.clock)


def service(**selector: str) -> dict[str, Any]:
    return {"metadata": {"name": "shop"}, "spec": {"selector": selector or LABELS}}


@pytest.mark.parametrize("kind", ["DaemonSet", "Deployment", "StatefulSet"])
def test_a_plan(kind: str) -> None:
    world = World.of(kind=kind)
    world.store.put(SERVICE, HERE, service())
    Run(world)
    found = look(world, service="shop", source={**PODS, "via": "proxy"}, checks=[ERRORS])
    assert found.problems == ()
    assert (found.facts["image"], found.facts["title"], found.facts["container"]) == (NEW, "shop:2", "app")
    assert (found.facts["already_live"], found.facts["selector"]) == (False, "app=shop")
    assert found.facts["former"]["revision"].startswith("shop-")
    told = f"{found.facts['replicas']} pods of shop@sha256:aaaaaaaaaaaa"
    assert found.facts["plan"][1] == f"On       {kind} production/shop, container app: {told}"
    assert all(one.allowed for one in found.permissions)
    assert all(dry for _path, _patch, dry in world.store.writes)


def test_what_is_live_already() -> None:
    world = World.of()
    assert not Run(world).open().run().failed
    found = look(world)
    assert found.facts["already_live"]
    assert found.facts["plan"] == ["shop:2 is live on Deployment production/shop already: nothing to do."]
    # Cut off before: it has to be looked at once more, whatever it looks like.
    assert not look(world, open=found.facts["former"]).facts["already_live"]


def test_a_rollout_that_was_cut_off_goes_on() -> None:
    world = World.of()
    roll = Run(world).open()
    roll.writer.roll(roll.goal, roll.former)
    world.idle = True
    world.write(lambda obj: None)
    assert "in flight" in look(world).text()
    found = look(world, open=roll.former.as_dict())
    assert found.problems == ()
    assert found.facts["former"]["digest"] == roll.former.digest


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"image": ""}, "image: no image is given"),
        ({"image": "Shop:2"}, "is not an image"),
        ({"image": "registry.example/shop:3"}, "no tag '3'"),
        ({"container": "api"}, "has no container 'api'; expected app"),
        ({"name": "shops"}, "there is no Deployment 'shops' in namespace 'production'; expected shop"),
        ({"service": "shops"}, "there is no Service 'shops'"),
        ({"max_surge": "lots"}, "max_surge: is 'lots'"),
        ({"max_surge": "0", "max_unavailable": "0"}, "and max_surge are both 0"),
        ({"gate": {"durations": 3}}, "gate.durations: there is no such option"),
        ({"checks": [{"template": "error_rates"}], "source": PODS}, "checks[0].template"),
        ({"checks": [ERRORS]}, "without a source"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], words: str) -> None:
    world = World.of()
    found = look(world, **changes)
    assert words in found.text()
    assert "nothing was changed" in found.text()
    assert all(dry for _path, _patch, dry in world.store.writes)


def test_a_workload_of_another_kind() -> None:
    world = World.of(kind="StatefulSet")
    assert "but a StatefulSet. Set kind to StatefulSet." in look(world, kind="Deployment").text()


def test_a_namespace_that_is_not_there() -> None:
    world = World.of()
    world.store.put(NAMESPACE, None, {"metadata": {"name": HERE}})
    assert "namespace: there is no namespace 'productions'; " in look(world, namespace="productions").text().replace(
        " in this cluster", ""
    )


def test_all_is_told_at_once() -> None:
    world = World.of(workload(spec={"strategy": {"type": "Recreate"}}))
    world.store.put(SERVICE, HERE, service(app="other"))
    world.store.put(PDB, HERE, {"metadata": {"name": "floor"}, "spec": {"selector": {}, "minAvailable": 2}})
    found = look(world, service="shop", max_surge="0", max_unavailable="1", image="registry.example/shop:3")
    assert "4 problems:" in found.text()


def test_a_quota_without_room() -> None:
    world = World.of()
    full = {"hard": {"pods": "2"}, "used": {"pods": "2"}}
    world.store.put(QUOTA, HERE, {"metadata": {"name": "full"}, "spec": {"hard": {"pods": "2"}}, "status": full})
    assert "ResourceQuota full has no room for one" in look(world).text()


def test_pods_without_a_pre_stop_are_worth_a_note() -> None:
    assert f"The pods of {NAME} have no preStop" in " ".join(look(World.of()).notes)


def test_an_autoscaler_is_left_alone() -> None:
    world = World.of()
    target = {"kind": "Deployment", "name": NAME}
    world.store.put(HPA, HERE, {"metadata": {"name": "auto"}, "spec": {"scaleTargetRef": target}})
    found = look(world)
    assert found.problems == ()
    assert any(note.startswith("HPA auto goes on scaling it") for note in found.notes)


def test_permissions_that_are_missing() -> None:
    world = World.of(kind="StatefulSet")
    world.store.denied = {("delete", "pods"), ("patch", "statefulsets")}
    told = look(world).text()
    assert "may not patch statefulsets, delete pods" in told


def test_lock_ledger_and_tests_need_permissions_too() -> None:
    found = look(World.of(), pods_proxy=True, service_proxy=True).as_dict()["permissions"]
    assert {"create leases", "patch configmaps", "get pods/proxy", "get services/proxy"} <= set(found["allowed"])
    assert "get pods/proxy" not in look(World.of()).as_dict()["permissions"]["allowed"]


def test_what_may_not_be_read_is_told_once() -> None:
    world = World.of()
    world.store.denied = {("get", "deployments")}
    world.store.failures[world.path] = [403, 403]
    world.store.failures[SERVICE.path(HERE, "shop")] = [403]
    found = look(world, service="shop")
    assert [problem.field for problem in found.problems] == ["permissions"]


def test_a_release_that_the_api_server_would_not_take() -> None:
    world = World.of()
    real = world.store.request

    def request(method: str, path: str, *rest: Any) -> tuple[int, bytes]:
        if method == "PATCH":
            return 422, b'{"reason": "Invalid", "message": "admission webhook denied it"}'
        return real(method, path, *rest)

    world.store.request = request  # type: ignore[method-assign]
    assert "the API server would not take it: PATCH" in look(world).text()


def test_series_that_are_not_there() -> None:
    world = World.of()
    wrong = {"name": "mine", "bad": 'nothing{status="500"}', "all": "nothing", "max": 0.1}
    Run(world)
    found = look(world, source={**PODS, "via": "proxy"}, checks=[wrong])
    assert any("Check mine: nothing was found" in note for note in found.notes)


def test_pods_that_cannot_be_asked() -> None:
    world = World.of()
    found = look(world, source={**PODS, "via": "proxy"}, checks=[ERRORS])
    assert "source: No pod's metrics can be read" in found.text()
