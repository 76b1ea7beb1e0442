# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cause: why pods do not come, and for how long it has to stand before it is certain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

AT_ONCE = 0.0
NEVER = float("inf")  # not certain before the time is up: it may still go away by itself


@dataclass(frozen=True, slots=True)
class Cause:
    """`text` is one sentence. `patience` (seconds) is how long this cause must stand to be called certain.

    `logs` says whose last lines help: "previous" (the container that died), "current", or "" for none.
    """

    kind: str
    text: str
    patience: float = NEVER
    pod: str = ""
    container: str = ""
    logs: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """The same trouble in another pod is the same trouble: pods are replaced while it stands."""
        return self.kind, self.container

    def as_dict(self) -> dict[str, Any]:
        where = {key: value for key, value in (("pod", self.pod), ("container", self.container)) if value}
        return {"kind": self.kind, "message": self.text, **where, **self.facts}


def shorten(message: object, longest: int = 300) -> str:
    """A message of the cluster as a part of a sentence: one line, no full stop, not endless."""
    told = " ".join(str(message).split()).rstrip(".")
    return told if len(told) <= longest else told[: longest - 1] + "…"
