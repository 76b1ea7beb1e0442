# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Terraform module as it is written. What the provider makes of it is for the native tests and the lab to say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

hcl2 = pytest.importorskip("hcl2")  # not among the packages for the oldest Python

ROOT = Path(__file__).resolve().parents[3] / "terraform"
EXAMPLE = ROOT / "examples" / "production"
PLAIN = hcl2.SerializationOptions(strip_string_quotes=True, explicit_blocks=False, with_comments=False)
Block = dict[str, Any]


def blocks(folder: Path, kind: str) -> list[Block]:
    found = []
    for path in sorted(folder.glob("*.tf")):
        with path.open(encoding="utf-8") as file:
            found += hcl2.load(file, serialization_options=PLAIN).get(kind, [])
    return found


def named(folder: Path, kind: str) -> dict[str, Block]:
    return {name: body for block in blocks(folder, kind) for name, body in block.items()}


def resource(kind: str, name: str) -> Block:
    return next(block[kind][name] for block in blocks(ROOT, "resource") if name in block.get(kind, {}))


def container() -> Block:
    found: Block = resource("kubernetes_deployment_v1", "app")["spec"][0]["template"][0]["spec"][0]["container"][0]
    return found


def ignored(kind: str, name: str) -> list[str]:
    return [re.sub(r"[${}]", "", path) for path in resource(kind, name)["lifecycle"][0]["ignore_changes"]]


def test_every_resource_of_a_deployment_is_there() -> None:
    kinds = {kind for block in blocks(ROOT, "resource") for kind in block}
    assert kinds >= {
        "kubernetes_namespace_v1",
        "kubernetes_config_map_v1",
        "kubernetes_secret_v1",
        "kubernetes_deployment_v1",
        "kubernetes_service_v1",
        "kubernetes_horizontal_pod_autoscaler_v2",
    }


def test_provider_is_current() -> None:
    required = blocks(ROOT, "terraform")[0]["required_providers"][0]
    assert list(required) == ["kubernetes"]
    assert required["kubernetes"]["version"] == ">= 3.2.1, < 4.0.0"


@pytest.mark.parametrize("folder", [ROOT, EXAMPLE], ids=["module", "example"])
def test_variables_and_outputs_say_what_they_are(folder: Path) -> None:
    for name, variable in named(folder, "variable").items():
        assert variable.get("description", "").endswith("."), name
        assert "type" in variable, name
        if name in ("database_url", "api_key"):
            assert (variable.get("sensitive"), variable.get("ephemeral")) == (True, True), name
            assert "default" not in variable, name
    for name, output in named(folder, "output").items():
        assert output.get("description", "").endswith("."), name


def test_main_canary_and_green_are_one_resource_that_lacks_nothing() -> None:
    deployments = [block for block in blocks(ROOT, "resource") if "kubernetes_deployment_v1" in block]
    assert len(deployments) == 1
    assert resource("kubernetes_deployment_v1", "app")["for_each"] == "${local.arms}"
    assert set(named_locals()["arms"]) == {"main", "canary", "green"}
    spec = resource("kubernetes_deployment_v1", "app")["spec"][0]
    assert {"strategy", "selector", "template"} <= set(spec)
    assert "image_pull_secrets" in spec["template"][0]["spec"][0]["dynamic"][0]
    needed = {"image", "port", "env", "env_from", "resources", "liveness_probe", "readiness_probe", "volume_mount"}
    assert needed <= set(container())
    assert [port["name"] for port in container()["port"]] == ["http", "metrics"]


def named_locals() -> Block:
    return {name: value for block in blocks(ROOT, "locals") for name, value in block.items()}


def test_image_is_one_release() -> None:
    assert container()["image"] == "${local.image}"
    assert "image_digest" in named_locals()["image"]
    text = "".join(path.read_text() for path in ROOT.glob("*.tf"))
    assert ":latest" not in text
    assert "default" in named(ROOT, "variable")["image_tag"]
    assert len(named(ROOT, "variable")["image_tag"]["validation"]) == 3


def test_secrets_are_given_as_they_are_and_kept_nowhere() -> None:
    secret = resource("kubernetes_secret_v1", "app")
    assert "data" not in secret
    assert secret["data_wo"] == {"DATABASE_URL": "${var.database_url}", "API_KEY": "${var.api_key}"}
    assert secret["data_wo_revision"] == "${var.secret_revision}"
    assert not any("base64" in path.read_text() for path in ROOT.rglob("*.tf"))


def test_configuration_is_a_file_and_real_variables() -> None:
    assert list(resource("kubernetes_config_map_v1", "config")["data"]) == ["config.yaml"]
    sources = [next(iter(source.values()))[0]["name"] for source in container()["env_from"]]
    assert [source.split(".")[1] for source in sources] == ["env", "app"]
    assert "config.yaml" not in str(resource("kubernetes_config_map_v1", "env"))
    assert container()["volume_mount"][0] == {"name": "config", "mount_path": "/app/config", "read_only": True}
    used = set(re.findall(r"(?<!\$)\$\{\w+\((\w+)\)\}", (ROOT / "config" / "app-config.yaml.tftpl").read_text()))
    assert used == {"environment", "db_host", "redis_host"}


def test_what_rollouts_own_is_left_alone() -> None:
    assert set(ignored("kubernetes_deployment_v1", "app")) == {
        "metadata[0].annotations",
        "spec[0].replicas",
        "spec[0].template[0].spec[0].container[0].env_from",
        "spec[0].template[0].spec[0].container[0].image",
        "spec[0].template[0].spec[0].volume",
    }
    assert set(ignored("kubernetes_service_v1", "app")) == {"metadata[0].annotations", 'spec[0].selector["slot"]'}
    assert "spec[0].min_replicas" in ignored("kubernetes_horizontal_pod_autoscaler_v2", "main")
    assert "spec.http" in resource("kubernetes_manifest", "virtual_service")["computed_fields"]
    assert "spec.rules" in resource("kubernetes_manifest", "http_route")["computed_fields"]


def test_hpa_looks_at_cpu_and_memory() -> None:
    spec = resource("kubernetes_horizontal_pod_autoscaler_v2", "main")["spec"][0]
    assert [metric["resource"][0]["name"] for metric in spec["metric"]] == ["cpu", "memory"]
    variables = named(ROOT, "variable")
    assert (variables["cpu_utilization"]["default"], variables["memory_utilization"]["default"]) == (70, 80)


def test_every_refusal_is_tested() -> None:
    refused = {name for name, variable in named(ROOT, "variable").items() if "validation" in variable}
    tested = re.findall(r"expect_failures = \[var\.(\w+)\]", (ROOT / "tests" / "refusals.tftest.hcl").read_text())
    assert set(tested) == refused


def test_example_hands_over_what_it_asks_for() -> None:
    given = named(EXAMPLE, "module")["app"]
    own = {name for name in named(EXAMPLE, "variable") if name not in ("kubeconfig", "context")}
    assert {name for name in given if name != "source"} == own | {"environment"}
    required = {name for name, variable in named(ROOT, "variable").items() if "default" not in variable}
    assert required <= set(given)
    assert "kubernetes" in blocks(EXAMPLE, "terraform")[0]["backend"][0]
