# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The option `registry`, which several modules have."""

from __future__ import annotations


class ModuleDocFragment:
    """C(registry)."""

    DOCUMENTATION = r"""
options:
  registry:
    description: How to ask the image's registry.
    type: dict
    default: {}
    suboptions:
      username:
        description: User for the registry.
        type: str
      password:
        description: Password or token of the user.
        type: str
      plain_http:
        description: Use http. By default only for registries on the machine itself (C(localhost), C(127.0.0.1)).
        type: bool
      validate_certs:
        description: Whether to verify the registry's certificate.
        type: bool
        default: true
      ca_path:
        description: File with the certificates (PEM) that the registry's certificate is verified with.
        type: path
"""
