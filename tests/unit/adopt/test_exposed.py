# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.exposed import Exposed, read_metrics

from tests.unit.adopt.builders import NAMESPACE, PAGE, deployment, pod
from tests.unit.store import Store

PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"


def read(annotations: dict[str, str], **pages: tuple[int, bytes] | Exception) -> Exposed:
    """Pages by port and path, such as p9000_metrics."""
    raw: dict[str, Any] = {f"{PODS}/shop-1:{name[1:].replace('_', '/proxy/', 1)}": page for name, page in pages.items()}
    return read_metrics(Store(raw=raw).cluster(), [pod(deployment(annotations=annotations))])


GOOD = (200, PAGE.encode())


def test_where_annotations_say() -> None:
    found = read({"prometheus.io/port": "9000", "prometheus.io/path": "/prom"}, p9000_prom=GOOD)
    assert (found.source, found.where, len(found.lines)) == ({"type": "pods"}, "port 9000, /prom", 7)


def test_any_port_that_serves_them() -> None:
    found = read({}, p8000_metrics=(404, b""), p9000_metrics=GOOD)
    assert found.source == {"type": "pods", "port": 9000}


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ((404, b""), "port 9000: answers 404"),
        ((200, b"<html>"), "port 9000: line 1 is not Prometheus' text format"),
        ((200, b"# nothing"), "port 9000: answers with no metrics"),
        (TimeoutError, "port 9000"),
    ],
)
def test_what_was_tried_is_told(page: Any, said: str) -> None:
    if page is TimeoutError:
        from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Unanswered

        page = Unanswered("too late.")
    found = read({"prometheus.io/port": "9000"}, p9000_metrics=page)
    assert found.lines == ()
    assert found.questions[0].startswith("Where do the pods serve metrics? Tried")
    assert said in found.questions[0]


def test_no_pods_and_no_ports() -> None:
    assert "No pod is ready" in read_metrics(Store().cluster(), []).questions[0]
    bare = pod(deployment(annotations={}, containers=[{"name": "app", "image": "x"}]))
    assert "The pods name no port." in read_metrics(Store().cluster(), [bare]).questions[0]
