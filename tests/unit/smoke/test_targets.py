# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import POD, SERVICE
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.probe import ProbeError
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.targets import (
    Target,
    behind,
    find_targets,
    of_url,
)

from tests.unit.store import Obj, Store
from tests.unit.workload import builders as build

OF = build.replica_set(build.deployment(2))
PORTS = [{"name": "http", "containerPort": 8000}, {"containerPort": 9090}]


def pod(name: str, **changes: Any) -> Obj:
    found = build.pod(OF, name, ready=changes.pop("ready", True), **changes)
    found["metadata"]["labels"] = {"app": "shop", "slot": "canary", **(found["metadata"].get("labels") or {})}
    found["status"]["podIP"] = "10.0.0.7"
    found["spec"]["containers"] = [{"name": "app", "ports": PORTS}]
    return found


def service(**spec: Any) -> Obj:
    ports = [{"name": "web", "port": 80, "targetPort": "http"}]
    return {
        "metadata": {"name": "shop"},
        "spec": {"clusterIP": "10.96.0.9", "ports": ports, "selector": {"slot": "canary"}, **spec},
    }


def store(*objects: Obj, of: Obj | None = None) -> Store:
    found = Store()
    build.put(found, build.deployment(2), OF, *objects)
    found.put(SERVICE, "production", of or service())
    return found


def params(**options: Any) -> dict[str, Any]:
    return {"namespace": "production", **options}


def names(found: Store, **options: Any) -> list[str]:
    return [target.name[-1] for target in find_targets(found.cluster(), params(**options))]


def test_ready_pods_of_a_deployment_by_its_newest_template() -> None:
    found = store(pod("a"), pod("b", ready=False), pod("c"))
    assert names(found, name="shop-canary") == ["a", "c"]
    (first, _second) = find_targets(found.cluster(), params(name="shop-canary"))
    assert (first.kind, first.host, first.port("http"), first.port("9090")) == (POD, "10.0.0.7", 8000, 9090)


def test_ready_pods_of_a_selector() -> None:
    assert names(store(pod("a"), pod("b", ready=False)), selector="app=shop,slot=canary") == ["a"]
    assert names(store(pod("a")), selector="slot=green") == []


def test_a_service_is_one_target() -> None:
    (target,) = find_targets(store().cluster(), params(service="shop"))
    assert target == Target("shop", SERVICE, "production", "10.96.0.9", {"web": 80})
    assert target.port("http") == 80
    headless = store(of=service(clusterIP="None"))
    assert find_targets(headless.cluster(), params(service="shop"))[0].host == "shop.production.svc"


def test_a_service_that_is_not_there_or_selects_nothing() -> None:
    with pytest.raises(ProbeError, match="no Service 'shp' in namespace 'production'. There are: shop."):
        find_targets(store().cluster(), params(service="shp"))
    with pytest.raises(ProbeError, match="has no selector"):
        behind(store(of=service(selector=None)).cluster(), params(service="shop"), "web")


@pytest.mark.parametrize(
    ("options", "wanted", "port"),
    [
        ({"service": "shop"}, "http", 8000),
        ({"service": "shop"}, "80", 8000),
        ({"name": "shop-canary"}, "http", 8000),
        ({"name": "shop-canary"}, "9090", 9090),
    ],
)
def test_where_a_connection_ends(options: dict[str, Any], wanted: str, port: int) -> None:
    assert [at for _pod, at in behind(store(pod("a")).cluster(), params(**options), wanted)] == [port]


def test_a_target_port_that_is_left_out_is_the_port() -> None:
    found = store(pod("a"), of=service(ports=[{"port": 9090}]))
    assert [at for _pod, at in behind(found.cluster(), params(service="shop"), "http")] == [9090]


def test_ports_that_are_not_there() -> None:
    with pytest.raises(OSError, match=r"Pod a has no port named 'admin'; its ports are http \(8000\)"):
        Target("a", POD, ports={"http": 8000}).port("admin")
    with pytest.raises(OSError, match="its ports are none"):
        Target("a").port("http")


def test_an_address() -> None:
    assert of_url("https://me:pw@shop.example.com/base/") == Target(
        "shop.example.com", base="https://me:pw@shop.example.com/base"
    )
    with pytest.raises(ProbeError, match="url is 'shop.example.com'; write it with its scheme"):
        of_url("shop.example.com")
