# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils import cluster as api
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError, from_cluster


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (api.Unreachable("no connection."), "unreachable"),
        (api.Unanswered("no answer."), "unreachable"),
        (api.ServerError(500, "InternalError", "etcd."), "server_error"),
        (api.NotFound(404, "NotFound", "gone."), "no_route"),
        (api.Forbidden(403, "Forbidden", "no."), "refused"),
        (api.ApiError(422, "Invalid", "no."), "refused"),
        (api.ClusterError("no kubeconfig."), "cluster"),
    ],
)
def test_each_failure_of_the_cluster_has_its_word(error: api.ClusterError, word: str) -> None:
    told = from_cluster(error, "The route could not be read.")
    assert (told.error, str(told)) == (word, f"The route could not be read. {error}")
    assert str(from_cluster(error, "")) == str(error)


def test_what_an_error_carries_already_stays() -> None:
    error = TrafficError("conflict", "Somebody else.", {"changed": True})
    more = error.enriched({"changed": False, "before": 1})
    assert (more.error, str(more), more.data) == ("conflict", "Somebody else.", {"changed": True, "before": 1})
    assert error.data == {"changed": True}
