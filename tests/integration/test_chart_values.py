# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every value of the chart, and each that it takes from its small servers, shows in the objects that it makes."""

from __future__ import annotations

import copy
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import lifecycle, programs
from tests.integration.chart_runs import NAME
from tests.integration.conftest import Lab
from tests.integration.playbook import ROOT

pytestmark = pytest.mark.slow  # builds Helm

CHART = ROOT / "charts" / NAME
CASES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "tests/charts/honoured.yaml").read_text())
# What is live can only be kept where there is a cluster: tests/charts/live_test.yaml gives it one.
LIVE = {"keepLive"}
RELEASE = "shop"
Values = dict[str, Any]


def leaves(values: Values, *above: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, *above, key)
        else:
            yield (*above, key), value


def defaults() -> Values:
    values: Values = yaml.safe_load((CHART / "values.yaml").read_text())
    return values


LEAVES = {path: value for path, value in leaves(defaults()) if path[0] not in LIVE}


def nested(path: tuple[str, ...], value: Any) -> Values:
    for key in reversed(path):
        value = {key: value}
    return dict(value)


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> Values:
    both = copy.deepcopy(dict(one))
    for key, value in other.items():
        kept = both.get(key)
        both[key] = merged(kept, value) if isinstance(kept, dict) and isinstance(value, dict) and value else value
    return both


@pytest.fixture(scope="module")
def base() -> Values:
    """All that can be switched on, and passwords that stay the same."""
    everything = yaml.safe_load((ROOT / "tests/charts/values/everything.yaml").read_text())
    more: Values = {
        "postgresql": {"auth": {"postgresPassword": "a-long-enough-passphrase"}},
        "redis": {"auth": {"password": "a-long-enough-passphrase"}},
        "monitoring": {"serviceMonitor": {"enabled": True}},
    }
    return merged(everything, more)


@pytest.fixture(scope="module")
def render(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Any:
    helm = programs.ensure(lab.config, [programs.HELM], lifecycle.pinned())["helm"]
    file = tmp_path_factory.mktemp("values") / "values.yaml"

    def rendered(values: Values) -> str:
        file.write_text(yaml.safe_dump(values))
        return said(helm, "template", RELEASE, CHART, "-f", file)

    return rendered


def said(*command: str | Path) -> str:
    done = subprocess.run(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def names(text: str) -> set[str]:
    return {f"{obj['kind']}/{obj['metadata']['name']}" for obj in yaml.safe_load_all(text) if obj}


def other(value: Any) -> tuple[Any, str]:
    """Another value, and how it looks in the objects."""
    if isinstance(value, bool):
        return not value, str(not value).lower()
    if isinstance(value, int):
        return value + 1, str(value + 1)
    return "other", "other"


@pytest.mark.parametrize("path", LEAVES, ids=".".join)
def test_every_value_is_honoured(render: Any, base: Values, path: tuple[str, ...]) -> None:
    word, shown = other(LEAVES[path])
    case = CASES.get(".".join(path), {"set": word, "shows": shown})
    before = render(base)
    after = render(merged(merged(base, case.get("with", {})), nested(path, case["set"])))
    if "gone" in case:
        assert case["gone"] in names(before) - names(after)
    elif "hides" in case:
        assert (case["hides"] in before, case["hides"] in after) == (True, False)
    else:
        new = [line for line in after.splitlines() if line not in set(before.splitlines())]
        assert any(case["shows"] in line for line in new), "\n".join(new)


def test_cases_are_of_values_that_there_are() -> None:
    assert set(CASES) <= set(map(".".join, LEAVES))


@pytest.mark.parametrize("server", ["postgresql", "redis", "prometheus"])
def test_every_value_of_a_small_server_changes_something(render: Any, base: Values, server: str) -> None:
    without_default: dict[tuple[str, ...], Any] = {
        ("imagePullSecrets",): [{"name": "other-secret"}],
        ("image", "pullPolicy"): "Always",
        ("image", "digest"): "sha256:" + "1" * 64,
        ("auth", "password"): "another-long-passphrase",
        ("auth", "postgresPassword"): "another-long-passphrase",
        ("rules",): {"shop.yml": {"groups": []}},
        ("persistence", "accessModes"): ["ReadWriteMany"],
        ("persistence", "size"): "3Gi",
        ("resources", "requests", "cpu"): "310m",
        ("resources", "requests", "memory"): "310Mi",
        ("podSecurityContext", "seccompProfile", "type"): "Unconfined",
        ("securityContext", "capabilities", "drop"): ["NET_RAW"],
        ("nodeSelector",): {"zone": "a"},
        ("tolerations",): [{"key": "other", "operator": "Exists"}],
        ("affinity",): {"nodeAffinity": {}},
        ("scrapeInterval",): "31s",
        ("retention",): "31d",
        ("configuration",): "maxmemory 64mb",
    }
    values = yaml.safe_load((CHART / "charts" / server / "values.yaml").read_text())
    ours = {path[1:] for path in LEAVES if path[0] == server}  # those are cases of the test above
    before = render(base)
    same = [
        ".".join(path)
        for path, value in leaves(values)
        if path not in ours
        and render(merged(base, nested((server, *path), without_default.get(path, other(value)[0])))) == before
    ]
    assert same == []


@pytest.mark.parametrize("key", ["apiVersion", "name", "description", "type", "version", "appVersion"])
def test_what_the_chart_says_of_itself(lab: Lab, render: Any, base: Values, key: str) -> None:
    helm = programs.ensure(lab.config, [programs.HELM], lifecycle.pinned())["helm"]
    shown = yaml.safe_load(said(helm, "show", "chart", CHART))
    own = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert shown[key] == own[key]
    labels = {"version": f"helm.sh/chart: {NAME}-{own['version']}", "appVersion": f'version: "{own["appVersion"]}"'}
    assert labels.get(key, NAME) in render(base)
