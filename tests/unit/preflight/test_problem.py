# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Problems as sentences."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.preflight.problem import Problem, one_of


def test_a_problem_says_what_was_found_what_was_expected_and_what_to_do() -> None:
    problem = Problem("container", "no container 'api'", "app", "correct the name")
    assert problem.text("slipway_") == "slipway_container: no container 'api'; expected app. Correct the name."
    assert problem.as_dict()["remedy"] == "correct the name"


def test_what_is_not_known_is_left_out_and_no_sentence_ends_twice() -> None:
    assert Problem("route", "There is none.").text() == "route: There is none."
    assert Problem("route", "No.", "", "look.").text() == "route: No. Look."
    assert Problem("gate", "Did you mean 'interval'?").text() == "gate: Did you mean 'interval'?"
    assert Problem("gate", "there are a, …", "", "look").text() == "gate: there are a, … Look."


def test_names_that_are_there_are_listed_the_nearest_first() -> None:
    assert one_of("shop-man", ["api", "shop-main", "zoo"]) == "one of shop-main, api, zoo"
    assert one_of("x", list("abcdefgh")) == "one of a, b, c, d, e, f, …"
    assert one_of("x", ["app"]) == "app"
    assert one_of("x", []) == ""
