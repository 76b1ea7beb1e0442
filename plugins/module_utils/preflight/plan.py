# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is going to happen, in lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .wish import Wish


def plan_lines(wish: Wish, facts: Mapping[str, Any]) -> list[str]:
    """For people: what is there, and what is going to happen."""
    stable, canary = facts["stable"], facts["canary"]
    hpa = stable["hpa"]
    if facts["unfinished"]:
        return [f"{facts['title']} is on stable already: all users go there, and the canary is stopped."]
    if facts["already_live"]:
        return [f"{facts['title']} is live on {wish.namespace}/{stable['name']} already: nothing to do."]
    lines = [
        f"Release  {facts['release']}, pinned as {facts['image'].rpartition('@')[2][:19]}",
        f"Stable   {wish.namespace}/{stable['name']}: {stable['replicas']} pods of {stable['title']}"
        + (f", {_hpa_text(hpa)}" if hpa else ""),
        f"Canary   {wish.namespace}/{canary['name']}, container {canary['container']}",
    ]
    if wish.route is not None:
        lines.append(f"Route    {wish.route.describe()}, now {_split_text(facts['split'])}")
    if wish.route is not None and wish.route.kind == "replicas":
        lines.append(f"Stages   {_replica_stages(facts)}")
        lines.append(
            "Note     without a mesh users get to a pod as soon as it is ready, so there are no smoke tests before"
        )
    else:
        stages = (f"{stage['weight']} % ({stage['replicas']})" for stage in facts["stages"])
        lines.append(f"Stages   {' → '.join(stages)} (canary's pods), then stable gets the image")
    return lines


def _hpa_text(hpa: Mapping[str, Any]) -> str:
    told = f"HPA {hpa['name']} {hpa['floor']}–{hpa['maximum']}"
    return told if hpa["raised"] == hpa["floor"] else f"{told}, not below {hpa['raised']} until the end"


def _split_text(split: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {weight} %" for name, weight in split.items())


def _replica_stages(facts: Mapping[str, Any]) -> str:
    """Without a mesh the pods are the split, and stable keeps all of its own."""
    live = facts["stable"]["replicas"]
    real = (
        f"{stage['weight']} % ({stage['replicas']} of {live + stage['replicas']} pods, really "
        f"{round(100 * stage['replicas'] / (live + stage['replicas']))} %)"
        for stage in facts["stages"]
    )
    return f"{' → '.join(real)}, then stable gets the image"
