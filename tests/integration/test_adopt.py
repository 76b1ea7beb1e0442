# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two teams that run an app already adopt it, and release by canary with at most three edited lines."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from lab import kube, load
from lab.load import Entrance
from tests.integration import podinfo
from tests.integration.conftest import Lab
from tests.integration.repository import Repository
from tests.integration.shop import NAME, Shop, within
from tests.integration.users import Users, sending

pytestmark = pytest.mark.slow  # builds podinfo and releases it twice

MOST_EDITS = 3
ALL = ["canary_deployment", "services", "weighted_route"]
PODINFO, SHOP = "adopt-podinfo", "adopt-shop"
HOST = "adopt-podinfo.gw.lab"
GATE = "slipway_gate: {interval: 5, duration: 120}"
STAGES = "slipway_stages: [10, 25, 50, 75, 100]"


@dataclass(frozen=True)
class Team:
    """An app, its repository and its users."""

    lab: Lab
    repository: Repository
    namespace: str
    entrance: Entrance
    images: dict[str, str]
    path: str = "/v1/transform"

    def get(self, kind: str, name: str) -> dict[str, Any]:
        api_version = {"deployments": "apis/apps/v1", "services": "api/v1"}.get(
            kind, "apis/gateway.networking.k8s.io/v1"
        )
        return self.lab.api.call("GET", f"/{api_version}/namespaces/{self.namespace}/{kind}/{name}")

    def versions(self) -> dict[str, Any]:
        kinds = ("apis/apps/v1:deployments", "api/v1:services", "apis/gateway.networking.k8s.io/v1:httproutes")
        found = {}
        for kind in kinds:
            group, _colon, plural = kind.partition(":")
            for obj in self.lab.api.call("GET", f"/{group}/namespaces/{self.namespace}/{plural}")["items"]:
                found[f"{plural}/{obj['metadata']['name']}"] = (obj["metadata"].get("generation"), obj["spec"])
        return found

    def users(self) -> AbstractContextManager[Users]:
        work = load.Load(self.entrance, 100, "4m", path=self.path)
        return sending(work, self.lab.load_program(), self.repository.folder / "users.jsonl")

    def image_of(self, name: str) -> str:
        return str(self.get("deployments", name)["spec"]["template"]["spec"]["containers"][0]["image"])

    def hurry(self) -> None:
        """Minutes become seconds: the two lines that this test edits."""
        policy = "production/group_vars/production.yml"
        self.repository.edit(policy, GATE, "slipway_gate: {interval: 0.25, duration: 4}")
        self.repository.edit(policy, STAGES, "slipway_stages: [10, 100]")
        assert len(self.repository.edited) <= MOST_EDITS


@pytest.fixture(scope="module")
def podinfo_team(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    images = podinfo.push(podinfo.build(lab.config))
    for obj in podinfo.objects(lab.config, PODINFO, images["good"]):
        kube.replace(lab.api, obj)
    folder = tmp_path_factory.mktemp("podinfo")
    repository = Repository(folder, lab.kubeconfig, "podinfo-delivery")
    team = Team(lab, repository, PODINFO, Entrance(lab.httproute_url, HOST), images, "/api/info")
    # Its autoscaler wants two; until they are there, it is still changing.
    within(90, lambda: team.get("deployments", "podinfo").get("status", {}).get("readyReplicas", 0) >= 2)
    yield team
    kube.delete(lab.api, f"/api/v1/namespaces/{PODINFO}")


ROUTE = {"kind": "httproute", "gateway": "istio-system/gateway-api", "hosts": [HOST]}
ASKED = {"slipway_namespace": PODINFO, "slipway_adopt": "deployment/podinfo", "slipway_adopt_route": ROUTE}


def test_podinfo_is_looked_at_and_nothing_is_changed(podinfo_team: Team) -> None:
    before = podinfo_team.versions()
    run = podinfo_team.repository.adopt(ASKED)
    assert run.code == 0, run.said
    assert podinfo_team.versions() == before
    assert "Missing in the cluster: Deployment adopt-podinfo/podinfo-canary" in run.said
    found = podinfo_team.repository.variables("podinfo")
    assert found["slipway_container"] == "podinfod"
    assert found["slipway_smoke_tests"] == [{"path": "/readyz"}, {"path": "/healthz"}]
    assert found["slipway_route"]["backends"] == {
        "stable": {"service": "podinfo"},
        "canary": {"service": "podinfo-canary"},
    }
    errors, slow = found["slipway_checks"]
    assert errors["bad"].startswith('http_request_duration_seconds_count{$canary,path!~"')
    assert slow["good"].startswith('http_request_duration_seconds_bucket{$canary,path!~"')
    files = set(podinfo_team.repository.files())
    assert {"ansible.cfg", "canary.yml", "blue_green.yml", "rolling.yml", "rollback.yml", "status.yml"} <= files
    assert {"README.md", "requirements.yml", "production/hosts.yml"} <= files


def test_a_second_run_changes_nothing_and_keeps_edits(podinfo_team: Team) -> None:
    repository = podinfo_team.repository
    again = repository.adopt(ASKED)
    assert (again.code, again.changed) == (0, 0), again.said
    path = repository.path / "production/group_vars/podinfo.yml"
    text = path.read_text()
    path.write_text(text.replace("max: 0.01", "max: 0.02"))
    edited = repository.adopt(ASKED)
    assert (edited.code, edited.changed) == (0, 0), edited.said
    assert "max: 0.02" in path.read_text()
    assert "Kept as they are, though they would differ (see above): production/group_vars/podinfo.yml" in edited.said
    over = repository.adopt({**ASKED, "slipway_adopt_overwrite": True}, "--diff")
    assert (over.code, over.changed) == (0, 1), over.said
    # podinfo tells of a path once it was asked for it, so of the paths that are left out there may be more by now.
    paths = re.compile(r'path!~"[^"]*"')
    assert paths.sub("", path.read_text()) == paths.sub("", text)


def test_what_is_asked_for_is_shown_first_and_then_made(podinfo_team: Team) -> None:
    before = podinfo_team.versions()
    asked = {**ASKED, "slipway_adopt_create": ALL}
    shown = podinfo_team.repository.adopt(asked, "--check", "--diff")
    assert shown.code == 0, shown.said
    assert podinfo_team.versions() == before
    for words in ("name: podinfo-canary", "kind: HTTPRoute", "app: podinfo-canary"):
        assert words in shown.said, words
    made = podinfo_team.repository.adopt(asked)
    assert (made.code, made.changed) == (0, 1), made.said
    after = podinfo_team.versions()
    assert {name: spec for name, spec in after.items() if name in before} == before
    assert set(after) - set(before) == {"deployments/podinfo-canary", "services/podinfo-canary", "httproutes/podinfo"}
    canary = podinfo_team.get("deployments", "podinfo-canary")
    assert canary["spec"]["replicas"] == 0
    again = podinfo_team.repository.adopt(asked)
    assert (again.code, again.changed) == (0, 0), again.said
    assert "Next: cd ./podinfo-delivery && ansible-playbook canary.yml -i production" in again.said


def test_podinfo_is_released_by_canary_under_load(podinfo_team: Team) -> None:
    podinfo_team.hurry()
    within(30, lambda: load_answers(podinfo_team))
    with podinfo_team.users() as users:
        run = podinfo_team.repository.play("canary.yml", "-e", f"slipway_image={podinfo_team.images['good-2']}")
    assert run.code == 0, run.said
    assert users.failed == 0
    assert podinfo_team.image_of("podinfo") == podinfo_team.images["good-2"]
    with podinfo_team.users() as users:
        run = podinfo_team.repository.play("canary.yml", "-e", f"slipway_image={podinfo_team.images['slow']}")
    assert run.code == 2, run.said
    assert "was rolled back" in run.line("Live")
    assert podinfo_team.image_of("podinfo") == podinfo_team.images["good-2"]
    assert users.failed == 0
    assert re.search(r"requests \([\d.]+ %\) were not good, the limit is 5 %", run.line("Why"))


def load_answers(team: Team) -> bool:
    """Whether the route serves users."""
    try:
        with urlopen(Request(team.entrance.url + team.path, headers={"Host": team.entrance.host}), timeout=2) as answer:
            return bool(answer.status == 200)
    except URLError:
        return False


@pytest.fixture(scope="module")
def shop_team(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """The demo service, whose team has a canary and a route already."""
    shop = Shop(lab.api, lab.images, SHOP)
    shop.open()
    shop.put("virtualservice", 100, 0)
    shop.scale(main=2, canary=0)
    repository = Repository(tmp_path_factory.mktemp("shop"), lab.kubeconfig)
    yield Team(lab, repository, SHOP, shop.entrance("virtualservice"), lab.images)
    Shop(lab.api, lab.images, SHOP).close()


def test_the_demo_service_needs_nothing_made(shop_team: Team) -> None:
    before = shop_team.versions()
    with shop_team.users():  # its counters appear with its first requests
        time.sleep(5)
    adopted = {
        "slipway_namespace": SHOP,
        "slipway_adopt": f"virtualservice/{NAME}",
        "slipway_adopt_prometheus": {"url": shop_team.lab.prometheus_url},
    }
    run = shop_team.repository.adopt(adopted)
    assert run.code == 0, run.said
    assert shop_team.versions() == before
    assert "Missing in the cluster" not in run.said
    found = shop_team.repository.variables("continual_transformer")
    assert (found["slipway_stable"], found["slipway_canary"]) == (f"{NAME}-main", f"{NAME}-canary")
    assert found["slipway_route"]["kind"] == "virtualservice"
    assert found["slipway_source"] == {"type": "prometheus", "url": shop_team.lab.prometheus_url}
    assert [check.get("template") for check in found["slipway_checks"]] == ["error_rate", "latency"]


def test_the_demo_service_is_released_by_canary_under_load(shop_team: Team) -> None:
    shop_team.hurry()
    with shop_team.users() as users:
        run = shop_team.repository.play("canary.yml", "-e", f"slipway_image={shop_team.images['good-2']}")
    assert run.code == 0, run.said
    assert users.failed == 0
    assert users.releases == {"good", "good-2"}
    status = shop_team.repository.play("status.yml")
    assert status.code == 0, status.said


@pytest.mark.parametrize(
    ("adopted", "said"),
    [
        ({"slipway_adopt": "deployment/nothing"}, "slipway_adopt is 'deployment/nothing', but namespace"),
        ({"slipway_adopt": f"deployment/{NAME}-main", "slipway_adopt_create": ["everything"]}, "everything"),
    ],
)
def test_what_cannot_be_is_refused(shop_team: Team, tmp_path: Path, adopted: dict[str, Any], said: str) -> None:
    run = Repository(tmp_path, shop_team.lab.kubeconfig).adopt({"slipway_namespace": SHOP, **adopted})
    assert run.code == 2
    assert said in run.said
    assert list(tmp_path.iterdir()) == []
