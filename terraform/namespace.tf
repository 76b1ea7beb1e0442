# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

resource "kubernetes_namespace_v1" "app" {
  count = var.create_namespace ? 1 : 0

  metadata {
    name = var.namespace
    labels = merge(var.namespace_labels, {
      environment = var.environment
      application = var.application
    })
  }
}

resource "kubernetes_service_account_v1" "app" {
  metadata {
    name      = var.app
    namespace = local.namespace
    labels    = { app = var.app }
  }

  automount_service_account_token = false
}
