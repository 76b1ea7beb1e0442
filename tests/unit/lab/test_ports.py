# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import socket
from pathlib import Path

from lab import ports


def test_a_listener_is_found_and_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = ports.taken([port, 1])
        assert list(found) == [port]
        assert found[port].endswith(f"(pid {os.getpid()})")
    assert ports.taken([port]) == {}


def test_a_holder_out_of_sight_is_told_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text("head\n 0: 0100007F:1388 00000000:0000 0A 0:0 0:0 0 0 0 77 1\n")
    assert ports.taken([5000], tmp_path) == {5000: "a process in another container"}


def test_a_connection_is_no_listener(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp6").write_text("head\n 0: 0100007F:1388 00000000:0000 01 0:0 0:0 0 0 0 77 1\n")
    assert ports.taken([5000], tmp_path) == {}
