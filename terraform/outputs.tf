# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

output "namespace" {
  description = "Namespace of all objects."
  value       = local.namespace
}

output "image" {
  description = "Image of the first release. What is live is for rollouts to say."
  value       = local.image
}

output "deployments" {
  description = "Names of the Deployments by arm: main, canary, green."
  value       = { for arm, deployment in kubernetes_deployment_v1.app : arm => deployment.metadata[0].name }
}

output "services" {
  description = "Names of the Services: users for the one that users reach, else by backend."
  value = merge(
    { users = kubernetes_service_v1.app.metadata[0].name },
    { for backend, service in kubernetes_service_v1.backend : backend => service.metadata[0].name },
  )
}

output "config_map" {
  description = "Name of the ConfigMap with the configuration's file."
  value       = kubernetes_config_map_v1.config.metadata[0].name
}

output "env_config_map" {
  description = "Name of the ConfigMap with the variables."
  value       = kubernetes_config_map_v1.env.metadata[0].name
}

output "secret" {
  description = "Name of the Secret."
  value       = kubernetes_secret_v1.app.metadata[0].name
}

output "hpa" {
  description = "Name of the HorizontalPodAutoscaler."
  value       = kubernetes_horizontal_pod_autoscaler_v2.main.metadata[0].name
}

output "slipway" {
  description = "What an inventory of Slipway needs to roll out releases of this app."
  value = merge(
    {
      slipway_namespace = local.namespace
      slipway_stable    = kubernetes_deployment_v1.app["main"].metadata[0].name
      slipway_canary    = kubernetes_deployment_v1.app["canary"].metadata[0].name
      slipway_container = "app"
    },
    local.route_kind == null ? {} : {
      slipway_route = {
        kind = local.route_kind
        name = var.app
        rule = "primary"
        backends = {
          stable = { service = kubernetes_service_v1.backend["main"].metadata[0].name }
          canary = { service = kubernetes_service_v1.backend["canary"].metadata[0].name }
        }
      }
    },
  )
}
