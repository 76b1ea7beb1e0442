# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options about a workload that rolls, which several modules have."""

from __future__ import annotations


class ModuleDocFragment:
    """Which workload, and its pace."""

    DOCUMENTATION = r"""
options:
  kind:
    description: Kind of the workload.
    type: str
    choices: [DaemonSet, Deployment, StatefulSet]
    default: Deployment
  name:
    description: Name of the workload.
    type: str
    required: true
  namespace:
    description: Namespace of the workload.
    type: str
    required: true
  template:
    description:
      - What else of the pod template changes with the release, such as volumes of its configuration, as a strategic
        merge patch of the template.
    type: dict
    default: {}
  service:
    description: Service by which users reach the pods. When it is given, all of them have to be behind it.
    type: str
    default: ""
  max_unavailable:
    description:
      - How many pods may be missing while it rolls, as a number or a percentage.
      - A StatefulSet replaces one pod after the other whatever this says. A DaemonSet takes it only where it cannot put
        the new pod beside the old one, see O(max_surge).
    type: str
    default: 25%
  max_surge:
    description:
      - How many pods more there may be while it rolls, as a number or a percentage.
      - In a DaemonSet, on how many nodes the new pod may run beside the old one. Where its pods have ports of their
        node, which two cannot share, or with V(0), O(max_unavailable) counts instead.
    type: str
    default: 25%
  min_ready_seconds:
    description:
      - How long a new pod must have been ready before it counts and the next one is replaced, which is the time that
        the gate has for each pod. It stays as it is when left out.
    type: int
"""
