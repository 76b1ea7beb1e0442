# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# What users reach.
resource "kubernetes_service_v1" "app" {
  metadata {
    name        = var.app
    namespace   = local.namespace
    labels      = { app = var.app }
    annotations = var.service_annotations
  }

  # An address may never come, where nothing in the cluster gives one.
  wait_for_load_balancer = false

  spec {
    type     = var.service_type
    selector = { app = var.app, slot = "blue" }

    port {
      name        = "http"
      port        = 80
      target_port = "http"
      protocol    = "TCP"
    }
  }

  lifecycle {
    # The slot that is live, and which one was before, belong to rollouts.
    ignore_changes = [metadata[0].annotations, spec[0].selector["slot"]]
  }
}

# What a route sends users to.
resource "kubernetes_service_v1" "backend" {
  for_each = local.backends

  metadata {
    name      = "${var.app}-${each.key}"
    namespace = local.namespace
    labels    = { app = var.app }
  }

  spec {
    type     = "ClusterIP"
    selector = merge({ app = var.app }, each.value)

    port {
      name        = "http"
      port        = 80
      target_port = "http"
      protocol    = "TCP"
    }
  }

  lifecycle {
    ignore_changes = [metadata[0].annotations]
  }
}

# The rule of a route has nothing that a variable changes: Terraform writes it once, and its weights belong to rollouts.
resource "kubernetes_manifest" "virtual_service" {
  count = local.route_kind == "virtualservice" ? 1 : 0

  computed_fields = ["metadata.annotations", "metadata.labels", "spec.http"]
  manifest = {
    apiVersion = "networking.istio.io/v1"
    kind       = "VirtualService"
    metadata   = { name = var.app, namespace = local.namespace, labels = { app = var.app } }
    spec = {
      hosts    = var.route.hosts
      gateways = [var.route.gateway]
      http = [{
        name = "primary"
        route = [
          { destination = { host = "${var.app}-main" }, weight = 100 },
          { destination = { host = "${var.app}-canary" }, weight = 0 },
        ]
      }]
    }
  }

  depends_on = [kubernetes_service_v1.backend]
}

resource "kubernetes_manifest" "http_route" {
  count = local.route_kind == "httproute" ? 1 : 0

  computed_fields = ["metadata.annotations", "metadata.labels", "spec.rules"]
  manifest = {
    apiVersion = "gateway.networking.k8s.io/v1"
    kind       = "HTTPRoute"
    metadata   = { name = var.app, namespace = local.namespace, labels = { app = var.app } }
    spec = {
      hostnames  = var.route.hosts
      parentRefs = [{ namespace = split("/", var.route.gateway)[0], name = split("/", var.route.gateway)[1] }]
      rules = [{
        name = "primary"
        backendRefs = [
          { name = "${var.app}-main", port = 80, weight = 100 },
          { name = "${var.app}-canary", port = 80, weight = 0 },
        ]
      }]
    }
  }

  depends_on = [kubernetes_service_v1.backend]
}
