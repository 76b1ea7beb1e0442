# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Which app, where.

variable "app" {
  description = "Name of the app: the label app, and the start of every object's name."
  type        = string
  default     = "continual-transformer"

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$", var.app))
    error_message = "app is ${jsonencode(var.app)}; give at most 50 lower-case letters, digits and hyphens, the first a letter, the last no hyphen."
  }
}

variable "application" {
  description = "The namespace's label application."
  type        = string
  default     = "continual-tiny-transformer"
}

variable "namespace" {
  description = "Namespace of all objects."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace is ${jsonencode(var.namespace)}; give at most 63 lower-case letters, digits and hyphens, with no hyphen at either end."
  }
}

variable "create_namespace" {
  description = "Whether the namespace is made here. With false it has to be there."
  type        = bool
  default     = true
}

variable "namespace_labels" {
  description = "More labels of the namespace, such as istio-injection."
  type        = map(string)
  default     = {}
}

variable "environment" {
  description = "Which environment this is."
  type        = string

  validation {
    condition     = contains(["development", "testing", "staging", "production"], var.environment)
    error_message = "environment is ${jsonencode(var.environment)}; give development, testing, staging or production."
  }
}

# The first release. Later ones come from rollouts; changing these then changes nothing.

variable "image_repository" {
  description = "Image without tag and digest, such as registry.example.com/team/continual-transformer."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*$", var.image_repository))
    error_message = "image_repository is ${jsonencode(var.image_repository)}; give registry/path, and tag or digest in image_tag or image_digest."
  }
}

variable "image_digest" {
  description = "Digest of the image. Either this or image_tag."
  type        = string
  default     = null

  validation {
    condition     = var.image_digest == null || can(regex("^sha256:[0-9a-f]{64}$", var.image_digest))
    error_message = "image_digest is ${jsonencode(var.image_digest)}; give sha256: and 64 hexadecimal digits."
  }
}

variable "image_tag" {
  description = "Tag of the image, which has to name one release for good. Either this or image_digest."
  type        = string
  default     = null

  validation {
    condition     = var.image_tag == null || can(regex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", var.image_tag))
    error_message = "image_tag is ${jsonencode(var.image_tag)}, which is not a tag; give one such as 2.4.1."
  }

  validation {
    condition     = var.image_tag == null || lower(coalesce(var.image_tag, "-")) != "latest"
    error_message = "image_tag is latest, which names another image tomorrow; give the tag of one release, or image_digest."
  }

  validation {
    condition     = (var.image_tag == null) != (var.image_digest == null)
    error_message = "Give either image_tag or image_digest, and not both."
  }
}

variable "image_pull_secrets" {
  description = "Names of Secrets in the namespace that the image is pulled with."
  type        = list(string)
  default     = ["registry-secret"]
}

# Configuration.

variable "database_host" {
  description = "Host of the database, as the configuration's file and DB_HOST name it."
  type        = string
}

variable "redis_host" {
  description = "Host of Redis, as the configuration's file and REDIS_HOST name it."
  type        = string
}

variable "allowed_origins" {
  description = "Origins that browsers may call from; ALLOWED_ORIGINS has them, joined by commas."
  type        = list(string)
  default     = []
}

variable "env" {
  description = "More variables of the containers, nothing secret."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.env) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name))])
    error_message = "env has a name that is none of a variable; use letters, digits and underscores, with no digit first."
  }
}

variable "config_template" {
  description = "Template to use instead of the module's own; it is given environment, db_host and redis_host."
  type        = string
  default     = null

  validation {
    condition     = var.config_template == null || can(file(var.config_template))
    error_message = "config_template is ${jsonencode(var.config_template)}, which is no readable file; give its path from the root module."
  }
}

# Secrets. Ephemeral: neither plan nor state has them, and they are given again to an apply.

variable "database_url" {
  description = "URL of the database with its password; DATABASE_URL in the containers."
  type        = string
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = can(regex("^[a-z][a-z0-9+.-]*://", var.database_url))
    error_message = "database_url does not start as a URL does; give one such as postgresql://user:password@host:5432/name."
  }
}

variable "api_key" {
  description = "Key of the API; API_KEY in the containers."
  type        = string
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = length(trimspace(var.api_key)) > 0
    error_message = "api_key is empty; give the key."
  }
}

variable "secret_revision" {
  description = "Another number makes Terraform write the secrets again, which it can't compare. The role counts it by itself."
  type        = number
  default     = 1

  validation {
    condition     = var.secret_revision >= 1 && floor(var.secret_revision) == var.secret_revision
    error_message = "secret_revision is ${var.secret_revision}; give a whole number from 1."
  }
}
