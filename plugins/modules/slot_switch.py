#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Move users from one slot to another."""

from __future__ import annotations

DOCUMENTATION = r"""
module: slot_switch
short_description: Move all users from one slot to another
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Switches a Service, or a route, from one slot to the other, blue to green or back.
  - Refuses when the slot has too few ready pods, or when they run another image than expected.
  - The write is a compare-and-swap. It is tried again when somebody else wrote the object meanwhile, and refused, with
    the writers' names, when they have switched it themselves.
  - Returns when the switch is done, that is, when a Service's EndpointSlices have the pods of that slot and no others.
    With O(observe) also when requests have followed.
  - The former slot is noted in the annotation C(slipway.rollout/former-slot), so that O(state=previous) goes back.
extends_documentation_fragment:
  - slipway.rollout.switch
  - slipway.rollout.switch.ready
  - slipway.rollout.route.observe
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
options:
  slot:
    description:
      - The slot that is to be live.
      - When left out, O(state=live) changes nothing and reads which slot is live, and O(state=previous) goes to the
        slot that is noted.
    type: str
  state:
    description:
      - V(live) sends users to O(slot).
      - V(previous) takes them back to where they were before. Run twice it goes back once; a slot that users were taken
        back from is not noted as one to go back to.
    type: str
    choices: [live, previous]
    default: live
  observe:
    description:
      - Wait until requests have followed, as the counters of both slots' pods tell. A Service's endpoints are waited
        for in any case.
      - Requests that still reach the former slot of a Service by connections that were open before are no failure, but
        told.
  observe_timeout:
    description:
      - How long to wait for endpoints and for requests, in seconds.
  drain:
    description:
      - With O(observe), wait in the end until no request reached the former slot's pods for two seconds, for at most so
        many seconds, so that its pods may go. V(0) does not wait.
    type: float
    default: 0.0
requirements:
  - kubernetes >= 24.2.0
attributes:
  check_mode:
    description: Asks the API server for a dry run, so that permissions, validation and admission answer.
    support: full
  diff_mode:
    description: Shows the live slot only.
    support: full
  idempotent:
    description: Nothing is written when the slot is live already.
    support: full
notes:
  - A switch changes the selector, the destination or the weights, and the module's annotations. All else stays.
  - In one cluster a switch loses no request. Both slots serve while it is under way, and requests that are under way
    are answered where they are.
seealso:
  - module: slipway.rollout.metric_gate
  - module: slipway.rollout.slot_preflight
"""

EXAMPLES = r"""
- name: Read which slot is live
  slipway.rollout.slot_switch:
    namespace: production
    switch:
      name: continual-transformer
      slots:
        blue: {deployment: continual-transformer-main}
        green: {deployment: continual-transformer-green}
  register: slots

- name: Send all users to green, if it has three ready pods
  slipway.rollout.slot_switch:
    namespace: production
    switch:
      name: continual-transformer
      slots:
        blue: {deployment: continual-transformer-main}
        green: {deployment: continual-transformer-green}
    slot: green
    min_ready: 3

- name: Take them back, and wait until nobody is on green any more
  slipway.rollout.slot_switch:
    namespace: production
    switch:
      name: continual-transformer
      slots:
        blue: {deployment: continual-transformer-main}
        green: {deployment: continual-transformer-green}
    state: previous
    observe: true
    drain: 30

- name: Send all users to green by the one destination of a route
  slipway.rollout.slot_switch:
    namespace: production
    switch:
      kind: virtualservice
      name: continual-transformer-slots
      slots:
        blue: {service: continual-transformer-main}
        green: {service: continual-transformer-green}
    slot: green
"""

RETURN = r"""
before:
  description: The slot that was live.
  returned: when it could be read
  type: str
  sample: blue
after:
  description: The slot that is live, or would be.
  returned: when it is known
  type: str
  sample: green
live:
  description: The same.
  returned: success
  type: str
  sample: green
former:
  description: The slot that O(state=previous) would go back to, empty if there is none.
  returned: success
  type: str
  sample: blue
slots:
  description:
    - By slot, C(ready) and all C(pods), their C(selector), and of its Deployment C(replicas), C(image), C(release),
      C(title), C(config), which is the hash of its configuration, and C(former_image), which was live before it.
  returned: when nothing was to be switched
  type: dict
  sample: {blue: {ready: 3, pods: 3, deployment: continual-transformer-main, replicas: 3}}
attempts:
  description: Number of writes that were tried.
  returned: when something was to be switched
  type: int
  sample: 1
seconds:
  description: How long it took, with all that was waited for.
  returned: when something was to be switched
  type: float
  sample: 0.21
observation:
  description: How it was seen that traffic has followed.
  returned: when something was to be seen
  type: dict
  contains:
    followed:
      description: Whether traffic was seen to have followed.
      returned: always
      type: bool
    by:
      description: What this rests on, C(endpoints), C(counters), C(status), C(no_traffic) or C(little_traffic).
      returned: always
      type: str
    seconds:
      description: Time from the write until it was seen.
      returned: always
      type: float
    requests:
      description: Requests counted meanwhile, by slot.
      returned: always
      type: dict
    warning:
      description: Why the answer is less than certain.
      returned: when it is
      type: str
drained:
  description: Whether the former slot was seen to be without requests.
  returned: with O(drain)
  type: dict
  sample: {slot: blue, quiet: true, seconds: 2.1, requests: 3}
error:
  description:
    - Word for what went wrong, one of V(altered), V(ambiguous_rule), V(bad_observe), V(bad_switch), V(conflict),
      V(no_former), V(no_rule), V(no_switch), V(not_followed), V(not_observed), V(not_ready), V(outcome_unknown),
      V(refused), V(server_error), V(split), V(unknown_slot), V(unreachable), V(wrong_image).
  returned: failure
  type: str
  sample: not_ready
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.cluster import ClusterError
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.slots.change import switch_slot
from ..module_utils.slots.spec import READY_SPEC, SWITCH_SPEC
from ..module_utils.traffic.arguments import OBSERVE_SPEC
from ..module_utils.traffic.errors import TrafficError, from_cluster

ARGUMENTS = {
    **SWITCH_SPEC,
    **READY_SPEC,
    **OBSERVE_SPEC,
    "slot": {"type": "str"},
    "state": {"type": "str", "choices": ["live", "previous"], "default": "live"},
    "drain": {"type": "float", "default": 0.0},
}


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS}, supports_check_mode=True)
    try:
        result = switch_slot(connect(module.params), module.params, SystemClock(), check_mode=module.check_mode)
    except ClusterError as error:
        failure = from_cluster(error, "")
        module.fail_json(msg=str(failure), error=failure.error)
    except TrafficError as error:
        data = {key: value for key, value in error.data.items() if key != "diff"}
        module.fail_json(**{**data, "msg": str(error), "error": error.error})
    for seen in ("observation", "drained"):
        if warning := result.get(seen, {}).get("warning"):
            module.warn(warning)
    if not module._diff:
        del result["diff"]
    module.exit_json(**result)


if __name__ == "__main__":
    main()
