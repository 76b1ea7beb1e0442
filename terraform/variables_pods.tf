# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# What pods are given, and how they are asked whether they are well.

variable "http_port" {
  description = "Port that the container serves users on."
  type        = number
  default     = 8000
}

variable "metrics_port" {
  description = "Port that the container serves /metrics on."
  type        = number
  default     = 9090
}

variable "cpu_request" {
  description = "CPU that each pod is sure of; the HPA reckons by it."
  type        = string
  default     = "1"
}

variable "cpu_limit" {
  description = "CPU that a pod gets at most; null for no limit."
  type        = string
  default     = "2"
}

variable "memory_request" {
  description = "Memory that each pod is sure of; the HPA reckons by it."
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
  type = object({
    path                  = optional(string, "/health")
    initial_delay_seconds = optional(number, 30)
    period_seconds        = optional(number, 10)
    timeout_seconds       = optional(number, 2)
    failure_threshold     = optional(number, 3)
  })
  default = {}
}

variable "readiness_probe" {
  description = "When a pod gets no users."
  type = object({
    path                  = optional(string, "/health/ready")
    initial_delay_seconds = optional(number, 5)
    period_seconds        = optional(number, 5)
    timeout_seconds       = optional(number, 2)
    failure_threshold     = optional(number, 3)
  })
  default = {}
}

variable "pre_stop_command" {
  description = "What a container runs before it is told to end, so that no request is lost; the image must have it. Empty for nothing."
  type        = list(string)
  default     = ["sleep", "5"]
}

variable "termination_grace_period_seconds" {
  description = "How long a pod may take to end, with pre_stop_command."
  type        = number
  default     = 30
}

variable "run_as_user" {
  description = "User number of the process."
  type        = number
  default     = 1000

  validation {
    condition     = var.run_as_user > 0
    error_message = "run_as_user is ${var.run_as_user}; give the number of a user that is not root."
  }
}

variable "fs_group" {
  description = "Group number that owns volumes."
  type        = number
  default     = 2000
}
