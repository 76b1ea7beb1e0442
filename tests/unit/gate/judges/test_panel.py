# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Evidence
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.panel import Panel

from tests.unit.gate.builders import errors, thinks


def test_each_check_is_judged_by_its_own() -> None:
    panel = Panel({"errors": thinks(Verdict.PASS), "slow": thinks(Verdict.FAIL)})
    for name, verdict in (("errors", Verdict.PASS), ("slow", Verdict.FAIL)):
        assert panel.opinion(errors(name=name), Evidence(), final=False).verdict is verdict
