#!/usr/bin/env bash
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Remove what make made here, but not from under a lab that runs.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -x .venv/bin/python ] && [ -d build/lab ]; then
  .venv/bin/python -m lab down
fi
rm -rf .venv build .ansible .hypothesis .mypy_cache .pytest_cache .ruff_cache
