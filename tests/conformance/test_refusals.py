# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of route refuses before it writes anything."""

from __future__ import annotations

import copy

import pytest

from tests.conformance.place import ALL_STABLE, HALF, Obj, Place, refused, weighted_only, with_rules
from tests.integration.shop import entries, rule


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
    refused(place, place.run(split), error, said)


def test_an_unknown_backend_is_refused_before_any_write(place: Place) -> None:
    route = place.options()
    key = "deployment" if place.pods else "service"
    route["backends"]["canary"] = {key: "no-such-thing"}
    refused(place, place.run(HALF, route=route), "unknown_backend", "no-such-thing")


def test_a_missing_route_is_refused_and_what_is_there_is_named(place: Place) -> None:
    result = place.run(HALF, route=place.options(name="continual-transformr"))
    refused(place, result, "no_route", "'continual-transformr' in namespace 'slipway-tests'. There are: continual-tran")


def test_a_missing_namespace_is_a_missing_route(place: Place) -> None:
    refused(place, place.run(HALF, route=place.options(namespace="nowhere")), "no_route", "namespace 'nowhere'")


@with_rules
def test_two_rules_that_match_are_refused_and_listed(place: Place) -> None:
    def twin(obj: Obj) -> None:
        other = copy.deepcopy(rule(obj))
        other["name"] = "secondary"
        obj["spec"]["http" if obj["kind"] == "VirtualService" else "rules"].append(other)

    place.shop.edit(place.kind, twin)
    refused(place, place.run(HALF), "ambiguous_rule", "2 rules that match")
    assert place.run(HALF, route=place.options(rule="secondary"))["changed"]
    assert [entry["weight"] for entry in entries(place.objects()[0], "secondary")] == [50, 50]
    assert place.holds() == ALL_STABLE
    refused(place, place.run(HALF, route=place.options(rule="tertiary")), "no_rule", "'secondary'")


@weighted_only
def test_a_backend_that_is_not_named_isrefused(place: Place) -> None:
    def third(obj: Obj) -> None:
        other = copy.deepcopy(entries(obj)[0])
        (other["destination"] if obj["kind"] == "VirtualService" else other).update(
            {"host" if obj["kind"] == "VirtualService" else "name": "continual-transformer"}
        )
        entries(obj)[0]["weight"], other["weight"] = 60, 40
        (obj["spec"]["alternateBackends"] if obj["kind"] == "Route" else entries(obj)).append(other)

    place.shop.edit(place.kind, third)
    result = place.run(HALF)
    assert (result["failed"], result["error"]) == (True, "unnamed_backend")
    assert "that route.backends does not name" in result["msg"]
