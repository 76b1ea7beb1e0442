# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import subprocess
from pathlib import Path

from lab import pki
from lab.config import Config


def test_made_once_whole_and_made_anew_when_broken(tmp_path: Path) -> None:
    config = Config(tmp_path, tmp_path)
    assert pki.ensure(config)
    assert not pki.ensure(config)
    leaves = [str(config.pki / f"{name}.crt") for name in pki.LEAVES]
    subprocess.run(("openssl", "verify", "-x509_strict", "-CAfile", str(config.pki / "ca.crt"), *leaves), check=True)
    admin = json.loads(config.kubeconfig.read_text())
    assert admin["users"][0]["user"]["client-key"] == str(config.pki / "admin.key")
    assert config.kubeconfig.stat().st_mode & 0o077 == 0
    (config.pki / "complete").unlink()
    assert pki.ensure(config)
