#!/usr/bin/env bash
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Say where make puts things, and what to do where it cannot.
set -euo pipefail
cat <<TEXT

Everything goes to .venv/, build/ and the cache folder ${SLIPWAY_CACHE:-$HOME/.cache/slipway} (SLIPWAY_CACHE=... moves it),
apart from Debian packages, which are named before they are installed.
TEXT
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "The lab needs root on Debian, which this is not. With a cluster of your own: KUBECONFIG=... make demo"
fi
