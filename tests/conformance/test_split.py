# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of route does, on real objects of a real API server. A new kind passes this as it is."""

from __future__ import annotations

import contextlib
import copy
import json

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster, Conflict, Kind

from tests.conformance.place import ALL_STABLE, HALF, Obj, Place, refused, weighted_only
from tests.integration.shop import entries, rule


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
        if place.rules:
            others = copy.deepcopy(rule(obj))
            others["name"] = "others"
            obj["spec"]["http" if obj["kind"] == "VirtualService" else "rules"].insert(0, _foreign(obj, others))

    place.shop.edit(place.kind, decorate, "helm")
    before = place.objects()
    assert place.run(HALF, route=place.options(**({"rule": "primary"} if place.rules else {})))["changed"]
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


def test_permissions_are_asked_for_in_check_mode(place: Place) -> None:
    """A user who may read and not write hears so before anything is rolled out."""
    params = {"impersonate_user": "reader"}
    _grant_reading(place)
    result = place.run(HALF, check_mode=True, **params)
    refused(place, result, "refused", "reader")
    assert place.run(None, **params)["after"] == ALL_STABLE


def _grant_reading(place: Place) -> None:
    groups = ["networking.istio.io", "gateway.networking.k8s.io", "route.openshift.io", "apps", ""]
    rules = [{"apiGroups": groups, "resources": ["*"], "verbs": ["get", "list"]}]
    subject = {"kind": "User", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"}
    reference = {"kind": "Role", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"}
    for kind, body in (("roles", {"rules": rules}), ("rolebindings", {"subjects": [subject], "roleRef": reference})):
        _create(place.lab.cluster(), kind, place.shop.namespace, {"metadata": {"name": "reader"}, **body})


def _create(api: Cluster, plural: str, namespace: str, body: Obj) -> None:
    with contextlib.suppress(Conflict):  # it is there from the kind before
        api.create(Kind("rbac.authorization.k8s.io", "v1", plural, plural), namespace, body)
