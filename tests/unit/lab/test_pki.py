# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import subprocess
from pathlib import Path

from lab import pki
from lab.config import Config


def test_made_whole_and_known_to_be_so(tmp_path: Path) -> None:
    config = Config(tmp_path, tmp_path)
    assert not pki.whole(config)
    pki.make(config)
    assert pki.whole(config)
    leaves = [str(config.pki / f"{name}.crt") for name in pki.LEAVES]
    subprocess.run(("openssl", "verify", "-x509_strict", "-CAfile", str(config.pki / "ca.crt"), *leaves), check=True)
    admin = json.loads(config.kubeconfig.read_text())
    assert admin["users"][0]["user"]["client-key"] == str(config.pki / "admin.key")
    assert config.kubeconfig.stat().st_mode & 0o077 == 0

    for harmed in (config.pki / "kubelet.crt", config.kubeconfig, config.pki / "sa.key"):
        content = harmed.read_text()
        harmed.write_text(content[:-9])
        assert not pki.whole(config), harmed
        harmed.unlink()
        assert not pki.whole(config), harmed
        harmed.write_text(content)
        assert pki.whole(config), harmed


def test_what_was_made_in_another_folder_is_of_no_use(tmp_path: Path) -> None:
    pki.make(Config(tmp_path / "one", tmp_path))
    (tmp_path / "one").rename(tmp_path / "two")
    assert not pki.whole(Config(tmp_path / "two", tmp_path))
