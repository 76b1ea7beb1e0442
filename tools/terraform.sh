#!/usr/bin/env bash
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# The Terraform module: its format, and with the provider at hand whether module and example are valid.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! program=$(command -v terraform || command -v tofu); then
  echo "terraform: SKIPPED, neither terraform nor tofu is on PATH; nothing was checked."
  exit 0
fi
"$program" fmt -check -recursive -diff terraform

copy=build/terraform
rm -rf $copy
cp -R terraform $copy
for folder in $copy $copy/examples/production; do
  if ! said=$("$program" -chdir="$folder" init -backend=false -input=false -no-color 2>&1); then
    case $said in
      *"could not connect to"*)
        echo "terraform: SKIPPED validate, for the provider hashicorp/kubernetes is not to be had here."
        exit 0
        ;;
    esac
    echo "$said"
    exit 1
  fi
  "$program" -chdir="$folder" validate -no-color
done
