# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

terraform {
  required_version = ">= 1.11"

  required_providers {
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = ">= 3.2.1, < 4.0.0"
    }
  }

  # State and its lock are a Secret and a Lease in the cluster. Where, is given to init:
  # terraform init -backend-config=secret_suffix=continual-transformer -backend-config=namespace=terraform-state
  backend "kubernetes" {}
}

provider "kubernetes" {
  config_path    = var.kubeconfig
  config_context = var.context

  # Notes of rollouts on objects that Terraform made.
  ignore_annotations = ["^slipway\\.rollout/"]
}

module "app" {
  source = "../.."

  environment      = "production"
  namespace        = var.namespace
  image_repository = var.image_repository
  image_tag        = var.image_tag
  image_digest     = var.image_digest

  database_host   = var.database_host
  redis_host      = var.redis_host
  database_url    = var.database_url
  api_key         = var.api_key
  secret_revision = var.secret_revision
  allowed_origins = var.allowed_origins
  env             = var.env

  service_type       = var.service_type
  route              = var.route
  replica_count      = var.replica_count
  min_replicas       = var.min_replicas
  max_replicas       = var.max_replicas
  image_pull_secrets = var.image_pull_secrets
  pre_stop_command   = var.pre_stop_command
  cpu_request        = var.cpu_request
  cpu_limit          = var.cpu_limit
  memory_request     = var.memory_request
  memory_limit       = var.memory_limit
  liveness_probe     = var.liveness_probe
  readiness_probe    = var.readiness_probe

  termination_grace_period_seconds = var.termination_grace_period_seconds
  wait_for_rollout                 = var.wait_for_rollout
}
