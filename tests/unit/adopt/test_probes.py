# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.probes import probe_paths, user_port

PORTS = [{"name": "http", "containerPort": 9898}, {"containerPort": 9797}]


def asked(**probes: Any) -> list[dict[str, Any]]:
    return [path.as_test() for path in probe_paths({"ports": PORTS, **probes})]


def run(*words: str) -> dict[str, Any]:
    return {"exec": {"command": list(words)}}


def test_by_http() -> None:
    assert asked(
        livenessProbe={"httpGet": {"path": "/live", "port": 9797}},
        readinessProbe={"httpGet": {"path": "/ready", "port": 9898}},
        startupProbe={"httpGet": {"path": "/ready", "port": "http"}},
    ) == [{"path": "/ready"}, {"path": "/live", "port": 9797}]
    assert asked(readinessProbe={"httpGet": {"port": "tls", "scheme": "HTTPS"}}) == [
        {"path": "/", "port": "tls", "scheme": "https"}
    ]


@pytest.mark.parametrize(
    ("probe", "test"),
    [
        (run("podcli", "check", "http", "localhost:9898/readyz"), [{"path": "/readyz"}]),
        (run("sh", "-c", "curl -f 'http://127.0.0.1:9797/up?x=1'"), [{"path": "/up?x=1", "port": 9797}]),
        (run("wget", "http://localhost/up"), [{"path": "/up", "port": 80}]),
        (run("pg_isready", "-h", "localhost"), []),
        ({"tcpSocket": {"port": 9898}}, []),
        ({}, []),
    ],
)
def test_by_a_command(probe: dict[str, Any], test: list[dict[str, Any]]) -> None:
    assert asked(readinessProbe=probe) == test


@pytest.mark.parametrize(
    ("ports", "port"),
    [
        (PORTS, "http"),
        ([{"name": "metrics", "containerPort": 1}, {"name": "web", "containerPort": 2}], "web"),
        ([{"containerPort": 8080}], "8080"),
        ([{"name": "api", "containerPort": 8080}], "api"),
        ([{"containerPort": 1}, {"containerPort": 2}], ""),
        (None, ""),
    ],
)
def test_the_port_of_users(ports: Any, port: str) -> None:
    assert user_port({"ports": ports}) == port
