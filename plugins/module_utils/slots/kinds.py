# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every kind of switch by its name in the option `switch.kind`."""

from __future__ import annotations

from ..cluster import Cluster
from .retarget import RouteSlots
from .route import SlotRoute
from .service import ServiceSlots
from .spec import SERVICE, SwitchSpec


def open_switch(cluster: Cluster, switch: SwitchSpec, *, back: bool = False) -> SlotRoute:
    """The switch that a spec means. Nothing is read yet. `back`: what it writes is a way back."""
    kind = ServiceSlots if switch.kind == SERVICE else RouteSlots
    return kind(cluster, switch, back=back)
