#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_wait
short_description: Wait until a workload serves its newest template, or say why it will not
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Waits until the controller has seen the last change of a Deployment, StatefulSet or DaemonSet and as many pods as it
    asks for have the new template, are ready and available, and those of former templates have been told to stop.
  - Fails as soon as it is certain that this will not happen, and says what a person needs to know; the pod, the
    container, exit code or signal, whether memory ran out, the last lines of the log, the image that cannot be pulled,
    why no node takes the pod, which probe fails and how, which quota or policy refuses it.
  - Certain at once are an image that the registry does not have or does not give, an invalid image name, a container
    that is down after more than O(max_restarts) restarts, a pod that a policy or an admission webhook refuses, and a
    paused Deployment. What may pass by itself gets some time first; an exceeded quota, a missing ConfigMap, Secret or
    ServiceAccount 15 seconds, a registry that does not answer 20, a lack of nodes 60 (unless an autoscaler says that it
    will add one, or that it will not). A failing probe is certain only when the time is up, because the container may
    still be starting. With O(stuck_after) all this is told sooner.
  - Watches instead of polling, and changes nothing.
extends_documentation_fragment:
  - slipway.rollout.attributes
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details: Looks once and does not wait, because what it would wait for has not been done.
  diff_mode:
    support: none
  idempotent:
    support: full
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
  timeout:
    description: Seconds to wait.
    type: float
    default: 300
  replicas:
    description:
      - Return as soon as this many pods of the new template are available, although the workload may want more.
      - A workload that asks for fewer is an error.
      - If left out, waits for all that the workload asks for.
    type: int
  max_restarts:
    description: A container may be restarted this often before it is ready; one that is down once more has failed.
    type: int
    default: 1
  stuck_after:
    description:
      - Seconds after which whatever stands in the way is certain, where it would else be waited for longer.
      - A probe that fails is certain then too, but not before three times the time that the pods of the former template
        took to become ready; and not at all where there are none.
    type: float
  log_lines:
    description: How many of the last lines of a failing container's log to return; V(0) for none.
    type: int
    default: 10
requirements:
  - kubernetes >= 24.2.0
"""

EXAMPLES = r"""
- name: Wait until production/continual-transformer-main serves its newest template
  slipway.rollout.rollout_wait:
    name: continual-transformer-main
    namespace: production
    timeout: 120

- name: Wait for the canary's first pod, and do not let it crash even once
  slipway.rollout.rollout_wait:
    name: continual-transformer-canary
    namespace: production
    replicas: 1
    max_restarts: 0
"""

RETURN = r"""
reason:
  description: How things stand, in one sentence; on failure, why.
  type: str
  returned: always
  sample: >-
    Container app of pod shop-canary-7d4b9-x2x1z exits with code 3 (2 times).
replicas:
  description: How many pods there should be and are. C(old) are those of former templates.
  type: dict
  returned: when the workload could be read
  sample: {desired: 3, updated: 3, ready: 3, available: 3, old: 0}
pods:
  description: The pods of the newest template.
  type: list
  elements: dict
  returned: when the workload could be read
  sample: [{name: shop-main-7d4b9-x2x1z, ready: true, phase: Running, restarts: 0, ip: 10.0.0.7, node: eu1-a}]
details:
  description:
    - Everything that stands in the way, the most telling first, each with C(kind) and C(message) and, where it applies,
      C(pod), C(container), C(exit_code), C(signal), C(oom), C(restarts), C(image), C(probe).
  type: list
  elements: dict
  returned: when the workload could be read
logs:
  description:
    - The last lines of the container that the reason is about. C(previous) says that they are from its former life.
  type: dict
  returned: when the workload could be read
  sample: {pod: shop-canary-7d4b9-x2x1z, container: app, previous: true, lines: ["cannot open /app/model"]}
seconds:
  description: How long it took.
  type: float
  returned: when the workload could be read
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.cluster import Cluster, ClusterError
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.workload.changes import Watches
from ..module_utils.workload.snapshot import NoDeployment
from ..module_utils.workload.waiting import Expectation, Outcome, look, wait

ARGUMENTS = {
    "kind": {"type": "str", "choices": ["DaemonSet", "Deployment", "StatefulSet"], "default": "Deployment"},
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "timeout": {"type": "float", "default": 300.0},
    "replicas": {"type": "int"},
    "max_restarts": {"type": "int", "default": 1},
    "log_lines": {"type": "int", "default": 10},
    "stuck_after": {"type": "float"},
}


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS}, supports_check_mode=True)
    expected = Expectation(**{field: module.params[field] for field in ARGUMENTS})
    try:
        outcome = _run(connect(module.params), expected, check_mode=module.check_mode)
    except (NoDeployment, ClusterError) as error:
        module.fail_json(msg=str(error), reason=str(error))
    if outcome.ok or module.check_mode:
        module.exit_json(changed=False, **outcome.as_dict())
    module.fail_json(msg=outcome.reason, **outcome.as_dict())


def _run(cluster: Cluster, expected: Expectation, *, check_mode: bool) -> Outcome:
    if check_mode:
        return look(cluster, expected)
    clock = SystemClock()
    return wait(cluster, expected, lambda workload: Watches(cluster, workload, clock), clock)


if __name__ == "__main__":
    main()
