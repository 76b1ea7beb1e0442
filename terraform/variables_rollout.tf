# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# How many pods there are, how they are replaced, how users reach them.

variable "replica_count" {
  description = "Pods of main at the first apply; then the HPA and rollouts see to it."
  type        = number
  default     = 3

  validation {
    condition     = var.replica_count >= 0 && floor(var.replica_count) == var.replica_count
    error_message = "replica_count is ${var.replica_count}; give a whole number from 0."
  }
}

variable "min_replicas" {
  description = "Floor of the HPA at the first apply; a rollout raises it while it runs."
  type        = number
  default     = 3

  validation {
    condition     = var.min_replicas >= 1 && floor(var.min_replicas) == var.min_replicas
    error_message = "min_replicas is ${var.min_replicas}; give a whole number from 1."
  }
}

variable "max_replicas" {
  description = "Ceiling of the HPA. A rollout needs room under it."
  type        = number
  default     = 10

  validation {
    condition     = var.max_replicas >= var.min_replicas
    error_message = "max_replicas is ${var.max_replicas}, below min_replicas, ${var.min_replicas}; give at least that."
  }
}

variable "cpu_utilization" {
  description = "CPU in percent of the request that the HPA aims at."
  type        = number
  default     = 70

  validation {
    condition     = var.cpu_utilization >= 1 && var.cpu_utilization <= 100
    error_message = "cpu_utilization is ${var.cpu_utilization}; give percent, 1 to 100."
  }
}

variable "memory_utilization" {
  description = "Memory in percent of the request that the HPA aims at."
  type        = number
  default     = 80

  validation {
    condition     = var.memory_utilization >= 1 && var.memory_utilization <= 100
    error_message = "memory_utilization is ${var.memory_utilization}; give percent, 1 to 100."
  }
}

variable "max_unavailable" {
  description = "Pods that may be missing while they are replaced, a number or percent."
  type        = string
  default     = "25%"

  validation {
    condition     = can(regex("^[0-9]+%?$", var.max_unavailable))
    error_message = "max_unavailable is ${jsonencode(var.max_unavailable)}; give a number or percent, such as 25%."
  }
}

variable "max_surge" {
  description = "Pods that may be too many while they are replaced, a number or percent."
  type        = string
  default     = "25%"

  validation {
    condition     = can(regex("^[0-9]+%?$", var.max_surge))
    error_message = "max_surge is ${jsonencode(var.max_surge)}; give a number or percent, such as 25%."
  }
}

variable "disruption_max_unavailable" {
  description = "Pods of both slots that may be missing while nodes are drained, a number or percent; null for no PodDisruptionBudget."
  type        = string
  default     = "25%"
}

variable "revision_history_limit" {
  description = "Former ReplicaSets that are kept; an undo needs one."
  type        = number
  default     = 3

  validation {
    condition     = var.revision_history_limit >= 1
    error_message = "revision_history_limit is ${var.revision_history_limit}; give at least 1, so that there is something to go back to."
  }
}

variable "progress_deadline_seconds" {
  description = "How long pods may make no progress before the Deployment says so."
  type        = number
  default     = 600
}

variable "wait_for_rollout" {
  description = "Whether an apply waits until pods that it makes or replaces are ready."
  type        = bool
  default     = true
}

variable "service_type" {
  description = "Type of the Service that users reach."
  type        = string
  default     = "LoadBalancer"

  validation {
    condition     = contains(["ClusterIP", "NodePort", "LoadBalancer"], var.service_type)
    error_message = "service_type is ${jsonencode(var.service_type)}; give ClusterIP, NodePort or LoadBalancer."
  }
}

variable "service_annotations" {
  description = "Annotations of that Service at the first apply, such as those for a load balancer."
  type        = map(string)
  default     = {}
}

variable "route" {
  description = "A route for a canary's traffic: kind virtualservice or httproute, its hosts, and its gateway as namespace/name; null for none."
  type = object({
    kind    = string
    hosts   = list(string)
    gateway = string
  })
  default = null

  validation {
    condition     = var.route == null || contains(["virtualservice", "httproute"], try(var.route.kind, ""))
    error_message = "route.kind is ${jsonencode(try(var.route.kind, null))}; give virtualservice or httproute."
  }

  validation {
    condition     = var.route == null || can(regex("^[a-z0-9-]+/[a-z0-9-]+$", var.route.gateway))
    error_message = "route.gateway is ${jsonencode(try(var.route.gateway, null))}; give namespace/name."
  }

  validation {
    condition     = var.route == null || try(length(var.route.hosts) > 0, false)
    error_message = "route.hosts is empty; give the hosts that users ask for."
  }
}
