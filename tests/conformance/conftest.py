# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The conformance suite drives the lab as the integration tests do."""

from __future__ import annotations

from tests.integration.conftest import lab, shop

__all__ = ["lab", "shop"]
