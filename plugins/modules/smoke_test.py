#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: smoke_test
short_description: Ask pods, a Service or an address a few questions, or run a program that does
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Sends each test to each target and compares the answers with what is expected. A program of the user's own may do
    the same; it gets a URL that leads to the target for as long as it runs.
  - Targets are the ready pods of a Deployment's newest template, the ready pods of a selector (such as a slot), a
    Service, or any URL.
  - By default through the API server's proxy, so that it works from wherever the cluster's API can be reached, without
    a load balancer or a route to the pods.
extends_documentation_fragment:
  - slipway.rollout.attributes
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details: Asks nothing, because what it would test has not been rolled out.
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  name:
    description: Name of the Deployment whose pods are asked.
    type: str
  selector:
    description: Label selector of the pods that are asked, such as V(app=shop,slot=green).
    type: str
  service:
    description: Name of the Service that is asked. Each question goes to one of its pods, as the Service has it.
    type: str
  url:
    description: Address that is asked, from where the module runs, such as V(https://shop.example.com).
    type: str
  namespace:
    description: Namespace of the Deployment, pods or Service. Needed unless O(url) is given.
    type: str
  tests:
    description: The questions.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What the test is called in results. Method and path when left out.
        type: str
      path:
        description: Path, with a query if there is one.
        type: str
        required: true
      method:
        description: HTTP method.
        type: str
        default: GET
      headers:
        description: Headers of the request.
        type: dict
      body:
        description: Body of the request. What is not text is sent as JSON.
        type: raw
      port:
        description:
          - Number or name of the port. Where nothing is called V(http) and there is only one port, V(http) is that one.
        type: str
        default: http
      scheme:
        description: How to speak to the target.
        type: str
        choices: [http, https]
        default: http
      status:
        description: Expected status, or a list of those that are as good. A redirect is not followed.
        type: list
        elements: int
        default: [200]
      contains:
        description: Text that the answer must contain.
        type: str
      json:
        description: What the answer, as JSON, must hold.
        type: list
        elements: dict
        suboptions:
          query:
            description: JMESPath. Needs the Python library C(jmespath).
            type: str
            required: true
          equals:
            description: Expected result. When left out, the result must be something true.
            type: raw
      max_seconds:
        description: The longest that one answer may take, in seconds.
        type: float
      timeout:
        description: Seconds for each answer.
        type: float
        default: 5
      repeat:
        description: How often each target is asked; it must answer as expected each time.
        type: int
        default: 1
      parallel:
        description: How many of these are sent at a time.
        type: int
        default: 1
  command:
    description:
      - A program to run on the same host as the module, after O(tests) and only if they passed. It passes if it exits
        with 0.
      - It gets the target's address in place of C({url}), or as C(--url URL) at its end, and as the variable
        C(SLIPWAY_URL).
      - Pods are reached by a port on this machine that is forwarded to them, one connection after the other to each.
    type: dict
    suboptions:
      cmd:
        description: The program and its arguments, split as a shell does it. No shell is used.
        type: str
      argv:
        description: The same as a list.
        type: list
        elements: str
      port:
        description: Number or name of the target's port.
        type: str
        default: http
      scheme:
        description: How the URL begins.
        type: str
        choices: [http, https]
        default: http
      timeout:
        description: Seconds until it is stopped, with whatever it started.
        type: float
        default: 600
      chdir:
        description: Folder to run it in.
        type: path
      environment:
        description: Environment variables beside those of the module. They are in no result.
        type: dict
      lines:
        description: How many of the last lines of its output are in the result.
        type: int
        default: 40
  via:
    description:
      - V(proxy) asks through the API server, which needs C(get) on C(pods/proxy) or C(services/proxy), and C(create)
        there for a POST. It does not let C(Authorization) through.
      - V(forward) asks through a port-forward, which needs C(create) on C(pods/portforward). That is also how
        O(command) reaches pods with V(proxy).
      - V(direct) asks at the pods' or the Service's own addresses, which must be reachable from where the module runs.
    type: str
    choices: [direct, forward, proxy]
    default: proxy
  verify:
    description: Whether certificates of targets are verified, with O(via=direct) or O(url).
    type: bool
    default: true
requirements:
  - kubernetes >= 24.2.0
  - jmespath, for O(tests[].json)
"""

EXAMPLES = r"""
- name: Ask each pod of production/continual-transformer-main whether it is well, and for one real answer
  slipway.rollout.smoke_test:
    name: continual-transformer-main
    namespace: production
    tests:
      - {path: /health/all, repeat: 3}
      - {path: /v1/transform, contains: tokens}

- name: Ask the Service with a body, 20 times and four at a time, and look into the answer
  slipway.rollout.smoke_test:
    service: continual-transformer-main
    namespace: production
    tests:
      - name: transforms
        path: /v1/transform
        method: POST
        body: {text: hello world}
        json:
          - {query: tokens, equals: 2}
          - {query: length(vector) > `0`}
        max_seconds: 2
        repeat: 20
        parallel: 4

- name: Run the team's own tests on the pods of a slot
  slipway.rollout.smoke_test:
    selector: app=continual-transformer,slot=blue
    namespace: production
    command:
      cmd: curl --fail --silent --show-error --max-time 10
      timeout: 60
"""

RETURN = r"""
msg:
  description: One sentence for people.
  type: str
  returned: always
  sample: 2 smoke tests passed on 3 pods
results:
  description:
    - How each target answered each test. C(pod) is the name of the target, C(status) that of the first wrong answer or
      of the last, C(seconds) the time of the slowest, C(asked) their number.
  type: list
  elements: dict
  returned: when targets were asked
  sample:
    - pod: shop-canary-7d4b9-x2x1z
      test: /health
      path: /health
      status: 200
      seconds: 0.012
      asked: 1
      problem: ""
      ok: true
command:
  description: How O(command) ended.
  type: dict
  returned: when it was run
  contains:
    argv:
      description: What was run.
      type: list
      elements: str
      returned: always
    url:
      description: The address that it got.
      type: str
      returned: always
    rc:
      description: Its exit code, none if it never started or was stopped.
      type: int
      returned: always
    seconds:
      description: How long it ran.
      type: float
      returned: always
    output:
      description: The last lines of its output.
      type: list
      elements: str
      returned: always
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.cluster import ClusterError
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.smoke.options import ARGUMENTS
from ..module_utils.smoke.probe import ProbeError
from ..module_utils.smoke.testing import SmokeTest, rehearse
from ..module_utils.workload.snapshot import NoDeployment


def main() -> None:
    module = AnsibleModule(
        argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS},
        supports_check_mode=True,
        mutually_exclusive=[("name", "selector", "service", "url")],
        required_one_of=[("name", "selector", "service", "url")],
        required_by={"name": "namespace", "selector": "namespace", "service": "namespace"},
    )
    try:
        if module.check_mode:
            module.exit_json(**rehearse(module.params))
        result = SmokeTest(module.params, lambda: connect(module.params), SystemClock()).run()
    except (NoDeployment, ProbeError, ClusterError) as error:
        module.fail_json(msg=str(error))
    finish = module.fail_json if result["failed"] else module.exit_json
    finish(**result)


if __name__ == "__main__":
    main()
