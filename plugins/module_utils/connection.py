# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From kubernetes.core's authentication options to a Cluster."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC as _AUTH_ARG_SPEC

from .clock import SystemClock
from .cluster import Cluster, ClusterError, Unanswered, Unreachable
from .kubeconfig_fault import kubeconfig_fault
from .plain_access import open_pool, read_plain
from .rollout.fence import Fence, Lock

# What each module takes to reach the cluster, and to write there as a part of a rollout.
AUTH_ARG_SPEC: dict[str, Any] = {
    **_AUTH_ARG_SPEC,
    "lock": {
        "type": "dict",
        "options": {
            "namespace": {"type": "str"},
            "app": {"type": "str"},
            "environment": {"type": "str"},
            "holder": {"type": "str"},
        },
    },
}


def connect(params: Mapping[str, Any], *, timeout: float = 10.0) -> Cluster:
    """A Cluster from module parameters, `K8S_AUTH_*` variables, the service account or the kubeconfig, in that order.

    With a `lock` that has a holder the Lease is renewed from here on, and nothing is written once it is lost. Raises
    ClusterError when no usable configuration is found or the kubernetes library is missing.
    """
    options = {key: value for key, value in params.items() if key in _AUTH_ARG_SPEC and value is not None}
    http = _plain(options) or _by_library(options)
    if not (params.get("lock") or {}).get("holder"):
        return Cluster(http, timeout=timeout)
    fence = Fence(Cluster(http, timeout=timeout), Lock.parse(params["lock"]), SystemClock())
    fence.keep()
    return Cluster(http, timeout=timeout, fence=fence)


def _plain(options: Mapping[str, Any]) -> _Http | None:
    """The quick way, where the kubeconfig is plain."""
    access = read_plain(options, os.environ)
    if access is None:
        return None
    headers = {"authorization": f"Bearer {access.token}"} if access.token else {}
    try:
        return _Http(open_pool(access), access.server, headers, dict)
    except (OSError, ValueError):
        return None  # a certificate or key that cannot be loaded: kubernetes.core says what is wrong with it


def _by_library(options: Mapping[str, Any]) -> _Http:
    """Every way that kubernetes.core knows."""
    try:
        from kubernetes.client.rest import RESTClientObject
        from kubernetes.config import ConfigException
    except ImportError as error:
        raise ClusterError(
            f"The Python library 'kubernetes' is missing on this host ({error}). Install it: pip install kubernetes"
        ) from error
    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.client import (
        _create_auth_spec,
        _create_configuration,
        _create_headers,
    )

    try:
        # The public get_api_client also asks the server what it can do; our kinds are known, so we stop before that.
        configuration = _create_configuration(_create_auth_spec(None, **options))
    except (ConfigException, OSError, ValueError) as error:
        fault = kubeconfig_fault(options, os.environ) or f"{error} Set kubeconfig and context, or host and api_key."
        raise ClusterError(f"No usable cluster configuration: {fault}") from error
    headers = {
        name: ", ".join(value) if isinstance(value, list) else str(value)
        for name, value in _create_headers(None, **options).items()
    }

    def credentials() -> dict[str, str]:
        # Asked for at each request: the library refreshes short-lived tokens behind this call.
        settings = configuration.auth_settings().values()
        return {
            str(one["key"]): str(one["value"]) for one in settings if one.get("in") == "header" and one.get("value")
        }

    return _Http(
        RESTClientObject(configuration).pool_manager, str(configuration.host).rstrip("/"), headers, credentials
    )


class _Http:
    """A urllib3 pool, without its retries: a repeated write must be our decision."""

    def __init__(
        self, pool: Any, host: str, headers: Mapping[str, str], credentials: Callable[[], Mapping[str, str]]
    ) -> None:
        self._pool = pool
        self._host = host
        self._headers = headers
        self._credentials = credentials

    def request(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], timeout: float
    ) -> tuple[int, bytes]:
        response = self._send(method, path, body, headers, timeout, whole=True)
        return int(response.status), bytes(response.data)

    def stream(self, path: str, timeout: float) -> Iterator[bytes]:
        from urllib3.exceptions import HTTPError

        deadline = time.monotonic() + timeout
        try:
            response = self._send("GET", path, None, {}, timeout, whole=False)
        except Unanswered:
            return  # the server may keep even the headers until there is something to tell
        if response.status >= 400:
            yield b'{"type":"ERROR","object":' + response.read() + b"}"
            return
        rest = b""
        try:
            for chunk in response.stream(65536, decode_content=False):
                *lines, rest = (rest + chunk).split(b"\n")
                yield from (line for line in lines if line)
                if time.monotonic() >= deadline:
                    return
        except HTTPError:
            return  # a watch that breaks off is an ordinary end: whoever watches looks again
        finally:
            response.close()

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], timeout: float, *, whole: bool
    ) -> Any:
        from urllib3 import Timeout
        from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

        host = self._host
        try:
            return self._pool.request(
                method,
                host + path,
                body=body,
                headers={**self._headers, **self._credentials(), **headers},
                timeout=Timeout(connect=min(5.0, timeout), read=timeout),
                retries=False,
                preload_content=whole,
            )
        except HTTPError as error:
            refused = isinstance(error, (NewConnectionError, ConnectTimeoutError))
            if refused or (isinstance(error, SSLError) and "certificate" in str(error).lower()):
                raise Unreachable(
                    f"Cannot reach the API server at {host}: {_plain_words(error)}. "
                    "Check kubeconfig, context and the network."
                ) from error
            raise Unanswered(f"{method} {path} at {host} was sent, but no whole answer came back: {error}.") from error


def _plain_words(error: Exception) -> str:
    """Without urllib3's name of the object that failed, which says once more where."""
    return str(error).rpartition("): ")[2]
