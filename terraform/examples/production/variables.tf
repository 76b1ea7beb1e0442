# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# The module says what each is, and refuses what can't be.

variable "kubeconfig" {
  description = "Path of the kubeconfig; by default what KUBE_CONFIG_PATH names, or the cluster that this runs in."
  type        = string
  default     = null
}

variable "context" {
  description = "Context in it; by default the current one."
  type        = string
  default     = null
}

variable "namespace" {
  description = "Namespace of the app."
  type        = string
  default     = "production"
}

variable "image_repository" {
  description = "Image without tag and digest."
  type        = string
}

variable "image_tag" {
  description = "Tag of the first release."
  type        = string
  default     = null
}

variable "image_digest" {
  description = "Digest of the first release."
  type        = string
  default     = null
}

variable "database_host" {
  description = "Host of the database."
  type        = string
}

variable "redis_host" {
  description = "Host of Redis."
  type        = string
}

variable "database_url" {
  description = "URL of the database with its password."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "api_key" {
  description = "Key of the API."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "secret_revision" {
  description = "Another number makes Terraform write the secrets again."
  type        = number
  default     = 1
}

variable "allowed_origins" {
  description = "Origins that browsers may call from."
  type        = list(string)
  default     = []
}

variable "env" {
  description = "More variables of the containers, nothing secret."
  type        = map(string)
  default     = {}
}

variable "service_type" {
  description = "Type of the Service that users reach."
  type        = string
  default     = "LoadBalancer"
}

variable "route" {
  description = "A route for a canary's traffic; null for none."
  type        = object({ kind = string, hosts = list(string), gateway = string })
  default     = null
}

variable "replica_count" {
  description = "Pods of main at the first apply."
  type        = number
  default     = 3
}

variable "min_replicas" {
  description = "Floor of the HPA at the first apply."
  type        = number
  default     = 3
}

variable "max_replicas" {
  description = "Ceiling of the HPA."
  type        = number
  default     = 10
}

variable "image_pull_secrets" {
  description = "Names of Secrets that the image is pulled with."
  type        = list(string)
  default     = ["registry-secret"]
}

variable "pre_stop_command" {
  description = "What a container runs before it is told to end."
  type        = list(string)
  default     = ["sleep", "5"]
}

variable "termination_grace_period_seconds" {
  description = "How long a pod may take to end."
  type        = number
  default     = 30
}

variable "cpu_request" {
  description = "CPU that each pod is sure of."
  type        = string
  default     = "1"
}

variable "cpu_limit" {
  description = "CPU that a pod gets at most; null for no limit."
  type        = string
  default     = "2"
}

variable "memory_request" {
  description = "Memory that each pod is sure of."
  type        = string
  default     = "2Gi"
}

variable "memory_limit" {
  description = "Memory above which a pod is killed; null for no limit."
  type        = string
  default     = "4Gi"
}

variable "liveness_probe" {
  description = "When a container is restarted."
  type        = any
  default     = {}
}

variable "readiness_probe" {
  description = "When a pod gets no users."
  type        = any
  default     = {}
}

variable "wait_for_rollout" {
  description = "Whether an apply waits until pods are ready."
  type        = bool
  default     = true
}
