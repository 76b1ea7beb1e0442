# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoke tests on targets that are functions."""

from __future__ import annotations

import threading

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import POD, Unanswered
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.probe import Probe
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.targets import Target
from ansible_collections.slipway.rollout.plugins.module_utils.workload.smoke import Result, run, summary

from tests.unit.traffic.fake_api import FakeClock

HEALTH = Probe("/health")
PODS = [Target(name, POD, "production", ports={"http": 8000}) for name in "ab"]


class Answers:
    """Gives statuses in turn, each after its time; remembers who was asked what."""

    def __init__(self, *statuses: int | Exception, seconds: float = 0.25) -> None:
        self.statuses = list(statuses)
        self.clock = FakeClock()
        self.seconds = seconds
        self.asked: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    def __call__(self, target: Target, probe: Probe) -> tuple[int, bytes]:
        with self._lock:
            self.asked.append((target.name, probe.path))
            self.clock.sleep(self.seconds)
            status = self.statuses.pop(0) if self.statuses else 200
        if isinstance(status, Exception):
            raise status  # pylint: disable=raising-bad-type
        return status, b"{}"

    def run(self, *probes: Probe, pods: list[Target] = PODS) -> list[Result]:
        return run(pods, probes, self, self.clock)


def test_every_target_is_asked_everything() -> None:
    answers = Answers()
    other = Probe("/other", repeat=2, name="the other")
    results = answers.run(HEALTH, other)
    assert [(result.pod, result.test, result.asked, result.problem) for result in results] == [
        ("a", "/health", 1, ""),
        ("a", "the other", 2, ""),
        ("b", "/health", 1, ""),
        ("b", "the other", 2, ""),
    ]
    assert len(answers.asked) == 6
    assert summary(results, [HEALTH, other]) == "2 smoke tests passed on 2 pods"
    assert results[0].as_dict()["ok"] is True


def test_repeating_ends_with_the_round_of_the_first_wrong_answer() -> None:
    answers = Answers(200, 200, 500)
    (result,) = answers.run(Probe("/health", repeat=9), pods=PODS[:1])
    assert (result.asked, result.status, result.problem) == (3, 500, "answers 500, expected 200")
    answers = Answers(200, 200, 500)
    (result,) = answers.run(Probe("/health", repeat=9, parallel=2), pods=PODS[:1])
    assert (result.asked, result.status) == (4, 500)


def test_an_odd_number_is_asked_exactly() -> None:
    answers = Answers()
    (result,) = answers.run(Probe("/health", repeat=5, parallel=2), pods=PODS[:1])
    assert (result.asked, len(answers.asked)) == (5, 5)


def test_no_answer_is_a_problem() -> None:
    for error in (TimeoutError("timed out"), Unanswered("timed out.")):
        (result,) = Answers(error).run(HEALTH, pods=PODS[:1])
        assert (result.status, result.problem) == (0, "no answer: timed out")


def test_the_slowest_answer_counts() -> None:
    (result,) = Answers(seconds=2.0).run(Probe("/health", max_seconds=1.0), pods=PODS[:1])
    assert (result.seconds, result.problem) == (2.0, "took 2.000 s, at most 1 s are allowed")


def test_a_summary_says_the_first_thing_that_was_wrong() -> None:
    results = [Result("a", "/x", 200, 0.1, ""), Result("b", "/x", 500, 0.1, "bad"), Result("b", "/y", 500, 0.1, "bad")]
    assert summary(results, [HEALTH]) == "Smoke test /x failed on pod b: bad, and 1 more"
    assert summary(results[:2], [HEALTH]) == "Smoke test /x failed on pod b: bad"
    assert summary(results[:1], [HEALTH], "Service") == "1 smoke test passed on 1 Service"
