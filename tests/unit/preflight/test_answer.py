# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a preflight ends."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Unreachable
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.answer import answer
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.inspect import Preflight
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.problem import Problem


class Ended(Exception):
    """As the real ones, which end the process."""


class Module:
    def __init__(self) -> None:
        self.params = {"prefix": "slipway_"}
        self.said: dict[str, Any] = {}

    def fail_json(self, **result: Any) -> None:
        self.said = {"failed": True, **result}
        raise Ended

    def exit_json(self, **result: Any) -> None:
        self.said = result
        raise Ended


def ended(preflight: Preflight | Exception) -> dict[str, Any]:
    def look() -> Preflight:
        if isinstance(preflight, Exception):
            raise preflight
        return preflight

    module = Module()
    with pytest.raises(Ended):
        answer(module, look)
    return module.said


def test_without_problems_the_facts_come() -> None:
    said = ended(Preflight((), facts={"title": "shop:2"}))
    assert (said["changed"], said["title"], said["problems"]) == (False, "shop:2", [])


def test_problems_fail_it_under_the_names_that_people_know() -> None:
    said = ended(Preflight((Problem("image", "no image is given"),)))
    assert said["failed"]
    assert "slipway_image: no image is given" in said["msg"]


def test_a_server_that_cannot_be_asked_is_a_problem_too() -> None:
    said = ended(Unreachable("no route to host."))
    assert [one["field"] for one in said["problems"]] == ["cluster"]
    assert "no route to host" in said["msg"]
