# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of the looks, and that it does not grow."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import DETAILED, Evidence, Look, add


def test_sums_by_pod_and_since_a_moment() -> None:
    evidence = Evidence()
    assert evidence.latest is None
    evidence.add(Look(1.0, {"a": Events(1, 10), "b": Events(0, 5)}, first_bad=0.5))
    evidence.add(Look(2.0, {"a": Events(2, 10)}, first_bad=1.5))
    assert evidence.pods == {"a": Events(3, 20), "b": Events(0, 5)}
    assert evidence.events == Events(3, 25)
    assert evidence.since(1.0) == Events(2, 10)
    assert (evidence.first_bad(), evidence.first_bad(1.0), evidence.first_bad(2.0)) == (0.5, 1.5, None)


def test_looks_without_data_are_counted_in_a_row() -> None:
    evidence = Evidence()
    for look in (Look(1.0, gap="x"), Look(2.0, gap="x"), Look(3.0, error="y")):
        evidence.add(look)
    assert (evidence.count, evidence.gaps, evidence.errors) == (0, 0, 1)
    evidence.add(Look(4.0))
    assert (evidence.count, evidence.gaps, evidence.errors) == (1, 0, 0)


def test_memory_is_bounded_and_sums_are_not() -> None:
    evidence = Evidence(kept=10)
    for at in range(1000):
        evidence.add(Look(float(at), {"a": Events(1, 2)}))
    assert (len(evidence.looks), evidence.events) == (10, Events(1000, 2000))


def test_looks_after_a_place() -> None:
    evidence = Evidence(kept=3)
    for at in range(5):
        evidence.add(Look(float(at)))
    assert [look.at for look in evidence.after(4)] == [4.0]
    assert [look.at for look in evidence.after(0)] == [2.0, 3.0, 4.0]
    assert evidence.after(5) == []


def test_of_old_looks_the_sums_of_both_arms_are_kept() -> None:
    evidence = Evidence()
    for at in range(DETAILED + 1):
        pods = {"a": Events(1, 2), "b": Events(0, 3)}
        evidence.add(Look(float(at), pods, baseline={"c": Events(1, 9)}, read_at={"a": 1.0}))
    old, young = evidence.looks[0], evidence.looks[1]
    assert (old.pods, old.baseline, old.read_at) == ({"": Events(1, 5)}, {"": Events(1, 9)}, {})
    assert (len(young.pods), young.read_at) == (2, {"a": 1.0})


def test_nothing_sums_to_nothing() -> None:
    assert add([]) == Events(0, 0)
    assert Events(0, 0).rate == 0
