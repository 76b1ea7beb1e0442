# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image: pinned, refused, or taken on trust."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.images import other_repository, same_release
from ansible_collections.slipway.rollout.plugins.module_utils.registry.resolve import Answer

from tests.unit.preflight.world import NEW, OLD, World
from tests.unit.store import Obj

GIVEN = "registry.example/shop@sha256:" + "c3" * 32


def test_a_tag_is_pinned() -> None:
    found = World().inspect()
    assert (found.facts["image"], found.facts["release"], found.facts["title"]) == (
        NEW,
        "registry.example/shop:2",
        "shop:2",
    )


def test_a_wrong_tag_is_a_problem() -> None:
    world = World()
    world.answer = Answer(404, {}, b"{}")
    assert world.problem().found == "no tag '2' in registry.example/shop"


def test_a_wrong_name_is_told_with_the_one_that_stable_runs() -> None:
    world = World()
    world.answer = Answer(404, {}, b"{}")
    problem = world.problem(image="registry.example/shpo:2")
    assert problem.expected == "an image of registry.example/shop, which stable runs"
    world.change(DEPLOYMENT, "shop-main", lambda obj: _container(obj).update(image="??"))
    assert world.problem(image="registry.example/shpo:2").expected == ""


def _container(obj: Obj) -> Obj:
    container: Obj = obj["spec"]["template"]["spec"]["containers"][0]
    return container


def test_a_digest_that_cannot_be_looked_up_is_taken_on_trust() -> None:
    world = World()
    world.answer = ConnectionRefusedError("refused")
    found = world.inspect(image=GIVEN)
    assert found.problems == ()
    assert found.facts["image"] == GIVEN
    assert "could not be seen from here" in found.notes[0]
    assert world.problem().field == "image"


def test_a_digest_that_is_not_there_is_a_problem() -> None:
    world = World()
    world.answer = Answer(404, {})
    assert world.problem(image=GIVEN).found.startswith("no digest")


def test_credentials_of_the_option_and_those_of_the_cluster() -> None:
    world = World()
    world.answer = Answer(401, {"www-authenticate": 'Basic realm="x"'})
    problem = world.problem(registry={"username": "robot", "password": "secret"})
    assert "with registry.username" in problem.found
    assert "Authorization" in world.asked[-1]

    def name_one(obj: Obj) -> None:
        obj["spec"]["template"]["spec"]["imagePullSecrets"] = [{"name": "pull"}]

    world.change(DEPLOYMENT, "shop-main", name_one)
    found = world.inspect()
    assert "without credentials" in found.problems[0].found
    assert found.notes == ("Pull secret production/pull does not exist, so the kubelet cannot use it either.",)


def test_without_stable_there_are_no_pull_secrets() -> None:
    assert [problem.field for problem in World().problems(stable="nothing")] == ["stable"]


def test_a_ca_that_cannot_be_read() -> None:
    assert World().problem(registry={"ca_path": "/nowhere"}).field == "registry.ca_path"


def test_no_image_at_all() -> None:
    assert World().problem(image="").field == "image"


@pytest.mark.parametrize(
    ("pinned", "running", "same"),
    [
        (NEW, NEW, True),
        (NEW, OLD, False),
        ("", OLD, False),
        (NEW, "registry.example/shop:2", False),
        (NEW, "??", False),
    ],
)
def test_the_same_release(pinned: str, running: str, same: bool) -> None:
    assert same_release(pinned, running) is same


def test_an_image_from_elsewhere_is_worth_a_note() -> None:
    assert other_repository(NEW, OLD) == ""
    assert other_repository(NEW, "??") == ""
    assert other_repository(NEW, "registry.example/api:1").endswith("Is it the right image?")
    assert "Is it the right image?" in World().inspect(image="registry.example/api:2").notes[0]
