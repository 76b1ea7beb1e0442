# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make test` leaves to `make test-all`: cases that take long, with a quicker one of the same kind beside them."""

from __future__ import annotations

from functools import partial

import pytest

slow = partial(pytest.param, marks=pytest.mark.slow)


def instants(good: int, failing: int) -> list[tuple[str, int]]:
    """Twenty tasks in which to kill a rollout: 12 of one of `good-2` that has `good` tasks, 8 of one of `failing`.

    By tasks, since seconds would all be early ones on a machine that is busy.
    """
    spread = (("good-2", 12, good), ("failing", 8, failing))
    return [(asked, round(step * last / count)) for asked, count, last in spread for step in range(1, count + 1)]
