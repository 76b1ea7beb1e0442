# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every judge by its name in the option `judge`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..suggest import OptionError, nearest
from .judge import Judge
from .threshold import Threshold

JUDGES: Mapping[str, Callable[[], Judge]] = {
    "threshold": Threshold,
}


def open_judge(name: str) -> Judge:
    """Raises OptionError."""
    if name not in JUDGES:
        raise OptionError(f"judge is '{name}'.{nearest(name, JUDGES)}")
    return JUDGES[name]()
