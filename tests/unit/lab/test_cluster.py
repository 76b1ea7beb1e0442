# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import yaml

from lab import cluster, kube
from tests.unit.lab.fake_api import FakeApi


def test_an_object_is_written_once_and_again_when_it_is_declared_otherwise() -> None:
    api = FakeApi()
    obj = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}
    assert cluster._apply(api, obj)
    assert not cluster._apply(api, obj)
    assert cluster._apply(api, {**obj, "metadata": {"name": "a", "labels": {"b": "c"}}})
    assert len(api.writes) == 2


def test_a_metrics_api_that_nobody_serves_is_removed() -> None:
    api = FakeApi()
    assert not cluster.remove_metrics_api(api)
    assert cluster.apply_metrics_server(api)
    assert cluster.METRICS_API in api.stored
    assert cluster.remove_metrics_api(api)
    assert cluster.METRICS_API not in api.stored
    assert cluster.apply_metrics_server(api)


def test_every_mark_in_the_manifests_is_filled() -> None:
    values = {"@COREDNS@": "c", "@ENVOY@": "e", "@NODE_ADDRESS@": "n"}
    objects = list(cluster._filled(cluster.MANIFESTS, values))
    assert re.findall("@[A-Z_]+@", yaml.safe_dump(objects)) == []
    assert all(kube.path(obj) for obj in objects)
