# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may have the machine. The rest of the lifecycle is tested on the real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import lifecycle, processes, remains, unit
from lab.config import Config, LabError


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been done to the machine, which has no lab."""
    said: list[str] = []
    monkeypatch.setattr(remains, "OWNER", tmp_path / "owner")
    monkeypatch.setattr(remains, "unmarked", list)
    monkeypatch.setattr(remains, "clear", lambda _config: said.append("clear"))
    monkeypatch.setattr(remains, "claim", lambda _config: said.append("claim"))
    monkeypatch.setattr(unit.ports, "taken", lambda _ports: {})
    monkeypatch.setattr(unit, "FREED", 0.0)
    return said


@pytest.fixture
def ours(tmp_path: Path) -> Config:
    return Config(tmp_path / "ours", tmp_path / "cache")


@pytest.fixture
def theirs(tmp_path: Path, done: list[str]) -> Iterator[Config]:
    """Another checkout, whose lab runs."""
    config = Config(tmp_path / "theirs", tmp_path / "cache")
    file = unit.pid_file(config, "etcd")
    processes.start(("sleep", "60"), file, config.logs / "etcd.log", "f")
    remains.OWNER.write_text(str(config.state))
    yield config
    processes.stop(file)


def test_a_free_machine_is_taken(ours: Config, done: list[str]) -> None:
    lifecycle._claim(ours)
    assert done == ["clear", "claim"]


def test_a_machine_that_is_ours_is_left_as_it_is(ours: Config, done: list[str]) -> None:
    remains.OWNER.write_text(str(ours.state))
    lifecycle._claim(ours)
    assert done == []


def test_another_checkouts_running_lab_is_named_with_what_ends_it(
    ours: Config, theirs: Config, done: list[str]
) -> None:
    with pytest.raises(LabError, match=f"Another lab runs on this machine: {theirs.root}.* make -C {theirs.root} lab-"):
        lifecycle._claim(ours)
    assert done == []


def test_another_checkouts_dead_lab_is_cleared_away(ours: Config, theirs: Config, done: list[str]) -> None:
    processes.stop(unit.pid_file(theirs, "etcd"))
    lifecycle._claim(ours)
    assert done == ["clear", "claim"]


def test_another_kubernetes_is_not_touched(ours: Config, done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remains, "unmarked", lambda: ["nftables table ip kube-proxy"])
    with pytest.raises(LabError, match="nftables table ip kube-proxy, which some other Kubernetes made"):
        lifecycle._claim(ours)
    assert "claim" not in done


def test_a_gateway_port_that_is_held_is_told(ours: Config, done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit.ports, "taken", lambda _ports: {8088: "java (pid 7)"})
    with pytest.raises(LabError, match=r"The gateway cannot start: port 8088 is held by java \(pid 7\)"):
        lifecycle._claim(ours)
    assert "claim" not in done


def test_stopping_takes_the_store_last(ours: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(processes, "stop", lambda file, patience=10.0: stopped.append(file.stem))
    lifecycle._stop(ours)
    assert stopped[-4:] == ["kubelet", "kube-apiserver", "containerd", "etcd"]
    assert {"prometheus", "istiod", "metrics-server", "registry", "kube-proxy"} < set(stopped)


def test_keys_made_anew_take_the_store_along(
    ours: Config, done: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lifecycle.pki, "whole", lambda _config: False)
    monkeypatch.setattr(lifecycle.pki, "make", lambda _config: done.append("keys"))
    lifecycle._keys(ours)
    assert "beginning afresh" not in capsys.readouterr().out
    (ours.state / "etcd").mkdir(parents=True)
    done.clear()
    lifecycle._keys(ours)
    assert done == ["clear", "clear", "claim", "keys"]
    assert not (ours.state / "etcd").exists()
    assert "keys or certificates are missing or changed; beginning afresh" in capsys.readouterr().out
