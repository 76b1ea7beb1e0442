# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A judge for each check, where one gate has several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..check import Check
from ..evidence import Evidence
from .judge import Judge, Opinion


@dataclass(frozen=True, slots=True)
class Panel:
    """Asks the judge of a check by the check's name."""

    judges: Mapping[str, Judge]

    def opinion(self, check: Check, evidence: Evidence, *, final: bool) -> Opinion:
        return self.judges[check.name].opinion(check, evidence, final=final)
