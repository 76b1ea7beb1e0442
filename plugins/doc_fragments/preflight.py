# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options that every preflight has."""

from __future__ import annotations


class ModuleDocFragment:
    """C(gate) and C(prefix); C(PODS) has C(pods_proxy), C(SERVICES) C(service_proxy)."""

    DOCUMENTATION = r"""
options:
  gate:
    description:
      - Other options that the gates will have, by name, such as C(interval) and C(duration) of
        M(slipway.rollout.metric_gate), to be checked with the rest.
    type: dict
    default: {}
  prefix:
    description: What to put before the names of options in messages, for people who set them under another name.
    type: str
    default: ""
"""

    PODS = r"""
options:
  pods_proxy:
    description: Whether the rollout will ask pods through the API server, so that it needs the permission for it.
    type: bool
    default: true
"""

    SERVICES = r"""
options:
  service_proxy:
    description: Whether tests will ask a Service through the API server, so that they need the permission for it.
    type: bool
    default: false
"""
