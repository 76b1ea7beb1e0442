# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's parameters, parsed."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.configuration.document import Layer
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.options import Mounting

from tests.unit.configuration.builders import wish


def test_values_are_the_last_layer() -> None:
    parsed = wish("a: 1\n", values={"b": {"c": 2}}, values_name="slipway_config.values")
    assert parsed.layers == (Layer("production.yml", "a: 1\n"), Layer("slipway_config.values", "b:\n  c: 2\n"))


def test_the_rest() -> None:
    parsed = wish(schema=None, container="app")
    assert parsed.schema == {}
    assert parsed.mounting == Mounting(container="app")
    assert parsed.workloads == (("Deployment", "shop-main"),)
    assert len(wish(values={}).layers) == 1
