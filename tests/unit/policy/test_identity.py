# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who asks, by the API server's word."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster, ClusterError
from ansible_collections.slipway.rollout.plugins.module_utils.policy.identity import Identity, who_am_i


class Answering:
    """A transport that gives one answer."""

    def __init__(self, code: int, body: object) -> None:
        self.answer = (code, json.dumps(body).encode())
        self.asked: list[str] = []

    def request(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], timeout: float
    ) -> tuple[int, bytes]:
        self.asked.append(f"{method} {path.partition('?')[0]}")
        return self.answer

    def stream(self, path: str, timeout: float) -> Iterator[bytes]:
        raise NotImplementedError


def test_user_and_groups() -> None:
    server = Answering(201, {"status": {"userInfo": {"username": "ann", "groups": ["ops", "all"]}}})
    assert who_am_i(Cluster(server)) == Identity("ann", ("ops", "all"))
    assert server.asked == ["POST /apis/authentication.k8s.io/v1/selfsubjectreviews"]


def test_an_old_cluster_cannot_say() -> None:
    with pytest.raises(ClusterError, match=r"needs Kubernetes 1\.28"):
        who_am_i(Cluster(Answering(404, {"message": "not found"})))


def test_an_empty_answer_is_nobody() -> None:
    assert who_am_i(Cluster(Answering(201, {}))) == Identity("")
