# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# main, canary and green are one resource, so that none of them can lack what another one has.
resource "kubernetes_deployment_v1" "app" {
  for_each = local.arms

  metadata {
    name      = "${var.app}-${each.key}"
    namespace = local.namespace
    labels    = { app = var.app, version = each.key, slot = each.value.slot }
  }

  wait_for_rollout = var.wait_for_rollout

  spec {
    replicas                  = each.value.replicas
    revision_history_limit    = var.revision_history_limit
    progress_deadline_seconds = var.progress_deadline_seconds

    selector {
      match_labels = { app = var.app, slot = each.value.slot }
    }

    strategy {
      type = "RollingUpdate"
      rolling_update {
        max_unavailable = var.max_unavailable
        max_surge       = var.max_surge
      }
    }

    template {
      metadata {
        labels = merge({ app = var.app, version = each.key, slot = each.value.slot }, each.value.labels)
        annotations = {
          "prometheus.io/scrape" = "true"
          "prometheus.io/port"   = tostring(var.metrics_port)
          "prometheus.io/path"   = "/metrics"
        }
      }

      spec {
        service_account_name             = kubernetes_service_account_v1.app.metadata[0].name
        automount_service_account_token  = false
        enable_service_links             = false
        termination_grace_period_seconds = var.termination_grace_period_seconds

        security_context {
          run_as_non_root = true
          run_as_user     = var.run_as_user
          fs_group        = var.fs_group
        }

        dynamic "image_pull_secrets" {
          for_each = var.image_pull_secrets
          content {
            name = image_pull_secrets.value
          }
        }

        container {
          name              = "app"
          image             = local.image
          image_pull_policy = "IfNotPresent"

          port {
            name           = "http"
            container_port = var.http_port
          }

          port {
            name           = "metrics"
            container_port = var.metrics_port
          }

          env {
            name = "VERSION"
            value_from {
              field_ref {
                field_path = "metadata.labels['version']"
              }
            }
          }

          env_from {
            config_map_ref {
              name = kubernetes_config_map_v1.env.metadata[0].name
            }
          }

          env_from {
            secret_ref {
              name = kubernetes_secret_v1.app.metadata[0].name
            }
          }

          resources {
            requests = { cpu = var.cpu_request, memory = var.memory_request }
            limits   = { for name, limit in { cpu = var.cpu_limit, memory = var.memory_limit } : name => limit if limit != null }
          }

          liveness_probe {
            http_get {
              path = var.liveness_probe.path
              port = "http"
            }
            initial_delay_seconds = var.liveness_probe.initial_delay_seconds
            period_seconds        = var.liveness_probe.period_seconds
            timeout_seconds       = var.liveness_probe.timeout_seconds
            failure_threshold     = var.liveness_probe.failure_threshold
          }

          readiness_probe {
            http_get {
              path = var.readiness_probe.path
              port = "http"
            }
            initial_delay_seconds = var.readiness_probe.initial_delay_seconds
            period_seconds        = var.readiness_probe.period_seconds
            timeout_seconds       = var.readiness_probe.timeout_seconds
            failure_threshold     = var.readiness_probe.failure_threshold
          }

          # Endpoints, proxies and gateways take a moment to leave a pod out; until then it has to answer.
          dynamic "lifecycle" {
            for_each = length(var.pre_stop_command) > 0 ? [var.pre_stop_command] : []
            content {
              pre_stop {
                exec {
                  command = lifecycle.value
                }
              }
            }
          }

          security_context {
            allow_privilege_escalation = false
            read_only_root_filesystem  = true
            capabilities {
              drop = ["ALL"]
            }
          }

          volume_mount {
            name       = "config"
            mount_path = "/app/config"
            read_only  = true
          }

          volume_mount {
            name       = "tmp"
            mount_path = "/tmp"
          }
        }

        volume {
          name = "config"
          config_map {
            name = kubernetes_config_map_v1.config.metadata[0].name
          }
        }

        volume {
          name = "tmp"
          empty_dir {}
        }
      }
    }
  }

  lifecycle {
    # A release is an image and its configuration. Both, how many pods it has, and Slipway's notes belong to rollouts.
    ignore_changes = [
      metadata[0].annotations,
      spec[0].replicas,
      spec[0].template[0].spec[0].container[0].image,
      spec[0].template[0].spec[0].container[0].env_from,
      spec[0].template[0].spec[0].volume,
    ]
  }
}
