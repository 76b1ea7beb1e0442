#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: canary_capacity
short_description: Give a canary the pods for its next share of the traffic
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Reads how many pods stable has at this moment, scales the canary out to its share of them, rounded up and at least
    one, and waits until that many serve its newest template.
  - Never scales in. Weight goes down before capacity does, and that is a task of its own.
  - With O(ahead), asks for the pods of a later share at once, without waiting for them, so that they start while the
    present share is judged.
  - Writes by compare-and-swap. Fails like M(slipway.rollout.rollout_wait), with the reason why pods do not come.
extends_documentation_fragment:
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    description: Asks the API server for a dry run and does not wait.
    support: full
  diff_mode:
    description: Shows the number of pods.
    support: full
  idempotent:
    description: Nothing is written when the canary has enough pods.
    support: full
options:
  namespace:
    description: Namespace of both Deployments.
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
  weight:
    description: The canary's share of the traffic, in percent.
    type: int
    required: true
  ahead:
    description: A later share to begin to prepare for, in percent.
    type: int
    default: 0
  timeout:
    description: Seconds to wait for the pods.
    type: float
    default: 300
  max_restarts:
    description: A container may be restarted this often before it is ready; one that is down once more has failed.
    type: int
    default: 1
requirements:
  - kubernetes >= 24.2.0
"""

EXAMPLES = r"""
- name: Give the canary the pods for 25 % of the traffic, and begin to start those for 50 %
  slipway.rollout.canary_capacity:
    namespace: production
    stable: continual-transformer-main
    canary: continual-transformer-canary
    weight: 25
    ahead: 50
"""

RETURN = r"""
msg:
  description: One sentence for people.
  type: str
  returned: always
  sample: production/continual-transformer-canary has the 1 pod for 25 % of stable's 3, and 2 in all
live:
  description: Pods of stable.
  type: int
  returned: when the Deployments could be read
  sample: 3
needed:
  description: Pods of the canary that O(weight) needs.
  type: int
  returned: when the Deployments could be read
  sample: 1
before:
  description: Pods that the canary was to have before.
  type: int
  returned: when the Deployments could be read
  sample: 1
after:
  description: Pods that the canary is to have now.
  type: int
  returned: when the Deployments could be read
  sample: 2
reason:
  description: As RV(slipway.rollout.rollout_wait#module:reason); also the other values of that module are returned.
  type: str
  returned: when it waited
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.cluster import ClusterError
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.workload.capacity import Sizing, give_capacity
from ..module_utils.workload.changes import Watches
from ..module_utils.workload.snapshot import NoDeployment
from ..module_utils.workload.waiting import Expectation

ARGUMENTS = {
    "namespace": {"type": "str", "required": True},
    "stable": {"type": "str", "required": True},
    "canary": {"type": "str", "required": True},
    "weight": {"type": "int", "required": True},
    "ahead": {"type": "int", "default": 0},
    "timeout": {"type": "float", "default": 300.0},
    "max_restarts": {"type": "int", "default": 1},
}


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS}, supports_check_mode=True)
    wanted, clock = module.params, SystemClock()
    canary = Expectation(wanted["namespace"], wanted["canary"], wanted["timeout"], max_restarts=wanted["max_restarts"])
    sizing = Sizing(wanted["stable"], wanted["weight"], wanted["ahead"], canary)
    try:
        cluster = connect(wanted)
        sized = give_capacity(
            cluster, sizing, lambda obj: Watches(cluster, obj, clock), clock, check_mode=module.check_mode
        )
    except (NoDeployment, ClusterError) as error:
        module.fail_json(msg=str(error), reason=str(error))
    result = {
        "changed": sized.changed,
        "diff": {"before": f"replicas: {sized.before}\n", "after": f"replicas: {sized.after}\n"},
        **sized.as_dict(),
    }
    if sized.outcome is not None and not sized.outcome.ok:
        module.fail_json(msg=sized.outcome.reason, **result)
    verb = "would have" if module.check_mode else "has"
    share = f"{wanted['weight']} % of stable's {sized.live}"
    module.exit_json(msg=f"{canary.name} {verb} {sized.needed} for {share}, {sized.after} in all", **result)


if __name__ == "__main__":
    main()
