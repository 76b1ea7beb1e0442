# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What gates will find, from options to lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, SERVICE, Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.foresee import Foresight, foresee
from ansible_collections.slipway.rollout.plugins.modules import rollout_plan

from tests.unit.gate.builders import FakeClock, gate_params
from tests.unit.gate.foresight.test_measured import hours
from tests.unit.gate.sources.server import Metrics, matrix, scalar, serving
from tests.unit.store import Store

LABELS = 'namespace="production",app="shop",version="main"'
ALL = f"http_requests_total{{{LABELS}}}"
BAD = f'http_requests_total{{{LABELS},status=~"5.."}}'
ERRORS = {"name": "errors", "template": "error_rate", "judge": "sequential"}
OUTAGE = {"name": "outage", "template": "error_rate", "judge": "threshold", "max": 0.2}


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    answers: dict[str, Any] = {"time()": scalar(100000.0)}
    with serving(Metrics(answers)) as running:
        running.answers["*"] = lambda: counted(running)
        yield running


def counted(metrics: Metrics) -> Any:
    """25 requests a second, one in a thousand bad, but few in one of three hours; no samples of the last hour."""
    query = metrics.asked[-1][2]["query"]
    if not query.startswith("sum(increase("):
        return matrix()
    return hours(90, 90, 1) if "status" in query else hours(90000, 90000, 1000)


def look(metrics: Metrics, *checks: dict[str, Any], cluster: Cluster | None = None, **changes: Any) -> Foresight:
    given = gate_params(source={"url": metrics.url, **changes.pop("source", {})})
    params = {
        "namespace": "production",
        "subject": given["subject"],
        "source": given["source"],
        "checks": list(checks),
        "gate": {"duration": 3600},
        "stages": [10, 50, 100],
        "days": 2.0,
        "target": {"ratio": None, "probability": 0.95},
        "stable": "",
        "canary": "",
        "prefix": "slipway_",
        **changes,
    }
    return foresee(params, cluster, FakeClock())


def test_the_table_and_what_must_be_heard(metrics: Metrics) -> None:
    found = look(metrics, ERRORS, OUTAGE)
    lines = found.lines()
    assert len([line for line in lines if line.startswith("errors  ")]) == 2
    assert any(
        "2.5 canary requests/s and 0.1 % bad requests a doubling is not found within 1 h" in one for one in lines
    )
    assert any(line.startswith("All stages together, 2 h, find x2 of errors with") for line in lines)
    assert any(line.startswith("Soonest: 10 % for ") for line in lines)
    assert any("too few bad events" in line for line in found.notes)
    assert any("a tenth of the hours has 0.2778 requests/s or less: x90 the time" in line for line in found.notes)
    data = found.as_dict()
    assert json.loads(json.dumps(data)) == data
    assert {(one["check"], one["share"]) for one in data["outlook"]} == {
        (name, share) for name in ("errors", "outage") for share in (0.1, 0.5)
    }
    assert BAD in "".join(metrics.queries)
    assert len([query for query in metrics.queries if query.endswith("[3600s]")]) >= 2


def test_stable_is_asked_by_its_own_labels_where_no_subject_is_given(metrics: Metrics) -> None:
    store = Store()
    for name in ("main", "canary"):
        spec = {"selector": {"matchLabels": {"app": "shop", "version": name}}}
        store.put(DEPLOYMENT, "production", {"metadata": {"name": f"shop-{name}"}, "spec": spec})
    cluster = store.cluster()
    assert look(metrics, ERRORS, subject={}, cluster=cluster, stable="shop-main", canary="shop-canary").outlooks
    assert look(metrics, ERRORS, subject={}, cluster=cluster, stable="shop-main").outlooks
    assert BAD in "".join(metrics.queries)
    with pytest.raises(OptionError, match="subject is not given, nor stable"):
        look(metrics, ERRORS, subject={})


def test_the_pods_are_those_of_the_route_as_in_a_rollout(metrics: Metrics) -> None:
    """A Deployment may ask for labels that no metrics server knows, such as the slot."""
    store = Store()
    for name in ("main", "canary"):
        spec = {"selector": {"matchLabels": {"app": "shop", "slot": name}}}
        store.put(DEPLOYMENT, "production", {"metadata": {"name": f"shop-{name}"}, "spec": spec})
        service = {"metadata": {"name": f"shop-{name}"}, "spec": {"selector": {"app": "shop", "version": name}}}
        store.put(SERVICE, "production", service)
    backends = {arm: {"service": f"shop-{name}"} for arm, name in (("stable", "main"), ("canary", "canary"))}
    route = {"kind": "virtualservice", "name": "shop", "backends": backends}
    names = {"stable": "shop-main", "canary": "shop-canary"}
    assert look(metrics, ERRORS, subject={}, cluster=store.cluster(), route=route, **names).outlooks
    assert BAD in "".join(metrics.queries)
    assert "slot" not in "".join(metrics.queries)


def test_the_error_rate_is_shared_as_it_will_be(metrics: Metrics) -> None:
    other = {**ERRORS, "name": "other"}
    found = look(metrics, ERRORS, other, {**ERRORS, "name": "dry", "dry_run": True}, OUTAGE)
    assert found.streams["errors"].errors.alpha == 0.005
    half = look(metrics, ERRORS, gate={"on_bad_pod": "replace", "alpha": 0.02})
    assert half.streams["errors"].errors.alpha == 0.01


def test_limits_alone_have_no_schedule_and_values_no_outlook(metrics: Metrics) -> None:
    value = {"name": "queue", "query": "max(queue)", "max": 5}
    good = {"name": "good", "good": "jobs{$canary,ok='1'}", "all": "jobs{$canary}", "min": 0.9}
    found = look(metrics, OUTAGE, value, good, gate={"count": 6, "interval": 10}, stages=[100])
    assert (found.schedule, set(found.streams)) == (None, {"outage", "good"})
    assert [(stage.share, stage.seconds) for stage in found.stages] == [(0.5, 60.0)]
    assert any(note.startswith("queue: nothing is foreseen of values") for note in found.notes)
    assert found.as_dict()["schedule"] == {}
    assert "Fixed limits find what breaks them, and no sooner." in found.lines()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gate": {"min_soka": 1}}, "slipway_gate.min_soka: there is no such option. Did you mean 'min_soak'"),
        ({"source": {"type": "pods"}}, "source.type is 'pods', which keeps no history"),
        ({"target": {"ratio": 1.0}}, "above 1"),
        ({"target": {"probability": 1.0}}, "target.probability is 1"),
        ({"target": {"first": 80}}, "target.first is from 1 to 50 percent"),
    ],
)
def test_mistakes_are_named(metrics: Metrics, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        look(metrics, ERRORS, **changes)


def test_the_module_s_example_as_it_is_printed(metrics: Metrics) -> None:
    (task,) = yaml.safe_load(rollout_plan.EXAMPLES.replace("http://127.0.0.1:9091", metrics.url))
    checked = ArgumentSpecValidator(rollout_plan.ARGUMENTS).validate(task["slipway.rollout.rollout_plan"])
    assert not checked.error_messages
    found = foresee({**checked.validated_parameters, "checks": [ERRORS]}, None, FakeClock())
    assert [(stage.share, stage.seconds) for stage in found.stages] == [(0.1, 3600.0), (0.5, 3600.0)]
    assert found.target.ratio == 2
