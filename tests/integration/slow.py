# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make test` leaves to `make test-all`: cases that take long, with a quicker one of the same kind beside them."""

from __future__ import annotations

from functools import partial

import pytest

slow = partial(pytest.param, marks=pytest.mark.slow)


def instants(good: float, failing: float) -> list[tuple[str, float]]:
    """Twenty at which to kill a rollout: 12 over one of `good-2` that takes `good` seconds, 8 over one of `failing`."""
    spread = (("good-2", 12, good), ("failing", 8, failing))
    return [(asked, round(step * last / count, 1)) for asked, count, last in spread for step in range(1, count + 1)]
