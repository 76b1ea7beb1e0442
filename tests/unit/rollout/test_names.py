# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of lock and ledger."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.names import BadName, Names


def test_a_lock_per_environment_and_a_ledger_per_app() -> None:
    names = Names.parse("shops", "shop", "staging")
    assert (names.lease, names.ledger) == ("slipway-shop-staging", "slipway-shop")
    assert names.key("open") == "staging.open.yaml"
    assert names.describe() == "shop in staging"


def test_an_environment_may_be_left_out() -> None:
    names = Names.parse("shops", "shop", "")
    assert (names.lease, names.key("history"), names.describe()) == ("slipway-shop", "history.yaml", "shop")


@pytest.mark.parametrize(
    ("app", "environment", "told"),
    [
        ("", "", "app: ''"),
        ("My Shop", "", "app: 'My Shop'"),
        ("shop", "Pre Prod", "environment: 'Pre Prod'"),
        ("s" * 250, "production", "is too long"),
    ],
)
def test_what_kubernetes_would_refuse_is_told_by_field(app: str, environment: str, told: str) -> None:
    with pytest.raises(BadName, match=told):
        Names.parse("shops", app, environment)
