# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.scan.sarif import SEVERITIES, Finding
from ansible_collections.slipway.rollout.plugins.module_utils.scan.verdict import (
    BadException,
    Exemption,
    judge,
    sentence,
)

TODAY = date(2026, 1, 15)
FINDINGS = [Finding(f"CVE-{name}", name, "", f"lib{name}", "Trivy") for name in reversed(SEVERITIES)]


def accept(rule: str, until: str | None = None) -> Exemption:
    return Exemption.parse({"rule": rule, "reason": "not reachable", "until": until})


@pytest.mark.parametrize(
    ("fail_on", "stopped"), [("critical", 1), ("high", 2), ("medium", 3), ("low", 4), ("never", 0)]
)
def test_what_is_that_bad_or_worse_stops(fail_on: str, stopped: int) -> None:
    judgement = judge(FINDINGS, fail_on, (), TODAY)
    assert len(judgement.stopping) == stopped
    assert judgement.passed == (stopped == 0)
    assert judgement.counts == {"critical": 1, "high": 1, "medium": 1, "low": 1, "none": 1}


@pytest.mark.parametrize(
    ("rule", "until", "passed"),
    [
        ("CVE-critical", None, True),
        ("CVE-crit*", "2026-01-15", True),
        ("CVE-critical", "2026-01-14", False),
        ("cve-critical", None, False),
        ("CVE", None, True),
        ("CVE-crit", None, False),
    ],
)
def test_what_somebody_accepts_may_stay_until_it_may_not(rule: str, until: str | None, passed: bool) -> None:
    judgement = judge(FINDINGS, "critical", (accept(rule, until),), TODAY)
    assert judgement.passed is passed
    assert bool(judgement.accepted) is passed


def test_a_lapsed_exception_is_told() -> None:
    [note] = judge([], "critical", (accept("CVE-1", "2026-01-14"),), TODAY).notes
    assert note == "The exception for CVE-1 lapsed on 2026-01-14: not reachable"


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"rule": "CVE-1", "reason": " "}, "CVE-1 has no reason"),
        ({"rule": "CVE-1", "reason": "x", "until": "soon"}, "until of CVE-1 is 'soon', no day like 2026-03-31"),
    ],
)
def test_an_exception_without_a_reason_or_with_another_day_is_refused(entry: dict[str, Any], why: str) -> None:
    with pytest.raises(BadException, match=why):
        Exemption.parse(entry)


def test_sentences() -> None:
    assert sentence(judge([], "critical", (), TODAY), "critical") == "The scan found nothing."
    assert sentence(judge(FINDINGS, "critical", (accept("CVE-critical"),), TODAY), "critical") == (
        "The scan found 1 critical, 1 high, 1 medium, 1 low, 1 none; 1 accepted: nothing that is critical."
    )
    assert sentence(judge(FINDINGS, "high", (), TODAY), "high") == (
        "The scan found 1 critical, 1 high, 1 medium, 1 low, 1 none; 2 that may not be released (high or worse): "
        "CVE-critical (critical: libcritical), CVE-high (high: libhigh)."
    )
    many = [Finding(f"CVE-{number}", "critical", "", "", "Trivy") for number in range(7)]
    assert sentence(judge(many, "critical", (), TODAY), "critical").endswith("CVE-4 (critical) and 2 more.")
