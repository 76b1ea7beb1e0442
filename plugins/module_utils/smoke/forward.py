# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A port on this machine that leads to pods: how a program on it reaches them without a load balancer."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from ..cluster import ClusterError

_CHUNK = 65536


class Stream(Protocol):
    """What is used of a socket."""

    def recv(self, size: int, /) -> bytes: ...

    def sendall(self, data: bytes, /) -> None: ...

    def close(self) -> None: ...


# A new connection to the port of one of the pods. Raises OSError or ClusterError.
Dial = Callable[[], Stream]


@contextmanager
def forward(dial: Dial) -> Iterator[Forward]:
    """Listens on 127.0.0.1 as long as the block runs; each connection is one of its own to a pod."""
    opened = Forward(dial)
    try:
        yield opened
    finally:
        opened.close()


class Forward:
    """`address` is host:port. `trouble` is why the last connection did not come about, "" when it did."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[Any] = set()
        host, port = self._listener.getsockname()[:2]
        self.address = f"{host}:{port}"
        self.trouble = ""
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for one in (self._listener, *tuple(self._open)):
            _hang_up(one)

    def _accept(self) -> None:
        while True:
            try:
                near, _peer = self._listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        try:
            far = self._dial()
            self.trouble = ""
        except (OSError, ClusterError) as error:
            self.trouble = str(error)
            _hang_up(near)
            return
        ends = {near, far}
        self._open |= ends
        back = threading.Thread(target=_pump, args=(far, near), daemon=True)
        back.start()
        _pump(near, far)
        back.join()
        self._open -= ends


def _pump(source: Stream, sink: Stream) -> None:
    """Until one end is closed; then both are, as a websocket knows no half-closed connection."""
    try:
        while data := source.recv(_CHUNK):
            sink.sendall(data)
    except OSError:
        pass  # the other end was closed first
    finally:
        _hang_up(source)
        _hang_up(sink)


def _hang_up(end: Any) -> None:
    """Wakes whoever reads from it, which closing alone does not."""
    with suppress(OSError):  # not connected any more
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def pod_dialer(params: Mapping[str, Any], namespace: str, ports: Sequence[tuple[str, int]]) -> Dial:
    """Connections to (pod, port) in turn, by the API's port-forward. Raises ClusterError when a library is missing."""
    core, portforward = _library(params)
    turn = itertools.cycle(ports)
    lock = threading.Lock()  # the library changes its client for the length of a call

    def dial() -> Stream:
        with lock:
            pod, port = next(turn)
            try:
                call = core.connect_get_namespaced_pod_portforward
                tunnel = portforward(call, pod, namespace, ports=str(port))
            except Exception as error:  # of whatever library is beneath it
                reason = getattr(error, "reason", None) or error
                raise OSError(
                    f"no port-forward to {namespace}/{pod}:{port}: {reason}. It needs create on pods/portforward."
                ) from error
        stream: Stream = tunnel.socket(port)
        return stream

    return dial


def _library(params: Mapping[str, Any]) -> tuple[Any, Any]:
    try:
        from kubernetes.client import ApiClient, CoreV1Api
        from kubernetes.stream import portforward
    except ImportError as error:
        raise ClusterError(
            f"A port-forward needs the Python library 'kubernetes' ({error}). Install it: pip install kubernetes"
        ) from error
    from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.client import (
        _create_auth_spec,
        _create_configuration,
        _create_headers,
    )

    options = {key: value for key, value in params.items() if key in AUTH_ARG_SPEC and value is not None}
    client = ApiClient(_create_configuration(_create_auth_spec(None, **options)))
    for name, value in _create_headers(None, **options).items():
        client.set_default_header(name, value)
    return CoreV1Api(client), portforward
