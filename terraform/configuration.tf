# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# The file, mounted at /app/config. Only as a file: given to env_from as well, its key would be a variable named config.yaml.
resource "kubernetes_config_map_v1" "config" {
  metadata {
    name      = "${var.app}-config"
    namespace = local.namespace
    labels    = { app = var.app }
  }

  data = {
    "config.yaml" = templatefile(coalesce(var.config_template, "${path.module}/config/app-config.yaml.tftpl"), {
      environment = var.environment
      db_host     = var.database_host
      redis_host  = var.redis_host
    })
  }
}

# The variables.
resource "kubernetes_config_map_v1" "env" {
  metadata {
    name      = "${var.app}-env"
    namespace = local.namespace
    labels    = { app = var.app }
  }

  data = merge(var.env, {
    ENVIRONMENT     = var.environment
    DB_HOST         = var.database_host
    REDIS_HOST      = var.redis_host
    ALLOWED_ORIGINS = join(",", var.allowed_origins)
  })
}

# Plain values: the provider encodes them. Write-only, so they are neither in the plan nor in the state;
# what makes Terraform write them again is another revision.
resource "kubernetes_secret_v1" "app" {
  metadata {
    name      = "${var.app}-secrets"
    namespace = local.namespace
    labels    = { app = var.app }
  }

  type             = "Opaque"
  data_wo_revision = var.secret_revision
  data_wo = {
    DATABASE_URL = var.database_url
    API_KEY      = var.api_key
  }
}
