#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: smoke_test
short_description: Ask every pod of a Deployment a few questions before any user does
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Sends each test to each ready pod of the Deployment's newest template and compares the answers with what is
    expected.
  - By default through the API server's proxy, so that it works from wherever the cluster's API can be reached, without
    a load balancer or a route to the pods.
extends_documentation_fragment:
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details: Asks nothing, because what it would test has not been rolled out.
  diff_mode:
    description: Returns details on what has changed.
    support: none
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second run indicates no change.
    support: full
options:
  name:
    description: Name of the Deployment.
    type: str
    required: true
  namespace:
    description: Namespace of the Deployment.
    type: str
    required: true
  tests:
    description: The questions, each a GET.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: Path, with a query if there is one.
        type: str
        required: true
      port:
        description: Number or name of the pod's port.
        type: str
        default: http
      scheme:
        description: How to speak to the pod.
        type: str
        choices: [http, https]
        default: http
      status:
        description: Expected status.
        type: int
        default: 200
      contains:
        description: Text that the answer must contain.
        type: str
      timeout:
        description: Seconds for each answer.
        type: float
        default: 5
      repeat:
        description: How often each pod is asked; it must answer as expected each time.
        type: int
        default: 1
  via:
    description:
      - V(proxy) asks through the API server, which needs C(get) on C(pods/proxy).
      - V(direct) asks at the pods' own addresses, which must be reachable from where the module runs.
    type: str
    choices: [direct, proxy]
    default: proxy
requirements:
  - kubernetes >= 24.2.0
"""

EXAMPLES = r"""
- name: Ask each pod of production/continual-transformer-main whether it is well, and for one real answer
  slipway.rollout.smoke_test:
    name: continual-transformer-main
    namespace: production
    tests:
      - {path: /health/all, repeat: 3}
      - {path: /v1/transform, contains: version}
"""

RETURN = r"""
msg:
  description: One sentence for people.
  type: str
  returned: always
  sample: 2 smoke tests passed on 3 pods
results:
  description: How each pod answered each test.
  type: list
  elements: dict
  returned: when pods were asked
  sample: [{pod: shop-canary-7d4b9-x2x1z, path: /health/all, status: 200, seconds: 0.012, problem: "", ok: true}]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.cluster import ClusterError
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.workload.smoke import by_proxy, directly, parse_tests, ready_pods, run, summary
from ..module_utils.workload.snapshot import NoDeployment

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "tests": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "path": {"type": "str", "required": True},
            "port": {"type": "str", "default": "http"},
            "scheme": {"type": "str", "choices": ["http", "https"], "default": "http"},
            "status": {"type": "int", "default": 200},
            "contains": {"type": "str"},
            "timeout": {"type": "float", "default": 5.0},
            "repeat": {"type": "int", "default": 1},
        },
    },
    "via": {"type": "str", "choices": ["direct", "proxy"], "default": "proxy"},
}


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS}, supports_check_mode=True)
    namespace, name = module.params["namespace"], module.params["name"]
    tests = parse_tests(module.params["tests"])
    if module.check_mode:
        paths = ", ".join(test.path for test in tests) or "nothing"
        module.exit_json(changed=False, msg=f"would ask each pod of {namespace}/{name} for {paths}")
    try:
        cluster = connect(module.params)
        pods = ready_pods(cluster, namespace, name)
    except (NoDeployment, ClusterError) as error:
        module.fail_json(msg=str(error))
    if not pods:
        module.fail_json(msg=f"Deployment {namespace}/{name} has no ready pod of its newest template to be tested.")
    results = run(pods, tests, by_proxy(cluster) if module.params["via"] == "proxy" else directly, SystemClock())
    finish = module.fail_json if any(result.problem for result in results) else module.exit_json
    finish(changed=False, msg=summary(results, tests), results=[result.as_dict() for result in results])


if __name__ == "__main__":
    main()
