# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab leaves on the machine beside its units: pods' processes, mounts, network devices, rules, an address.

Everything here is found by something that is ours alone: containerd's own list of tasks, paths below the lab's
folders, the pods' addresses, tables named kube-proxy.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from lab import processes
from lab.config import MACHINE, NODE_ADDRESS, Config

OWNER = MACHINE / "owner"
CGROUPS = Path("/sys/fs/cgroup")
NETNS = Path("/var/run/netns")


def found(config: Config) -> list[str]:
    """A line for each thing that is there; empty when the machine is as it was."""
    lines = [f"process {pid}: {command}" for pid, command in pod_processes()]
    lines += [f"mount {target}" for target in mounts(config)]
    lines += [f"network namespace {path}" for path in namespaces()]
    lines += [f"network device {name}" for name in devices()]
    lines += [f"nftables table {family} {table}" for family, table in tables()]
    lines += [f"address {NODE_ADDRESS}"] if address() else []
    return lines


def clear(config: Config) -> None:
    """Take everything away; the units must have been stopped, containerd too."""
    recorded = namespaces()
    for pid, _command in pod_processes():
        _end(pid)
    for target in mounts(config):
        subprocess.run(("umount", "--lazy", target), capture_output=True, check=False)
    for path in recorded:
        subprocess.run(("umount", "--lazy", str(path)), capture_output=True, check=False)
        path.unlink(missing_ok=True)
    for name in devices():
        subprocess.run(("ip", "link", "delete", name), capture_output=True, check=False)
    for family, table in tables():
        subprocess.run(("nft", "delete", "table", family, table), capture_output=True, check=False)
    if address():
        subprocess.run(("ip", "address", "delete", f"{NODE_ADDRESS}/32", "dev", "lo"), capture_output=True, check=False)
    for folder in sorted(CGROUPS.glob("*/kubepods"), key=lambda path: len(path.parts)):
        _remove_cgroup(folder)
    shutil.rmtree(MACHINE, ignore_errors=True)


def pod_processes() -> list[tuple[int, str]]:
    """Shims of our containerd, and whatever lives in a cgroup of its pods."""
    ours = str(MACHINE / "containerd.sock").encode()
    pids = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            shim = words[0].endswith(b"containerd-shim-runc-v2") and ours in words
            pod = ":/kubepods/" in (entry / "cgroup").read_text()
        except OSError:
            continue
        if (shim or pod) and processes.start_time(int(entry.name)) is not None:
            pids.append((int(entry.name), b" ".join(words).decode(errors="replace")[:80]))
    return sorted(pids)


def mounts(config: Config) -> list[str]:
    """Mounts below the lab's folders, the innermost first."""
    prefixes = tuple(f"{folder}/" for folder in {str(MACHINE), str(config.state), *_former()})
    targets = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [target for target in reversed(targets) if f"{target}/".startswith(prefixes)]


def namespaces() -> list[Path]:
    """Network namespaces of our pods: containerd's CRI names them cni-*, and nobody else here does."""
    return sorted(NETNS.glob("cni-*")) if NETNS.is_dir() else []


def devices() -> list[str]:
    """The hosts' ends of the pods' networks: veth devices with an address of the pods' network."""
    listed = subprocess.run(("ip", "-json", "-4", "address"), capture_output=True, text=True, check=False).stdout
    return [
        link["ifname"]
        for link in json.loads(listed or "[]")
        if link["ifname"].startswith("veth")
        and any(entry.get("local", "").startswith("10.244.") for entry in link.get("addr_info", []))
    ]


def tables() -> list[tuple[str, str]]:
    listed = subprocess.run(("nft", "-j", "list", "tables"), capture_output=True, text=True, check=False).stdout
    entries = [entry["table"] for entry in json.loads(listed or '{"nftables": []}')["nftables"] if "table" in entry]
    return [(table["family"], table["name"]) for table in entries if table["name"] == "kube-proxy"]


def address() -> bool:
    listed = subprocess.run(("ip", "-4", "address", "show", "dev", "lo"), capture_output=True, text=True, check=False)
    return f" {NODE_ADDRESS}/" in listed.stdout


def owner() -> Path | None:
    """The state folder of the lab that uses this machine, if there is one."""
    return Path(OWNER.read_text().strip()) if OWNER.exists() else None


def _former() -> Iterator[str]:
    former = owner()
    if former:
        yield str(former)


def _end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    for dummy in range(100):
        processes.reap(pid)
        if processes.start_time(pid) is None:
            return
        time.sleep(0.02)


def _remove_cgroup(folder: Path) -> None:
    for current, _folders, _files in os.walk(folder, topdown=False):
        try:
            Path(current).rmdir()
        except OSError:
            return  # a process is still on its way out; an empty cgroup hurts nobody
