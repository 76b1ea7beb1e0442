# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers, each started once for a file of tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import packages
from lab.config import Config
from tests.services.servers import SERVERS


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the content of all packages."""
    if not shutil.which("apt-get"):
        pytest.skip("the servers come from Debian's packages, which need apt-get")
    folder = tmp_path_factory.mktemp("packages")
    wanted = sorted({name for server in SERVERS.values() for name in server.packages})
    packages.unpack(wanted, Config.here().cache / "debian", folder)
    yield folder
    shutil.rmtree(folder)
