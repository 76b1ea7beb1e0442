#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: policy
short_description: Refuse a release that its environment does not allow
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Holds a release against the policy of an environment. All that is against it is told at once, each with the way out.
  - Returns the settings that apply, the policy's with the inventory's over them, and what the ledger should keep, such
    as the reason why a freeze was overridden.
  - It reads only. It keeps people from mistakes; what keeps them from harm on purpose are the cluster's own permissions
    and the protection of environments where the playbook runs.
extends_documentation_fragment:
  - slipway.rollout.attributes
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  environment:
    description: Name of the environment.
    type: str
    required: true
  namespace:
    description: Namespace of the app there.
    type: str
    required: true
  strategy:
    description: How it is to be released.
    type: str
    required: true
  image:
    description: What is to be released.
    type: str
    default: ""
  policy:
    description: What the environment allows.
    type: dict
    required: true
    suboptions:
      strategies:
        description: Strategies that are allowed. The first one is what a promotion uses.
        type: list
        elements: str
        required: true
      replicas:
        description: The least number of pods that the serving workload must have.
        type: int
      after:
        description: The environment in which a release must have been live before.
        type: str
      only_promoted:
        description: Whether only what is promoted from O(policy.after) is taken.
        type: bool
      by_digest:
        description: Whether the image must be named by digest.
        type: bool
      approvals:
        description: How many others must have approved it.
        type: int
      users:
        description: Who may, as the cluster knows them by their credentials. With no users and no groups all may.
        type: list
        elements: str
      groups:
        description: Groups that may, as the cluster knows them.
        type: list
        elements: str
      freeze:
        description: Times in which nothing is released.
        type: list
        elements: dict
        suboptions:
          from:
            description: A moment such as V(2026-12-20 18:00), or with O(policy.freeze[].days) a time such as V(16:00).
            type: str
          to:
            description: Its end, likewise. At or before the beginning it is the next day's.
            type: str
          days:
            description: Days of the week, such as V(fri).
            type: list
            elements: str
          timezone:
            description: Such as V(Europe/Berlin).
            type: str
            default: UTC
          reason:
            description: Why, for those who are refused.
            type: str
      stages:
        description: Stages of a canary, where the inventory names none.
        type: list
        elements: int
      gate:
        description: Options of M(slipway.rollout.metric_gate), over which the inventory's go.
        type: dict
      timeouts:
        description: Seconds to wait, over which the inventory's go.
        type: dict
      at_least:
        description: Below this nothing is released.
        type: dict
        suboptions:
          duration:
            description: Seconds that each gate may take.
            type: float
          stages:
            description: Stages of a canary.
            type: int
          checks:
            description: Number of checks.
            type: int
  workloads:
    description: What serves, and must have O(policy.replicas).
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description: Kind of the workload.
        type: str
        choices: [DaemonSet, Deployment, StatefulSet]
        default: Deployment
      name:
        description: Its name.
        type: str
        required: true
  stages:
    description: Stages that the inventory wants.
    type: list
    elements: int
    default: []
  gate:
    description: Options of the gate that the inventory wants.
    type: dict
    default: {}
  timeouts:
    description: Seconds to wait that the inventory wants.
    type: dict
    default: {}
  checks:
    description: The checks; only their number matters here.
    type: list
    elements: dict
    default: []
  run_by:
    description: Who runs this, for the ledger.
    type: str
    default: ""
  approved_by:
    description: Who has approved it. Whoever runs it does not count.
    type: list
    elements: str
    default: []
  freeze_override:
    description: Why a freeze does not matter this time.
    type: str
    default: ""
  promoted_from:
    description: The environment that it comes from.
    type: str
    default: ""
  skip_reason:
    description: Why environments are left out this time.
    type: str
    default: ""
  prefix:
    description: Put before the names of options in messages, where people know them by another name.
    type: str
    default: ""
requirements:
  - kubernetes >= 24.2.0
"""

EXAMPLES = r"""
- name: Refuse what is not allowed
  slipway.rollout.policy:
    environment: production
    namespace: production
    strategy: canary
    policy:
      strategies: [canary, blue_green]
      freeze:
        - {from: "2036-12-20 18:00", to: "2037-01-04 06:00", reason: Christmas trade}
"""

RETURN = r"""
stages:
  description: Stages that apply.
  type: list
  elements: int
  returned: success
gate:
  description: Options of the gate that apply.
  type: dict
  returned: success
timeouts:
  description: Seconds to wait that apply.
  type: dict
  returned: success
notes:
  description: What the ledger should keep.
  type: list
  elements: str
  returned: success
problems:
  description: What is against it, each with C(field), C(found), C(expected) and C(remedy).
  type: list
  elements: dict
  returned: always
"""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.cluster import Cluster, ClusterError
from ..module_utils.configuration.options import WORKLOAD_SPEC
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.policy.decide import Facts, decide
from ..module_utils.policy.identity import who_am_i
from ..module_utils.policy.policy import Policy, Request
from ..module_utils.workload.patch import KINDS

WINDOW = {
    "from": {"type": "str"},
    "to": {"type": "str"},
    "days": {"type": "list", "elements": "str"},
    "timezone": {"type": "str", "default": "UTC"},
    "reason": {"type": "str"},
}
POLICY = {
    "strategies": {"type": "list", "elements": "str", "required": True},
    "replicas": {"type": "int"},
    "after": {"type": "str"},
    "only_promoted": {"type": "bool"},
    "by_digest": {"type": "bool"},
    "approvals": {"type": "int"},
    "users": {"type": "list", "elements": "str"},
    "groups": {"type": "list", "elements": "str"},
    "freeze": {"type": "list", "elements": "dict", "options": WINDOW},
    "stages": {"type": "list", "elements": "int"},
    "gate": {"type": "dict"},
    "timeouts": {"type": "dict"},
    "at_least": {
        "type": "dict",
        "options": {"duration": {"type": "float"}, "stages": {"type": "int"}, "checks": {"type": "int"}},
    },
}
ARGUMENTS = {
    "environment": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "strategy": {"type": "str", "required": True},
    "image": {"type": "str", "default": ""},
    "policy": {"type": "dict", "required": True, "options": POLICY},
    "workloads": {"type": "list", "elements": "dict", "options": WORKLOAD_SPEC, "default": []},
    "stages": {"type": "list", "elements": "int", "default": []},
    "gate": {"type": "dict", "default": {}},
    "timeouts": {"type": "dict", "default": {}},
    "checks": {"type": "list", "elements": "dict", "default": []},
    "run_by": {"type": "str", "default": ""},
    "approved_by": {"type": "list", "elements": "str", "default": []},
    "freeze_override": {"type": "str", "default": ""},
    "promoted_from": {"type": "str", "default": ""},
    "skip_reason": {"type": "str", "default": ""},
    "prefix": {"type": "str", "default": ""},
}


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS}, supports_check_mode=True)
    wanted = module.params
    policy, request = Policy.parse(wanted["policy"]), Request.parse(wanted)
    try:
        cluster = connect(wanted)
        asked = bool(policy.users or policy.groups)
        facts = Facts(SystemClock().wall(), _replicas(cluster, wanted), who_am_i(cluster) if asked else None)
    except ClusterError as error:
        module.fail_json(msg=str(error))
    decision = decide(policy, request, facts)
    if decision.problems:
        module.fail_json(msg=decision.text(request.environment, wanted["prefix"]), **decision.as_dict())
    module.exit_json(changed=False, **decision.as_dict())


def _replicas(cluster: Cluster, wanted: Mapping[str, Any]) -> dict[str, int]:
    """Of what is there; the strategy's own preflight says what is not."""
    found = {}
    for one in wanted["workloads"] if wanted["policy"]["replicas"] else []:
        obj = cluster.find(KINDS[one["kind"]], wanted["namespace"], one["name"])
        if obj is not None and one["kind"] != "DaemonSet":
            found[f"{one['kind']} {one['name']}"] = int(obj["spec"].get("replicas", 1))
    return found


if __name__ == "__main__":
    main()
