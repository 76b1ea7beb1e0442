# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What to do about a rollout that was left open: go on, take it back, or leave it to whoever began it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .entry import JUDGING, PROVEN, Entry
from .names import Refused

START, RESUME, ROLLBACK = "start", "resume", "rollback"
AUTO = "auto"


class Open(Refused):
    """Another rollout is open, which must come to its end first."""

    error = "open"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command that is given now. `asked`: the image as the user names it, "" where there is none.

    `config`: hash of the release's configuration, "" where it has none.
    """

    strategy: str
    asked: str = ""
    on_interrupted: str = AUTO
    config: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """`action` is one of start, resume, rollback; `message` is a sentence for people, "" where none is needed."""

    action: str
    message: str = ""


def decide(found: Entry | None, wanted: Wanted) -> Decision:
    """Raises Open for any command but the one that was cut off, and `rollback`."""
    if found is None:
        return Decision(START)
    if wanted.strategy == ROLLBACK:
        return Decision(ROLLBACK, f"The {found.describe()}, did not come to its end and is taken back.")
    if found.strategy != wanted.strategy or not _same_release(found, wanted):
        raise _refusal(found, wanted)
    return _go_on_or_back(found, wanted.on_interrupted)


def _go_on_or_back(found: Entry, policy: str) -> Decision:
    told = f"The {found.describe()}, was cut off"
    failing: dict[str, Any] = next((one for one in reversed(found.evidence) if one.get("stage") == found.stage), {})
    if failing.get("verdict") == "fail":
        return Decision(
            ROLLBACK, f"{told} after its gate had failed ({failing.get('reason', '')}), so it is taken back."
        )
    if found.phase == PROVEN and policy != ROLLBACK:
        return Decision(RESUME, f"{told} after every gate was passed, so it is finished.")
    if policy == RESUME or (policy == AUTO and found.phase != JUDGING):
        return Decision(RESUME, f"{told}, and is resumed there.")
    why = "because users were on it and nobody watched" if policy == AUTO else "as on_interrupted=rollback says"
    return Decision(ROLLBACK, f"{told}, so it is taken back, {why}.")


def _same_release(found: Entry, wanted: Wanted) -> bool:
    """By the name that was asked for, or by digest, and by its configuration; a command without a release fits any."""
    asked = wanted.asked
    if asked and wanted.config != _config(found):
        return False
    names = {str(found.release.get(key) or "") for key in ("asked", "image")}
    digest = asked.partition("@")[2]
    return not asked or asked in names or (bool(digest) and any(name.endswith(f"@{digest}") for name in names))


def _config(found: Entry) -> str:
    return str(found.release.get("config") or "")


def _refusal(found: Entry, wanted: Wanted) -> Open:
    this = f"{wanted.strategy} of {wanted.asked}" if wanted.asked else wanted.strategy
    if wanted.config != _config(found):
        this += f", with configuration {wanted.config or 'none'} and not {_config(found) or 'none'}"
    again = f"ansible-playbook playbooks/{found.strategy}.yml"
    asked = found.release.get("asked")
    again += f" -e slipway_image={asked}" if asked else ""
    return Open(
        f"another rollout is open: {found.describe()}. This one ({this}) would mix with it.",
        f"to end that one: {again}; to take it back: ansible-playbook playbooks/rollback.yml; "
        "both with the same inventory.",
    )
