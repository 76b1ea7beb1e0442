# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from lab import mistakes
from lab import mistakes_page as page
from lab.practice import environment, written

FAILED = """\
TASK [Refuse what cannot work] ****
[ERROR]: Task failed: Module failed: Live: good on production/main; nothing was changed.
Why: slipway_image: no image is given.
Next: correct this.
Origin: /home/me/preflight.yml:4:3

4 - name: "Refuse what cannot work"
    ^ column 3

fatal: [shop@eu1]: FAILED! =>
    changed: false
    msg: Live
"""
WENT_WELL = """\
TASK [Say how it ended] ****
ok: [shop@eu1] =>
    msg: All users are on production/main again.

PLAY RECAP ****
shop@eu1 : ok=5
"""


def obj(version: str, status: str = "", **fields: Any) -> dict[str, Any]:
    meta = {"name": "main", "resourceVersion": version, "managedFields": [version]}
    return {"metadata": meta, "spec": fields, "status": {"seen": status}}


def test_variables_become_words_for_the_command_line() -> None:
    assert page.arguments({"image": "shop:2", "route": {"name": "shop"}, "forgotten": None}) == [
        *("-e", "image=shop:2"),
        *("-e", '{"route": {"name": "shop"}}'),
    ]


def test_a_command_is_shown_as_it_can_be_typed() -> None:
    shown = page.command(["ansible-playbook", "canary.yml", "-e", "image=shop:2", "-e", '{"a": "b"}'])
    assert shown == 'ansible-playbook canary.yml \\\n    -e image=shop:2 \\\n    -e \'{"a": "b"}\''


def test_the_error_tells_without_its_origin_and_its_data() -> None:
    lines = page.telling(FAILED).splitlines()
    assert lines[0].endswith("nothing was changed.")
    assert lines[-1] == "Next: correct this."


def test_an_error_before_any_task_tells_too() -> None:
    assert page.telling("[WARNING]: x\n[ERROR]: no such file\n") == "[ERROR]: no such file"


def test_without_an_error_the_last_task_tells() -> None:
    assert page.telling(WENT_WELL) == "msg: All users are on production/main again."


def test_names_of_this_machine_are_left_out() -> None:
    text = page.hidden(f"/home/me/slipway/x shop@sha256:{'a' * 64}", {"/home/me/slipway": "…"})
    assert text == "…/x shop@sha256:…"


def test_long_lines_break_between_words() -> None:
    text = page.wrapped(f"{'word ' * 30}\n\nnext")
    assert max(map(len, text.splitlines())) <= page.WIDTH
    assert text.endswith("\n\nnext")


def test_a_section_has_the_command_what_was_said_and_what_to_do() -> None:
    run, remedy = page.Shown("canary", "Why: wrong", 2), page.Shown("rollback", "done", 0)
    text = page.section("Wrong", "Correct it.", [run, remedy])
    assert text.startswith(
        "## Wrong\n\n```console\n$ canary\nWhy: wrong\n```\n\nExit code 2.\n\nCorrect it.\n\n```console"
    )
    assert text.endswith("$ rollback\ndone\n```\n\nExit code 0.\n")


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (obj("1", replicas=3), []),
        (obj("2", "again", replicas=3), []),  # a controller's status
        (obj("2", "again", replicas=4), ["/main"]),
        (obj("3", replicas=3), ["/main"]),  # changed and changed back
    ],
)
def test_only_a_status_may_be_new(after: dict[str, Any], expected: list[str]) -> None:
    assert written({"/main": obj("1", replicas=3)}, {"/main": after}) == expected


def test_a_new_user_has_no_cluster_in_the_environment() -> None:
    given = {"KUBECONFIG": "/x", "K8S_AUTH_CONTEXT": "y", "HOME": "/home/me", "PATH": "/bin"}
    own = environment(given)
    assert "KUBECONFIG" not in own
    assert "K8S_AUTH_CONTEXT" not in own
    assert own["HOME"] == "/home/me"
    assert own["PATH"].endswith(":/bin")


def test_a_token_is_private() -> None:
    assert mistakes.secrets({"slipway_cluster": {"api_key": "abc"}}) == ["abc"]
    assert mistakes.secrets({}) == []


def test_each_mistake_has_its_own_heading_and_says_what_to_expect() -> None:
    titles = [mistake.title for mistake in mistakes.MISTAKES]
    assert len(set(titles)) == len(titles) >= 10
    assert all(mistake.told and mistake.advice for mistake in mistakes.MISTAKES)
