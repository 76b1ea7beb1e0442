# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a switch writes down about itself, in annotations of the object that it changes."""

from __future__ import annotations

from collections.abc import Mapping

from ..cluster import Obj

# The slot that users were on before, which `state: previous` goes back to.
FORMER = "slipway.rollout/former-slot"
# The slot that users were taken back from: there is nothing to go back to any more.
LEFT = "slipway.rollout/left-slot"


def noted(obj: Obj, key: str) -> str:
    annotations: Mapping[str, str] = obj["metadata"].get("annotations") or {}
    return annotations.get(key, "")


def note_changes(obj: Obj, leaving: str, *, back: bool) -> tuple[Obj, ...]:
    """JSON Patch operations for a switch away from `leaving`; `back` when it goes to where users came from."""
    wanted = {FORMER: None if back else leaving, LEFT: leaving if back else None}
    there: Mapping[str, str] = obj["metadata"].get("annotations") or {}
    changes: list[Obj] = [] if there else [{"op": "add", "path": "/metadata/annotations", "value": {}}]
    for key, value in wanted.items():
        path = f"/metadata/annotations/{escape(key)}"
        if value is not None:
            changes.append({"op": "add", "path": path, "value": value})
        elif key in there:
            changes.append({"op": "remove", "path": path})
    return tuple(changes)


def escape(key: str) -> str:
    """A key as a part of a JSON Pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
