#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Set the split of traffic on a route."""

from __future__ import annotations

DOCUMENTATION = r"""
module: canary_weight
short_description: Split traffic between the backends of a route
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Sets which backend of a route gets how much of the traffic, on an Istio VirtualService, a Gateway API HTTPRoute or
    GRPCRoute, an OpenShift Route, or, without any mesh, by the number of pods.
  - Only weights change. Every other field, and every other rule, stays as it is.
  - The write is a compare-and-swap. It is tried again when somebody else wrote the object meanwhile, and refused, with
    the writers' names, when they changed the split.
  - A write whose answer is lost is looked up. When that is not possible either, the error RV(error=outcome_unknown)
    says what may be true.
extends_documentation_fragment:
  - slipway.rollout.route
  - slipway.rollout.route.observe
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
options:
  split:
    description:
      - Weight in percent by backend. Whole numbers that sum to 100, for each of O(route.backends).
      - When left out, the current split is read and returned.
    type: dict
requirements:
  - kubernetes >= 29.0
attributes:
  check_mode:
    description: Asks the API server for a dry run, so that permissions, validation and admission answer.
    support: full
  diff_mode:
    description: Shows weights only.
    support: full
  idempotent:
    description: Nothing is written when the route is at the split already.
    support: full
notes:
  - With O(route.kind=replicas) more pods are written first and waited for, before any are taken away.
  - Percentages are those of the weights. A VirtualService destination without a weight beside others has 0, a
    HTTPRoute backend without a weight has 1, one of an OpenShift Route has 100.
seealso:
  - module: slipway.rollout.metric_gate
"""

EXAMPLES = r"""
- name: Send a tenth of the users to the canary and wait until traffic has followed
  slipway.rollout.canary_weight:
    namespace: production
    route:
      kind: virtualservice
      name: continual-transformer
      rule: primary
      backends:
        stable: {service: continual-transformer-main}
        canary: {service: continual-transformer-canary}
    split: {stable: 90, canary: 10}
    observe: true

- name: Take everybody back to stable on a Gateway API route
  slipway.rollout.canary_weight:
    namespace: production
    route:
      kind: httproute
      name: continual-transformer
      backends:
        stable: {service: continual-transformer-main}
        canary: {service: continual-transformer-canary}
    split: {stable: 100, canary: 0}

- name: Read the current split
  slipway.rollout.canary_weight:
    namespace: production
    route:
      kind: virtualservice
      name: continual-transformer
      backends:
        stable: {service: continual-transformer-main}
        canary: {service: continual-transformer-canary}
  register: current

- name: Split by pods alone, with three pods of stable in any case
  slipway.rollout.canary_weight:
    namespace: production
    route:
      kind: replicas
      name: continual-transformer-shared
      backends:
        stable: {deployment: continual-transformer-main}
        canary: {deployment: continual-transformer-canary}
      capacity: 3
      keep: {stable: 3}
    split: {stable: 90, canary: 10}
"""

RETURN = r"""
before:
  description: Split before, in percent by backend.
  returned: when the route could be read
  type: dict
  sample: {stable: 100, canary: 0}
after:
  description: Split after, in percent by backend. With O(route.kind=replicas) the one that the pods make.
  returned: when it is known
  type: dict
  sample: {stable: 90, canary: 10}
attempts:
  description: Number of writes that were tried.
  returned: when O(split) is given
  type: int
  sample: 1
note:
  description: How the split of the pods differs from the one asked for, empty if it does not.
  returned: when O(split) is given
  type: str
  sample: ""
route:
  description: The route that was meant.
  returned: success
  type: dict
  sample: {kind: virtualservice, name: continual-transformer, namespace: production, rule: primary}
observation:
  description: How it was seen that traffic has followed.
  returned: when O(observe=true) and something was to be seen
  type: dict
  contains:
    followed:
      description: Whether traffic was seen to have followed.
      returned: always
      type: bool
    by:
      description: What this rests on, C(counters), C(status), C(no_traffic) or C(little_traffic).
      returned: always
      type: str
    seconds:
      description: Time from the write until it was seen.
      returned: always
      type: float
    requests:
      description: Requests counted meanwhile, by backend.
      returned: always
      type: dict
    warning:
      description: Why the answer is less than certain.
      returned: when it is
      type: str
error:
  description:
    - Word for what went wrong, one of V(altered), V(ambiguous_backend), V(ambiguous_rule), V(bad_observe),
      V(bad_route), V(bad_split), V(conflict), V(no_route), V(no_rule), V(not_followed), V(not_observed),
      V(not_ready), V(outcome_unknown), V(refused), V(server_error), V(unknown_backend), V(unnamed_backend),
      V(unreachable).
  returned: failure
  type: str
  sample: conflict
writers:
  description: Who changed the route meanwhile.
  returned: when RV(error=conflict)
  type: list
  elements: dict
  sample:
    - {manager: kubectl-edit, operation: Update, time: "2026-01-01T12:00:00Z"}
possible:
  description: The splits of which one is true.
  returned: when RV(error=outcome_unknown)
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.cluster import ClusterError
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.traffic.arguments import OBSERVE_SPEC, ROUTE_SPEC, SPLIT_SPEC
from ..module_utils.traffic.errors import TrafficError, from_cluster
from ..module_utils.traffic.weigh import weigh


def main() -> None:
    module = AnsibleModule(
        argument_spec={**AUTH_ARG_SPEC, **ROUTE_SPEC, **SPLIT_SPEC, **OBSERVE_SPEC},
        supports_check_mode=True,
    )
    try:
        result = weigh(connect(module.params), module.params, SystemClock(), check_mode=module.check_mode)
    except ClusterError as error:
        failure = from_cluster(error, "")
        module.fail_json(msg=str(failure), error=failure.error)
    except TrafficError as error:
        data = {key: value for key, value in error.data.items() if key != "diff"}
        module.fail_json(**{**data, "msg": str(error), "error": error.error})
    warning = result.get("observation", {}).get("warning")
    if warning:
        module.warn(warning)
    if not module._diff:
        del result["diff"]
    module.exit_json(**result)


if __name__ == "__main__":
    main()
