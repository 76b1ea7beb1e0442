# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys, certificates and kubeconfigs of the cluster; made once, made anew together when something is missing."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

from lab.config import API_SERVICE, NODE, NODE_ADDRESS, Config

DAYS = "3650"

# user -> subject, alternative names
LEAVES = {
    "admin": ("/O=system:masters/CN=admin", "DNS:admin"),
    "apiserver": (
        "/CN=kube-apiserver",
        f"DNS:kubernetes,DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1,IP:{API_SERVICE},IP:{NODE_ADDRESS}",
    ),
    "controller-manager": ("/CN=system:kube-controller-manager", "DNS:controller-manager"),
    "scheduler": ("/CN=system:kube-scheduler", "DNS:scheduler"),
    "kubelet": (f"/O=system:nodes/CN=system:node:{NODE}", f"DNS:{NODE},IP:127.0.0.1,IP:{NODE_ADDRESS}"),
    "proxy": ("/CN=system:kube-proxy", "DNS:proxy"),
    "front-proxy": ("/CN=front-proxy", "DNS:front-proxy"),
    "metrics-server": (
        "/CN=system:metrics-server",
        f"DNS:metrics-server.kube-system.svc,DNS:localhost,IP:{NODE_ADDRESS}",
    ),
}
USERS = ("admin", "controller-manager", "scheduler", "kubelet", "proxy", "metrics-server")


def whole(config: Config) -> bool:
    """Whether everything is there, unchanged since it was made, for the names and the folder of today."""
    made = config.pki / "complete"
    return made.exists() and made.read_text() == _account(config)


def make(config: Config) -> None:
    """Everything, anew: what was signed before is worth nothing afterwards."""
    shutil.rmtree(config.pki, ignore_errors=True)
    config.pki.mkdir(parents=True, mode=0o700)
    _authority(config.pki)
    for name, (subject, names) in LEAVES.items():
        _leaf(config.pki, name, subject, names)
    _openssl(config.pki, "genrsa", "-out", "sa.key", "2048")
    _openssl(config.pki, "rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub")
    for user in USERS:
        _kubeconfig(config, user)
    (config.pki / "complete").write_text(_account(config))


def _account(config: Config) -> str:
    """What the files are to be, and what they are."""
    content = hashlib.sha256()
    for file in _files(config):
        content.update(file.read_bytes() if file.exists() else b"missing")
    return json.dumps({"folder": str(config.pki), "leaves": LEAVES, "content": content.hexdigest()})


def _files(config: Config) -> list[Path]:
    pairs = [config.pki / f"{name}.{kind}" for name in ("ca", *LEAVES) for kind in ("crt", "key")]
    return [*pairs, config.pki / "sa.key", config.pki / "sa.pub", *(config.kubeconfig_of(user) for user in USERS)]


def _authority(folder: Path) -> None:
    _key(folder, "ca")
    _openssl(
        folder,
        *("req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=slipway-lab", "-days", DAYS, "-out", "ca.crt"),
        # Python 3.13 verifies strictly: without these it refuses the chain.
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
    )


def _leaf(folder: Path, name: str, subject: str, names: str) -> None:
    _key(folder, name)
    _openssl(folder, "req", "-new", "-key", f"{name}.key", "-subj", subject, "-out", f"{name}.csr")
    (folder / f"{name}.ext").write_text(
        "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\nkeyUsage=critical,digitalSignature\n"
        f"subjectAltName={names}\nextendedKeyUsage=serverAuth,clientAuth\n"
    )
    _openssl(
        folder,
        *("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"),
        *("-days", DAYS, "-extfile", f"{name}.ext", "-out", f"{name}.crt"),
    )


def _key(folder: Path, name: str) -> None:
    _openssl(folder, "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", f"{name}.key")


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(("openssl", *arguments), cwd=folder, check=True, capture_output=True)


def _kubeconfig(config: Config, user: str) -> None:
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "lab",
                "cluster": {
                    "server": "https://127.0.0.1:6443",
                    "certificate-authority": str(config.pki / "ca.crt"),
                },
            }
        ],
        "users": [
            {
                "name": user,
                "user": {
                    "client-certificate": str(config.pki / f"{user}.crt"),
                    "client-key": str(config.pki / f"{user}.key"),
                },
            }
        ],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": user}}],
        "current-context": "lab",
    }
    file = config.kubeconfig_of(user)
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(document, indent=1))  # JSON is YAML
