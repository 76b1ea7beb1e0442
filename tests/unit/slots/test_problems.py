# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused, and what is only told."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, HPA, PDB, POD, SERVICE

from tests.unit.preflight.world import budget, hpa
from tests.unit.slots.builders import deployment
from tests.unit.slots.world import World
from tests.unit.store import Obj


def app(obj: Obj) -> Obj:
    found: Obj = obj["spec"]["template"]["spec"]["containers"][0]
    return found


def test_a_cluster_as_it_should_be() -> None:
    found = World().inspect()
    assert found.problems == ()
    assert found.notes == ()


def test_an_idle_slot_without_probes_is_refused_and_says_what_to_do() -> None:
    world = World()
    world.change(DEPLOYMENT, "shop-green", lambda obj: app(obj).pop("readinessProbe"))
    problem = world.problem()
    assert problem.field == "switch.slots.green"
    assert "containers[app].readinessProbe is on blue only" in problem.found
    assert "slot_differences: copy" in problem.remedy
    assert "is made like that of blue in containers[app].readinessProbe" in world.notes(differences="copy")
    assert "stays other than that of blue" in world.notes(differences="accept")
    assert world.notes(may_differ=["*readinessProbe"]) == ""


def test_many_differences_are_counted() -> None:
    world = World()
    world.change(DEPLOYMENT, "shop-green", lambda obj: app(obj).update({f"field{n}": n for n in range(10)}))
    assert world.problem().found.endswith("; and 2 more")


def test_a_paused_slot_is_told_in_the_words_of_slots() -> None:
    world = World()
    world.change(DEPLOYMENT, "shop-green", lambda obj: obj["spec"].update(paused=True))
    assert world.problem().field == "switch.slots.green"


def test_two_containers_and_none_named() -> None:
    world = World()
    containers = [{"name": "app", "image": "a"}, {"name": "side", "image": "b"}]
    for name in ("shop-blue", "shop-green"):
        world.change(DEPLOYMENT, name, lambda obj: obj["spec"]["template"]["spec"].update(containers=containers))
    problem = world.problem()
    assert problem.field == "container"
    assert "(blue)" in problem.found
    assert "(green)" in problem.found


def test_a_selector_that_fits_both_slots_would_show_users_the_idle_one() -> None:
    world = World()
    for name in ("shop-blue", "shop-green"):
        world.change(SERVICE, name, lambda obj: obj["spec"].update(selector={"app": "shop"}))
    problems = world.inspect("virtualservice").problems
    assert [problem.field for problem in problems] == ["switch.slots.blue", "switch.slots.green"]
    assert "which the pods of Deployment shop-green (slot green) are too" in problems[0].found


def test_a_selector_that_does_not_fit_its_own_slot() -> None:
    world = World()
    world.change(SERVICE, "shop-green", lambda obj: obj["spec"].update(selector={"app": "shop", "slot": "grün"}))
    assert (
        "which the pods of Deployment shop-green (app=shop,slot=green) are not" in world.problem("virtualservice").found
    )


def test_a_live_slot_that_serves_nobody() -> None:
    world = World()
    for number in range(3):
        world.store.remove(POD, "production", f"blue-{number}")
    assert world.problem().found == "slot blue is live and has no ready pod"


def test_less_than_nothing_cannot_be_kept() -> None:
    assert World().problem(keep_replicas=-1).field == "keep_replicas"


def test_pods_without_a_pre_stop_lose_requests() -> None:
    world = World()
    for name in ("shop-blue", "shop-green"):
        world.change(DEPLOYMENT, name, lambda obj: app(obj).pop("lifecycle"))
    assert "The pods of green have no preStop" in world.notes()


def test_labels_services_and_budgets_that_do_not_know_of_slots_are_told() -> None:
    world = World()
    world.change(DEPLOYMENT, "shop-blue", lambda obj: obj["spec"]["template"]["metadata"]["labels"].update(team="x"))
    world.put(SERVICE, {"metadata": {"name": "shop-all"}, "spec": {"selector": {"app": "shop"}}})
    world.put(SERVICE, {"metadata": {"name": "external"}, "spec": {}})
    world.put(PDB, budget(selector={"matchLabels": {"slot": "blue"}}, maxUnavailable="50%"))
    notes = world.notes()
    assert "Only the pods of blue have the label team." in notes
    assert "Service shop-all selects both slots" in notes
    assert "PodDisruptionBudget shop protects blue only" in notes
    assert "external" not in notes


def test_an_autoscaler_follows_or_is_told_of() -> None:
    world = World()
    world.scale()
    assert "HPA shop follows: after the gate it scales shop-green." in world.notes()
    assert "keeps at 2 pods or more, and nothing scales shop-green" in world.notes(hpa_follows=False)
    world.put(HPA, hpa("green", "shop-green"))
    notes = world.notes()
    assert "HPA green gives green at least 2 pods." in notes
    assert "HPA shop stays with blue, since green scales green." in notes


def test_a_stable_version_that_is_not_at_rest() -> None:
    world = World()
    world.put(DEPLOYMENT, {**deployment("blue", 3), "status": {"observedGeneration": 1, "updatedReplicas": 1}})
    assert "in flight" in world.problem().found
