# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options about slots and the switch between them, which several modules have."""

from __future__ import annotations


class ModuleDocFragment:
    """C(switch) and C(namespace); C(READY) has the options for what a slot must have before users get there."""

    DOCUMENTATION = r"""
options:
  namespace:
    description:
      - Namespace of the switch and its slots, unless O(switch.namespace) says otherwise.
    type: str
  switch:
    description:
      - The object that says which of two slots is live.
    type: dict
    required: true
    suboptions:
      kind:
        description:
          - V(service) is a Service. One label of its selector tells the slots apart.
          - V(virtualservice) is an Istio VirtualService, V(httproute) and V(grpcroute) are those of the Gateway API.
            The one destination of a rule is the live slot's Service, or the weights of both are 100 and 0.
        type: str
        choices: [grpcroute, httproute, service, virtualservice]
        default: service
      name:
        description: Name of that object.
        type: str
        required: true
      namespace:
        description: Namespace of that object, where it differs from O(namespace).
        type: str
      rule:
        description:
          - Name of the rule within a route. May be left out when only one rule leads to a slot.
        type: str
      api_version:
        description:
          - API version for clusters that do not serve the current one, such as V(networking.istio.io/v1beta1).
        type: str
      label:
        description: With V(service), the label of its selector that is the name of the slot.
        type: str
        default: slot
      slots:
        description:
          - Two names of your choice, such as C(blue) and C(green), and what each is.
          - C(deployment) is the Deployment of the slot.
          - C(value) is what the label has in it, by default the slot's own name. With V(service).
          - C(service) is the Service that selects its pods, C(subset) and C(port) what else its destination has. With
            routes, for which C(service) is needed.
        type: dict
        required: true
"""

    # For a module that can do without a switch. Annotated, because ansible-test takes plain assignments for literals.
    OPTIONAL: str = (
        "options:" + DOCUMENTATION.partition("    type: str\n")[2].replace("    required: true\n    sub", "    sub", 1)
    ).replace("options:  switch", "options:\n  switch", 1)

    READY = r"""
options:
  min_ready:
    description:
      - Number of ready pods that a slot must have before users are sent there.
    type: int
    default: 1
  image:
    description:
      - Image that all ready pods of that slot must run, by digest or by tag. Any, when left out.
    type: str
  container:
    description:
      - Container whose image is meant. The first one, when left out.
    type: str
"""
