# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the get-pip script that ansible-test would download.

The pip that comes with Python fetches the one that is asked for.
"""

from __future__ import annotations

import runpy
import subprocess
import sys

NOT_FOR_PIP = {"--no-setuptools", "--no-wheel"}

if __name__ == "__main__":
    # In a process of its own: it turns off pip's configuration, and with it the mirror and certificate one may need.
    subprocess.run((sys.executable, "-m", "ensurepip"), check=True)
    sys.argv = ["pip", "install", "--upgrade", *(word for word in sys.argv[1:] if word not in NOT_FOR_PIP)]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
