# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Series and readings."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError

from tests.unit.gate.builders import reading, series


def test_a_series_is_known_by_name_and_labels_in_any_order() -> None:
    one, other = series('m{a="1",b="2"}', (1, 5), (2, 7)), series('m{b="2",a="1"}', (3, 9))
    assert one.key == other.key
    assert (one.name, one.value, one.timestamp) == ("m", 7, 2)


def test_a_reading_is_asked_by_selector() -> None:
    one, other = series('m{a="1"}', (1, 5)), series('m{a="2"}', (1, 5))
    assert reading(1, one, other).select(Selector.parse('m{a="2"}')) == [other]


def test_an_error_has_a_word_for_machines() -> None:
    assert SourceError("timeout", "No answer.").kind == "timeout"
