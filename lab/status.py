# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs, since when, where its log is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from lab import app, facts, kube, processes, remains, unit, units
from lab.config import Config
from lab.load import ENTRANCES


@dataclass(frozen=True, slots=True)
class Row:
    """A part, what it is like, and where to look. `well` is what decides the exit code."""

    part: str
    state: str
    since: str
    pid: str
    where: str

    @property
    def well(self) -> bool:
        return self.state == "ready"


def show(config: Config) -> int:
    """Print the table and what to type next; the number of parts that are not ready."""
    rows = list(table(config))
    for row in (Row("part", "state", "since", "pid", "log, or why"), *rows):
        print(f"{row.part:<26}{row.state:<11}{row.since:<10}{row.pid:<9}{row.where}")
    ill = sum(not row.well for row in rows)
    if not ill:
        print(f"All ready. export KUBECONFIG={config.kubeconfig}")
    elif remains.owner() is None:
        print("The lab is down. 'make lab' starts it.")
    else:
        print(f"{ill} not ready. 'make lab' repairs what does not run; it is safe at any time.")
    return ill


def table(config: Config) -> Iterator[Row]:
    asked_for = unit.pid_file(config, "metrics-server").exists()
    rows = [_unit(config, one) for one in units.everything(config) if one.name != "metrics-server" or asked_for]
    yield from rows
    if next(row for row in rows if row.part == "kube-apiserver").well:
        yield from _cluster(kube.RestApi(config.kubeconfig))


def _unit(config: Config, one: unit.Unit) -> Row:
    log = str(unit.log_file(config, one.name))
    process = processes.running(unit.pid_file(config, one.name))
    if process is None:
        return Row(one.name, "down", "-", "-", log)
    since = time.strftime("%H:%M:%S", time.localtime(process.since))
    return Row(one.name, "ready" if one.ready() else "not ready", since, str(process.pid), log)


def _cluster(api: kube.Api) -> Iterator[Row]:
    """What runs in the cluster, asked as its users ask."""
    asked: dict[str, Callable[[], str]] = {
        "node": partial(facts.node_not_ready, api),
        "dns": partial(facts.dns_not_ready, api),
        "gateway": partial(facts.gateway_not_ready, api),
    }
    asked |= {f"app, {kind}": partial(app.not_served, kind, entrance) for kind, entrance in ENTRANCES.items()}
    for part, reason in asked.items():
        try:
            why = reason()
        except kube.ApiError as error:
            why = str(error)
        yield Row(part, "not ready" if why else "ready", "-", "-", why)
