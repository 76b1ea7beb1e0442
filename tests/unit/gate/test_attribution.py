# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What carries the failures, in words and numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.attribution import Attribution, attribute
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Opinion, Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.sequential import Sequential
from ansible_collections.slipway.rollout.plugins.module_utils.gate.subject import Pod

from tests.unit.gate.builders import errors
from tests.unit.gate.judges.test_sequential import evidence, look

FAILED = Opinion(Verdict.FAIL, "so")
GOOD = {"a": Events(2, 1000), "b": Events(3, 1000)}


def seen(**nodes: str) -> dict[str, Pod]:
    return {name: Pod(name, "production", "canary", name, node=node) for name, node in nodes.items()}


def found(pods: dict[str, Events], seen_pods: dict[str, Pod] | None = None, **labels: dict[str, Events]) -> Attribution:
    said = attribute(errors(), FAILED, pods, labels, seen_pods or {})
    assert said is not None
    return said


def test_one_bad_pod_of_three_is_named_with_its_node() -> None:
    one = found({**GOOD, "x": Events(245, 1000)}, seen(a="n1", b="n2", x="n3"))
    assert one.bad_pods == ("x",)
    assert one.said == "2 of 3 pods of canary are healthy; pod x on node n3 has 98 % of the failures"
    shown = one.as_dict()
    assert list(shown["pods"]) == ["x", "b", "a"]
    assert shown["nodes"]["n3"] == {"bad": 245, "total": 1000}


def test_a_few_failures_do_not_make_the_others_bad() -> None:
    """One of 38 is 2.6 %, and no sign of more than the 1 % that may be."""
    assert found({"a": Events(0, 20), "b": Events(1, 18), "x": Events(9, 20)}).bad_pods == ("x",)
    assert found({"a": Events(4, 20), "b": Events(1, 18), "x": Events(45, 45)}).bad_pods == ()


def test_two_of_five_may_be_bad_and_three_may_not() -> None:
    pods = {name: Events(2, 1000) for name in "abc"} | {name: Events(200, 1000) for name in "xy"}
    assert found(pods).bad_pods == ("x", "y")
    assert "pods x and y have 99 % of the failures" in found(pods).said
    assert found({**pods, "a": Events(200, 1000)}).bad_pods == ()


def test_a_bad_release_is_no_bad_pod() -> None:
    one = found({name: Events(count, 1000) for name, count in zip("abc", (90, 110, 100), strict=True)})
    assert (one.bad_pods, one.said) == ((), "all 3 pods of canary have a part in it")


@pytest.mark.parametrize(
    "pods",
    [
        {"a": Events(30, 1000), "x": Events(200, 1000)},  # the other one is not healthy either
        {"a": Events(0, 3), "x": Events(3, 20)},  # chance
        {"x": Events(30, 100)},  # no other to compare with
        {"a": Events(0, 0), "x": Events(30, 100)},  # of which nothing is known
    ],
)
def test_what_proves_nothing(pods: dict[str, Events]) -> None:
    assert found(pods).bad_pods == ()


def test_a_pod_that_may_have_them_by_chance_is_named_as_such() -> None:
    few = {"a": Events(0, 7), "b": Events(0, 6), "x": Events(7, 12)}
    one = found(few, seen(a="n1", b="n1", x="n1"))
    assert (one.bad_pods, one.said.partition(";")[0]) == (
        (),
        "pod x on node n1 has 100 % of the failures, too few to exclude chance",
    )


def test_a_node_that_has_the_failures_of_many_pods() -> None:
    pods = {name: Events(60, 1000) for name in "abc"} | {name: Events(1, 1000) for name in "defg"}
    one = found(pods, seen(a="n1", b="n1", c="n1", d="n2", e="n2", f="n2", g="n3"))
    assert one.bad_pods == ("a", "b", "c")
    assert "4 of 7 pods of canary are healthy; pods a, b and c, all on node n1, have 98 % of the failures" in one.said
    worse = {name: Events(90, 1000) for name in "abc"} | {"d": Events(45, 1000)}
    uneven = found({**pods, **worse}, seen(a="n1", b="n1", c="n1", d="n2", e="n2", f="n2", g="n3"))
    assert uneven.bad_pods == ()
    assert "85 % of the failures have node n1, which is 43 % of the requests" in uneven.said


def test_paths_and_statuses() -> None:
    paths = {"/v1/x": Events(99, 800), "/": Events(1, 9200)}
    statuses = {"503": Events(100, 100), "200": Events(0, 9900)}
    one = found({"a": Events(50, 5000), "b": Events(50, 5000)}, path=paths, status=statuses)
    assert one.said == (
        "all 2 pods of canary have a part in it; 99 % of the failures have path /v1/x, which is 8 % of the requests; "
        "100 % of the failures have status 503"
    )
    usual = found({"a": Events(100, 10000)}, path={"/": Events(95, 9500), "/b": Events(5, 500)})
    assert usual.said == ""


def test_healthy_is_what_the_judge_would_pass() -> None:
    """Compared with the baseline, a pod may be as bad as the ratio allows."""
    looks = [replace(look(n, 0, 0, 90, 900), pods={"a": Events(10, 100), "x": Events(80, 100)}) for n in range(9)]
    judged = Sequential().opinion(errors(judge="sequential", limit=1.0), evidence(*looks), final=False)
    pods = {"a": Events(90, 900), "x": Events(720, 900)}
    one = attribute(errors(judge="sequential", limit=1.0), judged, pods, {}, {})
    assert one is not None
    assert one.bad_pods == ("x",)


def test_without_a_failure_there_is_nothing_to_say() -> None:
    assert attribute(errors(), FAILED, {"a": Events(0, 50)}, {}, {}) is None
