#!/usr/bin/env bash
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Unit tests of the plugins on the oldest Python they support, with the newest ansible-core that runs on it.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/python.sh

version=3.10
if ! python=$(find_python "$version"); then
  echo "oldest: SKIPPED, no Python $version here that can make a venv; CI must run it."
  exit 0
fi
lock=requirements-oldest.lock
venv=build/oldest
site=$venv/lib/python$version/site-packages
wanted="$python $(sha256sum "$lock" tools/oldest.sh)"
if [ "$wanted" != "$(cat $venv/.made-from 2>/dev/null)" ]; then
  echo "oldest: $("$python" --version) and the packages of $lock into $venv/"
  rm -rf $venv
  "$python" -m venv $venv
  PIP_CACHE_DIR="$SLIPWAY_CACHE/pip" $venv/bin/python -m pip --disable-pip-version-check \
    install --quiet --require-hashes --requirement "$lock"
  mkdir -p "$site/ansible_collections/slipway"
  ln -srn "$PWD" "$site/ansible_collections/slipway/rollout"
  # The kubernetes.core that everything else here is tested with.
  ln -s "$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ansible_collections/kubernetes" \
    "$site/ansible_collections/kubernetes"
  echo "$wanted" >$venv/.made-from
fi
# The lab and the tools are not plugins: they ask for Python 3.11.
exec $venv/bin/python -m pytest tests/unit --ignore=tests/unit/lab --ignore=tests/unit/tools --quiet \
  --numprocesses=auto "$@"
