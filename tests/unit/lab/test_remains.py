# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from lab import remains
from lab.config import Config

OURS = "slipway-lab-abc123-eth0"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing of ours, and a pod of somebody else's."""
    for name, place in {"RECORDS": "records", "LOG_LINKS": "links", "BUNDLES": "bundles"}.items():
        (tmp_path / place).mkdir()
        monkeypatch.setattr(remains, name, tmp_path / place)
    monkeypatch.setattr(remains, "OWNER", tmp_path / "owner")
    monkeypatch.setattr(remains, "SOCKET", tmp_path / "socket")
    (tmp_path / "records" / "podman-def456-eth0").write_text("{}")
    (tmp_path / "records" / "cni-loopback-def456-lo").write_text("{}")
    return tmp_path


def test_records_of_other_engines_are_not_ours(machine: Path) -> None:
    assert remains.records() == []
    (machine / "records" / OURS).write_text("{}")
    (machine / "records" / "cni-loopback-abc123-lo").write_text("{}")
    assert [file.name for file in remains.records()] == [OURS, "cni-loopback-abc123-lo"]


@pytest.mark.parametrize("content", ["", "{", "{}"])
def test_a_half_written_record_names_no_device(machine: Path, content: str) -> None:
    (machine / "records" / OURS).write_text(content)
    assert remains.devices() == []


def test_a_device_that_a_record_names_is_ours_while_it_is_there(machine: Path) -> None:
    made = [{"name": "lo"}, {"name": "veth-long-gone"}, {"name": "eth0", "sandbox": "/run/x"}]
    (machine / "records" / OURS).write_text(json.dumps({"result": {"interfaces": made}}))
    assert remains.devices() == ["lo"]  # any machine has that one


def test_links_to_logs_of_ours_alone(machine: Path) -> None:
    config = Config(machine / "checkout", machine)
    (machine / "links" / "ours").symlink_to(config.logs / "pods" / "x" / "0.log")
    (machine / "links" / "others").symlink_to("/var/log/pods/x/0.log")
    assert [link.name for link in remains.log_links(config)] == ["ours"]


@pytest.mark.parametrize(("said", "expected"), [("/x/build/lab\n", Path("/x/build/lab")), ("", None), (None, None)])
def test_owner(machine: Path, said: str | None, expected: Path | None) -> None:
    if said is not None:
        (machine / "owner").write_text(said)
    assert remains.owner() == expected


def test_a_process_is_ours_by_our_socket_and_so_is_what_it_started(machine: Path) -> None:
    assert remains.pod_processes() == []
    command = ("/bin/containerd-shim-runc-v2", "-c", "sleep 60 & echo $!; wait", "-address", str(machine / "socket"))
    with subprocess.Popen(command, executable="/bin/sh", stdout=subprocess.PIPE) as started:
        assert started.stdout
        child = int(started.stdout.readline())
        found = [pid for pid, _command in remains.pod_processes()]
        remains._end(found)
    assert found == sorted([started.pid, child])


def test_a_claim_holds_without_the_mark_in_run_but_not_after_a_reboot(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remains, "MACHINE", machine / "run")
    cleared: list[str] = []
    monkeypatch.setattr(remains, "_clear_unmarked", lambda: cleared.append("unmarked"))
    monkeypatch.setattr(remains.kernel, "restore", lambda before: cleared.append(f"{len(before)} settings"))
    config = Config(machine / "checkout", machine)

    remains.clear(config)
    assert cleared == []

    remains.claim(config)
    assert remains.owner() == config.state
    remains.OWNER.unlink()
    remains.clear(config)
    assert cleared == ["unmarked", f"{len(remains.kernel.SETTINGS)} settings"]
    assert not (machine / "run").exists()

    cleared.clear()
    remains.claim(config)
    remains.OWNER.unlink()
    monkeypatch.setattr(remains.processes, "boot", lambda: "another")
    remains.clear(config)
    assert cleared == []


def test_a_folder_with_something_mounted_in_it_is_not_deleted(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(machine / "checkout", machine)
    volume = config.state / "kubelet" / "pods" / "x" / "volume"
    volume.mkdir(parents=True)
    monkeypatch.setattr(remains, "mounts", lambda _config: [str(volume)])
    remains.remove(config, config.state / "kubelet")
    assert volume.exists()
    monkeypatch.setattr(remains, "mounts", lambda _config: [])
    remains.remove(config, config.state / "kubelet")
    assert not (config.state / "kubelet").exists()
