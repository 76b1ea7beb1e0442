# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

terraform {
  # 1.11 brought write-only arguments and ephemeral variables: no secret is in the plan or in the state. OpenTofu has them since 1.11 too.
  required_version = ">= 1.11"

  required_providers {
    kubernetes = {
      source = "hashicorp/kubernetes"
      # 3.2.1 is the first in which a Secret with write-only data can be created.
      version = ">= 3.2.1, < 4.0.0"
    }
  }
}
