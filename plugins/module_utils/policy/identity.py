# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who asks: what the API server says about the credentials that are used."""

from __future__ import annotations

from dataclasses import dataclass

from ..cluster import Cluster, ClusterError, Kind, NotFound

_REVIEW = Kind("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview")


@dataclass(frozen=True, slots=True)
class Identity:
    """As Kubernetes knows them; nobody can give these to himself by a variable."""

    user: str
    groups: tuple[str, ...] = ()


def who_am_i(cluster: Cluster) -> Identity:
    """Raises ClusterError."""
    body = {"apiVersion": _REVIEW.api_version, "kind": _REVIEW.kind}
    try:
        answer = cluster.create(_REVIEW, None, body)
    except NotFound as error:
        raise ClusterError(
            "This cluster cannot say whose credentials these are (SelfSubjectReview needs Kubernetes 1.28). "
            "Leave users and groups out of the policy, or update the cluster."
        ) from error
    info = (answer.get("status") or {}).get("userInfo") or {}
    return Identity(info.get("username") or "", tuple(info.get("groups") or ()))
