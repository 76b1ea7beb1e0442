# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of progress on their way from a file to a person."""

from __future__ import annotations

import pytest
from ansible import constants as C  # noqa: N812 - as all of Ansible calls it
from ansible_collections.slipway.rollout.plugins.action.metric_gate import _Show, _Tail


def tail(pages: list[bytes | Exception]) -> list[str]:
    seen: list[str] = []

    def read(offset: int) -> bytes:
        page = pages.pop(0)
        if isinstance(page, Exception):
            raise page
        return page[offset:]

    one = _Tail(read, seen.append)
    while pages:
        one.read()
    return seen


def test_each_whole_line_is_handed_on_once() -> None:
    assert tail([b"", b"one\ntw", b"one\ntwo\n", b"one\ntwo\nthree"]) == ["one", "two"]


def test_a_read_that_fails_is_tried_again() -> None:
    assert tail([OSError("gone"), b"one\n", ValueError("odd"), b"one\ntwo\n"]) == ["one", "two"]


def test_what_is_no_text_harms_nobody() -> None:
    assert tail([b"\xff\n"]) == ["\ufffd"]


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("look 1: errors no requests yet", None),
        ("PASS: errors", C.COLOR_OK),
        ("FAIL: errors", C.COLOR_ERROR),
        ("INCONCLUSIVE: errors", C.COLOR_WARN),
        ("THE ROUTE IS NOT BACK", C.COLOR_ERROR),
    ],
)
def test_verdicts_have_colours(text: str, colour: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, str | None]] = []
    show = _Show("shop@eu1")
    monkeypatch.setattr(show._display, "display", lambda line, color=None: shown.append((line, color)))
    show.line(text)
    assert shown == [(f"[shop@eu1] {text}", colour)]
