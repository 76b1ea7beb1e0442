# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An OpenSearch of one node, from Maven's packages."""

from __future__ import annotations

import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.services.servers import free_port

JAVA = Path(__file__).parent / "java"
COPY = ("mvn", "--quiet", "--batch-mode", "dependency:copy-dependencies")
PATIENCE = 180.0


@contextmanager
def running_opensearch(folder: Path) -> Iterator[str]:
    """Its address; skips the test where there is no Maven."""
    if not shutil.which("mvn") or not shutil.which("javac"):
        pytest.skip("OpenSearch comes from Maven, which needs mvn and javac")
    shutil.copy(JAVA / "pom.xml", folder)
    subprocess.run((*COPY, f"-DoutputDirectory={folder}/lib"), cwd=folder, check=True, timeout=600)
    subprocess.run(("javac", "-cp", f"{folder}/lib/*", "-d", folder, JAVA / "OneNode.java"), check=True)
    port, log = free_port(), folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ("java", "-Xmx512m", "-cp", f"{folder}/lib/*:{folder}", "OneNode", folder, str(port), str(free_port())),
            stdout=output,
            stderr=output,
        )
        try:
            _wait(f"http://127.0.0.1:{port}", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait(10)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/_cluster/health?wait_for_status=yellow&timeout=30s", timeout=40).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise RuntimeError(f"OpenSearch does not answer:\n{log.read_text('utf-8', 'replace')[-2000:]}")
