# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Findings of a scanner, read from SARIF 2.1.0 as Trivy and Grype write it.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. The libraries there are for SARIF need more than the
standard library and know no severity but SARIF's own three levels, in which critical and high are the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# From harmless to worst.
SEVERITIES = ("none", "low", "medium", "high", "critical")
_LEVELS = {"none": "none", "note": "low", "warning": "medium", "error": "high"}
_WORD = re.compile(r"^Severity: (\w+)$", re.MULTILINE)
_SPELLED = {name: name for name in SEVERITIES} | {"moderate": "medium", "negligible": "low"}


class BadReport(Exception):
    """The report cannot be judged; the text says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a scanner found, at one place."""

    rule: str  # CVE-2024-3094
    severity: str
    title: str
    place: str
    tool: str

    def as_dict(self) -> dict[str, str]:
        return {
            "rule": self.rule,
            "severity": self.severity,
            "title": self.title,
            "place": self.place,
            "tool": self.tool,
        }


def read(text: str) -> list[Finding]:
    """The worst first. A report without a run is none: a scan that did not happen must not pass. Raises BadReport."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise BadReport(f"it is not JSON: {error}") from error
    runs = document.get("runs") if isinstance(document, dict) else None
    if not isinstance(runs, list) or not runs:
        raise BadReport("it is not SARIF with at least one run; was the scanner asked for that format?")
    try:
        found = {finding for run in runs for finding in _findings(run)}
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise BadReport(f"it is not SARIF 2.1.0 as scanners write it: {type(error).__name__} {error}") from error
    return sorted(found, key=lambda finding: (-SEVERITIES.index(finding.severity), finding.rule, finding.place))


def _findings(run: Mapping[str, Any]) -> Iterator[Finding]:
    driver = run["tool"]["driver"]
    for invocation in run.get("invocations") or ():
        if not invocation["executionSuccessful"]:
            raise BadReport(f"{driver['name']} says of itself that it did not run to its end")
    rules: list[Mapping[str, Any]] = list(driver.get("rules") or ())
    by_id = {rule["id"]: rule for rule in rules}
    for result in run.get("results") or ():
        if result.get("kind", "fail") != "fail" or _suppressed(result):
            continue
        index = result.get("ruleIndex", -1)
        rule = by_id.get(result.get("ruleId", "")) or (rules[index] if index >= 0 else {})
        yield Finding(
            str(result.get("ruleId") or rule.get("id", "")),
            _severity(result, rule),
            _title(result, rule),
            _place(result),
            str(driver["name"]),
        )


def _suppressed(result: Mapping[str, Any]) -> bool:
    """Whether somebody has said in the report itself that it does not matter (VEX, an ignore file)."""
    return any(entry.get("status", "accepted") == "accepted" for entry in result.get("suppressions") or ())


def _severity(result: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    """In the scanner's own word; where it says none, by the score as GitHub reads it; else by SARIF's level.

    Trivy says it in each result, and in the rule's tags, where one package's word overwrites another's. Grype says it
    in the rule's help; its score is the highest that anybody gave, and its level takes critical and high for the same.
    https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
    """
    properties = {**(rule.get("properties") or {}), **(result.get("properties") or {})}
    said = (_said(result["message"]), *(properties.get("tags") or ()), properties.get("severity", ""))
    for word in (*said, _said(rule.get("help") or {})):
        if str(word).lower() in _SPELLED:
            return _SPELLED[str(word).lower()]
    score = float(properties.get("security-severity") or 0.0)
    if score > 0:
        return "critical" if score >= 9 else "high" if score >= 7 else "medium" if score >= 4 else "low"
    level = result.get("level") or (rule.get("defaultConfiguration") or {}).get("level") or "warning"
    return _LEVELS[level]


def _said(message: Mapping[str, Any]) -> str:
    found = _WORD.search(str(message.get("text", "")))
    return found.group(1) if found else ""


def _title(result: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    text = (rule.get("shortDescription") or {}).get("text") or result["message"].get("text", "")
    return " ".join(str(text).split())[:200]


def _place(result: Mapping[str, Any]) -> str:
    for location in result.get("locations") or ():
        physical = location.get("physicalLocation") or {}
        said = (location.get("message") or {}).get("text", "")
        place = said or (physical.get("artifactLocation") or {}).get("uri", "")
        if place:
            return str(place)
    return ""
