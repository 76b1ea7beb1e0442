# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.clock import SystemClock
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import SERVICE
from ansible_collections.slipway.rollout.plugins.module_utils.smoke import testing
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.forward import Dial
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.probe import ProbeError
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.testing import SmokeTest, rehearse

from tests.unit.smoke.test_targets import pod, service, store
from tests.unit.smoke.test_ways import Handler
from tests.unit.store import Store

READ = "import sys, urllib.request as r; print(r.urlopen(sys.argv[-1] + '/health', timeout=5).status)"
COMMAND = {"argv": [sys.executable, "-c", READ], "port": "http", "scheme": "http", "timeout": 20.0, "lines": 5}
HEALTH = {"path": "/health"}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def here(port: int) -> Store:
    """A pod and a Service that both are the server on this machine."""
    one = pod("a")
    one["status"]["podIP"] = "127.0.0.1"
    one["spec"]["containers"] = [{"name": "app", "ports": [{"name": "http", "containerPort": port}]}]
    return store(one, of=service(clusterIP="127.0.0.1", ports=[{"port": port, "targetPort": port}]))


def params(**options: Any) -> dict[str, Any]:
    base = {"namespace": "production", "tests": [], "command": None, "via": "direct", "verify": True}
    return {**base, **options}


def run(found: Store, **options: Any) -> dict[str, Any]:
    return SmokeTest(params(**options), found.cluster, SystemClock()).run()


@pytest.mark.parametrize(
    ("who", "kind"),
    [({"name": "shop-canary"}, "pod"), ({"selector": "slot=canary"}, "pod"), ({"service": "shop"}, "Service")],
)
def test_questions_and_a_command_straight(port: int, who: dict[str, str], kind: str) -> None:
    result = run(here(port), **who, tests=[HEALTH], command=COMMAND)
    assert result["failed"] is False, result
    assert result["msg"].startswith(f"1 smoke test passed on 1 {kind}; ")
    assert (result["command"]["rc"], result["command"]["output"]) == (0, ["200"])


def test_an_address_needs_no_cluster(port: int) -> None:
    def connect() -> Any:
        raise AssertionError("no cluster is needed")

    url = f"http://127.0.0.1:{port}"
    result = SmokeTest(params(url=url, via="proxy", tests=[HEALTH], command=COMMAND), connect, SystemClock()).run()
    assert result["msg"].startswith("1 smoke test passed on 1 address; ")
    assert result["command"]["url"] == url


def test_a_command_is_not_run_after_a_failure(port: int) -> None:
    result = run(here(port), name="shop-canary", tests=[{"path": "/tea"}], command=COMMAND)
    assert (result["failed"], "command" in result) == (True, False)


@pytest.mark.parametrize("who", [{"name": "shop-canary"}, {"service": "shop"}])
def test_forwards_lead_to_the_pods(port: int, who: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def dialer(_params: object, namespace: str, ports: list[tuple[str, int]]) -> Dial:
        assert (namespace, ports) == ("production", [("shop-canary-7d4b9-a", port)])
        return lambda: testing._connect_to("127.0.0.1", port)

    monkeypatch.setattr(testing, "pod_dialer", dialer)
    result = run(here(port), **who, via="forward", tests=[HEALTH, {"path": "/tea", "status": [418]}], command=COMMAND)
    assert result["failed"] is False, result


def test_why_a_forward_failed_is_said(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def dial() -> Any:
        raise OSError("may not create pods/portforward")

    monkeypatch.setattr(testing, "pod_dialer", lambda *arguments: dial)
    result = run(here(port), name="shop-canary", via="proxy", command=COMMAND)
    assert result["failed"] is True
    assert "(the last connection: may not create pods/portforward)" in result["msg"]


def test_through_the_proxy() -> None:
    found = store(pod("a"))
    found.raw["/api/v1/namespaces/production/pods/shop-canary-7d4b9-a:8000/proxy/health"] = (200, b"")
    assert run(found, name="shop-canary", via="proxy", tests=[HEALTH])["msg"] == "1 smoke test passed on 1 pod"
    with pytest.raises(ProbeError, match="headers has Authorization"):
        run(found, name="shop-canary", via="proxy", tests=[{**HEALTH, "headers": {"Authorization": "x"}}])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "shop-canary"}, "tests is empty and there is no command"),
        ({"name": "shop-canary", "tests": [HEALTH]}, "Deployment production/shop-canary has no ready pod"),
        ({"selector": "a=b", "tests": [HEALTH]}, "No pod in namespace production is ready and has a=b."),
        ({"service": "shop", "command": COMMAND, "via": "proxy"}, "No ready pod stands behind Service production/shop"),
        ({"service": "two", "command": {**COMMAND, "port": "x"}}, "command.port: Service two has no port named 'x'"),
        ({"service": "two", "command": {**COMMAND, "port": "x"}, "via": "proxy"}, "no port named 'x'"),
    ],
)
def test_what_is_refused(options: dict[str, Any], said: str) -> None:
    found = store()
    two = service(ports=[{"name": "a", "port": 1}, {"name": "b", "port": 2}])
    two["metadata"]["name"] = "two"
    found.put(SERVICE, "production", two)
    with pytest.raises(ProbeError) as caught:
        run(found, **options)
    assert said in str(caught.value)


def test_a_rehearsal_says_what_would_be_asked() -> None:
    said = rehearse(params(name="shop", tests=[HEALTH], command={**COMMAND, "argv": ["t.py"]}))["msg"]
    assert said == (
        "would ask each pod of production/shop for /health; would run t.py --url URL on each pod of production/shop"
    )
    assert rehearse(params(selector="a=b"))["msg"] == "would ask each pod a=b of production for nothing"
    assert rehearse(params(service="shop", command=COMMAND))["msg"].startswith("would run ")
    assert rehearse(params(url="http://x", tests=[HEALTH]))["msg"] == "would ask http://x for /health"
