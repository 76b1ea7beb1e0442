#!/usr/bin/env bash
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Resolve the lock files again. They name no index, so that a mirror serves as well.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
  uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" "$@"
}

compile --universal --python-version 3.11 requirements-dev.in --output-file requirements-dev.lock
compile --python-version 3.10 requirements-oldest.in --output-file requirements-oldest.lock
