# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The samples of Kayenta's own unit tests, by names of ours.

Values and expected results are restated from https://github.com/spinnaker/kayenta (Apache-2.0).
"""

from __future__ import annotations

import json
from pathlib import Path

SAMPLES: dict[str, list[float]] = json.loads(Path(__file__).with_name("samples.json").read_text("utf-8"))["samples"]


def pair(name: str) -> tuple[list[float], list[float]]:
    """Canary and baseline of a case."""
    return SAMPLES[f"{name}, canary"], SAMPLES[f"{name}, baseline"]
