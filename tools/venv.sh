#!/usr/bin/env bash
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Make .venv from the lock file, with the collection linked into it; does nothing when that is done already.
# SLIPWAY_PYTHON chooses another interpreter than the newest one found.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/python.sh

lock=requirements-dev.lock
mkdir -p build "$SLIPWAY_CACHE"
exec 9>build/venv.flock
flock 9 # two makes at once: the second finds the work done

python=${SLIPWAY_PYTHON:-$(find_python 3.13 3.12 3.11)} || true
if [ -z "$python" ]; then
  install_python
  python=$(find_python 3.13 3.12 3.11) || give_up
fi
wanted="$("$python" -c 'import sys; print(sys.executable, sys.version)') $(sha256sum "$lock" tools/venv.sh)"
[ "$wanted" = "$(cat .venv/.made-from 2>/dev/null)" ] && exit 0

started=$SECONDS
echo "venv: $($python --version) and the packages of $lock into .venv/, downloads kept in $SLIPWAY_CACHE/pip"
# The record goes first and comes last: a venv that was left half made, for whatever reason, is made anew.
rm -rf .venv
"$python" -m venv .venv
PIP_CACHE_DIR="$SLIPWAY_CACHE/pip" .venv/bin/python -m pip --disable-pip-version-check \
  install --quiet --require-hashes --no-compile --requirement "$lock"
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# The ansible package carries a hundred collections; only what is used here is worth compiling.
.venv/bin/python -m compileall -q -j 2 -x 'ansible_collections/(?!kubernetes)' "$site" >build/compileall.log || true
mkdir -p "$site/ansible_collections/slipway"
ln -srn "$PWD" "$site/ansible_collections/slipway/rollout"
echo "$wanted" >.venv/.made-from
echo "venv: done in $((SECONDS - started)) s"
