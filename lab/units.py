# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every long-lived component that runs on the machine itself, in the order in which they start."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import yaml

from lab.config import DNS_SERVICE, MACHINE, NODE, NODE_ADDRESS, POD_NETWORK, REGISTRY, SERVICE_NETWORK, Config
from lab.unit import Unit, http_ok

CONTAINERD = MACHINE / "containerd.sock"
PAUSE = f"{REGISTRY}/pause:1"


def declared(config: Config, programs: Mapping[str, Path]) -> tuple[Unit, ...]:
    """`programs`: where each program that was built lies."""
    return (
        _etcd(config),
        _registry(config, programs),
        _containerd(config),
        _apiserver(config, programs),
        _controller_manager(config, programs),
        _scheduler(config, programs),
        _kubelet(config, programs),
        _proxy(config, programs),
        _istiod(config, programs),
        _prometheus(config, programs),
    )


def _etcd(config: Config) -> Unit:
    return Unit(
        "etcd",
        (
            *("etcd", f"--data-dir={config.state / 'etcd'}"),
            *("--listen-client-urls=http://127.0.0.1:2379", "--advertise-client-urls=http://127.0.0.1:2379"),
            *("--listen-peer-urls=http://127.0.0.1:2380", "--unsafe-no-fsync"),
        ),
        partial(http_ok, "http://127.0.0.1:2379/health"),
    )


def _registry(config: Config, programs: Mapping[str, Path]) -> Unit:
    file = config.state / "registry.yaml"
    settings = {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(config.state / "registry")}, "delete": {"enabled": True}},
        "http": {"addr": "127.0.0.1:5000"},
    }
    return Unit(
        "registry",
        (str(programs["registry"]), "serve", str(file)),
        partial(http_ok, f"http://{REGISTRY}/v2/"),
        {file: yaml.safe_dump(settings)},
        {"OTEL_TRACES_EXPORTER": "none"},
    )


def _containerd(config: Config) -> Unit:
    file = config.state / "containerd.toml"
    cni = config.state / "cni"
    network = {
        "cniVersion": "0.4.0",
        "name": "slipway-lab",
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
    settings = f"""version = 2
root = "{config.state / "containerd"}"
state = "{MACHINE / "containerd"}"
[grpc]
  address = "{CONTAINERD}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  restrict_oom_score_adj = true
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


def _apiserver(config: Config, programs: Mapping[str, Path]) -> Unit:
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
    )


def _controller_manager(config: Config, programs: Mapping[str, Path]) -> Unit:
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
    )


def _scheduler(config: Config, programs: Mapping[str, Path]) -> Unit:
    return Unit(
        "kube-scheduler",
        (
            str(programs["kube-scheduler"]),
            f"--kubeconfig={config.kubeconfig_of('scheduler')}",
            "--leader-elect=false",
        ),
        partial(http_ok, "https://127.0.0.1:10259/healthz"),
    )


def _kubelet(config: Config, programs: Mapping[str, Path]) -> Unit:
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
    )


def _proxy(config: Config, programs: Mapping[str, Path]) -> Unit:
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
    )


def _istiod(config: Config, programs: Mapping[str, Path]) -> Unit:
    mesh = config.state / "mesh.yaml"
    settings = {
        "accessLogFile": "",
        "defaultConfig": {"discoveryAddress": "127.0.0.1:15010"},
        "enableAutoMtls": False,
        "enablePrometheusMerge": False,
        "ingressControllerMode": "OFF",
    }
    # The gateway is an Envoy as its authors publish it: Istio's own filters and certificates are left out.
    environment = {
        "CLUSTER_ID": "Kubernetes",
        "ENABLE_CA_SERVER": "false",
        "INJECTION_WEBHOOK_CONFIG_NAME": "",
        "KUBECONFIG": str(config.kubeconfig),
        "PILOT_CERT_PROVIDER": "none",
        "PILOT_ENABLE_ALPN_FILTER": "false",
        "PILOT_ENABLE_ANALYSIS": "false",
        "PILOT_ENABLE_GATEWAY_API": "true",
        "PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER": "false",
        "PILOT_ENABLE_GATEWAY_API_STATUS": "true",
        "PILOT_ENABLE_METADATA_EXCHANGE": "false",
        "PILOT_SKIP_VALIDATE_TRUST_DOMAIN": "true",
        "POD_NAME": "istiod-lab",
        "POD_NAMESPACE": "istio-system",
        "VALIDATION_WEBHOOK_CONFIG_NAME": "",
    }
    return Unit(
        "istiod",
        (
            *(str(programs["pilot-discovery"]), "discovery", "--kubeconfig", str(config.kubeconfig)),
            *("--meshConfig", str(mesh), "--registries", "Kubernetes", "--plugins", ""),
            *("--httpAddr", "127.0.0.1:8080", "--grpcAddr", f"{NODE_ADDRESS}:15010"),
            *("--secureGRPCAddr", "", "--httpsAddr", "", "--monitoringAddr", "127.0.0.1:15014"),
        ),
        partial(http_ok, "http://127.0.0.1:8080/ready"),
        {mesh: yaml.safe_dump(settings)},
        environment,
        patience=120,
    )


def _prometheus(config: Config, programs: Mapping[str, Path]) -> Unit:
    file = config.state / "prometheus.yaml"
    meta = "__meta_kubernetes_pod_"
    settings = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "scrape_configs": [
            {
                "job_name": "pods",
                "kubernetes_sd_configs": [{"role": "pod", "kubeconfig_file": str(config.kubeconfig)}],
                "relabel_configs": [
                    {"source_labels": [f"{meta}annotation_prometheus_io_scrape"], "regex": "true", "action": "keep"},
                    {"source_labels": [f"{meta}phase"], "regex": "Running", "action": "keep"},
                    {
                        "source_labels": [f"{meta}annotation_prometheus_io_path"],
                        "regex": "(.+)",
                        "target_label": "__metrics_path__",
                    },
                    {
                        "source_labels": [f"{meta}ip", f"{meta}annotation_prometheus_io_port"],
                        "regex": "(.+);(.+)",
                        "replacement": "$1:$2",
                        "target_label": "__address__",
                    },
                    {"source_labels": ["__meta_kubernetes_namespace"], "target_label": "namespace"},
                    {"source_labels": [f"{meta}name"], "target_label": "pod"},
                    {"source_labels": [f"{meta}label_app"], "target_label": "app"},
                ],
            },
            {
                "job_name": "gateway",
                "metrics_path": "/stats/prometheus",
                "static_configs": [{"targets": ["127.0.0.1:15000"]}],
            },
        ],
    }
    return Unit(
        "prometheus",
        (
            str(programs["prometheus"]),
            f"--config.file={file}",
            f"--storage.tsdb.path={config.state / 'prometheus'}",
            "--storage.tsdb.retention.time=6h",
            "--web.listen-address=127.0.0.1:9091",
            "--log.level=warn",
        ),
        partial(http_ok, "http://127.0.0.1:9091/-/ready"),
        {file: yaml.safe_dump(settings)},
    )


def metrics_server(config: Config, programs: Mapping[str, Path]) -> Unit:
    """The resource metrics API, for HPAs; only when asked for."""
    kubeconfig = config.kubeconfig_of("metrics-server")
    return Unit(
        "metrics-server",
        (
            str(programs["metrics-server"]),
            *(f"--{part}kubeconfig={kubeconfig}" for part in ("", "authentication-", "authorization-")),
            f"--tls-cert-file={config.pki}/metrics-server.crt",
            f"--tls-private-key-file={config.pki}/metrics-server.key",
            f"--kubelet-certificate-authority={config.pki}/ca.crt",
            "--kubelet-preferred-address-types=InternalIP",
            "--metric-resolution=10s",
            f"--bind-address={NODE_ADDRESS}",
            "--secure-port=4443",
        ),
        partial(http_ok, f"https://{NODE_ADDRESS}:4443/livez"),
    )
