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
    kernel.record(tmp_path / "record", tmp_path)
    tree(tmp_path, "1")
    kernel.restore(tmp_path / "record", tmp_path)
    assert {(tmp_path / name).read_text() for name in kernel.SETTINGS} == {"0"}


def test_without_a_record_nothing_is_touched(tmp_path: Path) -> None:
    tree(tmp_path, "1")
    (tmp_path / "half").write_text('{"net/')
    for record in ("none", "half"):
        kernel.restore(tmp_path / record, tmp_path)
    assert (tmp_path / kernel.SETTINGS[0]).read_text() == "1\n"


def test_forwarding_is_switched_on(tmp_path: Path) -> None:
    tree(tmp_path, "0")
    kernel.forward(tmp_path)
    assert (tmp_path / "net/ipv4/ip_forward").read_text() == "1"
