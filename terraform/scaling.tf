# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

resource "kubernetes_horizontal_pod_autoscaler_v2" "main" {
  metadata {
    name      = "${var.app}-hpa"
    namespace = local.namespace
    labels    = { app = var.app }
  }

  spec {
    min_replicas = var.min_replicas
    max_replicas = var.max_replicas

    scale_target_ref {
      api_version = "apps/v1"
      kind        = "Deployment"
      name        = kubernetes_deployment_v1.app["main"].metadata[0].name
    }

    metric {
      type = "Resource"
      resource {
        name = "cpu"
        target {
          type                = "Utilization"
          average_utilization = var.cpu_utilization
        }
      }
    }

    metric {
      type = "Resource"
      resource {
        name = "memory"
        target {
          type                = "Utilization"
          average_utilization = var.memory_utilization
        }
      }
    }
  }

  lifecycle {
    # A rollout raises the floor while it runs, so that stable keeps its capacity; with slots it may scale the other one.
    ignore_changes = [metadata[0].annotations, spec[0].min_replicas, spec[0].scale_target_ref[0].name]
  }
}

# Over both slots: whichever is live keeps its pods when nodes are drained.
resource "kubernetes_pod_disruption_budget_v1" "app" {
  count = var.disruption_max_unavailable == null ? 0 : 1

  metadata {
    name      = var.app
    namespace = local.namespace
    labels    = { app = var.app }
  }

  spec {
    max_unavailable = var.disruption_max_unavailable

    selector {
      match_labels = { app = var.app }
      match_expressions {
        key      = "slot"
        operator = "In"
        values   = ["blue", "green"]
      }
    }
  }
}
