# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.values import choice, flag, number, whole


def test_what_jinja_makes_of_numbers_and_flags_is_read() -> None:
    assert (number("a", "0.5"), whole("a", "3", 1), choice("a", "x", ("x", "y"))) == (0.5, 3, "x")
    assert [flag("a", value) for value in (True, "yes", "False", "off")] == [True, True, False, False]


@pytest.mark.parametrize("value", [True, "many", float("nan"), float("inf"), None])
def test_no_number(value: object) -> None:
    with pytest.raises(OptionError, match="must be a number"):
        number("checks[0].max", value)


def test_the_field_is_named() -> None:
    with pytest.raises(OptionError, match=r"checks\[0\].window is 0; it must be a whole number of at least 1"):
        whole("checks[0].window", 0, 1)
    with pytest.raises(OptionError, match="Did you mean 'wait'"):
        choice("on_no_data", "wiat", ("wait", "fail"))
    with pytest.raises(OptionError, match="dry_run is 'perhaps'; it is true or false"):
        flag("dry_run", "perhaps")
