# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Go programs of the lab: built once for each version, kept in the cache folder."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import toolchain
from lab.config import Config, LabError
from lab.locks import locked
from lab.toolchain import Go


@dataclass(frozen=True, slots=True)
class Program:
    """A Go module in `folder` that makes `binaries`. `seconds` is what a build takes on two cores, for the estimate."""

    name: str
    folder: str
    packages: tuple[str, ...]
    seconds: int
    ldflags: str = ""
    tags: str = ""

    @property
    def binaries(self) -> tuple[str, ...]:
        """As Go names them: by the last part of the package's path."""
        return tuple(self.name if package == "." else package.rsplit("/", 1)[-1] for package in self.packages)


def declared(versions: dict[str, Any]) -> tuple[Program, ...]:
    """What `up` builds, the longest first."""
    kubernetes = versions["kubernetes"]
    major, minor = kubernetes.split(".")[:2]
    stamp = "k8s.io/component-base/version"
    return (
        Program(
            "kubernetes",
            "lab/go/kubernetes",
            tuple(
                f"k8s.io/kubernetes/cmd/{name}"
                for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")
            ),
            320,
            # Without these its version reads v0.0.0.
            ldflags=f"-X {stamp}.gitVersion=v{kubernetes} -X {stamp}.gitMajor={major} -X {stamp}.gitMinor={minor}",
        ),
        Program("istiod", "lab/go/istiod", ("istio.io/istio/pilot/cmd/pilot-discovery",), 240),
        Program(
            "prometheus",
            "lab/go/prometheus",
            ("github.com/prometheus/prometheus/cmd/prometheus",),
            145,
            tags="netgo,remove_all_sd,enable_kubernetes_sd,enable_file_sd",
        ),
        Program("coredns", "lab/go/coredns", ("github.com/coredns/coredns",), 105),
        Program("registry", "lab/go/registry", ("github.com/distribution/distribution/v3/cmd/registry",), 60),
        Program("demo_service", "lab/demo_service", (".",), 6),
        Program("load", "lab/go/load", (".",), 4),
    )


METRICS_SERVER = Program(
    "metrics-server", "lab/go/metrics-server", ("sigs.k8s.io/metrics-server/cmd/metrics-server",), 120
)
# What the chart is checked and installed with.
HELM = Program(
    "helm",
    "lab/go/helm",
    (
        "helm.sh/helm/v4/cmd/helm",
        "github.com/helm-unittest/helm-unittest/cmd/helm-unittest",
        "github.com/yannh/kubeconform/cmd/kubeconform",
    ),
    150,
)


def ensure(config: Config, programs: Sequence[Program], versions: dict[str, Any]) -> dict[str, Path]:
    """Build what the cache lacks, a line per program, and return binary name -> path."""
    if _missing(config, programs):
        config.cache.mkdir(parents=True, exist_ok=True)
        with locked(config.cache / "build.flock", "lab: another build is at work; waiting for it"):
            _make(config, _missing(config, programs), toolchain.find(config, versions))
    return paths(config, programs)


def paths(config: Config, programs: Sequence[Program]) -> dict[str, Path]:
    """Binary name -> where it is, or will be once it is built."""
    return {binary: _place(config, program) / binary for program in programs for binary in program.binaries}


def _missing(config: Config, programs: Sequence[Program]) -> list[Program]:
    return [program for program in programs if not _place(config, program).exists()]


def _make(config: Config, missing: Sequence[Program], go: Go) -> None:
    if not missing:
        return
    for abandoned in (config.cache / "bin").glob("*.making"):
        shutil.rmtree(abandoned)
    names = ", ".join(program.name for program in missing)
    total = sum(program.seconds for program in missing)
    print(f"lab: to build, once, about {spell(total)} on two cores: {names}", flush=True)
    _refuse_small_disk(config, total)
    # Compiling keeps both cores busy by itself; only the downloads of what comes next run beside it.
    threading.Thread(target=_download, args=(config, missing[1:], go), daemon=True).start()
    began = time.monotonic()
    done = 0
    for number, program in enumerate(missing, 1):
        started = time.monotonic()
        _build(config, program, go)
        done += program.seconds
        now = time.monotonic()
        left = f", about {spell(remaining(done, total, now - began))} left" if done < total else ""
        print(f"lab: built {program.name} ({number} of {len(missing)}) in {spell(now - started)}{left}", flush=True)


def remaining(done: int, total: int, took: float) -> float:
    """Seconds left, when so many of the expected seconds are done and took so long on this machine."""
    return (total - done) * took / done


def _refuse_small_disk(config: Config, seconds: int) -> None:
    """Go's caches grow by about 15 MB for each second of building."""
    needed, free = seconds * 15 / 1000, shutil.disk_usage(config.cache).free / 1e9
    if free < needed:
        raise LabError(
            f"{config.cache} has {free:.1f} GB free; the build needs about {needed:.1f}. "
            "Name a larger place: SLIPWAY_CACHE=/path make lab"
        )


def _build(config: Config, program: Program, go: Go) -> None:
    place = _place(config, program)
    making = place.with_suffix(".making")
    making.mkdir(parents=True)
    tags = ("-tags", program.tags) if program.tags else ()
    flags = ("-trimpath", "-ldflags", f"-s -w {program.ldflags}".strip(), *tags)
    # A file where the package is the module itself, whose name Go would take otherwise.
    out = str(making / program.name) if program.packages == (".",) else f"{making}/"
    done = go.run(config.root / program.folder, "build", *flags, "-o", out, *program.packages)
    if done.returncode:
        raise LabError(f"Building {program.name} in {program.folder} failed:\n{done.stderr[-2000:]}")
    making.rename(place)


def _download(config: Config, programs: Sequence[Program], go: Go) -> None:
    for program in programs:  # a failure shows itself, with its message, when the build asks again
        tags = ("-tags", program.tags) if program.tags else ()
        go.run(config.root / program.folder, "list", "-deps", *tags, *program.packages)


def _place(config: Config, program: Program) -> Path:
    """The folder of the binaries, named by what they are made of."""
    content = hashlib.sha256(f"{program.packages} {program.ldflags} {program.tags}".encode())
    folder = config.root / program.folder
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix in {".go", ".mod", ".sum"} and not file.name.endswith("_test.go"):
            content.update(str(file.relative_to(folder)).encode() + file.read_bytes())
    return config.cache / "bin" / f"{program.name}-{content.hexdigest()[:12]}"


def module_folder(config: Config, program: str, module: str, versions: dict[str, Any]) -> Path:
    """Where the source of a module that a program is built from lies: manifests come from there."""
    folder = config.root / "lab" / "go" / program
    done = toolchain.find(config, versions).run(folder, "mod", "download", "-json", module)
    if done.returncode:
        raise LabError(f"The source of {module} is not to be had:\n{done.stderr[-500:] or done.stdout[-500:]}")
    return Path(json.loads(done.stdout)["Dir"])


def spell(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60:02d} s" if whole >= 60 else f"{whole} s"
