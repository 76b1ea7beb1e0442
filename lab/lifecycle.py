# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""up, down, build and reset: the order of things."""

from __future__ import annotations

import subprocess
import time
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from lab import app, cluster, debian, facts, images, kernel, kube, pki, processes, programs, remains, unit, units
from lab.config import GATEWAY_PORTS, LOCK, NODE_ADDRESS, REGISTRY, Config, LabError
from lab.locks import locked

# Stopped in this order: kubelet before containerd, so that nothing restarts a pod; the store last.
LAST = ("kubelet", "kube-apiserver", "containerd", "etcd")
EXPENDABLE = ("etcd", "kubelet", "containerd", "addresses")  # folders whose content `up` can make again


def up(config: Config, *, metrics_server: bool = False) -> None:
    """Bring everything to what is declared; where it is so already, change nothing."""
    began = time.monotonic()
    versions = pinned()
    metrics_server = metrics_server or unit.pid_file(config, "metrics-server").exists()  # asked for before
    debian.needs_root()
    with _alone():
        debian.ensure(versions["debian"])
        built = build(config, metrics_server=metrics_server)
        _claim(config)
        _keys(config)
        try:
            done = _start(config, built, versions, metrics_server=metrics_server)
        except unit.EndedAtStartError as error:
            if error.unit not in ("etcd", "containerd"):
                raise
            _afresh(config, f"{error}\nlab: {error.unit}'s data is damaged, as after a power cut")
            _claim(config)
            done = _start(config, built, versions, metrics_server=metrics_server)
        references = images.ensure(built["demo_service"], REGISTRY, config.images)
        api = kube.RestApi(config.kubeconfig)
        done += ["the demo app"] if app.ensure(api, references) else []
        facts.until(lambda: facts.pods_silent(api), 60)
    print(f"lab: {'ready' if done else 'was ready, nothing changed'} after {time.monotonic() - began:.1f} s")
    if done:
        print(f"lab: export KUBECONFIG={config.kubeconfig}   # and then: kubectl get pods -A")


def build(config: Config, *, metrics_server: bool = False, only: Sequence[str] = ()) -> dict[str, Path]:
    """The programs, or `only` some by name, built where the cache lacks them."""
    versions = pinned()
    wanted = programs.declared(versions) + ((programs.METRICS_SERVER,) if metrics_server else ())
    return programs.ensure(config, [one for one in wanted if not only or one.name in only], versions)


def down(config: Config, *, wipe: bool = False) -> int:
    """Stop everything and leave nothing on the machine. The number of things that could not be taken away."""
    debian.needs_root()
    with _alone():
        _stop(config)
        other = _other(config)
        if other is None:
            remains.clear(config)
        if wipe:
            remains.remove(config, config.state)
        left = [] if other else remains.found(config)
    if other:
        print(f"lab: stopped. The lab of {other} stays; to stop that too: make -C {other} lab-down")
    else:
        lines = [f"lab: still there: {line}" for line in left]
        print("\n".join(lines) or "lab: stopped; nothing of it is left on the machine")
    return len(left)


def reset(config: Config) -> None:
    """The demo app as it was at the start."""
    built = build(config, only=("demo_service",))
    references = images.ensure(built["demo_service"], REGISTRY, config.images)
    app.reset(kube.RestApi(config.kubeconfig), references)


def pinned() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "versions.toml").read_text())


def _start(config: Config, built: dict[str, Path], versions: dict[str, Any], *, metrics_server: bool) -> list[str]:
    """Start what does not run, each ready before the next needs it, and say what was done."""
    if not remains.address():
        subprocess.run(("ip", "address", "add", f"{NODE_ADDRESS}/32", "dev", "lo"), check=True)
    kernel.forward()
    declared = {one.name: one for one in units.declared(config, built)}
    done = _ensure(config, declared, ["etcd", "registry"])
    cluster.push_images(config, built, versions)
    done += _ensure(config, declared, ["containerd", "kube-apiserver"])
    api = kube.RestApi(config.kubeconfig)
    facts.until(lambda: facts.namespace_missing(api), 30)
    if cluster.apply(config, api, built, versions):
        done.append("objects")
    done += _ensure(config, declared, [name for name in declared if name not in done])
    if metrics_server:
        extra = units.metrics_server(config, built)
        done += ["the metrics API"] if cluster.apply_metrics_server(api) else []  # its permissions before itself
        done += _ensure(config, {extra.name: extra}, [extra.name])
        facts.until(lambda: facts.metrics_not_served(api), 90)
    else:
        done += ["no metrics API"] if cluster.remove_metrics_api(api) else []
    facts.until(lambda: facts.node_not_ready(api), 60)
    facts.until(lambda: facts.dns_not_ready(api), 120)
    facts.until(lambda: facts.gateway_not_ready(api), 120)
    return done


def _ensure(config: Config, declared: Mapping[str, unit.Unit], names: Sequence[str]) -> list[str]:
    done = []
    for name in names:
        began = time.monotonic()
        if what := unit.ensure(config, declared[name]):
            print(f"lab: {name} {what}, ready after {time.monotonic() - began:.1f} s", flush=True)
            done.append(name)
    return done


def _stop(config: Config) -> None:
    # By name, with or without a pid file: whoever deletes build/ has not stopped what it belongs to.
    names = {one.name for one in units.everything(config)} - set(LAST)
    with ThreadPoolExecutor() as together:
        list(together.map(lambda name: processes.stop(unit.pid_file(config, name)), names))
    for name in LAST:
        # The API server would wait for its watchers to go; it has no data of its own to lose.
        processes.stop(unit.pid_file(config, name), patience=1.0 if name == "kube-apiserver" else 10.0)


def _other(config: Config) -> Path | None:
    """The checkout, not this one, whose lab runs on this machine."""
    owner = remains.owner()
    if owner in (None, config.state):
        return None
    other = Config(owner.parents[1], config.cache)
    alive = any(processes.running(file) for file in other.pids.glob("*.json"))
    return other.root if alive else None


def _claim(config: Config) -> None:
    """This checkout's lab takes the machine, unless another cluster is on it; what a dead one left is cleared away."""
    if remains.owner() == config.state:
        return
    if other := _other(config):
        raise LabError(f"Another lab runs on this machine: {other}. Take it down first: make -C {other} lab-down")
    _stop(config)  # parts of ours may run although the machine's mark is lost
    remains.clear(config)
    if foreign := remains.unmarked():
        raise LabError(
            f"This machine has {' and '.join(foreign)}, which some other Kubernetes made. The lab would break it. "
            f"{debian.INSTEAD}"
        )
    unit.refuse_taken("The gateway", GATEWAY_PORTS)
    remains.claim(config)


def _keys(config: Config) -> None:
    """Keys and certificates. What was signed with former ones, tokens of pods among it, goes with them."""
    if pki.whole(config):
        return
    why = "lab: keys or certificates are missing or changed" if (config.state / "etcd").exists() else ""
    _afresh(config, why)
    _claim(config)
    pki.make(config)
    print("lab: made keys and certificates", flush=True)


def _afresh(config: Config, why: str) -> None:
    """Everything stopped, the cluster's own data away: all that the lab declares comes again by itself."""
    if why:
        print(f"{why}; beginning afresh", flush=True)
    _stop(config)
    remains.clear(config)
    for name in EXPENDABLE:
        remains.remove(config, config.state / name)


def _alone() -> AbstractContextManager[None]:
    return locked(LOCK, "lab: another 'up' or 'down' is at work; waiting for it")
