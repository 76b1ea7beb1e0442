# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters, Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.increments import Increments
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.tally import MOST, Tally

from tests.unit.gate.builders import ALL, BAD, reading, series


def counted(measure: Counters, *found: tuple[str, float]) -> Tally:
    """What a tally has of counters that gained so much."""
    increments, tally = Increments(), Tally()
    increments.add(reading(0.0, *(series(text, (0.0, 0.0)) for text, _gain in found)))
    tally.add(measure.by_labels(increments.add(reading(1.0, *(series(text, (1.0, gain)) for text, gain in found)))))
    return tally


def test_events_are_counted_by_every_known_label() -> None:
    found = counted(
        Counters((BAD,), (ALL,)),
        ('requests_total{path="/a",status="200"}', 90),
        ('requests_total{path="/a",status="500"}', 1),
        ('requests_total{path="/b",status="500",le="x"}', 9),
    )
    assert found.labels == {
        "path": {"/a": Events(1, 91), "/b": Events(9, 9)},
        "status": {"200": Events(0, 90), "500": Events(10, 10)},
    }


def test_of_good_events_the_rest_is_bad() -> None:
    good = Selector.parse('jobs{code="ok"}')
    found = counted(Counters((good,), (Selector("jobs"),), good=True), ('jobs{code="ok"}', 7), ('jobs{code="lost"}', 3))
    assert found.labels["status"] == {"ok": Events(0, 7), "lost": Events(3, 3)}


def test_slow_requests_are_counted_by_the_labels_of_their_histogram() -> None:
    slow = Counters((), (Selector("h_bucket"),), bound=0.5)
    found = counted(
        slow,
        *((f'h_bucket{{path="{path}",le="{le}"}}'.replace("{{", "{").replace("}}", "}"), count)
          for path, le, count in (("/a", "0.5", 90.0), ("/a", "+Inf", 100.0), ("/b", "0.5", 5.0), ("/b", "+Inf", 5.0))),
    )  # fmt: skip
    assert found.labels["path"] == {"/a": Events(10, 100), "/b": Events(0, 5)}


def test_a_label_that_names_each_request_is_given_up() -> None:
    tally = Tally()
    tally.add(({"path": f"/user/{number}", "status": "500"}, Events(1, 1)) for number in range(MOST + 5))
    assert set(tally.labels) == {"status"}
