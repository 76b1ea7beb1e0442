# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Molecule scenario plays on: `python -m tests.integration.scene open|users|felt|close SCENARIO`.

`open` leaves in build/molecule/SCENARIO/scene.json what playbooks need to know of it: how to reach it, or under
`skipped` why it cannot be played on this machine.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import kube, lifecycle, load
from lab.config import Config, LabError
from tests.integration.shop import within
from tests.integration.stages import Site, Stage, stage

COMMANDS = ("open", "users", "felt", "close")
RATE = 50  # of users' requests a second
LATELY = 25  # requests
LONGEST = "30m"  # for which users stay if nobody sends them away


@dataclass(frozen=True, slots=True)
class Scene:
    """A scenario's namespace, its folder in build/, and what runs in the background for it."""

    name: str
    config: Config

    @property
    def namespace(self) -> str:
        return f"molecule-{self.name.replace('_', '-')}"

    @property
    def folder(self) -> Path:
        return self.config.root / "build" / "molecule" / self.name

    @property
    def requests(self) -> Path:
        return self.folder / "users.jsonl"

    def open(self) -> None:
        self._end_all()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        built = self._stage()
        (self.folder / "scene.json").write_text(json.dumps(built.open(), indent=2))
        if command := built.server():
            self._start(command, self.folder / "posts.jsonl")

    def users(self) -> None:
        """Requests in the background, from the first answer on."""
        work = load.Load(self._stage().entrance, RATE, LONGEST)
        program = lifecycle.build(self.config, only=("load",))["load"]
        self._start(work.command(program, str(self.requests)), self.requests)

    def felt(self) -> dict[str, Any]:
        """What users have felt until now, by the release that answered; and which did for the last of them."""
        results = list(load.read(self.requests))
        last = results[-LATELY:]
        return {
            "failed": Counter(_answered(result) for result in results if result.failed),
            "lately": sorted({_answered(result) for result in last}),
            "ago": round(time.time() - last[-1].t, 1),
        }

    def close(self) -> None:
        """Away with all that the scenario has made but its folder, for whoever looks into a failure."""
        self._end_all()
        where = f"/api/v1/namespaces/{self.namespace}"
        api = self._api()
        kube.delete(api, where)
        within(180, lambda: kube.find(api, where) is None)

    def _end_all(self) -> None:
        for note in self.folder.glob("*.pid"):
            _end(note)

    def _stage(self) -> Stage:
        images = json.loads(self.config.images.read_text())
        return stage(self.name, Site(self.namespace, self._api(), images, self.config, self.folder))

    def _api(self) -> kube.RestApi:
        if not self.config.kubeconfig.exists():
            raise LabError("There is no lab. Type: make lab")
        return kube.RestApi(self.config.kubeconfig)

    def _start(self, command: Sequence[str], sign: Path) -> None:
        """In the background, until `close`; returns when it has written its first sign of life."""
        sign.unlink(missing_ok=True)
        quiet = subprocess.DEVNULL
        started = subprocess.Popen(
            command, cwd=self.config.root, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
        (self.folder / f"{sign.stem}.pid").write_text(f"{started.pid} {_born(started.pid)}")
        within(30, lambda: sign.exists() and sign.stat().st_size)


def _answered(result: load.Result) -> str:
    return result.release or "none"


def _end(note: Path) -> None:
    """The process that was noted, and no other that has its number by now."""
    pid, born = note.read_text().split()
    if _born(int(pid)) == born:
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGTERM)
        within(30, lambda: _born(int(pid)) != born)
    note.unlink()


def _born(pid: int) -> str:
    """When a process began, in ticks since the machine did, "" for none: field 22 of proc_pid_stat(5)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2 or arguments[0] not in COMMANDS:
        print(f"usage: python -m tests.integration.scene {'|'.join(COMMANDS)} SCENARIO", file=sys.stderr)
        return 2
    scene = Scene(arguments[1], Config.here())
    try:
        answer = getattr(scene, arguments[0])()
    except (AssertionError, LabError) as error:
        print(f"scene: {error}", file=sys.stderr)
        return 1
    if answer is not None:
        print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
