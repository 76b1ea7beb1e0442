# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.scan.sarif import SEVERITIES, BadReport, Finding, read
from hypothesis import given
from hypothesis import strategies as st

Json = dict[str, Any]
REPORTS = Path(__file__).with_name("reports")
SCORED: Json = {"properties": {"security-severity": "8.5"}}


def report(rule: Json, result: Json, **run: Json | list[Json]) -> str:
    """One rule and one result, as scanners write them."""
    driver = {"name": "Trivy", "rules": [{"id": "CVE-1", **rule}]}
    said = {"ruleId": "CVE-1", "ruleIndex": 0, "message": {"text": "a  bug"}, **result}
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": [said], **run}]})


@pytest.mark.parametrize(
    ("rule", "result", "severity"),
    [
        # Trivy's own word, also where the score says otherwise: vendors know whether their package is concerned.
        ({"properties": {"tags": ["vulnerability", "CRITICAL"], "security-severity": "5.0"}}, {}, "critical"),
        ({"properties": {"tags": ["misconfiguration"], "security-severity": "9.0"}}, {}, "critical"),
        ({"properties": {"security-severity": "8.9"}}, {}, "high"),
        ({"properties": {"security-severity": "6.9"}}, {"level": "error"}, "medium"),
        ({"properties": {"security-severity": "0.1"}}, {}, "low"),
        ({"properties": {"security-severity": "0.0"}}, {"level": "error"}, "high"),
        ({}, {"level": "warning"}, "medium"),
        ({}, {"level": "note"}, "low"),
        ({}, {"level": "none"}, "none"),
        ({"defaultConfiguration": {"level": "error"}}, {}, "high"),
        ({}, {}, "medium"),  # SARIF's default level is a warning
        ({}, {"properties": {"severity": "Negligible"}}, "low"),
        # Grype's own word, where its score alone would let it pass.
        (
            {"help": {"text": "Vulnerability CVE-1\nSeverity: Critical\nPackage: xz"}, **SCORED},
            {"level": "error"},
            "critical",
        ),
        # Of one CVE in two packages, Trivy's rule has the word for the other.
        (
            {"properties": {"tags": ["LOW"]}},
            {"message": {"text": "Package: xz\nSeverity: CRITICAL\nLink: x"}},
            "critical",
        ),
    ],
)
def test_severity(rule: Json, result: Json, severity: str) -> None:
    [finding] = read(report(rule, result))
    assert finding.severity == severity


@pytest.mark.parametrize(
    ("locations", "place"),
    [
        ([], ""),
        ([{}], ""),
        ([{"physicalLocation": {"artifactLocation": {"uri": "app/bin"}}}], "app/bin"),
        ([{"message": {"text": "app: xz@5"}, "physicalLocation": {"artifactLocation": {"uri": "app"}}}], "app: xz@5"),
    ],
)
def test_place_and_title(locations: list[Json], place: str) -> None:
    [finding] = read(report({}, {"locations": locations}))
    assert finding == Finding("CVE-1", "medium", "a bug", place, "Trivy")
    assert finding.as_dict()["place"] == place


def test_a_rule_is_found_by_its_number_too() -> None:
    [finding] = read(report({"shortDescription": {"text": "short"}}, {"ruleId": None}))
    assert (finding.rule, finding.title) == ("CVE-1", "short")


@pytest.mark.parametrize(
    "result",
    [{"kind": "pass"}, {"suppressions": [{"kind": "external"}]}, {"suppressions": [{"status": "accepted"}]}],
)
def test_what_the_report_itself_takes_back_is_no_finding(result: Json) -> None:
    assert read(report({}, result)) == []
    assert len(read(report({}, {"suppressions": [{"status": "rejected"}]}))) == 1


def test_the_worst_come_first_and_each_once() -> None:
    runs = []
    for level in ("note", "error", "note"):
        runs += json.loads(report({}, {"level": level}))["runs"]
    assert [finding.severity for finding in read(json.dumps({"runs": runs}))] == ["high", "low"]


def test_a_scan_without_findings_is_one() -> None:
    assert read(json.dumps({"runs": [{"tool": {"driver": {"name": "grype"}}, "results": None}]})) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("[]", "not SARIF with at least one run"),
        ('{"runs": []}', "not SARIF with at least one run"),
        ('{"matches": []}', "was the scanner asked for that format"),
        ('{"runs": [{}]}', "KeyError 'tool'"),
        (report({}, {"level": "bad"}), "KeyError 'bad'"),
        (report({}, {"ruleId": None, "ruleIndex": 7}), "IndexError"),
        (report({}, {}, invocations=[{"executionSuccessful": False}]), "Trivy says of itself that it did not run"),
    ],
)
def test_what_cannot_be_judged_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadReport, match=why):
        read(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(
    rule=st.dictionaries(st.sampled_from(["properties", "shortDescription", "defaultConfiguration"]), JSON),
    result=st.dictionaries(st.sampled_from(["level", "locations", "properties", "suppressions", "message"]), JSON),
)
def test_whatever_is_in_it_it_is_judged_or_refused(rule: Json, result: Json) -> None:
    try:
        found = read(report(rule, result))
    except BadReport:
        return
    assert all(finding.severity in SEVERITIES for finding in found)


# In the form that Trivy 0.74 and Grype 0.121 write, of an image with Debian 12.
@pytest.mark.parametrize(
    ("scanner", "wanted"),
    [
        (
            "trivy",
            [
                ("CVE-2023-45853", "critical", "supply/well: zlib1g@1:1.2.13.dfsg-1"),
                ("CVE-2024-3094", "critical", "supply/well: liblzma5@5.6.1-1"),
                ("CVE-2023-4911", "high", "supply/well: libc6@2.36-9+deb12u2"),
                ("private-key", "high", "app/key.pem"),
                ("CVE-2011-3374", "low", "supply/well: apt@2.6.1"),
            ],
        ),
        (
            "grype",
            [
                ("CVE-2024-3094-liblzma5", "critical", "supply/well//var/lib/dpkg/status"),
                ("CVE-2023-4911-libc6", "high", "supply/well//var/lib/dpkg/status"),
                ("CVE-2011-3374-apt", "low", "supply/well//var/lib/dpkg/status"),
            ],
        ),
    ],
)
def test_whole_reports(scanner: str, wanted: list[tuple[str, str, str]]) -> None:
    found = read((REPORTS / f"{scanner}.sarif").read_text("utf-8"))
    assert [(finding.rule, finding.severity, finding.place) for finding in found] == wanted
