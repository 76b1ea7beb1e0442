# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kubeconfigs are read without the kubernetes library, and that what comes of it is a safe connection."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils import cluster as api
from ansible_collections.slipway.rollout.plugins.module_utils.connection import connect
from ansible_collections.slipway.rollout.plugins.module_utils.plain_access import PlainAccess, read_plain
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Obj = dict[str, Any]
URL = "http://10.0.0.1:8080"


def kubeconfig(cluster: Obj | None = None, user: Obj | None = None, **more: Any) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "c", "cluster": {"server": URL} if cluster is None else cluster}],
        "users": [{"name": "u", "user": {"token": "s3cret"} if user is None else user}],
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        **more,
    }


def put(folder: Path, content: Any) -> str:
    path = folder / "config"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def test_a_token(tmp_path: Path) -> None:
    access = read_plain({"kubeconfig": put(tmp_path, kubeconfig())}, {})
    assert access == PlainAccess(URL, b"", token="s3cret")
    assert "s3cret" not in repr(access)


def test_files_are_named_from_where_the_kubeconfig_is_and_inline_wins(tmp_path: Path) -> None:
    for name in ("ca", "crt", "key"):
        (tmp_path / name).write_text(name.upper())
    files = {"client-certificate": "crt", "client-key": str(tmp_path / "key")}
    cluster = {"server": "https://k8s:6443/", "certificate-authority": "ca", "tls-server-name": "k8s.example.org"}
    access = read_plain({"kubeconfig": put(tmp_path, kubeconfig(cluster, files))}, {})
    assert access == PlainAccess("https://k8s:6443", b"CA", b"CRT", b"KEY", server_name="k8s.example.org")
    inline = {**files, "client-key-data": base64.b64encode(b"INLINE").decode()}
    access = read_plain({"kubeconfig": put(tmp_path, kubeconfig(cluster, inline))}, {})
    assert access is not None
    assert access.key == b"INLINE"


def test_where_the_kubeconfig_may_come_from(tmp_path: Path) -> None:
    other = {"name": "there", "context": {"cluster": "c", "user": "v"}}
    config = kubeconfig()
    config["contexts"].append(other)
    config["users"].append({"name": "v", "user": {"token": "other"}})
    path = put(tmp_path, config)
    for options, environment, token in (
        ({"kubeconfig": path, "context": "there"}, {}, "other"),
        ({}, {"K8S_AUTH_KUBECONFIG": path, "K8S_AUTH_CONTEXT": "there"}, "other"),
        ({"context": "there"}, {"KUBECONFIG": path, "KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "other"),
        ({}, {"KUBECONFIG": path, "HTTPS_PROXY": "", "K8S_AUTH_HOST": ""}, "s3cret"),
    ):
        access = read_plain(options, environment)
        assert access is not None
        assert access.token == token


def test_what_is_asked_for_beside_it_is_left_to_the_library(tmp_path: Path) -> None:
    path = put(tmp_path, kubeconfig())
    assert read_plain({"kubeconfig": path, "impersonate_user": "eve"}, {}) is None
    assert read_plain({"kubeconfig": path, "validate_certs": False}, {}) is None
    assert read_plain({"kubeconfig": kubeconfig()}, {}) is None
    for environment in ({"K8S_AUTH_HOST": "x"}, {"https_proxy": "http://p"}, {"HTTP_PROXY": "http://p"}):
        assert read_plain({"kubeconfig": path}, environment) is None
    assert read_plain({}, {"KUBECONFIG": path, "KUBERNETES_SERVICE_HOST": "10.0.0.1"}) is None


@pytest.mark.parametrize(
    "content",
    [
        kubeconfig(user={"exec": {"command": "login"}}),
        kubeconfig(user={"token": "t", "auth-provider": {"name": "oidc"}}),
        kubeconfig(user={"username": "u", "password": "p"}),
        kubeconfig(user={"tokenFile": "token"}),
        kubeconfig(user={}),
        kubeconfig(user={"client-certificate-data": "QQ==", "token": "t"}),
        kubeconfig(user={"client-key-data": "not base64!", "token": "t"}),
        kubeconfig({"server": "https://k8s", "insecure-skip-tls-verify": True}),
        kubeconfig({"server": "https://k8s"}),
        kubeconfig({"server": "ftp://k8s", "certificate-authority-data": "QQ=="}),
        kubeconfig({"server": URL, "proxy-url": "http://p"}),
        kubeconfig({"server": URL, "certificate-authority": "missing"}),
        kubeconfig(users=[{"name": "u", "user": None}]),
        kubeconfig(users=[{"name": "u", "user": {"token": "1"}}, {"name": "u", "user": {"token": "2"}}]),
        kubeconfig(contexts=[]),
        kubeconfig(clusters=None),
        "",
        "{",
        "just words",
    ],
)
def test_what_is_not_plain_is_left_to_the_library(tmp_path: Path, content: Any) -> None:
    assert read_plain({"kubeconfig": put(tmp_path, content)}, {}) is None


def test_what_is_not_there_is_left_to_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_plain({"kubeconfig": str(tmp_path / "nothing")}, {}) is None
    path = put(tmp_path, kubeconfig())
    assert read_plain({}, {"KUBECONFIG": f"{path}:{path}"}) is None
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert read_plain({"kubeconfig": path}, {}) is None


@dataclass(frozen=True)
class Pair:
    certificate: bytes
    key: bytes


@pytest.fixture(scope="module")
def authority() -> tuple[Pair, ...]:
    """A CA, and a server and a client that it vouches for."""
    ca_key = ec.generate_private_key(ec.SECP256R1())
    return tuple(_issue(name, ca_key, key) for name, key in (("ca", ca_key), ("k8s", None), ("me", None)))


def _issue(name: str, ca_key: ec.EllipticCurvePrivateKey, key: ec.EllipticCurvePrivateKey | None) -> Pair:
    is_ca = key is not None
    key = key or ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    hour = datetime.timedelta(hours=1)
    names = [x509.DNSName("k8s.example.org"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    usage = dict.fromkeys(("content_commitment", "data_encipherment", "key_agreement", "encipher_only"), False)
    usage |= {"decipher_only": False, "digital_signature": True, "key_encipherment": False}
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ca")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - hour)
        .not_valid_after(now + hour)
        .add_extension(x509.BasicConstraints(is_ca, None), True)
        .add_extension(x509.KeyUsage(key_cert_sign=is_ca, crl_sign=is_ca, **usage), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), False)
        .add_extension(x509.SubjectAlternativeName(names), False)
        .sign(ca_key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return Pair(built.public_bytes(pem), key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        subject = dict(pair for (pair,) in self.connection.getpeercert()["subject"])
        body = json.dumps({"user": subject["commonName"]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def port(authority: tuple[Pair, ...], tmp_path: Path) -> Iterator[int]:
    """An HTTPS server that lets nobody in without a client's certificate."""
    ca, server, _client = authority
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=ca.certificate.decode())
    (tmp_path / "server.crt").write_bytes(server.certificate)
    (tmp_path / "server.key").write_bytes(server.key)
    context.load_cert_chain(tmp_path / "server.crt", tmp_path / "server.key")
    running = HTTPServer(("127.0.0.1", 0), Handler)
    running.socket = context.wrap_socket(running.socket, server_side=True)
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield running.server_port
    running.shutdown()
    running.server_close()


def secured(port: int, ca: bytes, client: Pair, **cluster: str) -> Obj:
    def text(content: bytes) -> str:
        return base64.b64encode(content).decode()

    where = {"server": f"https://127.0.0.1:{port}", "certificate-authority-data": text(ca), **cluster}
    return kubeconfig(where, {"client-certificate-data": text(client.certificate), "client-key-data": text(client.key)})


@pytest.mark.parametrize("name", [{}, {"tls-server-name": "k8s.example.org"}])
def test_both_sides_prove_who_they_are(
    port: int, authority: tuple[Pair, ...], tmp_path: Path, name: dict[str, str]
) -> None:
    ca, _server, client = authority
    path = put(tmp_path, secured(port, ca.certificate, client, **name))
    assert connect({"kubeconfig": path}).get(api.POD, "shop", "a") == {"user": "me"}


def test_a_server_of_another_name_or_authority_is_not_trusted(
    port: int, authority: tuple[Pair, ...], tmp_path: Path
) -> None:
    ca, _server, client = authority
    stranger_key = ec.generate_private_key(ec.SECP256R1())
    stranger = _issue("ca", stranger_key, stranger_key)
    wrong_name = secured(port, ca.certificate, client, **{"tls-server-name": "elsewhere.example.org"})
    for config in (wrong_name, secured(port, stranger.certificate, client)):
        with pytest.raises(api.Unreachable, match="certificate"):
            connect({"kubeconfig": put(tmp_path, config)}).get(api.POD, "shop", "a")


def test_a_token_goes_over_tls_to_a_server_that_is_trusted(
    port: int, authority: tuple[Pair, ...], tmp_path: Path
) -> None:
    config = secured(port, authority[0].certificate, authority[2])
    config["users"][0]["user"] = {"token": "t"}
    with pytest.raises(api.ClusterError):  # this server asks for a certificate
        connect({"kubeconfig": put(tmp_path, config)}).get(api.POD, "shop", "a")


def test_a_key_that_cannot_be_loaded_is_left_to_the_library(
    port: int, authority: tuple[Pair, ...], tmp_path: Path
) -> None:
    ca, server, client = authority
    mixed = Pair(client.certificate, server.key)
    cluster = connect({"kubeconfig": put(tmp_path, secured(port, ca.certificate, mixed))})
    with pytest.raises(api.ClusterError):
        cluster.get(api.POD, "shop", "a")


def test_the_library_is_not_imported(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from ansible_collections.slipway.rollout.plugins.module_utils.connection import connect\n"
        f"connect({{'kubeconfig': {put(tmp_path, kubeconfig())!r}}})\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('kubernetes', 'pydantic')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"HOME": str(tmp_path)})
