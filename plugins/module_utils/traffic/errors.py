# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong when traffic is moved, as data and as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cluster import ApiError, ClusterError, Forbidden, NotFound, ServerError, Unanswered, Unreachable


class TrafficError(Exception):
    """A refusal or a failure. `error` is a word for machines, the text is for people, `data` goes into the result."""

    def __init__(self, error: str, message: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.error = error
        self.data = dict(data or {})

    def enriched(self, data: Mapping[str, Any]) -> TrafficError:
        """The same error with more data; what it already carries stays."""
        return TrafficError(self.error, str(self), {**data, **self.data})


def from_cluster(error: ClusterError, context: str) -> TrafficError:
    """What a failed read or a dry run means; `context` is a sentence that says what was being done."""
    words: tuple[tuple[type[ClusterError], str], ...] = (
        (Unreachable, "unreachable"),
        (Unanswered, "unreachable"),
        (ServerError, "server_error"),
        (NotFound, "no_route"),
        (Forbidden, "refused"),
        (ApiError, "refused"),
    )
    word = next((word for kind, word in words if isinstance(error, kind)), "cluster")
    return TrafficError(word, f"{context} {error}".strip())
