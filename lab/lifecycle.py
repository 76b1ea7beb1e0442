# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""up, down and status: the order of things."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab import app, cluster, debian, images, kube, pki, processes, programs, remains, unit, units
from lab.config import MACHINE, NODE_ADDRESS, REGISTRY, Config, LabError


def up(config: Config, *, metrics_server: bool = False) -> None:
    """Bring everything to what is declared; where it is so already, change nothing."""
    began = time.monotonic()
    versions = pinned()
    with _alone(config):
        debian.ensure(versions["debian"])
        built = build(config, metrics_server=metrics_server)
        _claim(config)
        if pki.ensure(config):
            print("lab: made keys and certificates", flush=True)
        _network()
        done = _start(config, built, versions, metrics_server=metrics_server)
        if not config.kubeconfig.exists():
            raise LabError(f"{config.kubeconfig} is missing. 'make lab-down' and 'make lab' begin afresh.")
        references = images.ensure(built["demo_service"], REGISTRY, config.images)
        done += ["the demo app"] if app.ensure(kube.RestApi(config.kubeconfig), references) else []
    print(f"lab: {'ready' if done else 'was ready, nothing changed'} after {time.monotonic() - began:.1f} s")
    if done:
        print(f"lab: export KUBECONFIG={config.kubeconfig}   # and then: kubectl get pods -A")


def build(config: Config, *, metrics_server: bool = False) -> dict[str, Path]:
    """The programs, built where the cache lacks them."""
    versions = pinned()
    wanted = programs.declared(versions) + ((programs.METRICS_SERVER,) if metrics_server else ())
    return programs.ensure(config, wanted, versions)


def _start(config: Config, built: dict[str, Path], versions: dict[str, Any], *, metrics_server: bool) -> list[str]:
    """Start what does not run, each ready before the next needs it, and say what was done."""
    declared = {one.name: one for one in units.declared(config, built)}
    done = _ensure(config, declared, ["etcd", "registry"])
    cluster.push_images(config, built, versions)
    done += _ensure(config, declared, ["containerd", "kube-apiserver"])
    api = kube.RestApi(config.kubeconfig)
    cluster.until(lambda: cluster.namespace_missing(api), 30, time.sleep)
    if cluster.apply(config, api, built, versions):
        done.append("objects")
    done += _ensure(config, declared, [name for name in declared if name not in done])
    if metrics_server:
        extra = units.metrics_server(config, built)
        done += _ensure(config, {extra.name: extra}, [extra.name])
        cluster.apply_metrics_server(api)
        cluster.until(lambda: cluster.not_serving_metrics(api), 90, time.sleep)
    cluster.until(lambda: cluster.node_not_ready(api), 60, time.sleep)
    cluster.until(lambda: cluster.gateway_not_ready(api), 120, time.sleep)
    return done


def _ensure(config: Config, declared: Mapping[str, unit.Unit], names: Sequence[str]) -> list[str]:
    done = []
    for name in names:
        began = time.monotonic()
        if what := unit.ensure(config, declared[name]):
            print(f"lab: {name} {what}, ready after {time.monotonic() - began:.1f} s", flush=True)
            done.append(name)
    return done


def down(config: Config, *, wipe: bool = False) -> int:
    """Stop everything and leave nothing on the machine. The number of things that could not be taken away."""
    with _alone(config):
        names = [file.stem for file in sorted(config.pids.glob("*.json"))] if config.pids.is_dir() else []
        order = ["prometheus", "metrics-server", "istiod", "kubelet", "kube-proxy", "kube-scheduler"]
        order += ["kube-controller-manager", "kube-apiserver"]
        for name in [*(n for n in order if n in names), *(n for n in names if n not in (*order, "containerd", "etcd"))]:
            processes.stop(unit.pid_file(config, name))
        for name in ("containerd", "etcd"):
            processes.stop(unit.pid_file(config, name))
        remains.clear(config)
        if wipe:
            shutil.rmtree(config.state, ignore_errors=True)
        left = remains.found(config)
    print(
        "\n".join(f"lab: still there: {line}" for line in left) or "lab: stopped; nothing of it is left on the machine"
    )
    return len(left)


def reset(config: Config) -> None:
    """The demo app as it was at the start."""
    built = build(config)
    references = images.ensure(built["demo_service"], REGISTRY, config.images)
    app.reset(kube.RestApi(config.kubeconfig), references)


def status(config: Config) -> int:
    """A line per component; the number of those that should run and do not."""
    missing = 0
    versions = pinned()
    built = programs.paths(config, programs.declared(versions), versions)
    print(f"{'unit':<26}{'state':<12}{'since':<10}{'pid':<9}log")
    for one in units.declared(config, built):
        process = processes.running(unit.pid_file(config, one.name))
        state = "down" if process is None else "ready" if one.ready() else "not ready"
        missing += state != "ready"
        since = time.strftime("%H:%M:%S", time.localtime(process.since)) if process else "-"
        pid = str(process.pid) if process else "-"
        print(f"{one.name:<26}{state:<12}{since:<10}{pid:<9}{unit.log_file(config, one.name)}")
    if missing:
        print(f"{missing} down. 'make lab' starts what does not run; it is safe at any time.")
        return missing
    api = kube.RestApi(config.kubeconfig)
    for what in (cluster.node_not_ready(api), cluster.gateway_not_ready(api)):
        if what:
            missing += 1
            print(what)
    print("'make lab' repairs it." if missing else f"All ready. export KUBECONFIG={config.kubeconfig}")
    return missing


def pinned() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "versions.toml").read_text())


def _claim(config: Config) -> None:
    """This checkout's lab takes the machine, unless another's runs on it; what a dead one left is cleared away."""
    owner = remains.owner()
    if owner == config.state:
        return
    if owner is not None:
        other = Config(owner.parents[1], config.cache)
        alive = [file.stem for file in other.pids.glob("*.json") if processes.running(file)]
        if alive:
            raise LabError(
                f"Another lab runs on this machine: {owner.parents[1]} ({', '.join(sorted(alive))}). "
                f"Take it down first: make -C {owner.parents[1]} lab-down"
            )
    remains.clear(config)
    MACHINE.mkdir(parents=True)
    remains.OWNER.write_text(str(config.state))


def _network() -> None:
    if not remains.address():
        subprocess.run(("ip", "address", "add", f"{NODE_ADDRESS}/32", "dev", "lo"), check=True)
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    """One `up` or `down` at a time; the kernel gives the lock back however this process ends."""
    config.state.mkdir(parents=True, exist_ok=True)
    with (config.state.parent / "lab.flock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("lab: another 'up' or 'down' is at work; waiting for it", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
