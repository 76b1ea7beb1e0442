# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks are asked once with stable in the canary's place."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import POD
from ansible_collections.slipway.rollout.plugins.module_utils.gate.options import GATE_SPEC
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.metrics import about_stable, ask_for_stable
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.problem import Problem
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.view import View

from tests.unit.preflight.world import ROUTE
from tests.unit.store import Store
from tests.unit.traffic.fake_api import FakeClock

PAGE = """
http_requests_total{status="200",path="/"} 90
http_requests_total{status="500",path="/"} 1
"""
PATH = "/api/v1/namespaces/production/pods/shop-main-1:9090/proxy/metrics"
ERRORS: dict[str, Any] = {"template": "error_rate", "max": 0.01}


def ask(*checks: dict[str, Any], page: str = PAGE, **changes: Any) -> tuple[list[Problem], list[str]]:
    store = Store(raw={PATH: (200, page.encode())})
    labels = {"app": "shop", "version": "main"}
    pod = {"metadata": {"name": "shop-main-1", "labels": labels}, "spec": {}}
    store.put(POD, "production", {**pod, "status": {"phase": "Running", "podIP": "10.0.0.7"}})
    store.failures = changes.pop("failures", {})
    selectors = {arm: ("production", {"app": "shop", "version": name}) for arm, name in _ARMS}
    view = View(changes.pop("stable", None), changes.pop("canary", None))
    view.selectors = changes.pop("selectors", selectors)
    options = GATE_SPEC["source"]["options"]
    source = {name: spec.get("default") for name, spec in options.items()} | {"type": "pods", "port": 9090}
    params = {
        "namespace": "production",
        "route": ROUTE,
        "source": source | changes.pop("source", {}),
        "checks": list(checks),
        "subject": changes.pop("subject", {}),
        "gate": changes.pop("gate", {}),
    }
    return ask_for_stable(store.cluster(), params, view, FakeClock())


_ARMS = (("stable", "main"), ("canary", "canary"))


def test_checks_that_find_something_are_no_problem() -> None:
    own = {"name": "own", "bad": 'http_requests_total{$canary,status="500"}', "all": "http_requests_total{$canary}"}
    compared = {"name": "stable", "bad": 'http_requests_total{$stable,status="500"}', "all": "http_requests_total"}
    checks = (ERRORS, own | {"max": 0.1}, compared | {"max": 0.1, "arm": "stable"})
    assert ask(*checks, gate={"interval": "0.25", "duration": 5}) == ([], [])


@pytest.mark.parametrize(
    ("check", "gate"),
    [
        ({"template": "error_rate", "judge": "sequential", "promote_ratio": 2}, {}),
        ({"template": "error_rate"}, {"judge": "sequential"}),
        ({"template": "error_rate", "judge": "slo", "max": 0.1, "baseline": "stable"}, {}),
        ({"template": "error_rate", "judge": "kayenta"}, {}),
        ({"good": 'http_requests_total{$canary,status="200"}', "all": "http_requests_total{$canary}",
          "judge": "sequential", "baseline": "stable"}, {}),
    ],
)  # fmt: skip
def test_checks_that_are_compared_need_no_other_arm_to_be_asked_for_stable(
    check: dict[str, Any], gate: dict[str, Any]
) -> None:
    assert ask(check, gate=gate) == ([], [])


def test_a_service_is_asked_for_the_arm_that_is_compared_with() -> None:
    asked = {"bad": "sum:errors{version:$arm}", "all": "sum:hits{version:$arm}", "judge": "sequential"}
    assert about_stable([asked, {**asked, "baseline": "main"}]) == [
        {"bad": "sum:errors{version:stable}", "all": "sum:hits{version:stable}", "max": 1.0},
        {"bad": "sum:errors{version:main}", "all": "sum:hits{version:main}", "max": 1.0},
    ]


def test_the_subject_can_be_given() -> None:
    subject = {"stable": "app=shop,version=main", "canary": "app=shop,version=canary"}
    assert ask(ERRORS, subject=subject, selectors={}) == ([], [])


def test_a_template_that_finds_nothing_is_a_problem() -> None:
    ((problem,), notes) = ask(ERRORS, page="other_total 3\n")
    assert problem.field == "checks[0]"
    assert problem.found.startswith('nothing was found for stable by http_requests_total{namespace="production"')
    assert "There is no metric http_requests_total" in problem.found
    assert notes == []


def test_a_selector_of_one_s_own_may_ask_for_the_canary_only() -> None:
    own = {"name": "own", "bad": "errors_total", "all": 'http_requests_total{version="canary"}', "max": 0.1}
    problems, (note,) = ask(own)
    assert problems == []
    assert note.startswith("Check own: nothing was found for stable by ")
    assert note.endswith("That is right if it asks for the canary only.")


def test_a_typo_in_a_label_is_a_problem_even_if_all_requests_are_found() -> None:
    own = {"name": "own", "bad": 'http_requests_total{$canary,stauts=~"5.."}', "all": "http_requests_total{$canary}"}
    ((problem,), notes) = ask(own | {"max": 0.1})
    assert problem.text() == (
        "checks[0]: No series of http_requests_total has a label 'stauts'. Did you mean 'status'? Correct the label."
    )
    assert notes == []


def test_a_label_that_is_like_no_other_may_come_with_the_first_failure() -> None:
    own = {"name": "own", "bad": 'http_requests_total{reason="io"}', "all": "http_requests_total"}
    absent = {"name": "not", "bad": 'http_requests_total{stat!="x",status="500"}', "all": "http_requests_total"}
    assert ask(own | {"max": 0.1}, absent | {"max": 0.1}) == ([], [])


def test_a_stable_version_without_requests_is_worth_a_note() -> None:
    problems, (note,) = ask(ERRORS, page='http_requests_total{status="200"} 0\n')
    assert problems == []
    assert note == "Check error_rate: no requests have been counted for stable. A gate cannot judge none."


@pytest.mark.parametrize(
    ("check", "field", "told"),
    [
        ({"template": "error_rat", "max": 0.01}, "checks[0].template", "Did you mean 'error_rate'?"),
        ({"template": "error_rate", "max": 7}, "checks[0].max", "it is a share from 0 to 1"),
        ({"gauge": "a{", "max": 7}, "checks[0].gauge", ""),
    ],
)
def test_a_mistake_in_a_check_is_told_with_its_place(check: dict[str, Any], field: str, told: str) -> None:
    ((problem,), dummy) = ask(check)
    assert problem.field == field
    assert told in problem.found


def test_mistakes_in_the_gate_s_options() -> None:
    ((problem,), dummy) = ask(ERRORS, gate={"intervall": 1})
    assert problem.text() == "gate.intervall: there is no such option. Did you mean 'interval'?"
    ((problem,), dummy) = ask(ERRORS, gate={"interval": "often"})
    assert problem.field == "gate"
    ((problem,), dummy) = ask(ERRORS, gate={"interval": 0.01})
    assert problem.field == "interval"


def test_no_checks_at_all() -> None:
    ((problem,), dummy) = ask()
    assert problem.field == "checks"


def test_a_source_that_does_not_answer() -> None:
    ((problem,), dummy) = ask(ERRORS, failures={PATH: [503, 503, 503]})
    assert (problem.field, "No pod's metrics can be read" in problem.found) == ("source", True)
    ((problem,), dummy) = ask(ERRORS, failures={POD.path("production"): [503]})
    assert problem.field == "source"


def test_without_a_subject_pods_cannot_be_read() -> None:
    ((problem,), dummy) = ask({"bad": "a", "all": "b", "max": 0.1}, selectors={})
    assert problem.field == "source.type"


def test_with_a_wrong_route_checks_are_read_but_not_asked() -> None:
    def deployment(arm: str) -> dict[str, Any]:
        return {"metadata": {"name": arm}, "spec": {"selector": {"matchLabels": {"app": "shop", "version": arm}}}}

    both = {"stable": deployment("main"), "canary": deployment("canary")}
    assert ask(ERRORS, selectors={}, page="other_total 3\n", **both) == ([], [])
    ((problem,), dummy) = ask({"template": "error_rat", "max": 0.1}, selectors={}, **both)
    assert problem.field == "checks[0].template"


def test_an_arm_that_nobody_knows() -> None:
    ((problem,), dummy) = ask({"bad": "a", "all": "b", "max": 0.1, "arm": "blue"})
    assert problem.field == "checks[0].arm"


def test_an_option_of_the_gate_that_does_not_exist_is_named_with_the_nearest() -> None:
    problems, _notes = ask(ERRORS, gate={"min_soka": 5})
    assert problems == [Problem("gate.min_soka", "there is no such option. Did you mean 'min_soak'?")]
    assert ask(ERRORS, gate={"max_soak": 300, "warm_up": 10, "on_undecided": "pause"})[0] == []
