# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which log is read, and what becomes of it."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.workload.cause import Cause
from ansible_collections.slipway.rollout.plugins.module_utils.workload.logs import no_log, read_log

from tests.unit.store import Store, status

PATH = "/api/v1/namespaces/production/pods/a/log?container=app&tailLines=2&limitBytes=4000"
PREVIOUS = f"{PATH}&previous=true"
CRASH = Cause("crash", "Crash.", pod="a", container="app", logs="previous")


def test_the_former_life_is_asked_first_and_the_present_one_when_there_is_none() -> None:
    store = Store(raw={PREVIOUS: (200, b"one\ntwo\nthree\n")})
    log = read_log(store.cluster(), "production", [Cause("deadline", "Late."), CRASH], 2)
    assert log.as_dict() == {"pod": "a", "container": "app", "previous": True, "lines": ["two", "three"]}
    store = Store(raw={PREVIOUS: status(400, "no previous"), PATH: (200, b"now \xff" + b"x" * 900)})
    log = read_log(store.cluster(), "production", [CRASH], 2)
    assert (log.previous, len(log.lines[0])) == (False, 500)


def test_no_log_is_no_error() -> None:
    store = Store(raw={PREVIOUS: (200, b""), PATH: status(403, "no")})
    assert read_log(store.cluster(), "production", [CRASH], 2) == no_log()
    assert read_log(store.cluster(), "production", [Cause("paused", "Paused.")], 2).as_dict() == {}
    assert read_log(store.cluster(), "production", [CRASH], 0) == no_log()
