# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

locals {
  image = var.image_digest == null ? "${var.image_repository}:${var.image_tag}" : "${var.image_repository}@${var.image_digest}"

  # By reference, so that everything in the namespace is made after it and goes before it.
  namespace = var.create_namespace ? kubernetes_namespace_v1.app[0].metadata[0].name : var.namespace

  # main and canary share one pool for routes whose split is the number of pods. Replicas are those of the first apply.
  arms = {
    main   = { slot = "blue", replicas = var.replica_count, labels = { traffic = "shared" } }
    canary = { slot = "canary", replicas = 0, labels = { traffic = "shared" } }
    green  = { slot = "green", replicas = 0, labels = {} }
  }

  # Services for the backends of a route, and for looking at one version or slot alone.
  backends = {
    main   = { version = "main" }
    canary = { version = "canary" }
    green  = { slot = "green" }
    shared = { traffic = "shared" }
  }

  route_kind = var.route == null ? null : var.route.kind
}
