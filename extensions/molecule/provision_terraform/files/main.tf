# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Needs no provider, so that this runs wherever Terraform or OpenTofu does.
terraform {
  backend "kubernetes" {}
}

variable "greeting" {
  type = string
}

variable "second" {
  type    = bool
  default = true
}

resource "terraform_data" "first" {
  input = var.greeting
}

resource "terraform_data" "second" {
  count = var.second ? 1 : 0
  input = "same"
}

output "greeting" {
  value = terraform_data.first.output
}

output "second" {
  value = length(terraform_data.second)
}
