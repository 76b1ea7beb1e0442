# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.slots.notes import (
    FORMER,
    LEFT,
    escape,
    note_changes,
    noted,
)

from tests.unit.traffic.fake_api import Obj, apply_operation


def after(annotations: dict[str, str] | None, *, back: bool) -> dict[str, str]:
    obj: Obj = {"metadata": {} if annotations is None else {"annotations": dict(annotations)}}
    for change in note_changes(obj, "green", back=back):
        apply_operation(obj, change)
    found: dict[str, str] = obj["metadata"]["annotations"]
    return found


def test_a_switch_notes_where_users_were() -> None:
    assert after(None, back=False) == {FORMER: "green"}
    assert after({"team": "shop", LEFT: "blue"}, back=False) == {"team": "shop", FORMER: "green"}


def test_a_way_back_leaves_nothing_to_go_back_to() -> None:
    assert after({FORMER: "blue"}, back=True) == {LEFT: "green"}
    assert after(None, back=True) == {LEFT: "green"}


def test_what_is_noted() -> None:
    assert noted({"metadata": {}}, FORMER) == ""
    assert noted({"metadata": {"annotations": {FORMER: "blue"}}}, FORMER) == "blue"


def test_keys_are_escaped_as_json_pointers_ask() -> None:
    assert escape("a~b/c") == "a~0b~1c"
