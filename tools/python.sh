# shellcheck shell=bash
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced: which Python to use, and how to get one.

SLIPWAY_CACHE=${SLIPWAY_CACHE:-$HOME/.cache/slipway}
debian_packages=(python3 python3-venv)

# Print the first interpreter of these versions that can make a venv. Being on PATH says little: pyenv's shims are there
# for versions that do not run, so each one is tried.
find_python() {
  local version candidate
  for version in "$@"; do
    for candidate in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/"python$version"; do
      if "$candidate" -c "import ensurepip, sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null; then
        # What an active venv was made from, also when half of that venv is gone.
        "$candidate" -c 'import os, sys; print(os.path.realpath(sys._base_executable))'
        return 0
      fi
    done
  done
  return 1
}

install_python() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    give_up
  fi
  echo "venv: no Python 3.11 to 3.13 that can make a venv; installing the Debian packages ${debian_packages[*]}"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends "${debian_packages[@]}" >/dev/null
}

give_up() {
  cat >&2 <<TEXT
venv: no Python 3.11, 3.12 or 3.13 here that can make a venv.
  Debian, Ubuntu:  apt-get install ${debian_packages[*]}   (make does that itself when it runs as root)
  elsewhere:       install one, or name it: SLIPWAY_PYTHON=/path/to/python3.13 make venv
The lab needs root on Debian; with a cluster of your own neither is needed: KUBECONFIG=... make demo
TEXT
  exit 1
}
