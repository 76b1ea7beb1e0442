# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a target is reached: through the API server, straight at its address, or through a local forward."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from ..cluster import Cluster
from .probe import LARGEST, Probe, ProbeError
from .targets import Target

# One question to one target: status and body. Raises ClusterError or OSError where there is no answer.
Ask = Callable[[Target, Probe], tuple[int, bytes]]


class _AsItIs(HTTPRedirectHandler):
    """A redirect is an answer, and the one that was asked for is judged."""

    def redirect_request(self, *_arguments: object, **_more: object) -> None:
        return None


def by_proxy(cluster: Cluster) -> Ask:
    """Through the API server: works from anywhere; needs `get` (`create` for a POST, …) on pods/proxy."""

    def ask(target: Target, probe: Probe) -> tuple[int, bytes]:
        if target.kind is None:
            raise OSError(f"{target.name} is no pod or Service")
        prefix = "https:" if probe.scheme == "https" else ""
        where = f"{prefix}{target.name}:{target.port(probe.port)}"
        return cluster.ask(
            target.kind,
            target.namespace,
            where,
            probe.path,
            timeout=probe.timeout,
            method=probe.method,
            body=probe.body,
            headers=probe.headers,
        )

    return ask


def refuse_credentials(probes: list[Probe]) -> None:
    """The API server would take them for its own. Raises ProbeError."""
    for number, probe in enumerate(probes):
        if any(name.lower() == "authorization" for name in probe.headers):
            raise ProbeError(
                f"tests[{number}].headers has Authorization, which the API server's proxy would take for its own. "
                "Set via: forward, or via: direct."
            )


def directly(*, validate_certs: bool = True) -> Ask:
    """Straight to the target's address, or to the URL that it is."""
    return _by_address(lambda target, probe: address_of(target, probe.port, probe.scheme), validate_certs)


def by_forward(urls: Mapping[tuple[str, int], str], *, validate_certs: bool = False) -> Ask:
    """Through forwards that are open already, by the target's name and port."""

    def base(target: Target, probe: Probe) -> str:
        return f"{probe.scheme}://{urls[target.name, target.port(probe.port)]}"

    return _by_address(base, validate_certs)


def address_of(target: Target, port: str, scheme: str) -> str:
    """The URL of a target without a path."""
    if target.base:
        return target.base
    host = f"[{target.host}]" if ":" in target.host else target.host
    return f"{scheme}://{host}:{target.port(port)}"


def _by_address(base: Callable[[Target, Probe], str], validate_certs: bool) -> Ask:
    context = ssl.create_default_context()
    if not validate_certs:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    # A pod's address is behind no proxy; a URL of the user's own may be.
    inside = build_opener(ProxyHandler({}), HTTPSHandler(context=context), _AsItIs)
    outside = build_opener(HTTPSHandler(context=context), _AsItIs)

    def ask(target: Target, probe: Probe) -> tuple[int, bytes]:
        url = f"{base(target, probe)}/{probe.path.lstrip('/')}"
        request = Request(url, data=probe.body, headers=dict(probe.headers), method=probe.method)
        return _open(outside if target.base else inside, request, probe.timeout)

    return ask


def _open(opener: Any, request: Request, timeout: float) -> tuple[int, bytes]:
    try:
        with opener.open(request, timeout=timeout) as answer:
            return int(answer.status), bytes(answer.read(LARGEST))
    except HTTPError as error:
        with error:
            return error.code, error.read(LARGEST)
    except URLError as error:
        raise error.reason if isinstance(error.reason, OSError) else OSError(str(error.reason)) from error
