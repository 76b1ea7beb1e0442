# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each test ended, kept for what counts on it (tools/seed.py); and nothing that one test leaves to the next."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_OUTCOMES: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A test has passed when it was called, and nothing went wrong around it."""
    worse = report.outcome != "passed"
    if worse or (report.when == "call" and report.nodeid not in _OUTCOMES):
        _OUTCOMES[report.nodeid] = report.outcome


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Only where a part of the suite asks for it: a run of a few tests by hand says nothing about the rest."""
    kept = os.environ.get("SLIPWAY_RESULTS")
    if kept and not hasattr(session.config, "workerinput"):  # a worker of several knows its own tests only
        Path(kept).parent.mkdir(parents=True, exist_ok=True)
        Path(kept).write_text(json.dumps(_OUTCOMES, indent=1), encoding="utf-8")


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """The kubernetes library keeps what it has read from a kubeconfig for the next client in the same process."""
    yield
    if library := sys.modules.get("kubernetes.client"):
        library.Configuration.set_default(None)
