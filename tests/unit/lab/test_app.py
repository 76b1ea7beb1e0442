# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from lab import app, kube
from lab.app import Waiting
from lab.images import RELEASES
from tests.unit.lab.fake_api import FakeApi

IMAGES = {release: f"registry/continual-transformer@sha256:{i}" for i, release in enumerate(RELEASES)}
MAIN = "/apis/apps/v1/namespaces/production/deployments/continual-transformer-main"
ROUTE = "/apis/networking.istio.io/v1/namespaces/production/virtualservices/continual-transformer"


class Time:
    """Passes only while something sleeps."""

    def __init__(self) -> None:
        self.at = 0.0

    def waiting(self, seconds: float = 10.0) -> Waiting:
        return Waiting(seconds, 1.0, now=lambda: self.at, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    monkeypatch.setattr(app, "not_served", lambda kind, entrance: "")
    return Time().waiting()


def by_name(kind: str) -> dict[str, kube.Obj]:
    return {obj["metadata"]["name"]: obj for obj in app.objects(IMAGES) if obj["kind"] == kind}


def test_deployments_differ_in_labels_and_replicas_only() -> None:
    deployments = by_name("Deployment")
    assert {name: obj["spec"]["replicas"] for name, obj in deployments.items()} == {
        "continual-transformer-main": 3,
        "continual-transformer-canary": 0,
        "continual-transformer-green": 0,
    }
    specs = [obj["spec"]["template"]["spec"] for obj in deployments.values()]
    assert specs[0] == specs[1] == specs[2]
    assert specs[0]["containers"][0]["image"] == IMAGES["good"]


def test_selectors_of_deployments_do_not_overlap() -> None:
    deployments = by_name("Deployment").values()
    for one in deployments:
        selector = one["spec"]["selector"]["matchLabels"].items()
        chosen = [two for two in deployments if selector <= two["spec"]["template"]["metadata"]["labels"].items()]
        assert chosen == [one]


def test_services_select_what_they_are_named_for() -> None:
    pods = {
        name.rsplit("-", 1)[1]: obj["spec"]["template"]["metadata"]["labels"]
        for name, obj in by_name("Deployment").items()
    }
    chosen = {
        name: {version for version, labels in pods.items() if obj["spec"]["selector"].items() <= labels.items()}
        for name, obj in by_name("Service").items()
    }
    assert chosen == {
        "continual-transformer": {"main"},
        "continual-transformer-main": {"main"},
        "continual-transformer-canary": {"canary"},
        "continual-transformer-green": {"green"},
        "continual-transformer-shared": {"main", "canary"},
    }


def test_second_ensure_changes_nothing(waiting: Waiting) -> None:
    api = FakeApi()
    assert app.ensure(api, IMAGES, waiting)
    written = list(api.writes)
    assert not app.ensure(api, IMAGES, waiting)
    assert api.writes == written


def test_ensure_leaves_what_a_rollout_has_made_and_mends_what_is_missing(waiting: Waiting) -> None:
    api = FakeApi()
    app.ensure(api, IMAGES, waiting)
    api.stored[MAIN]["spec"]["template"]["spec"]["containers"][0]["image"] = IMAGES["good-2"]
    del api.stored[ROUTE]
    assert app.ensure(api, IMAGES, waiting)
    assert api.stored[MAIN]["spec"]["template"]["spec"]["containers"][0]["image"] == IMAGES["good-2"]
    assert ROUTE in api.stored


def test_ensure_writes_what_is_declared_otherwise(waiting: Waiting) -> None:
    api = FakeApi()
    app.ensure(api, IMAGES, waiting)
    api.writes.clear()
    assert app.ensure(api, IMAGES | {"good": "registry/continual-transformer@sha256:new"}, waiting)
    assert {path.rsplit("-", 1)[1] for _, path in api.writes} == {"main", "canary", "green"}


def test_reset_replaces_and_takes_traces_away(waiting: Waiting) -> None:
    api = FakeApi()
    app.ensure(api, IMAGES, waiting)
    route = api.stored[ROUTE]
    route["spec"]["http"][0]["route"][1]["weight"] = 75
    route["metadata"]["annotations"]["slipway.rollout/last"] = "x"
    api.stored[MAIN]["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "7"
    api.stored[MAIN]["spec"]["paused"] = True
    for where, labels in (
        (f"{app.LEASES}/slipway-shop", {}),
        (f"{app.CONFIG_MAPS}/slipway-shop", {}),
        (f"{app.CONFIG_MAPS}/ledger", {"app.kubernetes.io/managed-by": "slipway"}),
        (f"{app.CONFIG_MAPS}/kube-root-ca.crt", {}),
    ):
        api.stored[where] = {"kind": "?", "metadata": {"name": where.rsplit("/", 1)[1], "labels": labels}}
    app.reset(api, IMAGES, waiting)
    assert [one["weight"] for one in api.stored[ROUTE]["spec"]["http"][0]["route"]] == [100, 0]
    assert "slipway.rollout/last" not in api.stored[ROUTE]["metadata"]["annotations"]
    assert api.stored[MAIN]["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "7"
    assert "paused" not in api.stored[MAIN]["spec"]
    left = [where.rsplit("/", 1)[1] for where in api.stored if where.startswith((app.LEASES, app.CONFIG_MAPS))]
    assert left == ["continual-transformer-config", "kube-root-ca.crt"]


def test_reset_brings_main_first_then_routes_then_takes_the_canary_away(waiting: Waiting) -> None:
    api = FakeApi()
    app.ensure(api, IMAGES, waiting)
    api.writes.clear()
    app.reset(api, IMAGES, waiting)
    order = [path.rsplit("/", 2)[1:] for _, path in api.writes]
    main, canary = (["deployments", f"continual-transformer-{name}"] for name in ("main", "canary"))
    assert order.index(main) < order.index(["virtualservices", "continual-transformer"]) < order.index(canary)


def test_waiting_ends_and_says_why() -> None:
    with pytest.raises(app.AppError, match=r"no pods after 10 s.*lab reset"):
        Time().waiting(10).until(lambda: "no pods")


def test_old_generation_is_not_available(waiting: Waiting) -> None:
    api = FakeApi()
    app.ensure(api, IMAGES, waiting)
    assert app.not_available(api, "continual-transformer-main") == ""
    api.stored[MAIN]["metadata"]["generation"] += 1
    assert "has not seen" in app.not_available(api, "continual-transformer-main")
