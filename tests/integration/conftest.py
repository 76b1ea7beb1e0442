# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab for every test that drives it. A test without a lab fails and says what to type; it is never skipped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster, Obj
from ansible_collections.slipway.rollout.plugins.module_utils.connection import connect

from lab import app, kube, lifecycle
from lab.config import PROMETHEUS, REGISTRY, Config
from lab.load import ENTRANCES
from tests.integration.post_office import Chat, chatting
from tests.integration.release import Release
from tests.integration.shop import Shop

NOT_UP = "This test drives the lab, and the lab is not up ({}). Type: make lab"


@dataclass(frozen=True, slots=True)
class Lab:
    """The running lab: where it answers, and ways to its API."""

    config: Config
    images: dict[str, str]  # release -> image by digest

    kubeconfig = property(lambda self: self.config.kubeconfig)
    virtualservice_url = ENTRANCES["virtualservice"].url
    httproute_url = ENTRANCES["httproute"].url
    prometheus_url = PROMETHEUS
    registry = REGISTRY

    @property
    def api(self) -> kube.RestApi:
        return kube.RestApi(self.config.kubeconfig)

    def cluster(self, *, timeout: float = 10.0) -> Cluster:
        """As the modules see it."""
        return connect({"kubeconfig": str(self.config.kubeconfig)}, timeout=timeout)

    def load_program(self) -> Path:
        """The sender of requests, built when it is not there yet."""
        return lifecycle.build(self.config)["load"]

    def reset(self) -> None:
        """The demo app as the lab declares it."""
        app.reset(self.api, self.images)


@pytest.fixture(scope="session")
def lab() -> Lab:
    config = Config.here()
    if not config.kubeconfig.exists():
        pytest.fail(NOT_UP.format(f"{config.kubeconfig.relative_to(config.root)} is missing"), pytrace=False)
    try:
        version: Obj = kube.RestApi(config.kubeconfig, timeout=5.0).call("GET", "/version")
    except kube.ApiError as error:
        pytest.fail(NOT_UP.format(error), pytrace=False)
    assert version["gitVersion"]
    if not config.images.exists():
        pytest.fail(NOT_UP.format("it has no demo service yet"), pytrace=False)
    return Lab(config, json.loads(config.images.read_text()))


@pytest.fixture(scope="session")
def shop(lab: Lab) -> Iterator[Shop]:
    """A copy of the demo app in a namespace of its own, so that nobody's rollout is disturbed."""
    shop = Shop(lab.api, lab.images)
    shop.open()
    yield shop
    # Connected anew: the lab's own tests, which run in between, give it another certificate authority.
    Shop(lab.api, lab.images).close()


@pytest.fixture
def chat() -> Iterator[Chat]:
    """Somebody who wants to be told."""
    with chatting() as chat:
        yield chat


@pytest.fixture(scope="module")
def opened(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """A copy of the app to roll out, for as long as a file of tests takes."""
    release = Release(lab.api, lab.images, lab.load_program(), tmp_path_factory.mktemp("users"))
    yield release
    release.close()


@pytest.fixture
def release(opened: Release) -> Release:
    """The app at rest, whatever the test before has left."""
    opened.open()
    return opened
