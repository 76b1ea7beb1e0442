# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# The configuration as a file and as variables, the Secret, the route.

mock_provider "kubernetes" {}

variables {
  namespace        = "staging"
  environment      = "staging"
  image_repository = "registry.example.com/team/continual-transformer"
  image_tag        = "2.4.1"
  database_host    = "db.example.com"
  redis_host       = "redis.example.com"
  database_url     = "postgresql://app:not-a-secret@db.example.com:5432/app"
  api_key          = "not-a-secret"
}

run "file" {
  command = plan

  assert {
    condition     = keys(kubernetes_config_map_v1.config.data) == tolist(["config.yaml"])
    error_message = "The file is not alone in its ConfigMap."
  }
  assert {
    condition = (
      yamldecode(kubernetes_config_map_v1.config.data["config.yaml"]).environment == "staging"
      && yamldecode(kubernetes_config_map_v1.config.data["config.yaml"]).database.host == "db.example.com"
      && yamldecode(kubernetes_config_map_v1.config.data["config.yaml"]).redis.host == "redis.example.com"
      && yamldecode(kubernetes_config_map_v1.config.data["config.yaml"]).database.url == "$${DATABASE_URL}"
    )
    error_message = "The file is no YAML, or lacks environment, db_host or redis_host."
  }
  assert {
    condition = alltrue([
      for it in values(kubernetes_deployment_v1.app) :
      it.spec[0].template[0].spec[0].volume[0].config_map[0].name == "continual-transformer-config"
      && it.spec[0].template[0].spec[0].container[0].volume_mount[0].mount_path == "/app/config"
    ])
    error_message = "The file is not mounted at /app/config everywhere."
  }
}

run "file_with_a_value_that_means_something_in_yaml" {
  command = plan
  variables {
    database_host = "yes: \"#\" {}"
  }

  assert {
    condition     = yamldecode(kubernetes_config_map_v1.config.data["config.yaml"]).database.host == "yes: \"#\" {}"
    error_message = "A value broke the file."
  }
}

run "file_of_ones_own" {
  command = plan
  variables {
    config_template = "tests/own-config.yaml.tftpl"
  }

  assert {
    condition     = yamldecode(kubernetes_config_map_v1.config.data["config.yaml"]) == { where = "staging", hosts = ["db.example.com", "redis.example.com"] }
    error_message = "The given template is not used."
  }
}

run "variables" {
  command = plan
  variables {
    env             = { WORKERS = "4", ENVIRONMENT = "lost" }
    allowed_origins = ["https://a.example.com", "https://b.example.com"]
  }

  assert {
    condition = kubernetes_config_map_v1.env.data == tomap({
      ENVIRONMENT     = "staging", DB_HOST = "db.example.com", REDIS_HOST = "redis.example.com", WORKERS = "4"
      ALLOWED_ORIGINS = "https://a.example.com,https://b.example.com"
    })
    error_message = "The variables are others."
  }
  assert {
    condition = alltrue([
      for it in values(kubernetes_deployment_v1.app) :
      it.spec[0].template[0].spec[0].container[0].env_from[0].config_map_ref[0].name == "continual-transformer-env"
      && it.spec[0].template[0].spec[0].container[0].env_from[1].secret_ref[0].name == "continual-transformer-secrets"
    ])
    error_message = "Containers are given something else, such as the file, as variables."
  }
}

run "secret_is_in_no_state" {
  command = apply

  assert {
    condition     = kubernetes_secret_v1.app.data_wo == null && length(coalesce(kubernetes_secret_v1.app.data, {})) == 0
    error_message = "The state has the secrets."
  }
  assert {
    condition     = kubernetes_secret_v1.app.data_wo_revision == 1 && kubernetes_secret_v1.app.type == "Opaque"
    error_message = "The Secret is not written again with another revision."
  }
}

run "virtual_service" {
  command = plan
  variables {
    route = { kind = "virtualservice", hosts = ["shop.example.com"], gateway = "istio-system/gateway" }
  }

  assert {
    condition     = [for it in kubernetes_manifest.virtual_service[0].manifest.spec.http[0].route : [it.destination.host, it.weight]] == [["continual-transformer-main", 100], ["continual-transformer-canary", 0]]
    error_message = "Users do not all start on main."
  }
  assert {
    condition     = contains(kubernetes_manifest.virtual_service[0].computed_fields, "spec.http") && length(kubernetes_manifest.http_route) == 0
    error_message = "The weights are not left to rollouts."
  }
  assert {
    condition     = output.slipway.slipway_route.kind == "virtualservice" && output.slipway.slipway_stable == "continual-transformer-main"
    error_message = "The output for inventories lacks the route."
  }
}

run "http_route" {
  command = plan
  variables {
    route = { kind = "httproute", hosts = ["shop.example.com"], gateway = "istio-system/gateway-api" }
  }

  assert {
    condition     = kubernetes_manifest.http_route[0].manifest.spec.parentRefs[0].name == "gateway-api" && kubernetes_manifest.http_route[0].manifest.spec.parentRefs[0].namespace == "istio-system"
    error_message = "The route has another parent."
  }
  assert {
    condition     = contains(kubernetes_manifest.http_route[0].computed_fields, "spec.rules") && length(kubernetes_manifest.virtual_service) == 0
    error_message = "The weights are not left to rollouts."
  }
}
