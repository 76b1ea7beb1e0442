# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine is like, read by other means than the lab's own: what is compared here need not be known there."""

from __future__ import annotations

import subprocess
from pathlib import Path

PROGRAMS = (
    "containerd",
    "containerd-shim",
    "coredns",
    "demo_service",
    "envoy",
    "etcd",
    "kubelet",
    "kube-apiserver",
    "kube-controller",
    "kube-proxy",
    "kube-scheduler",
    "metrics-server",
    "pause",
    "pilot-discovery",
    "prometheus",
    "registry",
    "runc",
)
SETTINGS = ("net/ipv4/ip_forward", "kernel/panic", "kernel/panic_on_oops", "vm/overcommit_memory", "vm/panic_on_oom")
FOLDERS = ("/run", "/run/netns", "/run/containerd/s", "/var/lib/cni/results", "/var/log/containers", "/var/log/pods")


def machine() -> dict[str, list[str]]:
    return {
        "processes": sorted(_processes()),
        "mounts": sorted(line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()),
        "devices": _said("ip", "-brief", "link"),
        "addresses": _said("ip", "-brief", "address"),
        "routes": _said("ip", "route", "show", "table", "all"),
        "rules": _said("nft", "list", "ruleset"),
        "settings": [(Path("/proc/sys") / name).read_text() for name in SETTINGS],
        "cgroups": sorted(str(folder) for folder in Path("/sys/fs/cgroup").glob("**/kubepods*")),
        "files": sorted(str(file) for folder in FOLDERS if Path(folder).is_dir() for file in Path(folder).iterdir()),
    }


def _processes() -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            name = (entry / "comm").read_text().strip()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state in "ZX":  # ended; process 1 takes its exit status when it gets round to it
            continue
        if name in PROGRAMS or any(name == program[:15] for program in PROGRAMS):
            found.append(f"{entry.name} {name}")
    return found


def _said(*command: str) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
