# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# What is refused, each with a sentence that says what to give instead.

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

run "latest" {
  command = plan
  variables {
    image_tag = "latest"
  }
  expect_failures = [var.image_tag]
}

run "latest_in_capitals" {
  command = plan
  variables {
    image_tag = "LATEST"
  }
  expect_failures = [var.image_tag]
}

run "a_tag_that_is_none" {
  command = plan
  variables {
    image_tag = "-x"
  }
  expect_failures = [var.image_tag]
}

run "no_tag_and_no_digest" {
  command = plan
  variables {
    image_tag = null
  }
  expect_failures = [var.image_tag]
}

run "tag_and_digest" {
  command = plan
  variables {
    image_digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }
  expect_failures = [var.image_tag]
}

run "a_digest_that_is_none" {
  command = plan
  variables {
    image_tag    = null
    image_digest = "sha256:0123"
  }
  expect_failures = [var.image_digest]
}

run "a_repository_with_a_tag" {
  command = plan
  variables {
    image_repository = "registry.example.com/app:2.4.1"
  }
  expect_failures = [var.image_repository]
}

run "an_unknown_environment" {
  command = plan
  variables {
    environment = "prod"
  }
  expect_failures = [var.environment]
}

run "a_namespace_that_is_none" {
  command = plan
  variables {
    namespace = "Production"
  }
  expect_failures = [var.namespace]
}

run "an_app_that_is_none" {
  command = plan
  variables {
    app = "9-lives-"
  }
  expect_failures = [var.app]
}

run "a_variable_that_is_a_file" {
  command = plan
  variables {
    env = { "config.yaml" = "a: 1" }
  }
  expect_failures = [var.env]
}

run "a_template_that_is_not_there" {
  command = plan
  variables {
    config_template = "nowhere.yaml"
  }
  expect_failures = [var.config_template]
}

run "a_database_without_scheme" {
  command = plan
  variables {
    database_url = "db.example.com"
  }
  expect_failures = [var.database_url]
}

run "an_empty_key" {
  command = plan
  variables {
    api_key = " "
  }
  expect_failures = [var.api_key]
}

run "half_a_revision" {
  command = plan
  variables {
    secret_revision = 1.5
  }
  expect_failures = [var.secret_revision]
}

run "fewer_at_most_than_at_least" {
  command = plan
  variables {
    min_replicas = 5
    max_replicas = 4
  }
  expect_failures = [var.max_replicas]
}

run "root" {
  command = plan
  variables {
    run_as_user = 0
  }
  expect_failures = [var.run_as_user]
}

run "a_surge_that_is_none" {
  command = plan
  variables {
    max_surge = "some"
  }
  expect_failures = [var.max_surge]
}

run "nothing_to_go_back_to" {
  command = plan
  variables {
    revision_history_limit = 0
  }
  expect_failures = [var.revision_history_limit]
}

run "an_unknown_service" {
  command = plan
  variables {
    service_type = "ExternalName"
  }
  expect_failures = [var.service_type]
}

run "a_route_of_unknown_kind" {
  command = plan
  variables {
    route = { kind = "ingress", hosts = ["a"], gateway = "a/b" }
  }
  expect_failures = [var.route]
}

run "a_route_without_namespace" {
  command = plan
  variables {
    route = { kind = "httproute", hosts = ["a"], gateway = "b" }
  }
  expect_failures = [var.route]
}

run "a_route_without_hosts" {
  command = plan
  variables {
    route = { kind = "httproute", hosts = [], gateway = "a/b" }
  }
  expect_failures = [var.route]
}

run "no_pods_at_least" {
  command = plan
  variables {
    min_replicas = 0
  }
  expect_failures = [var.min_replicas]
}

run "half_a_pod" {
  command = plan
  variables {
    replica_count = 1.5
  }
  expect_failures = [var.replica_count]
}

run "too_much_cpu" {
  command = plan
  variables {
    cpu_utilization = 170
  }
  expect_failures = [var.cpu_utilization]
}

run "no_memory" {
  command = plan
  variables {
    memory_utilization = 0
  }
  expect_failures = [var.memory_utilization]
}

run "an_unavailable_that_is_none" {
  command = plan
  variables {
    max_unavailable = "-1"
  }
  expect_failures = [var.max_unavailable]
}
