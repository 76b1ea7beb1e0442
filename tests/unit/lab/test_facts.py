# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from lab import facts, kube
from lab.config import LabError


class Answers:
    """An API that knows some paths, and nothing else."""

    def __init__(self, known: dict[str, Any]) -> None:
        self._known = known

    def call(self, method: str, path: str, body: Any = None, content_type: str = kube.JSON) -> Any:
        if path not in self._known:
            raise kube.ApiError(404, f"{method} {path}: 404")
        return self._known[path]


def node(*conditions: dict[str, str]) -> Answers:
    return Answers({"/api/v1/nodes/lab": {"status": {"conditions": list(conditions)}}})


@pytest.mark.parametrize(
    ("api", "expected"),
    [
        (Answers({}), "the node has not registered yet"),
        (node(), "the node is not Ready: no condition yet"),
        (node({"type": "Ready", "status": "False", "message": "no network"}), "the node is not Ready: no network"),
        (node({"type": "Ready", "status": "True", "message": ""}), ""),
    ],
)
def test_node(api: Answers, expected: str) -> None:
    assert facts.node_not_ready(api) == expected


def test_a_kind_that_is_not_served_is_named() -> None:
    known = {f"/apis/{facts.KINDS[0]}?limit=1": {"items": []}}
    assert facts.KINDS[1] in facts.kinds_missing(Answers(known))
    assert facts.kinds_missing(Answers(known | {f"/apis/{facts.KINDS[1]}?limit=1": {}})) == ""


def pods(*items: dict[str, Any]) -> Answers:
    known: dict[str, Any] = {f"/api/v1/namespaces/{name}/pods": {"items": []} for name in facts.NAMESPACES}
    return Answers(known | {"/api/v1/namespaces/production/pods": {"items": list(items)}})


def pod(ready: str, port: int, **meta: str) -> dict[str, Any]:
    return {
        "metadata": {"namespace": "production", "name": "a", **meta},
        "spec": {"containers": [{"ports": [{"containerPort": port}, {"containerPort": 9, "protocol": "UDP"}]}]},
        "status": {"podIP": "127.0.0.1", "conditions": [{"type": "Ready", "status": ready}]},
    }


def test_a_pod_that_is_called_ready_but_does_not_answer_is_found() -> None:
    assert "pod production/a does not answer at 127.0.0.1:9: " in facts.pods_silent(pods(pod("True", 9)))


@pytest.mark.parametrize("one", [pod("False", 9), pod("True", 9, deletionTimestamp="now")])
def test_a_pod_that_promises_nothing_is_left_alone(one: dict[str, Any]) -> None:
    assert facts.pods_silent(pods(one)) == ""


def test_waiting_ends_with_the_reason() -> None:
    reasons = iter(["a", "b", ""])
    slept: list[float] = []
    facts.until(lambda: next(reasons), 10, slept.append)
    assert len(slept) == 2
    with pytest.raises(LabError, match="After 0 s no answer. .* shows the parts"):
        facts.until(lambda: "no answer", 0, slept.append)
