# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from dataclasses import replace
from math import inf, log

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.assessment import (
    Assessment,
    Decision,
    Errors,
    counted,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.dispersion import Dispersion

USUAL = Assessment(
    method="conditional binomial",
    errors=Errors(),
    log_e_rollback=log(3.0),
    log_e_promote=log(2.0),
    canary=Events(3, 400),
    baseline=Events(27, 3600),
    ratio=1.0,
    dispersion=Dispersion(1.3, 9, "10 min of the baseline"),
    needed=1234.5,
)


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({}, Decision.CONTINUE),
        ({"final": True}, Decision.INCONCLUSIVE),
        ({"log_e_rollback": log(100.01)}, Decision.ROLLBACK),
        ({"log_e_promote": log(20.01)}, Decision.PROMOTE),
        ({"log_e_rollback": log(101), "log_e_promote": log(21), "final": True}, Decision.ROLLBACK),
    ],
)
def test_what_follows(changes: dict[str, float], decision: Decision) -> None:
    assert replace(USUAL, **changes).decision is decision


def test_checks_share_alpha_but_not_beta() -> None:
    assert Errors(0.01, 0.05).shared(4) == Errors(0.0025, 0.05)
    assert Errors().shared(0) == Errors()


def test_the_weight_of_evidence_in_words() -> None:
    assert USUAL.weight() == "evidence against it 3.0 to 1 of 100 to 1, for it 2.0 to 1 of 20 to 1"
    assert replace(USUAL, log_e_rollback=1e4).weight().startswith("evidence against it over a million to 1, where")
    assert replace(USUAL, log_e_promote=log(25)).weight() == "evidence for it 25 to 1, where 20 to 1 suffices"


def test_how_much_more_is_needed() -> None:
    assert USUAL.more() == "a healthy release needs about 1200 more requests"
    assert replace(USUAL, needed=inf).more() == "no amount of traffic like this will decide it"
    assert replace(USUAL, needed=None).more() == ""
    assert replace(USUAL, log_e_rollback=99.0).more() == ""


def test_as_data_is_json_without_infinities() -> None:
    found = replace(USUAL, needed=inf, ratio=None, dispersion=None, baseline=None).as_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert (found["requests_needed"], found["dispersion"], found["decision"]) == (None, None, "continue")
    assert USUAL.as_dict()["dispersion_origin"] == "10 min of the baseline"


def test_counts_in_words() -> None:
    assert counted(Events(32, 1000), "failed") == "32 of 1000 requests (3.2 %) failed"
    assert counted(Events(0, 10), "failed") == "0 of 10 requests failed"
