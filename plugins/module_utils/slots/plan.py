# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is going to happen, in lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .spec import SwitchSpec


def plan_lines(switch: SwitchSpec, facts: Mapping[str, Any]) -> list[str]:
    live, idle = facts["live"], facts["idle"]
    if facts["already_live"]:
        return [f"{facts['title']} is live on {facts['namespace']}/{live['name']} already: nothing to do."]
    hpa = f", HPA {live['hpa']['name']} {live['hpa']['floor']}–{live['hpa']['maximum']}" if live["hpa"] else ""
    where, has = facts["namespace"], _pods(idle["replicas"]) + (f" of {idle['title']}" if idle["replicas"] else "")
    return [
        f"Release  {facts['release']}, pinned as {facts['image'].rpartition('@')[2][:19]}",
        f"Live     slot {live['slot']}, {where}/{live['name']}: {_pods(live['replicas'])} of {live['title']}{hpa}",
        f"Idle     slot {idle['slot']}, {where}/{idle['name']}: {has} → {_pods(facts['size'])} of {facts['title']}",
        f"Switch   {switch.describe()}: {live['slot']} → {idle['slot']}",
        f"After    the gate {live['slot']} keeps {_pods(facts['keep'])} of {live['title']} to go back to",
    ]


def _pods(count: int) -> str:
    return f"{count} pod{'' if count == 1 else 's'}"
