# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from math import inf

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.spans import frequency, span


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0.4 s"), (45, "45 s"), (90, "1.5 min"), (3600, "1 h"), (100000, "1.2 d"), (9e6, "104 d"), (inf, "never")],
)
def test_as_people_say_it(seconds: float, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(("value", "said"), [(2.5949, "2.6/s"), (12.97, "13/s"), (1234.0, "1200/s"), (0.0, "0/s")])
def test_how_often(value: float, said: str) -> None:
    assert frequency(value) == said
