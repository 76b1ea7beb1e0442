# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether users can get to all pods: they are behind their Service, as its EndpointSlices say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from ..clock import Clock
from ..cluster import ENDPOINT_SLICE, Cluster, ClusterError

_LOOK = 0.5
_TIME = 30.0  # seconds: endpoints follow a pod's readiness within moments


class NotBehind(Exception):
    """A Service that leaves out pods that are ready."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Waits until a Service has all these pods."""

    cluster: Cluster
    namespace: str
    service: str
    clock: Clock
    timeout: float = _TIME

    def wait(self, pods: Collection[str], beat: Callable[[], None]) -> None:
        """`beat` is called between looks, and may raise. Raises NotBehind."""
        deadline = self.clock.monotonic() + self.timeout
        while missing := self._missing(pods):
            if self.clock.monotonic() >= deadline:
                raise NotBehind(
                    f"Service {self.namespace}/{self.service} leaves out {', '.join(missing)} {self.timeout:.0f} s "
                    "after all pods were ready. Does its selector fit their labels?"
                )
            beat()
            self.clock.sleep(_LOOK)

    def _missing(self, pods: Collection[str]) -> Sequence[str]:
        labels = f"kubernetes.io/service-name={self.service}"
        try:
            slices = self.cluster.list(ENDPOINT_SLICE, self.namespace, labels=labels)
        except ClusterError as error:
            return [f"all that is not known ({error})"]
        ready = {
            (endpoint.get("targetRef") or {}).get("name")
            for one in slices
            for endpoint in one.get("endpoints") or []
            if (endpoint.get("conditions") or {}).get("ready", True)
        }
        return sorted(set(pods) - ready)
