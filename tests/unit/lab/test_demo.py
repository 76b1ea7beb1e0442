# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from lab import demo, demo_table, load
from lab.config import LabError

LAB = Path("/x/kubeconfig")


def test_without_a_word_the_demo_runs_in_the_lab() -> None:
    settings = demo.Settings.of({}, LAB)
    assert (settings.source, settings.route, settings.release) == ("prometheus", "virtualservice", "failing")
    assert settings.entrance == load.ENTRANCES["virtualservice"]


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("DEMO_SOURCE", "graphite", "pods, prometheus"),
        ("DEMO_ROUTE", "ingress", "httproute, replicas, virtualservice"),
        ("DEMO_RELEASE", "good-2", "crashing, failing"),
        ("DEMO_RATE", "many", "1 to 1000"),
        ("DEMO_RATE", "0", "1 to 1000"),
        ("KUBECONFIG", "/elsewhere", "Set DEMO_URL"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_can(name: str, value: str, remedy: str) -> None:
    with pytest.raises(LabError, match=remedy):
        demo.Settings.of({name: value}, LAB)


def test_another_cluster_has_its_own_entrance() -> None:
    settings = demo.Settings.of({"KUBECONFIG": "/elsewhere", "DEMO_URL": "http://127.0.0.1:80/"}, LAB)
    assert settings.kubeconfig == "/elsewhere"
    assert settings.entrance == load.Entrance("http://127.0.0.1:80", "vs.lab")


def test_the_labs_own_kubeconfig_is_no_other_cluster() -> None:
    assert demo.Settings.of({"KUBECONFIG": str(LAB)}, LAB).kubeconfig == ""


def test_the_reason_is_taken_from_the_last_lines() -> None:
    assert demo.why(["Why: old", '    "Why: 7 of 20 requests failed",', "Next: fix it"]) == "7 of 20 requests failed"
    assert demo.why(["\x1b[0;31mWhy: red\x1b[0m", "\x1b[0;31mNext: x\x1b[0m"]) == "red"
    assert demo.why(["no reason here"]) == ""


def test_the_table_says_what_users_felt() -> None:
    summary = load.summarise(
        [load.Result(1.0, 200, 0.1, "main", "good", ""), load.Result(2.5, 500, 0.1, "canary", "failing", "")]
    )
    outcome = demo.Outcome("failing", "rolled_back", "too many errors", 12.3, summary)
    text = demo_table.render([outcome.as_dict()], "pods", "httproute")
    assert "failing  rolled back  12 s  2         1       0.00 s" in text
    assert "why: too many errors" in text
    assert outcome.as_dict()["answered_by_release"] == 1


@pytest.mark.parametrize(("found", "why"), [([], "has not read"), ([{"metric": {}, "value": [1, "7"]}], "")])
def test_users_are_judged_once_the_metrics_server_has_counted_them(found: list[object], why: str) -> None:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"status": "success", "data": {"result": found}}).encode())

        def log_message(self, *_words: object) -> None:
            """Nothing of it is of use."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.handle_request, daemon=True).start()
    try:
        said = demo.uncounted(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.server_close()
    assert said == "" if not why else why in said


def test_a_metrics_server_that_is_away_is_said() -> None:
    assert "http://127.0.0.1:1 does not answer" in demo.uncounted("http://127.0.0.1:1")
