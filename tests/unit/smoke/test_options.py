# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import fields

from ansible_collections.slipway.rollout.plugins.module_utils.smoke.command import Command
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.options import ARGUMENTS
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.probe import Probe


def test_every_option_of_a_test_is_a_field_of_a_probe() -> None:
    assert set(ARGUMENTS["tests"]["options"]) == {field.name for field in fields(Probe)}


def test_every_option_of_a_command_is_known() -> None:
    assert set(ARGUMENTS["command"]["options"]) - {"cmd"} == {field.name for field in fields(Command)}
