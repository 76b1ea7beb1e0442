# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release with a configuration, as development allows it: what is asked for, and what pods have of it."""

from __future__ import annotations

from typing import Any

from lab import kube

ENVIRONMENT = "development"
API_KEY = "api-key-of-the-tests"
HASH = "slipway.rollout/config"


def configured(batch_size: int) -> dict[str, Any]:
    """Another number, another configuration."""
    names = [{"name": "API_KEY", "value": API_KEY}]
    return {
        "slipway_environment": ENVIRONMENT,
        "slipway_config": {"values": {"model": {"batch_size": batch_size}}, "names": names},
    }


def config_of(workload: kube.Obj, app: str = "continual-transformer-main") -> str:
    """The hash of the configuration that its pods have, "" for none; all parts of it, or it is an error."""
    template = workload["spec"]["template"]
    digest = str((template["metadata"].get("annotations") or {}).get(HASH, ""))
    volumes = {one["name"]: one for one in template["spec"].get("volumes", [])}
    (container,) = template["spec"]["containers"]
    mounted = {one["mountPath"]: one["name"] for one in container["volumeMounts"]}["/app/config"]
    variables = {one["name"]: one.get("valueFrom") or {} for one in container.get("env", [])}
    if not digest:
        assert (mounted, set(variables), set(volumes)) == ("config", {"VERSION"}, {"config"})
        return ""
    name = f"{app}-config-{digest}"
    assert mounted == "slipway-config"
    assert volumes[mounted]["configMap"]["name"] == name
    assert variables["MODEL_BATCH_SIZE"]["configMapKeyRef"]["name"] == name
    assert variables["API_KEY"]["secretKeyRef"]["name"] == name
    assert "fieldRef" in variables["VERSION"]
    return digest
