#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_info
short_description: Say what is live and what is being rolled out
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Reads the two Deployments, the route and stable's HPA, and tells which release serves whom.
extends_documentation_fragment:
  - slipway.rollout.attributes
  - slipway.rollout.route
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details: Does the same, since it only reads.
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  namespace:
    description: Namespace of the Deployments, and of the route unless O(route.namespace) says otherwise.
    type: str
    required: true
  stable:
    description: Name of the Deployment that serves.
    type: str
    required: true
  canary:
    description: Name of the canary's Deployment.
    type: str
    required: true
  container:
    description: Container whose image is the release. May be left out where each Deployment has only one.
    type: str
requirements:
  - kubernetes >= 24.2.0
"""

EXAMPLES = r"""
- name: Read what is live
  slipway.rollout.rollout_info:
    namespace: production
    stable: continual-transformer-main
    canary: continual-transformer-canary
    route:
      kind: virtualservice
      name: continual-transformer
      backends:
        stable: {service: continual-transformer-main}
        canary: {service: continual-transformer-canary}
  register: now
"""

RETURN = r"""
open:
  description: Whether a canary is out, that is, has pods or traffic.
  type: bool
  returned: success
promoting:
  description: Whether stable has the canary's image already.
  type: bool
  returned: success
split:
  description: The route's split.
  type: dict
  returned: success
  sample: {stable: 90, canary: 10}
stable:
  description: The Deployment that serves, as from M(slipway.rollout.preflight), with C(state), and with
    C(former_image) and C(former_release), which it had before the last release.
  type: dict
  returned: success
canary:
  description: The canary's Deployment, as from M(slipway.rollout.preflight), with C(state).
  type: dict
  returned: success
route:
  description: The option O(route) for other modules, complete.
  type: dict
  returned: success
row:
  description: The same as a row of a table for people.
  type: dict
  returned: success
  sample: {live: "shop:2.4.0", stable: "90 %, 3 pods", rolling: "shop:2.4.1", canary: "10 %, 1 pod"}
problems:
  description: What could not be read.
  type: list
  elements: dict
  returned: when the API server answers
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.cluster import ClusterError
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.preflight.status import status
from ..module_utils.traffic.arguments import ROUTE_SPEC
from ..module_utils.traffic.errors import TrafficError

ARGUMENTS = {
    **ROUTE_SPEC,
    "namespace": {"type": "str", "required": True},
    "stable": {"type": "str", "required": True},
    "canary": {"type": "str", "required": True},
    "container": {"type": "str"},
}


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS}, supports_check_mode=True)
    try:
        facts, problems = status(connect(module.params), module.params)
    except (ClusterError, TrafficError) as error:
        module.fail_json(msg=str(error))
    told = [problem.as_dict() for problem in problems]
    if not facts:
        module.fail_json(msg=" ".join(problem.text() for problem in problems), problems=told)
    module.exit_json(changed=False, problems=told, **facts)


if __name__ == "__main__":
    main()
