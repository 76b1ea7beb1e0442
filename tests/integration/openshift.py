# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenShift's Route in the lab: its real CRD, whose source comes with istiod's, and what a router would say of one.

There is no router here, so that no traffic goes by these Routes.
"""

from __future__ import annotations

import copy
import time
from typing import Any

import yaml

from lab import kube, lifecycle, programs
from lab.config import Config

MODULE = "github.com/openshift/api"
CRD = "route/v1/zz_generated.crd-manifests/routes.crd.yaml"
MERGE = "application/merge-patch+json"
_SERVED_WITHIN = 30.0


def install(api: kube.Api) -> None:
    """The CRD, once; returns when the API server serves Routes."""
    if kube.find(api, "/apis/route.openshift.io/v1") is not None:
        return
    source = programs.module_folder(Config.here(), "istiod", MODULE, lifecycle.pinned())
    kube.apply(api, yaml.safe_load((source / CRD).read_text()))
    deadline = time.monotonic() + _SERVED_WITHIN
    while kube.find(api, "/apis/route.openshift.io/v1/routes") is None:
        assert time.monotonic() < deadline, "the API server does not serve Routes"
        time.sleep(0.1)


def route(http_route: kube.Obj, host: str) -> kube.Obj:
    """A Route with the backends of the first rule of a HTTPRoute."""
    first, *others = (
        {"kind": "Service", "name": ref["name"], "weight": ref["weight"]}
        for ref in http_route["spec"]["rules"][0]["backendRefs"]
    )
    return {
        "apiVersion": "route.openshift.io/v1",
        "kind": "Route",
        "metadata": copy.deepcopy(http_route["metadata"]),
        "spec": {"host": host, "port": {"targetPort": "http"}, "to": first, "alternateBackends": others},
    }


def admit(api: kube.Api, path: str, status: str = "True") -> None:
    """What a router writes into the status when it takes a Route."""
    condition: dict[str, Any] = {"type": "Admitted", "status": status, "lastTransitionTime": "2026-01-01T00:00:00Z"}
    host = api.call("GET", path)["spec"]["host"]
    ingress = [{"host": host, "routerName": "default", "conditions": [condition]}]
    api.call("PATCH", f"{path}/status", {"status": {"ingress": ingress}}, MERGE)
