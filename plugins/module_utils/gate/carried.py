# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Evidence that an earlier stage has gathered counts on only if it is judged by the same rules.

To look at the evidence, and then to choose margins, checks or error rates by it, would void what it promises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from .check import Check
from .statistics.assessment import Errors

CHANGED = "checks or margins are others than when users came on the release, so its evidence begins anew"


@dataclass(frozen=True, slots=True)
class Carried:
    """`since` is when users came, None for now; `note` says why it is not what was asked for, "" if it is."""

    since: float | None
    config: str
    note: str = ""


def carried(since: float | None, config: str | None, checks: Sequence[Check], errors: Errors) -> Carried:
    """What counts on of evidence `since`, which was gathered under the rules `config` (None: under these)."""
    own = sha256(repr((tuple(checks), errors)).encode()).hexdigest()[:16]
    if since is None or config is None or config == own:
        return Carried(since, own)
    return Carried(None, own, CHANGED)
