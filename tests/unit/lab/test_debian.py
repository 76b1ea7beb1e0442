# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from lab import debian
from lab.config import LabError

LACKING = {"no-such-command": "b-package", "/no/such/file": "a-package", "sh": "dash"}


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that would have run, each with whether services were held back."""
    said: list[str] = []

    def run(command: tuple[str, ...], environment: Mapping[str, str]) -> None:
        said.append(f"{' '.join(command)} | {debian.POLICY.exists()}")

    monkeypatch.setattr(debian, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(debian, "_run", run)
    monkeypatch.setattr(debian.shutil, "which", lambda name, path="": name if name in ("sh", "apt-get") else None)
    return said


def test_what_is_missing_is_named_and_installed_without_starting_services(
    ran: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert debian.ensure(LACKING) == ["a-package", "b-package"]
    assert "installing the Debian packages a-package b-package" in capsys.readouterr().out
    assert ran[-1].endswith("a-package b-package | True")
    assert not debian.POLICY.exists()


def test_where_nothing_is_missing_nothing_runs(ran: list[str]) -> None:
    assert debian.ensure({"sh": "dash"}) == []
    assert ran == []


def test_somebody_elses_policy_stays(ran: list[str]) -> None:
    debian.POLICY.write_text("#!/bin/sh\nexit 0\n")
    debian.ensure(LACKING)
    assert debian.POLICY.read_text() == "#!/bin/sh\nexit 0\n"


def test_a_policy_that_a_killed_run_left_goes(ran: list[str]) -> None:
    debian.POLICY.write_text(debian.OURS)
    debian.ensure(LACKING)
    assert not debian.POLICY.exists()


def test_elsewhere_the_way_without_a_lab_is_told(ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian.shutil, "which", lambda name, path="": None)
    with pytest.raises(LabError, match=r"needs a-package, b-package, dash, .* on Debian only.*KUBECONFIG=.* make demo"):
        debian.ensure(LACKING)


def test_without_root_the_way_without_a_lab_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian.os, "geteuid", lambda: 1000)
    with pytest.raises(LabError, match=r"needs root: .*KUBECONFIG=.* make demo"):
        debian.needs_root()
