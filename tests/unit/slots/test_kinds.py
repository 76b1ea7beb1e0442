# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from tests.unit.slots.builders import KINDS, route, shop


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_opened_by_its_name(kind: str) -> None:
    found = route(shop(), kind, back=True)
    assert (found.spec.kind, found.back) == (kind, True)
