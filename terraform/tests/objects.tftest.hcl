# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# What is made, with the provider mocked: `terraform test` needs no cluster.

mock_provider "kubernetes" {}

variables {
  namespace        = "production"
  environment      = "production"
  image_repository = "registry.example.com/team/continual-transformer"
  image_tag        = "2.4.1"
  database_host    = "db.example.com"
  redis_host       = "redis.example.com"
  database_url     = "postgresql://app:not-a-secret@db.example.com:5432/app"
  api_key          = "not-a-secret"
}

run "namespace_and_its_labels" {
  command = plan

  assert {
    condition     = kubernetes_namespace_v1.app[0].metadata[0].name == "production"
    error_message = "The namespace is not the one that was given."
  }
  assert {
    condition = kubernetes_namespace_v1.app[0].metadata[0].labels == tomap({
      environment = "production", application = "continual-tiny-transformer"
    })
    error_message = "The namespace lacks labels."
  }
}

run "namespace_of_somebody_else" {
  command = plan
  variables {
    create_namespace = false
  }

  assert {
    condition     = length(kubernetes_namespace_v1.app) == 0 && kubernetes_service_v1.app.metadata[0].namespace == "production"
    error_message = "A namespace that is there already is made."
  }
}

run "deployments" {
  command = plan

  assert {
    condition     = { for arm, it in kubernetes_deployment_v1.app : arm => it.metadata[0].name } == { for arm in ["main", "canary", "green"] : arm => "continual-transformer-${arm}" }
    error_message = "Deployments main, canary and green are not what is made."
  }
  assert {
    condition     = { for arm, it in kubernetes_deployment_v1.app : arm => it.spec[0].replicas } == { main = "3", canary = "0", green = "0" }
    error_message = "Only main starts with pods."
  }
  assert {
    condition = { for arm, it in kubernetes_deployment_v1.app : arm => it.spec[0].selector[0].match_labels } == {
      main   = tomap({ app = "continual-transformer", slot = "blue" })
      canary = tomap({ app = "continual-transformer", slot = "canary" })
      green  = tomap({ app = "continual-transformer", slot = "green" })
    }
    error_message = "Selectors are not app and slot."
  }
  assert {
    condition = { for arm, it in kubernetes_deployment_v1.app : arm => it.metadata[0].labels.version } == {
      for arm in ["main", "canary", "green"] : arm => arm
    }
    error_message = "The label version is not the arm."
  }
}

run "canary_and_green_lack_nothing" {
  command = plan

  assert {
    condition = alltrue([
      for it in values(kubernetes_deployment_v1.app) :
      jsonencode(it.spec[0].template[0].spec[0].container[0].image) == jsonencode(kubernetes_deployment_v1.app["main"].spec[0].template[0].spec[0].container[0].image)
      && jsonencode(it.spec[0].template[0].spec[0].container[0].port) == jsonencode(kubernetes_deployment_v1.app["main"].spec[0].template[0].spec[0].container[0].port)
      && jsonencode(it.spec[0].template[0].spec[0].container[0].env) == jsonencode(kubernetes_deployment_v1.app["main"].spec[0].template[0].spec[0].container[0].env)
      && jsonencode(it.spec[0].template[0].spec[0].container[0].env_from) == jsonencode(kubernetes_deployment_v1.app["main"].spec[0].template[0].spec[0].container[0].env_from)
      && jsonencode(it.spec[0].template[0].spec[0].container[0].liveness_probe) == jsonencode(kubernetes_deployment_v1.app["main"].spec[0].template[0].spec[0].container[0].liveness_probe)
      && jsonencode(it.spec[0].template[0].spec[0].container[0].readiness_probe) == jsonencode(kubernetes_deployment_v1.app["main"].spec[0].template[0].spec[0].container[0].readiness_probe)
      && jsonencode(it.spec[0].template[0].spec[0].container[0].volume_mount) == jsonencode(kubernetes_deployment_v1.app["main"].spec[0].template[0].spec[0].container[0].volume_mount)
      && length(it.spec[0].template[0].spec[0].image_pull_secrets) == 1
    ])
    error_message = "The pods of canary and green are not those of main."
  }
  assert {
    condition = alltrue([
      for arm, it in kubernetes_deployment_v1.app :
      jsonencode(it.spec[0].strategy) == jsonencode(kubernetes_deployment_v1.app["main"].spec[0].strategy)
      && it.spec[0].strategy[0].rolling_update[0].max_surge == "25%"
      && it.spec[0].strategy[0].rolling_update[0].max_unavailable == "25%"
    ])
    error_message = "A strategy is not 25 % surge and 25 % unavailable."
  }
}

run "pods" {
  command = plan

  assert {
    condition = [for port in kubernetes_deployment_v1.app["green"].spec[0].template[0].spec[0].container[0].port : [port.name, port.container_port]] == [
      ["http", 8000], ["metrics", 9090],
    ]
    error_message = "Ports are not http 8000 and metrics 9090."
  }
  assert {
    condition = (
      kubernetes_deployment_v1.app["green"].spec[0].template[0].spec[0].container[0].liveness_probe[0].http_get[0].path == "/health"
      && kubernetes_deployment_v1.app["green"].spec[0].template[0].spec[0].container[0].liveness_probe[0].initial_delay_seconds == 30
      && kubernetes_deployment_v1.app["green"].spec[0].template[0].spec[0].container[0].readiness_probe[0].http_get[0].path == "/health/ready"
      && kubernetes_deployment_v1.app["green"].spec[0].template[0].spec[0].container[0].readiness_probe[0].period_seconds == 5
    )
    error_message = "Probes are missing or others."
  }
  assert {
    condition     = [for it in kubernetes_deployment_v1.app["green"].spec[0].template[0].spec[0].image_pull_secrets : it.name] == ["registry-secret"]
    error_message = "The pull secret is missing."
  }
  assert {
    condition = kubernetes_deployment_v1.app["green"].spec[0].template[0].metadata[0].annotations == tomap({
      "prometheus.io/scrape" = "true", "prometheus.io/port" = "9090", "prometheus.io/path" = "/metrics"
    })
    error_message = "Annotations for Prometheus are missing."
  }
  assert {
    condition     = kubernetes_deployment_v1.app["main"].spec[0].template[0].spec[0].container[0].image == "registry.example.com/team/continual-transformer:2.4.1"
    error_message = "The image is not the tag that was given."
  }
}

run "image_by_digest" {
  command = plan
  variables {
    image_tag    = null
    image_digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }

  assert {
    condition     = output.image == "registry.example.com/team/continual-transformer@${var.image_digest}"
    error_message = "The image is not the digest that was given."
  }
}

run "scaling" {
  command = plan

  assert {
    condition = [for metric in kubernetes_horizontal_pod_autoscaler_v2.main.spec[0].metric : [metric.resource[0].name, metric.resource[0].target[0].average_utilization]] == [
      ["cpu", 70], ["memory", 80],
    ]
    error_message = "The HPA does not aim at 70 % CPU and 80 % memory."
  }
  assert {
    condition = (
      kubernetes_horizontal_pod_autoscaler_v2.main.spec[0].min_replicas == 3
      && kubernetes_horizontal_pod_autoscaler_v2.main.spec[0].max_replicas == 10
      && kubernetes_horizontal_pod_autoscaler_v2.main.spec[0].scale_target_ref[0].name == "continual-transformer-main"
    )
    error_message = "The HPA has other bounds, or another target."
  }
}

run "services" {
  command = plan

  assert {
    condition     = kubernetes_service_v1.app.spec[0].selector == tomap({ app = "continual-transformer", slot = "blue" })
    error_message = "Users do not start on blue."
  }
  assert {
    condition     = kubernetes_service_v1.app.spec[0].type == "LoadBalancer" && kubernetes_service_v1.app.spec[0].port[0].port == 80 && !kubernetes_service_v1.app.wait_for_load_balancer
    error_message = "The Service is another, or is waited for though no address may ever come."
  }
  assert {
    condition = { for name, it in kubernetes_service_v1.backend : name => it.spec[0].selector } == {
      main   = tomap({ app = "continual-transformer", version = "main" })
      canary = tomap({ app = "continual-transformer", version = "canary" })
      green  = tomap({ app = "continual-transformer", slot = "green" })
      shared = tomap({ app = "continual-transformer", traffic = "shared" })
    }
    error_message = "The backends of a route select other pods."
  }
}
