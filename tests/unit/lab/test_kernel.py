# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

from lab import kernel


def tree(folder: Path, value: str) -> None:
    for name in kernel.SETTINGS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(value + "\n")


def test_settings_come_back_as_they_were(tmp_path: Path) -> None:
    tree(tmp_path, "0")
    before = kernel.read(tmp_path)
    tree(tmp_path, "1")
    kernel.restore(before, tmp_path)
    assert set(kernel.read(tmp_path).values()) == {"0"}


def test_what_was_not_recorded_is_not_touched(tmp_path: Path) -> None:
    tree(tmp_path, "1")
    kernel.restore({}, tmp_path)
    assert set(kernel.read(tmp_path).values()) == {"1"}


def test_forwarding_is_switched_on(tmp_path: Path) -> None:
    tree(tmp_path, "0")
    kernel.forward(tmp_path)
    assert (tmp_path / "net/ipv4/ip_forward").read_text() == "1"
