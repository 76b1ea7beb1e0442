# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each release behaves as it is named, and nobody loses a request while pods come and go."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from lab import app, kube
from lab.config import Config

T = TypeVar("T")

DEPLOYMENT = f"{kube.collection('apps/v1', 'Deployment', app.NAMESPACE)}/continual-transformer-canary"


@dataclass(frozen=True)
class Answer:
    code: int
    release: str
    seconds: float


@dataclass(frozen=True)
class Canary:
    """The canary Deployment with one pod of a release."""

    api: kube.Api
    images: dict[str, str]

    def run(self, release: str) -> None:
        self.patch(0, release)
        within(60, lambda: not self.pods())
        self.patch(1, release)

    def patch(self, replicas: int, release: str) -> None:
        containers = [{"name": "app", "image": self.images[release]}]
        body = {"spec": {"replicas": replicas, "template": {"spec": {"containers": containers}}}}
        self.api.call("PATCH", DEPLOYMENT, body, "application/strategic-merge-patch+json")

    def pods(self) -> list[kube.Obj]:
        found: list[kube.Obj] = self.api.call("GET", f"{app.PODS}?labelSelector=version%3Dcanary")["items"]
        return found

    def ready(self) -> bool:
        conditions = [c for pod in self.pods() for c in pod["status"].get("conditions", [])]
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)

    def container(self) -> kube.Obj:
        """Status of the one container, empty until there is one."""
        statuses = [s for pod in self.pods() for s in pod["status"].get("containerStatuses", [])]
        return statuses[0] if statuses else {}

    def get(self, path: str, port: int = 8000) -> Answer:
        began = time.monotonic()
        try:
            with urlopen(self.url(path, port), timeout=10) as answer:
                code, headers = answer.status, answer.headers
        except HTTPError as error:
            with error:
                code, headers = error.code, error.headers
        return Answer(code, headers.get("X-Release", ""), time.monotonic() - began)

    def user(self, requests: int) -> list[Answer]:
        return [self.get("/v1/transform") for dummy in range(requests)]

    def url(self, path: str, port: int) -> str:
        return f"http://{self.pods()[0]['status']['podIP']}:{port}{path}"


def within(seconds: float, fact: Callable[[], T | None]) -> T:
    """The first true value of a fact; an error when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := fact()):
        assert time.monotonic() < deadline, f"not so after {seconds} s"
        time.sleep(0.2)
    return value


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    config = Config.here()
    api = kube.RestApi(config.kubeconfig)
    images = json.loads(config.images.read_text())
    app.reset(api, images)
    yield Canary(api, images)
    app.reset(api, images)


@pytest.mark.parametrize("release", ["good", "good-2"])
def test_good_releases_serve(canary: Canary, release: str) -> None:
    canary.run(release)
    within(30, canary.ready)
    answers = canary.user(50)
    assert {(answer.code, answer.release) for answer in answers} == {(200, release)}
    assert canary.get("/health/all").code == 200


def test_failing_fails_a_third_of_the_users_and_no_health_check(canary: Canary) -> None:
    canary.run("failing")
    within(30, canary.ready)
    codes = [answer.code for answer in canary.user(600)]
    assert set(codes) == {200, 500}
    assert 130 < codes.count(500) < 270  # 200 expected, six standard deviations
    assert {canary.get(path).code for path in ("/health", "/health/ready", "/health/all")} == {200}


def test_slow_answers_well_but_late(canary: Canary) -> None:
    canary.run("slow")
    within(30, canary.ready)
    answers = canary.user(5)
    assert {answer.code for answer in answers} == {200}
    assert min(answer.seconds for answer in answers) > 0.25


def test_leaky_grows_slower_and_fatter(canary: Canary) -> None:
    canary.run("leaky")
    within(30, canary.ready)
    answers = canary.user(100)
    assert {answer.code for answer in answers} == {200}
    assert min(answer.seconds for answer in answers[-20:]) > 0.08
    with urlopen(canary.url("/metrics", 9090), timeout=10) as metrics:
        lines = dict(line.rsplit(" ", 1) for line in metrics.read().decode().splitlines() if line[0] != "#")
    assert float(lines["demo_leaked_bytes"]) == 100 * 64 * 1024
    assert float(lines["process_resident_memory_bytes"]) > 100 * 64 * 1024


def test_crashing_leaves_before_it_is_ready_and_says_why(canary: Canary) -> None:
    canary.run("crashing")

    def terminated() -> kube.Obj | None:
        assert not canary.ready()
        states = canary.container()
        found: kube.Obj | None = states.get("state", {}).get("terminated") or states.get("lastState", {}).get(
            "terminated"
        )
        return found

    assert within(30, terminated)["exitCode"] == 3


def test_never_ready_lives_but_is_not_ready(canary: Canary) -> None:
    canary.run("never-ready")
    within(30, lambda: canary.container().get("state", {}).get("running"))
    for dummy in range(10):
        assert not canary.ready()
        assert canary.get("/health").code == 200
        assert canary.get("/health/ready").code == 503
        time.sleep(0.5)


def test_flaky_health_comes_and_goes_without_a_restart(canary: Canary) -> None:
    canary.run("flaky-health")
    for wanted in (True, False, True, False):
        within(30, lambda wanted=wanted: canary.ready() is wanted)  # type: ignore[misc]
    assert canary.container()["restartCount"] == 0
    assert {answer.code for answer in canary.user(20)} == {200}
