# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands on the stage of each Molecule scenario."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from lab import debian, kube, lifecycle, programs, toolchain
from lab.config import REGISTRY, Config, LabError
from lab.load import ENTRANCES, Entrance
from tests.integration import builds
from tests.integration.release import Release
from tests.integration.slots import Slots

Told = dict[str, Any]  # what playbooks get to know


@dataclass(frozen=True, slots=True)
class Site:
    """Where a stage is built."""

    namespace: str
    api: kube.Api
    images: Mapping[str, str]
    config: Config
    folder: Path


class Stage(Protocol):
    @property
    def entrance(self) -> Entrance:
        """Where users come in."""

    def open(self) -> Told: ...

    def server(self) -> Sequence[str]:
        """A program to run beside it that writes posts.jsonl; nothing where none is needed."""


@dataclass(frozen=True, slots=True)
class Bare:
    """Nothing: the role makes all there is."""

    site: Site

    @property
    def entrance(self) -> Entrance:
        there = ENTRANCES["virtualservice"]
        return Entrance(there.url, f"{self.site.namespace}.{there.host}")

    def open(self) -> Told:
        return {}

    def server(self) -> Sequence[str]:
        return ()


@dataclass(frozen=True, slots=True)
class App(Bare):
    """The demo app with a canary, at rest on `good`."""

    def open(self) -> Told:
        site = self.site
        Release(site.api, site.images, Path(), site.folder, site.namespace).open()
        return {"url": self.entrance.url, "host": self.entrance.host}


@dataclass(frozen=True, slots=True)
class TwoSlots(Bare):
    """The demo app with two slots, blue live on `good`."""

    @property
    def entrance(self) -> Entrance:
        return self._slots().entrance("service")

    def open(self) -> Told:
        self._slots().open()
        return {"url": self.entrance.url, "host": self.entrance.host}

    def _slots(self) -> Slots:
        site = self.site
        return Slots(site.api, site.images, Path(), site.folder, site.namespace)


@dataclass(frozen=True, slots=True)
class Chart(Bare):
    """Helm, built when it is not there yet."""

    def open(self) -> Told:
        helm = programs.ensure(self.site.config, [programs.HELM], lifecycle.pinned())["helm"]
        return {"helm": str(helm), "url": self.entrance.url, "host": self.entrance.host}


@dataclass(frozen=True, slots=True)
class Terraform(Bare):
    """Terraform or OpenTofu, where somebody has put one, and a namespace for its state."""

    def open(self) -> Told:
        found = shutil.which("terraform") or shutil.which("tofu")
        if not found:
            return {"skipped": "neither terraform nor tofu is on PATH, and no package index has them"}
        meta = {"name": self.site.namespace}
        kube.apply(self.site.api, {"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
        return {"terraform": found}


@dataclass(frozen=True, slots=True)
class Build(Bare):
    """A project to build and an engine to build it with."""

    def open(self) -> Told:
        try:
            debian.ensure({"buildah": "buildah"})
        except LabError as error:
            return {"skipped": f"buildah is not here and cannot be installed. {error}"}
        place = self.site.folder / "project"
        shutil.rmtree(place, ignore_errors=True)
        go = toolchain.find(self.site.config, lifecycle.pinned())
        project = builds.Project(place, go.command, self.site.config.cache)
        project.start()
        bench = builds.Bench(self.site.folder, project, f"{REGISTRY}/molecule/image-build")
        return {"name": bench.name, "context": str(place), "environment": bench.storage()}


@dataclass(frozen=True, slots=True)
class Chat(Bare):
    """A chat server that keeps what it is sent."""

    def server(self) -> Sequence[str]:
        return (sys.executable, "-m", "tests.integration.chat_server", str(self.site.folder / "posts.jsonl"))


_OTHERS: Mapping[str, Callable[[Site], Stage]] = {
    "blue_green": TwoSlots,
    "image_build": Build,
    "notify": Chat,
    "provision_helm": Chart,
    "provision_terraform": Terraform,
}


def stage(scenario: str, site: Site) -> Stage:
    return _OTHERS.get(scenario, App)(site)
