# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab leaves on the machine beside its units: pods' processes, mounts, network devices, rules, an address.

Everything is found by something that is ours alone, since the machine may have other containers and clusters: the
containers that our containerd has on record, its socket, paths below the lab's folders, the name of our network. What
has no such mark (kube-proxy's tables, the address, kernel settings) counts as ours while this machine is marked as
ours, and the machine is never taken while somebody else has any of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from lab import kernel, processes
from lab.config import MACHINE, NETWORK, NODE_ADDRESS, Config

OWNER = MACHINE / "owner"
CLAIM = "claim.json"  # in the state folder: /run may be emptied by others
CGROUPS = Path("/sys/fs/cgroup")
BUNDLES = MACHINE / "containerd" / "io.containerd.runtime.v2.task" / "k8s.io"
SOCKET = MACHINE / "containerd.sock"
RECORDS = Path("/var/lib/cni/results")  # the network plugins' own, one for each pod and network
LOG_LINKS = Path("/var/log/containers")  # kubelet puts links there, wherever the logs are


def owner() -> Path | None:
    """The state folder of the lab that uses this machine, if there is one."""
    said = OWNER.read_text().strip() if OWNER.exists() else ""
    return Path(said) if said else None


def claim(config: Config) -> None:
    """Mark the machine as ours until it is cleared or starts anew; keep the settings that it has now."""
    MACHINE.mkdir(parents=True, exist_ok=True)
    claimed = {"boot": processes.boot(), "kernel": kernel.read()}
    config.state.mkdir(parents=True, exist_ok=True)
    (config.state / CLAIM).write_text(json.dumps(claimed))
    OWNER.write_text(str(config.state))


def _claimed(state: Path) -> dict[str, str] | None:
    """The settings of before, when the lab with this state took the machine since it was started."""
    try:
        claimed = json.loads((state / CLAIM).read_text())
        return dict(claimed["kernel"]) if claimed["boot"] == processes.boot() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def found(config: Config) -> list[str]:
    """A line for each thing that is there; empty when the machine is as it was."""
    lines = [f"process {pid}: {command}" for pid, command in pod_processes()]
    lines += [f"mount {target}" for target in mounts(config)]
    lines += [f"network device {name}" for name in devices()]
    lines += [f"record {file}" for file in records()]
    lines += [f"link {link}" for link in log_links(config)]
    return lines + unmarked()


def unmarked() -> list[str]:
    """What bears no mark of ours, but which we make."""
    lines = [f"nftables table {family} {table}" for family, table in tables()]
    return lines + ([f"address {NODE_ADDRESS}"] if address() else [])


def clear(config: Config) -> None:
    """Take everything away; the units must have been stopped, containerd too."""
    state = owner() or config.state
    before = _claimed(state)
    ours = owner() is not None or before is not None
    sockets = _shim_sockets()
    _end([pid for pid, _command in pod_processes()])
    for target in mounts(config):
        subprocess.run(("umount", "--lazy", target), capture_output=True, check=False)
    for name in devices():
        subprocess.run(("ip", "link", "delete", name), capture_output=True, check=False)
    for file in (*records(), *log_links(config), *sockets):
        file.unlink(missing_ok=True)
    if ours:
        _clear_unmarked()
        kernel.restore(before or {})
    (state / CLAIM).unlink(missing_ok=True)
    remove(config, MACHINE)


def remove(config: Config, folder: Path) -> None:
    """Delete a folder of the lab, unless something is still mounted there: that may be a folder of somebody else's."""
    if not any(Path(target).is_relative_to(folder) for target in mounts(config)):
        shutil.rmtree(folder, ignore_errors=True)


def _clear_unmarked() -> None:
    for family, table in tables():
        subprocess.run(("nft", "delete", "table", family, table), capture_output=True, check=False)
    if address():
        subprocess.run(("ip", "address", "delete", f"{NODE_ADDRESS}/32", "dev", "lo"), capture_output=True, check=False)
    for folder in (CGROUPS / "kubepods", *CGROUPS.glob("*/kubepods")):
        _remove_cgroup(folder)


def pod_processes() -> list[tuple[int, str]]:
    """Shims of our containerd, what they started, and what lives in a cgroup of one of our containers."""
    containers = {entry.name for entry in BUNDLES.iterdir()} if BUNDLES.is_dir() else set()
    socket = str(SOCKET).encode()
    commands: dict[int, bytes] = {}
    parents: dict[int, int] = {}
    ours = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        pid = int(entry.name)
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            cgroup = (entry / "cgroup").read_text()
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if stat[0] in "ZX":
            continue
        commands[pid], parents[pid] = b" ".join(words), int(stat[1])
        shim = words[0].endswith(b"containerd-shim-runc-v2") and socket in words
        if shim or any(line.rpartition("/")[2] in containers for line in cgroup.splitlines()):
            ours.add(pid)
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return [(pid, commands[pid].decode(errors="replace")[:80]) for pid in sorted(ours)]


def mounts(config: Config) -> list[str]:
    """Mounts below the lab's folders, pods' network namespaces among them, the innermost first."""
    folders = {MACHINE, config.state, owner() or MACHINE}
    targets = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [target for target in reversed(targets) if any(Path(target).is_relative_to(folder) for folder in folders)]


def records() -> list[Path]:
    """What the network plugins remember of our pods. Each has one for our network and one for its loopback."""
    ours = sorted(RECORDS.glob(f"{NETWORK}-*-eth0")) if RECORDS.is_dir() else []
    sandboxes = [file.name.removeprefix(f"{NETWORK}-").removesuffix("-eth0") for file in ours]
    loopbacks = [RECORDS / f"cni-loopback-{sandbox}-lo" for sandbox in sandboxes]
    return [*ours, *(file for file in loopbacks if file.exists())]


def devices() -> list[str]:
    """The hosts' ends of our pods' networks that are still there."""
    names = set()
    for file in records():
        try:
            made = json.loads(file.read_text())["result"]["interfaces"]
        except (OSError, ValueError, KeyError):
            continue  # half written: the device goes with its namespace
        names |= {interface["name"] for interface in made if not interface.get("sandbox")}
    return sorted(name for name in names if Path("/sys/class/net", name).exists())


def log_links(config: Config) -> list[Path]:
    logs = {str(config.logs), str((owner() or config.state) / config.logs.name)}
    links = LOG_LINKS.iterdir() if LOG_LINKS.is_dir() else ()
    return sorted(link for link in links if link.is_symlink() and str(link.readlink()).startswith(tuple(logs)))


def tables() -> list[tuple[str, str]]:
    listed = subprocess.run(("nft", "-j", "list", "tables"), capture_output=True, text=True, check=False).stdout
    entries = [entry["table"] for entry in json.loads(listed or '{"nftables": []}')["nftables"] if "table" in entry]
    return [(table["family"], table["name"]) for table in entries if table["name"] == "kube-proxy"]


def address() -> bool:
    listed = subprocess.run(("ip", "-4", "address", "show", "dev", "lo"), capture_output=True, text=True, check=False)
    return f" {NODE_ADDRESS}/" in listed.stdout


def _shim_sockets() -> list[Path]:
    """Shims that are killed leave their sockets, at places that are not ours to choose."""
    said = [file.read_text() for file in BUNDLES.glob("*/address")] if BUNDLES.is_dir() else []
    return [Path(text.removeprefix("unix://")) for text in said if text.startswith("unix:///run/containerd/s/")]


def _end(pids: Sequence[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while any(processes.start_time(pid) is not None for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)


def _remove_cgroup(folder: Path) -> None:
    """Only what is empty can be removed; a process on its way out keeps its own, which hurts nobody."""
    for current, _folders, _files in os.walk(folder, topdown=False):
        try:
            Path(current).rmdir()
        except OSError:
            continue
