# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster has beside Kubernetes: a registry, a mesh, metrics."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import yaml

from lab.config import NODE_ADDRESS, REGISTRY, Config
from lab.unit import Unit, http_ok


def registry(config: Config, programs: Mapping[str, Path]) -> Unit:
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
        ports=(5000,),
    )


def istiod(config: Config, programs: Mapping[str, Path]) -> Unit:
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
            *("--httpAddr", "127.0.0.1:15081", "--grpcAddr", f"{NODE_ADDRESS}:15010"),
            *("--secureGRPCAddr", "", "--httpsAddr", "", "--monitoringAddr", "127.0.0.1:15014"),
        ),
        partial(http_ok, "http://127.0.0.1:15081/ready"),
        {mesh: yaml.safe_dump(settings)},
        environment,
        reads=(config.pki / "ca.crt",),
        ports=(15010, 15014, 15081),
        patience=120,
    )


def prometheus(config: Config, programs: Mapping[str, Path]) -> Unit:
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
        reads=(config.pki / "ca.crt",),
        ports=(9091,),
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
            "--kubelet-request-timeout=5s",  # must be less than the resolution
            f"--bind-address={NODE_ADDRESS}",
            "--secure-port=4443",
        ),
        partial(http_ok, f"https://{NODE_ADDRESS}:4443/livez"),
        reads=(config.pki / "ca.crt",),
        ports=(4443,),
    )
