# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A kubeconfig that can be read without the kubernetes library, which takes a quarter of a second to import.

Only what is plain is read here: one file, one server with its CA, a client certificate or a token. Whatever else is
asked for (login plugins, proxies, impersonation, options beside the kubeconfig) is left to kubernetes.core, and so is
every error, so that there is one place that explains them.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CLUSTER = {"server", "certificate-authority", "certificate-authority-data", "tls-server-name", "extensions"}
_USER = {
    "client-certificate",
    "client-certificate-data",
    "client-key",
    "client-key-data",
    "token",
    "extensions",
}
# Any of these in the environment changes how, or to whom, the library connects.
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_IN_CLUSTER = "KUBERNETES_SERVICE_HOST"


@dataclass(frozen=True, slots=True)
class PlainAccess:
    """Where the API server is and what proves who we are; certificates and key in PEM."""

    server: str
    ca: bytes
    certificate: bytes = b""
    key: bytes = b""
    token: str = ""
    server_name: str = ""

    def __repr__(self) -> str:
        return f"PlainAccess({self.server!r})"  # no key and no token in any log


def read_plain(options: Mapping[str, Any], environment: Mapping[str, str]) -> PlainAccess | None:
    """From kubernetes.core's options that are set, and the environment; None where this is not plain."""
    if set(options) - {"kubeconfig", "context"} or _disturbed(environment):
        return None
    kubeconfig = options.get("kubeconfig") or environment.get("K8S_AUTH_KUBECONFIG")
    context = options.get("context") or environment.get("K8S_AUTH_CONTEXT")
    if not kubeconfig and not context and environment.get(_IN_CLUSTER):
        return None
    kubeconfig = kubeconfig or environment.get("KUBECONFIG") or "~/.kube/config"
    if not isinstance(kubeconfig, str):
        return None
    try:
        return _read(Path(kubeconfig).expanduser(), context)
    except (OSError, AttributeError, LookupError, TypeError, ValueError):
        return None  # kubernetes.core will say what is wrong with it


def open_pool(access: PlainAccess, width: int = 16) -> Any:
    """A urllib3 pool for this server. Certificates are read once, not for every connection."""
    from urllib3 import PoolManager
    from urllib3.util.ssl_ import create_urllib3_context

    if not access.server.startswith("https://"):
        return PoolManager(maxsize=width)
    context = create_urllib3_context()
    context.load_verify_locations(cadata=access.ca.decode())
    if access.certificate:
        _load_pair(context, access)
    if access.server_name:
        return PoolManager(maxsize=width, ssl_context=context, server_hostname=access.server_name)
    return PoolManager(maxsize=width, ssl_context=context)


def _load_pair(context: Any, access: PlainAccess) -> None:
    """The ssl module takes a client's certificate and key from files only; these live as long as this call."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="slipway-") as folder:  # only this user may look into it
        certificate, key = Path(folder, "certificate"), Path(folder, "key")
        certificate.write_bytes(access.certificate)
        key.write_bytes(access.key)
        context.load_cert_chain(certificate, key)


def _disturbed(environment: Mapping[str, str]) -> bool:
    known = {"K8S_AUTH_KUBECONFIG", "K8S_AUTH_CONTEXT"}
    return any(
        value and ((name.startswith("K8S_AUTH_") and name not in known) or name.upper() in _PROXIES)
        for name, value in environment.items()
    )


def _read(path: Path, context_name: str | None) -> PlainAccess | None:
    try:
        import yaml
    except ImportError:
        return None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # many clusters in one file take a while without C
    try:
        document = yaml.load(path.read_text("utf-8"), loader)  # noqa: S506 - both are safe loaders
    except yaml.YAMLError:
        return None
    context = _named(document["contexts"], context_name or document["current-context"])["context"]
    cluster = _named(document["clusters"], context["cluster"])["cluster"]
    user = _named(document["users"], context["user"])["user"] or {}
    certificate, key = (_material(path, user, kind) for kind in ("client-certificate", "client-key"))
    access = PlainAccess(
        server=str(cluster["server"]).rstrip("/"),
        ca=_material(path, cluster, "certificate-authority"),
        certificate=certificate,
        key=key,
        token=str(user.get("token") or ""),
        server_name=str(cluster.get("tls-server-name") or ""),
    )
    plain = set(cluster) <= _CLUSTER and set(user) <= _USER and bool(certificate) == bool(key)
    safe = access.server.startswith("http://") or (access.server.startswith("https://") and access.ca)
    return access if plain and safe and (certificate or access.token) else None


def _named(entries: Any, name: str) -> dict[str, Any]:
    """The one entry of that name. Raises LookupError."""
    (found,) = (entry for entry in entries if entry["name"] == name)
    entry: dict[str, Any] = found
    return entry


def _material(kubeconfig: Path, holder: Mapping[str, Any], key: str) -> bytes:
    """PEM that is inline (and then wins, as everywhere) or in a file named from where the kubeconfig is."""
    inline = holder.get(f"{key}-data")
    if inline:
        return base64.b64decode(inline, validate=True)
    named = holder.get(key)
    return (kubeconfig.parent / str(named)).read_bytes() if named else b""
