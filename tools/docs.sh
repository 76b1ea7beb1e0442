#!/usr/bin/env bash
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# The reference of every module and role, as its own documentation says it.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf build/docs && mkdir -p build/docs build/home && chmod 755 build/docs
HOME=$PWD/build/home antsibull-docs collection --use-current --output-format simplified-rst --squash-hierarchy --dest-dir build/docs slipway.rollout
echo "docs: build/docs/index.rst"
