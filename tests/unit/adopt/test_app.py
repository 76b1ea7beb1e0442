# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.app import find_app
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.world import ROUTES, AdoptError
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, SERVICE

from tests.unit.adopt.builders import (
    both,
    deployment,
    http_route,
    openshift_route,
    ref,
    service,
    simple,
    store,
    to,
    virtual_service,
    world,
)

ALONE = http_route({"backendRefs": [ref("shop")]})


@pytest.mark.parametrize(
    "reference", ["deployment/shop", "deploy/shop", "service/shop", "svc/shop", "shop", "httproute/shop"]
)
def test_the_app_by_any_of_its_objects(reference: str) -> None:
    app = find_app(world(simple(("httproute", ALONE))), reference)
    assert (app.name, app.base, app.canary, app.green) == ("shop", "shop", None, None)
    assert [one["metadata"]["name"] for one in app.services] == ["shop"]
    assert app.rule is not None
    assert (app.rule.title, app.others) == ("httproute shop", ())


def test_a_team_that_has_a_canary() -> None:
    split = virtual_service({"name": "primary", "route": [to("shop-main", 100), to("shop-canary", 0)]})
    found = store(*both(), (ROUTES["virtualservice"], split), (DEPLOYMENT, deployment("shop-green", {"slot": "green"})))
    for reference in ("deployment/shop-main", "service/shop", "virtualservice/shop"):
        app = find_app(world(found), reference)
        assert app.canary is not None
        assert app.green is not None
        assert (app.name, app.base, app.canary["metadata"]["name"]) == ("shop-main", "shop", "shop-canary")
        assert app.green["metadata"]["name"] == "shop-green"
        assert app.rule is not None
        assert app.rule.name == "primary"


def test_a_canary_by_its_image_and_label() -> None:
    images = {"containers": [{"name": "app", "image": "registry.example:5000/team/shop@sha256:12"}]}
    others = {"containers": [{"name": "app", "image": "registry.example:5000/team/other:canary"}]}
    found = store(
        (DEPLOYMENT, deployment("front", {"app": "front"}, **images)),
        (DEPLOYMENT, deployment("next", {"app": "next", "track": "canary"}, **images)),
        (DEPLOYMENT, deployment("else-canary", {"app": "else"}, **others)),
    )
    app = find_app(world(found), "front")
    assert app.canary is not None
    assert app.canary["metadata"]["name"] == "next"


def test_the_best_of_several_routes() -> None:
    known = virtual_service({"route": [to("shop-main", 100), to("shop-canary", 0)]}, name="known")
    some = http_route({"matches": [{"path": {"value": "/api"}}], "backendRefs": [ref("shop-main")]}, name="some")
    every = http_route({"backendRefs": [ref("shop-main")]}, name="every")
    found = store(*both(), *((ROUTES["httproute"], one) for one in (some, every)), (ROUTES["virtualservice"], known))
    app = find_app(world(found), "deployment/shop-main")
    assert app.rule is not None
    assert [rule.title for rule in (app.rule, *app.others)] == [
        "virtualservice known",
        "httproute every",
        "httproute some",
    ]
    named = find_app(world(found), "httproute/some")
    assert named.rule is not None
    assert named.rule.title == "httproute some"


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("ingress/shop", "slipway_adopt is 'ingress/shop'; write it as KIND/NAME with one of deployment, service"),
        ("deployment/shp", "namespace 'shop' has none. It has Deployments shop; Services lonely, shop"),
        ("service/lonely", "Service 'lonely' selects no Deployment's pods"),
        ("route/nowhere", "openshiftroute 'nowhere' sends users to Service 'gone', which is not there"),
        ("httproute/outside", "httproute 'outside' sends nobody to a Service of namespace 'shop'"),
    ],
)
def test_what_cannot_be_adopted(reference: str, said: str) -> None:
    found = simple(
        ("openshiftroute", openshift_route("gone", name="nowhere")),
        ("httproute", http_route({"backendRefs": [ref("shop", namespace="other")]}, name="outside")),
    )
    found.put(SERVICE, "shop", service("lonely", {"app": "nobody"}))
    with pytest.raises(AdoptError) as caught:
        find_app(world(found), reference)
    assert said in str(caught.value)
