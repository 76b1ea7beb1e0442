# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench that is cut goes on where it was, and says of each row how many runs it had."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.bench_gate.kept import Found, Job, Kept, fingerprint, seeds
from tests.bench_gate.measures import Bench
from tests.bench_gate.report import report, summary, upper95


def jobs(*counts: int, calls: list[int]) -> list[Job]:
    def measured(number: int, alarms: int) -> Found:
        calls.append(number)
        return {"looks": 240, "runs": 100, "alarms": alarms, "kayenta_false_alarm_rate": alarms / 100}

    return [Job("null", "iid", number, partial(measured, number, alarms)) for number, alarms in enumerate(counts)]


def test_goes_on_where_it_was_cut(tmp_path: Path) -> None:
    path, calls = tmp_path / "kept.jsonl", list[int]()
    Kept(path, 1, "code").run(jobs(3, 4, calls=calls))
    path.write_text(path.read_text()[:-20])  # cut while the second was written
    kept = Kept(path, 1, "code")
    kept.run(jobs(3, 4, 5, calls=calls))
    assert calls == [0, 1, 1, 2]
    assert [part["alarms"] for part in kept.of("null")["iid"]] == [3, 4, 5]


@pytest.mark.parametrize(("seed", "code"), [(2, "code"), (1, "other code")])
def test_what_another_seed_or_other_code_gave_is_left_alone(tmp_path: Path, seed: int, code: str) -> None:
    path = tmp_path / "kept.jsonl"
    Kept(path, 1, "code").run(jobs(3, calls=[]))
    assert Kept(path, seed, code).of("null") == {}
    assert len(Kept(path, 1, "code").of("null")["iid"]) == 1


def test_the_report_adds_up_what_there_is(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept.jsonl", 1, "code")
    kept.run(jobs(3, 4, calls=[]))
    found = report(kept)
    assert found["scenarios"] == [
        {"scenario": "iid", "looks": 240, "runs": 200, "false_alarm_rate": 0.035,
         "false_alarm_upper95": pytest.approx(upper95(7, 200)), "kayenta_false_alarm_rate": 0.03}
    ]  # fmt: skip
    assert found["worst_scenario"] == "iid"
    assert found["detection"] == []


def test_other_seeds_of_the_same_code_are_told_in_short(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    for seed, code in ((1, "code"), (2, "code"), (3, "other")):
        Kept(path, seed, code).run(jobs(3, calls=[]))
    assert seeds(path, "code") == [1, 2]
    assert seeds(tmp_path / "none", "code") == []
    found = summary(Kept(path, 2, "code"))
    assert (found["seed"], found["worst_scenario"], found["runs"]) == (2, "iid", 100)


def test_healthy_releases_come_first_and_parts_are_seeded_by_themselves() -> None:
    plan = list(Bench(2000, 1).jobs())
    sections = [one.section for one in plan]
    assert sections.index("detection") > max(place for place, one in enumerate(sections) if one == "null")
    assert len({(one.section, one.name, one.number) for one in plan}) == len(plan)
    small = {(one.name, one.number): one for one in Bench(5, 1).jobs() if one.section == "null"}
    first, again = small["iid", 0].measure(), small["iid", 0].measure()
    assert first == again


def test_the_fingerprint_is_of_what_the_figures_come_from(tmp_path: Path) -> None:
    code = tmp_path / "tests/bench_gate"
    code.mkdir(parents=True)
    (code / "streams.py").write_text("1")
    first = fingerprint(tmp_path)
    (code / "plots.py").write_text("2")
    assert fingerprint(tmp_path) == first
    (code / "streams.py").write_text("3")
    assert fingerprint(tmp_path) != first
