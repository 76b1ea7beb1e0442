# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is proven in testing goes to staging, whatever kind of workload serves there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration import playbook
from tests.integration.configured import API_KEY, config_of
from tests.integration.conftest import Lab
from tests.integration.playbook import Run
from tests.integration.rolling import Rolling
from tests.integration.slots import Slots

pytestmark = pytest.mark.slow  # two environments, each with an app of its own

QUICK = {
    "ansible_connection": "local",
    "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    "slipway_policy": {"at_least": {"checks": 0, "stages": 1, "duration": 1}},
}


def inventory(folder: Path, lab: Lab, **variables: Mapping[str, Any]) -> None:
    """A host of the app in each environment, as `shop@testing`."""
    common = {**QUICK, "slipway_cluster": {"kubeconfig": str(lab.kubeconfig)}}
    groups = {
        name: {"hosts": {f"shop@{name}": {}}, "vars": {**common, **own, "slipway_environment": name}}
        for name, own in variables.items()
    }
    (folder / "hosts.yml").write_text(yaml.safe_dump(groups, sort_keys=False))


def run(folder: Path, name: str, **variables: Any) -> Run:
    options = ("-i", str(folder / "hosts.yml"), "-e", json.dumps(variables))
    environment = {"ANSIBLE_LOCALHOST_WARNING": "false"}
    return playbook.play(f"playbooks/{name}.yml", *options, environment=environment, timeout=300)


def config(number: int) -> dict[str, Any]:
    """The same file in both environments, and a number that differs."""
    values = {"api": {"host": "0.0.0.0"}, "model": {"batch_size": number}}
    names = [{"name": "API_KEY", "value": API_KEY}]
    file = playbook.ROOT / "roles" / "development" / "files" / "config.yml"
    return {"slipway_config": {"file": str(file), "values": values, "names": names}}


@pytest.fixture(params=["StatefulSet", "DaemonSet"])
def pair(request: pytest.FixtureRequest, lab: Lab, tmp_path: Path) -> Iterator[tuple[Rolling, Rolling]]:
    origin, target = (
        Rolling(lab.api, lab.images, lab.load_program(), tmp_path, request.param, f"promotion-{name}")
        for name in ("testing", "staging")
    )
    for one in (origin, target):
        one.open()
    yield origin, target
    for one in (origin, target):
        one.close()


def test_a_workload_that_rolls(lab: Lab, pair: tuple[Rolling, Rolling], tmp_path: Path) -> None:
    origin, target = pair
    shared = origin.wanted("good-2", slipway_strategy="rolling", slipway_checks=[])
    image = shared.pop("slipway_image")
    inventory(
        tmp_path,
        lab,
        testing={**shared, **config(8)},
        staging={**shared, **config(16), "slipway_namespace": target.namespace},
    )
    released = run(tmp_path, "rolling", slipway_hosts="testing", slipway_image=image)
    assert released.code == 0, released.said
    promoted = run(tmp_path, "promote", slipway_from="testing", slipway_to="staging")
    assert promoted.code == 0, promoted.said
    assert target.live() == target.images["good-2"]
    there, here = (config_of(one.get(), one.name) for one in (origin, target))
    assert "" != there != here != ""
    (entry,) = target.ledger("staging")[1]
    assert "promoted from testing" in entry["notes"]
    assert any("promoted to staging" in note for note in origin.ledger("testing")[1][0]["notes"])


@pytest.fixture
def slots(lab: Lab, tmp_path: Path) -> Iterator[tuple[Slots, Slots]]:
    origin, target = (
        Slots(lab.api, lab.images, lab.load_program(), tmp_path, f"promotion-slots-{name}")
        for name in ("testing", "staging")
    )
    for one in (origin, target):
        one.open()
    yield origin, target
    for one in (origin, target):
        one.close()


def test_whichever_slot_is_live(lab: Lab, slots: tuple[Slots, Slots], tmp_path: Path) -> None:
    """Users are there, since a check without requests proves nothing."""
    origin, target = slots
    shared = {
        "slipway_strategy": "blue_green",
        "slipway_app": "continual-transformer-main",
        "slipway_switch": origin.switch(),
        "slipway_source": {"type": "pods", "via": "direct"},
        "slipway_checks": [{"name": "errors", "template": "error_rate", "max": 0.01}],
        **{key: origin.variables("good")[key] for key in ("slipway_gate", "slipway_timeouts")},
    }
    inventory(
        tmp_path,
        lab,
        testing={**shared, **config(8), "slipway_namespace": origin.namespace},
        staging={**shared, **config(16), "slipway_namespace": target.namespace},
    )
    image = origin.variables("good-2")["slipway_image"]
    with origin.users(), target.users(keepalive=False):
        released = run(tmp_path, "blue_green", slipway_hosts="testing", slipway_image=image)
        assert released.code == 0, released.said
        promoted = run(tmp_path, "promote", slipway_from="testing", slipway_to="staging")
        assert promoted.code == 0, promoted.said
    assert (origin.live(), target.live()) == ("green", "green")
    assert target.holds("green")[0] == target.images["good-2"]
    there, here = (config_of(one.deployment("green")) for one in (origin, target))
    assert "" != there != here != ""
