# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of route does, on real objects of a real API server. A new kind of route passes this as it is."""

from __future__ import annotations

import contextlib
import copy
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.clock import SystemClock
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster, Conflict, Kind
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.apply import SplitChange, apply_split
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.arguments import parse_route
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.kinds import KINDS, open_route
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.route import Route, RouteState, Step
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split

from lab.load import Load, start
from tests.integration.conftest import Lab
from tests.integration.module import run_module
from tests.integration.shop import Shop, entries, rule

Obj = dict[str, Any]
# Pods come one by one, so that this is one write for every kind: 1 and 0 pods become 1 and 1.
PODS = {"capacity": 1, "keep": {"stable": 1}}
ALL_STABLE, HALF = {"stable": 100, "canary": 0}, {"stable": 50, "canary": 50}


@dataclass(frozen=True)
class Place:
    """A route of one kind in the lab, at 100 % stable."""

    lab: Lab
    shop: Shop
    kind: str

    @property
    def pods(self) -> bool:
        return self.kind == "replicas"

    def options(self, **changes: Any) -> Obj:
        return self.shop.route(self.kind, **{**(PODS if self.pods else {}), **changes})

    def run(self, split: Obj | None, *, check_mode: bool = False, route: Obj | None = None, **options: Any) -> Obj:
        params = {"kubeconfig": str(self.lab.kubeconfig), "route": route or self.options(), **options}
        return run_module("canary_weight", {**params, **({"split": split} if split else {})}, check_mode=check_mode)

    def holds(self) -> Obj:
        return Split.of_shares(self.shop.shares(self.kind)).as_dict()

    def objects(self) -> list[Obj]:
        return [self.shop.get(self.kind, arm) for arm in (("main", "canary") if self.pods else ("",))]

    def generations(self) -> list[int]:
        """They count changes of spec; controllers write status at any time."""
        return [obj["metadata"]["generation"] for obj in self.objects()]

    def route(self) -> Route:
        return open_route(self.lab.cluster(), parse_route({"route": self.options()}))


@pytest.fixture(params=sorted(KINDS))
def place(request: pytest.FixtureRequest, lab: Lab, shop: Shop) -> Place:
    place = Place(lab, shop, request.param)
    shop.put(place.kind, *((1, 0) if place.pods else (100, 0)))
    return place


weighted_only = pytest.mark.parametrize("place", sorted(set(KINDS) - {"replicas"}), indirect=True)


def test_reads(place: Place) -> None:
    result = place.run(None)
    assert (result["changed"], result["before"], result["after"]) == (False, ALL_STABLE, ALL_STABLE)


def test_sets_and_finds(place: Place) -> None:
    result = place.run(HALF)
    assert (result["changed"], result["before"], result["after"]) == (True, ALL_STABLE, HALF)
    assert place.holds() == HALF
    generations = place.generations()
    again = place.run(HALF)
    assert (again["changed"], again["before"], again["after"], again["attempts"]) == (False, HALF, HALF, 0)
    assert place.generations() == generations


@weighted_only
@pytest.mark.parametrize("canary", [0, 1, 10, 99, 100])
def test_every_split_comes_back_as_it_was_set(place: Place, canary: int) -> None:
    asked = {"stable": 100 - canary, "canary": canary}
    assert place.run(asked)["after"] == place.holds() == asked


def test_check_mode_changes_nothing(place: Place) -> None:
    before, generations = place.objects(), place.generations()
    result = place.run(HALF, check_mode=True)
    assert (result["changed"], result["before"], result["after"]) == (True, ALL_STABLE, HALF)
    assert result["diff"]["before"] == "stable: 100\ncanary: 0\n"
    assert result["diff"]["after"] == "stable: 50\ncanary: 50\n"
    assert [obj["spec"] for obj in place.objects()] == [obj["spec"] for obj in before]
    assert place.generations() == generations


def test_everything_else_stays_byte_for_byte(place: Place) -> None:
    def decorate(obj: Obj) -> None:
        obj["metadata"]["annotations"] = {"example.org/owner": "somebody else", "example.org/note": "  spaces  "}
        obj["metadata"]["labels"] = {**obj["metadata"].get("labels", {}), "team": "shop"}
        if not place.pods:
            others = copy.deepcopy(rule(obj))
            others["name"] = "others"
            obj["spec"]["http" if obj["kind"] == "VirtualService" else "rules"].insert(0, _foreign(obj, others))

    place.shop.edit(place.kind, decorate, "helm")
    before = place.objects()
    assert place.run(HALF, route=place.options(**({} if place.pods else {"rule": "primary"})))["changed"]
    assert [_rest(obj) for obj in place.objects()] == [_rest(obj) for obj in before]


def _foreign(obj: Obj, others: Obj) -> Obj:
    """A rule of somebody else with all sorts of fields, at weights of its own."""
    if obj["kind"] == "VirtualService":
        others |= {"timeout": "7s", "match": [{"headers": {"x-user": {"exact": "tester"}}}]}
        others["route"][0]["weight"], others["route"][1]["weight"] = 30, 70
        return others
    header = {"name": "x-user", "value": "tester"}
    others["matches"] = [{"headers": [{"type": "Exact", **header}]}]
    others["filters"] = [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [header]}}]
    others["backendRefs"][0]["weight"], others["backendRefs"][1]["weight"] = 3, 7
    return others


def _rest(obj: Obj) -> str:
    """The object as text, without what a change of split and the server itself may touch."""
    rest = copy.deepcopy(obj)
    for field in ("resourceVersion", "generation", "managedFields"):
        rest["metadata"].pop(field)
    rest["metadata"].get("annotations", {}).pop("deployment.kubernetes.io/revision", None)
    rest.pop("status", None)
    if rest["kind"] == "Deployment":
        rest["spec"].pop("replicas")
    else:
        for entry in entries(rest):
            entry.pop("weight", None)
    return json.dumps(rest)


def test_slipway_signs_what_it_writes(place: Place) -> None:
    place.run(HALF)
    managers = {entry["manager"] for obj in place.objects() for entry in obj["metadata"]["managedFields"]}
    assert "slipway" in managers


@pytest.mark.parametrize(
    ("split", "error", "said"),
    [
        ({"stable": 90, "canary": 9}, "bad_split", "sums to 99"),
        ({"stable": 90, "canary": "ten"}, "bad_split", "split.canary is 'ten'"),
        ({"stable": 90, "cannary": 10}, "unknown_backend", "route.backends has no 'cannary'"),
        ({"stable": 100}, "bad_split", "what canary gets"),
    ],
)
def test_a_bad_split_is_refused_before_any_write(place: Place, split: Obj, error: str, said: str) -> None:
    _refused(place, place.run(split), error, said)


def test_an_unknown_backend_is_refused_before_any_write(place: Place) -> None:
    route = place.options()
    key = "deployment" if place.pods else "service"
    route["backends"]["canary"] = {key: "no-such-thing"}
    _refused(place, place.run(HALF, route=route), "unknown_backend", "no-such-thing")


def test_a_missing_route_is_refused_and_what_is_there_is_named(place: Place) -> None:
    result = place.run(HALF, route=place.options(name="continual-transformr"))
    _refused(
        place, result, "no_route", "'continual-transformr' in namespace 'slipway-tests'. There are: continual-tran"
    )


def test_a_missing_namespace_is_a_missing_route(place: Place) -> None:
    _refused(place, place.run(HALF, route=place.options(namespace="nowhere")), "no_route", "namespace 'nowhere'")


@weighted_only
def test_two_rules_that_match_are_refused_and_listed(place: Place) -> None:
    def twin(obj: Obj) -> None:
        other = copy.deepcopy(rule(obj))
        other["name"] = "secondary"
        obj["spec"]["http" if obj["kind"] == "VirtualService" else "rules"].append(other)

    place.shop.edit(place.kind, twin)
    _refused(place, place.run(HALF), "ambiguous_rule", "2 rules that match")
    assert place.run(HALF, route=place.options(rule="secondary"))["changed"]
    assert [entry["weight"] for entry in entries(place.objects()[0], "secondary")] == [50, 50]
    assert place.holds() == ALL_STABLE
    _refused(place, place.run(HALF, route=place.options(rule="tertiary")), "no_rule", "'secondary'")


@weighted_only
def test_a_backend_that_is_not_named_is_refused(place: Place) -> None:
    def third(obj: Obj) -> None:
        other = copy.deepcopy(entries(obj)[0])
        (other["destination"] if obj["kind"] == "VirtualService" else other).update(
            {"host" if obj["kind"] == "VirtualService" else "name": "continual-transformer"}
        )
        entries(obj)[0]["weight"], other["weight"] = 60, 40
        entries(obj).append(other)

    place.shop.edit(place.kind, third)
    result = place.run(HALF)
    assert (result["failed"], result["error"]) == (True, "unnamed_backend")
    assert "that route.backends does not name" in result["msg"]


def _refused(place: Place, result: Obj, error: str, said: str) -> None:
    assert (result["failed"], result["error"]) == (True, error), result
    assert said in result["msg"]
    assert place.holds() == ALL_STABLE


def test_a_stale_write_is_refused_by_the_api_server(place: Place) -> None:
    """What everything rests on: the API server compares the resourceVersion inside a JSON patch."""
    route = place.route()
    state = route.read()
    (step,) = route.plan(state, Split.parse(HALF))
    place.shop.edit(place.kind, _annotate)
    for dry_run in (True, False):
        with pytest.raises(Conflict):
            route.write(state, step, dry_run=dry_run)
    assert place.holds() == ALL_STABLE


def _annotate(obj: Obj) -> None:
    obj["metadata"].setdefault("annotations", {})["example.org/at"] = str(time.time())


@dataclass
class Raced:
    """A Route before whose writes somebody else writes."""

    inner: Route
    others: list[Callable[[], None]]

    @property
    def spec(self) -> Any:
        return self.inner.spec

    def read(self) -> RouteState:
        return self.inner.read()

    def plan(self, state: RouteState, split: Split) -> tuple[Step, ...]:
        return self.inner.plan(state, split)

    def write(self, state: RouteState, step: Step, *, dry_run: bool) -> RouteState:
        if self.others:
            self.others.pop(0)()
        return self.inner.write(state, step, dry_run=dry_run)

    def observe(self) -> Any:
        return self.inner.observe()

    def apply(self, split: Obj) -> SplitChange:
        clock = SystemClock()
        deadline = clock.monotonic() + 10.0
        return apply_split(self, Split.parse(split), check_mode=False, clock=clock, deadline=deadline)


def test_a_lost_race_is_won_when_the_split_is_untouched(place: Place) -> None:
    raced = Raced(place.route(), [lambda: place.shop.edit(place.kind, _annotate)] * 3)
    change = raced.apply(HALF)
    assert (change.changed, change.after.as_dict()) == (True, HALF)
    assert change.attempts >= 4
    assert place.holds() == HALF


def test_a_change_by_somebody_else_is_refused_with_their_name(place: Place) -> None:
    def theirs(obj: Obj) -> None:
        if place.pods:
            obj["spec"]["replicas"] = 3
        else:
            entries(obj)[0]["weight"], entries(obj)[1]["weight"] = 20, 80

    raced = Raced(place.route(), [lambda: place.shop.edit(place.kind, theirs, "kubectl-edit")])
    with pytest.raises(TrafficError) as caught:
        raced.apply(HALF)
    assert caught.value.error == "conflict"
    assert "kubectl-edit" in [writer["manager"] for writer in caught.value.data["writers"]]
    assert "changed by kubectl-edit" in str(caught.value)
    assert "s ago" in str(caught.value)
    assert (caught.value.data["changed"], caught.value.data["after"]) == (False, place.holds())


def test_permissions_are_asked_for_in_check_mode(place: Place) -> None:
    """A user who may read and not write hears so before anything is rolled out."""
    params = {"impersonate_user": "reader"}
    _grant_reading(place)
    result = place.run(HALF, check_mode=True, **params)
    _refused(place, result, "refused", "reader")
    assert place.run(None, **params)["after"] == ALL_STABLE


def _grant_reading(place: Place) -> None:
    groups = ["networking.istio.io", "gateway.networking.k8s.io", "apps", ""]
    rules = [{"apiGroups": groups, "resources": ["*"], "verbs": ["get", "list"]}]
    subject = {"kind": "User", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"}
    reference = {"kind": "Role", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"}
    for kind, body in (("roles", {"rules": rules}), ("rolebindings", {"subjects": [subject], "roleRef": reference})):
        _create(place.lab.cluster(), kind, place.shop.namespace, {"metadata": {"name": "reader"}, **body})


def _create(api: Cluster, plural: str, namespace: str, body: Obj) -> None:
    with contextlib.suppress(Conflict):  # it is there from the kind before
        api.create(Kind("rbac.authorization.k8s.io", "v1", plural, plural), namespace, body)


def test_traffic_is_seen_to_follow(place: Place) -> None:
    observe = {"observe": True, "observe_timeout": 20.0}
    if place.kind == "grpcroute":  # its users would be gRPC clients; what the gateway says is all there is to see
        result = place.run(HALF, **{**observe, "observe_timeout": 2.0})
        assert (result["observation"]["followed"], result["observation"]["by"]) == (True, "status")
        return
    if not place.pods:
        place.shop.scale(main=1, canary=1)
    load = Load(place.shop.entrance(place.kind), rate=100, duration="20s")
    sender = start(load, place.lab.load_program(), "/dev/null")
    try:
        for split in (HALF, HALF, ALL_STABLE):
            result = place.run(split, **observe)
            seen = result["observation"]
            assert seen["followed"], seen
            assert seen["by"] == ("status" if place.pods else "counters")
            assert seen["seconds"] < 10.0
    finally:
        sender.terminate()
        sender.wait()


@pytest.mark.parametrize("place", ["virtualservice"], indirect=True)
def test_no_traffic_is_a_warning(place: Place) -> None:
    result = place.run(HALF, observe=True, observe_timeout=1.0)
    assert (result["changed"], result["observation"]["by"]) == (True, "no_traffic")
    assert result["observation"]["followed"] is False
    assert "no request was counted" in str(result["warnings"])
