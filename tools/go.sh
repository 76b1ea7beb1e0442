#!/usr/bin/env bash
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# The lab's own Go programs: 'lint' for form and vet, 'test' for their tests.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v go >/dev/null; then
  echo "go: SKIPPED, no Go on this machine; 'make lab' says how it gets one."
  exit 0
fi
export GOCACHE=$SLIPWAY_CACHE/go/build GOMODCACHE=$SLIPWAY_CACHE/go/mod GOFLAGS=-buildvcs=false GOTOOLCHAIN=local

# Folders with sources of ours; the others only say what to build of other projects.
git ls-files --cached --others --exclude-standard 'lab/*.go' | xargs -r -n 1 dirname | sort -u | while read -r folder; do
  case $1 in
    lint)
      unformatted=$(gofmt -l "$folder")
      if [ -n "$unformatted" ]; then
        echo "go: run gofmt -w on $unformatted"
        exit 1
      fi
      (cd "$folder" && go vet ./...)
      ;;
    test) (cd "$folder" && go test ./...) ;;
  esac
done
