#!/usr/bin/env bash
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Check the workflows, our own and the examples; the examples where a user puts them: in .github/ of a repository.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD
place=build/workflows
rm -rf $place && mkdir -p $place/.github && git -C $place init --quiet
cp -r examples/github/. $place/.github/

if command -v go >/dev/null; then
  cache=${SLIPWAY_CACHE:-$HOME/.cache/slipway}
  export GOCACHE=$cache/go/build GOMODCACHE=$cache/go/mod GOFLAGS=-buildvcs=false GOTOOLCHAIN=local CGO_ENABLED=0
  (cd tools/actionlint && go build -o "$here/build/actionlint" github.com/rhysd/actionlint/cmd/actionlint)
  build/actionlint
  (cd $place && "$here/build/actionlint")
else
  echo "actionlint: SKIPPED, no Go on this machine; 'make lab' says how it gets one."
fi
zizmor --offline --no-progress --persona=pedantic --config=.github/zizmor.yml .github $place/.github
