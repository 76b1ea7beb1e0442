# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster's brain: its store, the API server and the loops beside it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from lab.config import NODE_ADDRESS, SERVICE_NETWORK, Config
from lab.unit import Unit, http_ok


def etcd(config: Config) -> Unit:
    return Unit(
        "etcd",
        (
            *("etcd", f"--data-dir={config.state / 'etcd'}"),
            *("--listen-client-urls=http://127.0.0.1:2379", "--advertise-client-urls=http://127.0.0.1:2379"),
            *("--listen-peer-urls=http://127.0.0.1:2380", "--unsafe-no-fsync"),
        ),
        partial(http_ok, "http://127.0.0.1:2379/health"),
        ports=(2379, 2380),
    )


def apiserver(config: Config, programs: Mapping[str, Path]) -> Unit:
    pki = config.pki
    return Unit(
        "kube-apiserver",
        (
            str(programs["kube-apiserver"]),
            "--etcd-servers=http://127.0.0.1:2379",
            "--secure-port=6443",
            "--bind-address=0.0.0.0",
            f"--advertise-address={NODE_ADDRESS}",
            f"--service-cluster-ip-range={SERVICE_NETWORK}",
            "--authorization-mode=Node,RBAC",
            "--allow-privileged=true",
            f"--client-ca-file={pki}/ca.crt",
            f"--tls-cert-file={pki}/apiserver.crt",
            f"--tls-private-key-file={pki}/apiserver.key",
            f"--service-account-key-file={pki}/sa.pub",
            f"--service-account-signing-key-file={pki}/sa.key",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--kubelet-client-certificate={pki}/admin.crt",
            f"--kubelet-client-key={pki}/admin.key",
            f"--kubelet-certificate-authority={pki}/ca.crt",
            "--kubelet-preferred-address-types=InternalIP",
            # For the metrics API, which is served through the aggregation layer.
            f"--requestheader-client-ca-file={pki}/ca.crt",
            "--requestheader-allowed-names=front-proxy",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-username-headers=X-Remote-User",
            f"--proxy-client-cert-file={pki}/front-proxy.crt",
            f"--proxy-client-key-file={pki}/front-proxy.key",
            "--enable-aggregator-routing=true",
        ),
        partial(http_ok, "https://127.0.0.1:6443/readyz"),
        reads=(pki / "ca.crt",),
        ports=(6443,),
    )


def controller_manager(config: Config, programs: Mapping[str, Path]) -> Unit:
    return Unit(
        "kube-controller-manager",
        (
            str(programs["kube-controller-manager"]),
            f"--kubeconfig={config.kubeconfig_of('controller-manager')}",
            "--use-service-account-credentials=true",
            f"--service-account-private-key-file={config.pki}/sa.key",
            f"--root-ca-file={config.pki}/ca.crt",
            "--leader-elect=false",
        ),
        partial(http_ok, "https://127.0.0.1:10257/healthz"),
        reads=(config.pki / "ca.crt",),
        ports=(10257,),
    )


def scheduler(config: Config, programs: Mapping[str, Path]) -> Unit:
    return Unit(
        "kube-scheduler",
        (
            str(programs["kube-scheduler"]),
            f"--kubeconfig={config.kubeconfig_of('scheduler')}",
            "--leader-elect=false",
        ),
        partial(http_ok, "https://127.0.0.1:10259/healthz"),
        reads=(config.pki / "ca.crt",),
        ports=(10259,),
    )
