# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one node: what runs pods, starts them, and routes Service addresses to them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import yaml

from lab.config import DNS_SERVICE, MACHINE, NETWORK, NODE, NODE_ADDRESS, POD_NETWORK, REGISTRY, Config
from lab.unit import Unit, http_ok

CONTAINERD = MACHINE / "containerd.sock"
PAUSE = f"{REGISTRY}/pause:1"


def containerd(config: Config) -> Unit:
    file = config.state / "containerd.toml"
    cni = config.state / "cni"
    network = {
        "cniVersion": "0.4.0",
        "name": NETWORK,
        "plugins": [
            # Point to point, not a bridge: each packet is routed, so Service addresses work between pods of one node
            # without the kernel module br_netfilter.
            {
                "type": "ptp",
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": POD_NETWORK}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                    "dataDir": str(config.state / "addresses"),
                },
            }
        ],
    }
    # restrict_oom_score_adj: without CAP_SYS_RESOURCE, runc can start no pod otherwise.
    # netns_mounts_under_state_dir: in /run/netns nobody could tell our pods' from those of another engine.
    settings = f"""version = 2
root = "{config.state / "containerd"}"
state = "{MACHINE / "containerd"}"
[grpc]
  address = "{CONTAINERD}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "{cni}"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
"""
    return Unit(
        "containerd",
        ("containerd", "--config", str(file)),
        _containerd_answers,
        {file: settings, cni / "10-lab.conflist": json.dumps(network)},
    )


def _containerd_answers() -> bool:
    asked = subprocess.run(
        ("ctr", "--address", str(CONTAINERD), "version"), capture_output=True, check=False, timeout=20
    )
    return asked.returncode == 0


def kubelet(config: Config, programs: Mapping[str, Path]) -> Unit:
    file = config.state / "kubelet.yaml"
    settings = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{config.pki}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "clusterDNS": [DNS_SERVICE],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": f"unix://{CONTAINERD}",
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "failCgroupV1": False,  # some hosts still mount cgroup v1
        "failSwapOn": False,
        "imageGCHighThresholdPercent": 100,
        "localStorageCapacityIsolation": False,  # the eviction manager cannot measure every root filesystem
        "makeIPTablesUtilChains": False,  # nothing to clean up afterwards
        "podLogsDir": str(config.logs / "pods"),
        "resolvConf": "/etc/resolv.conf",
        "syncFrequency": "10s",
        "tlsCertFile": f"{config.pki}/kubelet.crt",
        "tlsPrivateKeyFile": f"{config.pki}/kubelet.key",
    }
    return Unit(
        "kubelet",
        (
            str(programs["kubelet"]),
            f"--config={file}",
            f"--kubeconfig={config.kubeconfig_of('kubelet')}",
            f"--hostname-override={NODE}",
            f"--node-ip={NODE_ADDRESS}",
            f"--root-dir={config.state / 'kubelet'}",
        ),
        partial(http_ok, "http://127.0.0.1:10248/healthz"),
        {file: yaml.safe_dump(settings)},
        reads=(config.pki / "ca.crt",),
        ports=(10248, 10250),
    )


def proxy(config: Config, programs: Mapping[str, Path]) -> Unit:
    file = config.state / "kube-proxy.yaml"
    settings = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(config.kubeconfig_of("proxy"))},
        "clusterCIDR": POD_NETWORK,
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpCloseWaitTimeout": "0s", "tcpEstablishedTimeout": "0s"},
        "hostnameOverride": NODE,
        "mode": "nftables",
    }
    return Unit(
        "kube-proxy",
        (str(programs["kube-proxy"]), f"--config={file}"),
        partial(http_ok, f"http://{NODE_ADDRESS}:10256/livez"),
        {file: yaml.safe_dump(settings)},
        reads=(config.pki / "ca.crt",),
        ports=(10249, 10256),
    )
