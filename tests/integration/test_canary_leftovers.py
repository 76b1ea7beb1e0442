# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier runs have left, and what is said of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.playbook import ROOT
from tests.integration.release import QUICK, Release
from tests.integration.shop import within


def family(pid: int) -> list[int]:
    """A process and all that it has started: a machine that goes down takes the module along with Ansible."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended meanwhile
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


@pytest.mark.slow
def test_a_run_that_was_killed_is_told_and_taken_back_and_then_all_is_as_ever(release: Release) -> None:
    variables = f"{{slipway_namespace: {QUICK['slipway_namespace']}, demo_source: pods}}"
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "playbooks/canary.yml", "-i", "inventories/lab"]
    extra = ["-e", variables, "-e", f"slipway_image={release.image('good-2')}"]
    with release.users() as users:
        run = subprocess.Popen([*command, *extra], cwd=ROOT, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        try:
            within(60, lambda: release.weights()[1] > 0)
        finally:
            for pid in family(run.pid):
                os.kill(pid, signal.SIGKILL)
            run.wait()
        status = release.play("status", QUICK)
        back = release.play("rollback", QUICK)
        twice = release.play("rollback", QUICK)
        rest = release.play("status", QUICK)
    assert "continual-transformer:good-2" in status.said
    assert back.code == 0, back.said
    assert (twice.code, twice.changed) == (0, 0), twice.said
    assert "did not come to its end and is taken back" in back.line("Why")
    assert "Nothing is out that could be taken back" in twice.said
    assert "100 %, 3 pods" in rest.said
    assert users.failed == 0
    assert (release.pods("canary"), release.weights()) == (0, [100, 0])
    assert release.live("main") == release.images["good"]


@pytest.mark.slow
def test_a_promotion_that_was_killed_at_its_end_is_finished_by_the_same_command(release: Release) -> None:
    release.give("canary", "good-2", 3)
    release.set_weights(0, 100)
    release.give("main", "good-2", 3)
    with release.users() as users:
        run = release.roll("good-2")
    assert run.code == 0, run.said
    assert users.failed == 0
    assert (release.pods("canary"), release.weights()) == (0, [100, 0])
    assert release.live("main") == release.images["good-2"]


def test_a_canary_with_pods_but_without_users_is_told_too(release: Release) -> None:
    release.give("canary", "good-2", 1)
    before = release.versions()
    run = release.roll("good-2")
    assert run.code == 2
    assert "a canary is out already: Deployment continual-transformer-canary has 1 pod" in run.line("Why")
    assert release.versions() == before
