# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

output "slipway" {
  description = "What an inventory of Slipway needs to roll out releases of this app."
  value       = module.app.slipway
}

output "image" {
  description = "Image of the first release."
  value       = module.app.image
}
