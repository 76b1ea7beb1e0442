# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.clock import SystemClock
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.command import (
    Outcome,
    parse_command,
    run_command,
    summary,
)
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.probe import ProbeError

URL = "http://127.0.0.1:1"


def options(**given: Any) -> dict[str, Any]:
    return {"port": "http", "scheme": "http", "timeout": 20.0, "lines": 40, **given}


def ran(code: str, **given: Any) -> Outcome:
    return run_command(parse_command(options(argv=[sys.executable, "-c", code], **given)), URL, SystemClock())


def test_the_url_comes_last_or_where_it_is_wanted() -> None:
    command = parse_command(options(cmd="python3 'my tests.py' -v"))
    assert command.with_url(URL) == ["python3", "my tests.py", "-v", "--url", URL]
    assert parse_command(options(argv=["curl", "{url}/x"])).with_url(URL) == ["curl", f"{URL}/x"]


@pytest.mark.parametrize(
    ("given", "said"), [({}, "command says nothing to run"), ({"cmd": "x", "timeout": 0}, "command.timeout is 0")]
)
def test_what_cannot_be_right_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ProbeError, match=said):
        parse_command(options(**given))


def test_the_end_of_its_output_is_kept() -> None:
    code = "import sys; [print(i) for i in range(99)]; print(sys.argv[1:], file=sys.stderr)"
    outcome = ran(code, lines=2)
    assert (outcome.code, outcome.problem, outcome.output) == (0, "", ("98", f"['--url', '{URL}']"))


def test_its_surroundings(tmp_path: Path) -> None:
    code = "import os; print(os.getcwd(), os.environ['A'], os.environ['SLIPWAY_URL'])"
    outcome = ran(code, chdir=str(tmp_path), environment={"A": 7})
    assert outcome.output == (f"{tmp_path} 7 {URL}",)


def test_a_code_other_than_0_is_a_failure() -> None:
    outcome = ran("import sys; print('oh no'); sys.exit(3)")
    assert outcome.code == 3
    command = parse_command(options(cmd="python3 scripts/smoke.py"))
    assert summary(command, outcome, "shop").startswith("python3 smoke.py failed on shop: ")
    assert summary(command, outcome, "shop").endswith(" exits with 3: oh no")
    assert summary(command, Outcome(0, 1.25, (), ""), "shop") == "python3 smoke.py passed on shop in 1.2 s"


def test_it_and_what_it_started_end_with_its_time(tmp_path: Path) -> None:
    mark = tmp_path / "alive"
    child = f"import time; time.sleep(1.5); open({str(mark)!r}, 'w')"
    start = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}])"
    code = f"{start}; print('on', flush=True); time.sleep(30)"
    outcome = ran(code, timeout=0.7)
    assert (outcome.code, outcome.output) == (None, ("on",))
    assert outcome.problem.endswith("was not done after 0.7 s and was stopped")
    assert outcome.seconds < 10
    assert not mark.exists()


def test_a_program_that_does_not_end_when_asked_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[run_command.__module__], "_GRACE", 0.3)
    outcome = ran("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(30)", timeout=0.5)
    assert outcome.code is None


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    command = parse_command(options(cmd="no-such-program"))
    assert (
        run_command(command, URL, SystemClock()).problem
        == "no-such-program could not be started: No such file or directory"
    )
    command = parse_command(options(cmd="true", chdir=str(tmp_path / "x")))
    assert f"could not be started in {tmp_path / 'x'}" in run_command(command, URL, SystemClock()).problem
