# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several questions to one service, side by side and all within one time-out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import wait
from typing import TypeVar

from ..workers import Workers
from .source import SourceError

T = TypeVar("T")


def together(
    workers: Workers, calls: Sequence[tuple[str, Callable[[], T]]], timeout: float, place: str
) -> list[T | SourceError]:
    """The answer to each question, or the SourceError that came instead; anything else that is raised goes on.

    A client's own time-out counts from byte to byte, so a server that drips would never run into it.
    """
    flights = [(about, workers.submit(call)) for about, call in calls]
    wait([future for _about, future in flights], timeout)
    found: list[T | SourceError] = []
    for about, future in flights:
        error = future.exception() if future.done() else None
        if not future.done():
            error = SourceError("timeout", f"{place} gave no answer in {timeout:g} s for {about}.")
        found.append(error if isinstance(error, SourceError) else future.result())
    return found
