# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import socket
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from lab import processes, unit, units
from lab.config import GATEWAY_PORTS, Config, LabError

CONFIG = Config(Path("/x/checkout"), Path("/x/cache"))
BUILT: dict[str, Path] = defaultdict(lambda: Path("/x/cache/bin/program"))
UNITS = {one.name: one for one in units.declared(CONFIG, BUILT)}


def test_the_api_server_comes_after_its_store_and_before_those_that_need_it() -> None:
    order = list(UNITS)
    assert order.index("etcd") < order.index("kube-apiserver") < order.index("kubelet") < order.index("istiod")


@pytest.mark.parametrize("one", UNITS.values(), ids=UNITS)
def test_each_unit_keeps_its_files_in_the_labs_folder(one: unit.Unit) -> None:
    assert all(path.is_relative_to(CONFIG.state) for path in one.files)


def test_prometheus_reads_pods_by_the_usual_annotations_each_second() -> None:
    settings = yaml.safe_load(next(iter(UNITS["prometheus"].files.values())))
    assert settings["global"]["scrape_interval"] == "1s"
    used = str(settings["scrape_configs"][0]["relabel_configs"])
    assert all(f"annotation_prometheus_io_{name}" in used for name in ("scrape", "port", "path"))


def test_a_changed_declaration_has_another_fingerprint() -> None:
    one = unit.Unit("a", ("sleep", "1"), lambda: True, {Path("f"): "x"})
    same = unit.Unit("a", ("sleep", "1"), lambda: False, {Path("f"): "x"})
    other = unit.Unit("a", ("sleep", "1"), lambda: True, {Path("f"): "y"})
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_one_that_ends_while_it_starts_says_its_last_words(tmp_path: Path) -> None:
    one = unit.Unit("short", ("sh", "-c", "echo no such file; exit 3"), lambda: False)
    config = Config(tmp_path, tmp_path)
    with pytest.raises(unit.EndedAtStartError, match="(?s)short ended while it started.*no such file"):
        unit.ensure(config, one)
    assert not unit.pid_file(config, "short").exists()


def test_one_that_never_gets_ready_is_told_with_what_to_do(tmp_path: Path) -> None:
    config = Config(tmp_path, tmp_path)
    one = unit.Unit("slow", ("sleep", "60"), lambda: False, patience=0.2)
    try:
        with pytest.raises(LabError, match="(?s)not ready after 0 s.*down --wipe"):
            unit.ensure(config, one)
    finally:
        processes.stop(unit.pid_file(config, "slow"))


def test_ensure_starts_once_and_restarts_what_is_declared_otherwise(tmp_path: Path) -> None:
    config = Config(tmp_path, tmp_path)
    one = unit.Unit("one", ("sleep", "60"), lambda: True, {config.state / "f": "x"})
    other = unit.Unit("one", ("sleep", "60"), lambda: True, {config.state / "f": "y"})
    try:
        said = [unit.ensure(config, which) for which in (one, one, other)]
        assert said == ["started", "", "restarted"]
        assert (config.state / "f").read_text() == "y"
    finally:
        processes.stop(unit.pid_file(config, "one"))


def test_one_whose_certificates_were_made_anew_is_restarted(tmp_path: Path) -> None:
    certificate = tmp_path / "ca.crt"
    one = unit.Unit("a", ("sleep", "1"), lambda: True, reads=(certificate,))
    before = one.fingerprint
    certificate.write_text("new")
    assert one.fingerprint != before


def test_one_that_went_deaf_is_started_anew(tmp_path: Path) -> None:
    config = Config(tmp_path, tmp_path)
    answers = iter([True, False, True])  # at its start; later; and when started anew
    one = unit.Unit("one", ("sleep", "60"), lambda: next(answers), patience=0.0)
    file = unit.pid_file(config, "one")
    try:
        assert unit.ensure(config, one) == "started"
        process = unit.processes.read(file)
        assert process
        assert unit.ensure(config, one, grace=0.0) == "restarted"
        assert not process.alive()
    finally:
        unit.processes.stop(file)


def test_anothers_server_on_the_port_does_not_pass_for_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit, "FREED", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        one = unit.Unit("one", ("sleep", "60"), lambda: True, ports=(port,))
        with pytest.raises(LabError, match=rf"one cannot start: port {port} is held by .* \(pid {os.getpid()}\)"):
            unit.ensure(Config(tmp_path, tmp_path), one)


def test_a_port_that_is_let_go_in_a_moment_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([{5000: "registry (pid 7)"}, {5000: "registry (pid 7)"}, {}])
    monkeypatch.setattr(unit.ports, "taken", lambda _ports: next(answers))
    unit.refuse_taken("registry", (5000,))


def test_no_two_units_want_the_same_port() -> None:
    wanted = [port for one in UNITS.values() for port in one.ports] + list(GATEWAY_PORTS)
    assert len(wanted) == len(set(wanted))


def test_nothing_serves_on_a_port_that_nobody_holds() -> None:
    assert not unit.http_ok("http://127.0.0.1:9/")
