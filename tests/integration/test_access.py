# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to log in that users have, against a real API server."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import CONFIG_MAP, NAMESPACE, Forbidden
from ansible_collections.slipway.rollout.plugins.module_utils.connection import connect
from ansible_collections.slipway.rollout.plugins.module_utils.plain_access import read_plain

from tests.integration.conftest import Lab
from tests.integration.shop import Shop


def put(folder: Path, config: dict[str, Any]) -> str:
    path = folder / "kubeconfig"
    path.write_text(json.dumps(config))
    return str(path)


def inline(holder: dict[str, Any], *keys: str) -> dict[str, Any]:
    data = {f"{key}-data": base64.b64encode(Path(holder[key]).read_bytes()).decode() for key in keys}
    return {key: value for key, value in holder.items() if key not in keys} | data


@pytest.fixture
def config(lab: Lab) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(lab.kubeconfig.read_text())
    return loaded


def test_certificates_in_files_and_inline(lab: Lab, config: dict[str, Any], tmp_path: Path) -> None:
    assert connect({"kubeconfig": str(lab.kubeconfig)}).get(NAMESPACE, None, "default")
    config["clusters"][0]["cluster"] = inline(config["clusters"][0]["cluster"], "certificate-authority")
    config["users"][0]["user"] = inline(config["users"][0]["user"], "client-certificate", "client-key")
    path = put(tmp_path, config)
    assert read_plain({"kubeconfig": path}, {}) is not None
    assert connect({"kubeconfig": path}).get(NAMESPACE, None, "default")


def test_a_token(lab: Lab, shop: Shop, config: dict[str, Any], tmp_path: Path) -> None:
    where = f"/api/v1/namespaces/{shop.namespace}/serviceaccounts/default/token"
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    config["users"][0]["user"] = {"token": lab.api.call("POST", where, request)["status"]["token"]}
    with pytest.raises(Forbidden, match=f"system:serviceaccount:{shop.namespace}:default"):
        connect({"kubeconfig": put(tmp_path, config)}).list(CONFIG_MAP, shop.namespace)
