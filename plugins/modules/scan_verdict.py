#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: scan_verdict
short_description: Judge what a scanner found
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Reads reports in SARIF, as Trivy and Grype write them, says which findings there are, and fails when one of them is
    too severe to be released and nobody has accepted it.
  - A report that is missing, empty or of a scan that did not end well fails too.
extends_documentation_fragment:
  - slipway.rollout.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  reports:
    description: The files.
    type: list
    elements: path
    required: true
  fail_on:
    description:
      - Findings of this severity and worse fail.
      - A scanner's own word counts; without one the score that it gives, as GitHub reads it (9 and more is critical, 7
        and more high, 4 and more medium); without a score the level C(error), C(warning) or C(note).
    type: str
    choices: [critical, high, medium, low, never]
    default: critical
  accept:
    description: Findings that somebody has looked at.
    type: list
    elements: dict
    default: []
    suboptions:
      rule:
        description: What the scanner calls it, for instance V(CVE-2024-3094). C(*) and C(?) stand for any characters.
        type: str
        required: true
      reason:
        description: Why it may stay.
        type: str
        required: true
      until:
        description: The last day on which it may, for instance V(2026-03-31). Without it, for ever.
        type: str
"""

EXAMPLES = r"""
- name: Judge the scan of the shop's image
  slipway.rollout.scan_verdict:
    reports: ["{{ playbook_dir }}/build/scan-amd64.sarif"]
    fail_on: critical
    accept:
      - {rule: CVE-2024-0001, reason: not reachable because the parser is never called, until: "2099-12-31"}
"""

RETURN = r"""
msg:
  description: One sentence for people.
  type: str
  returned: always
  sample: "The scan found 1 critical; 1 that may not be released (critical): CVE-2024-3094 (critical: xz@5.6.1)."
passed:
  description: Whether it may be released.
  type: bool
  returned: when the reports could be read
counts:
  description: How many findings there are of each severity, accepted ones included.
  type: dict
  returned: when the reports could be read
  sample: {critical: 1, high: 0, medium: 0, low: 4, none: 0}
stopping:
  description: Findings that stop the release, the worst first.
  type: list
  elements: dict
  returned: when the reports could be read
  sample: [{rule: CVE-2024-3094, severity: critical, title: backdoor in xz, place: "liblzma5@5.6.1", tool: Trivy}]
accepted:
  description: Findings that were accepted.
  type: list
  elements: dict
  returned: when the reports could be read
notes:
  description: Exceptions that have lapsed.
  type: list
  elements: str
  returned: when the reports could be read
"""

from datetime import datetime, timezone
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.scan.sarif import BadReport, Finding, read
from ..module_utils.scan.verdict import BadException, Exemption, judge, sentence

ARGUMENTS = {
    "reports": {"type": "list", "elements": "path", "required": True},
    "fail_on": {"type": "str", "choices": ["critical", "high", "medium", "low", "never"], "default": "critical"},
    "accept": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "rule": {"type": "str", "required": True},
            "reason": {"type": "str", "required": True},
            "until": {"type": "str"},
        },
    },
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    fail_on = module.params["fail_on"]
    findings: list[Finding] = []
    try:
        exemptions = [Exemption.parse(entry) for entry in module.params["accept"]]
        for path in module.params["reports"]:
            findings += _read(Path(path))
    except (BadException, BadReport) as error:
        module.fail_json(msg=str(error))
    # A finding of two architectures is one.
    judgement = judge(list(dict.fromkeys(findings)), fail_on, exemptions, datetime.now(timezone.utc).date())
    finish = module.exit_json if judgement.passed else module.fail_json
    finish(
        changed=False,
        msg=sentence(judgement, fail_on),
        passed=judgement.passed,
        counts=dict(judgement.counts),
        stopping=[finding.as_dict() for finding in judgement.stopping],
        accepted=[finding.as_dict() for finding in judgement.accepted],
        notes=list(judgement.notes),
    )


def _read(path: Path) -> list[Finding]:
    try:
        return read(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadReport(f"The scan's report {path} cannot be read: {error}") from error
    except BadReport as error:
        raise BadReport(f"The scan's report {path} cannot be judged: {error}") from error


if __name__ == "__main__":
    main()
