#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: slot_preflight
short_description: Refuse a blue-green release that cannot work, before anything is changed
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Reads which slot is live, both Deployments, the switch, the image's registry, autoscalers, disruption budgets and
    the checks, and says all that would go wrong, each with what was found, what should be there, and what to do.
  - Notices an idle slot whose pods would not run the release as those of the live slot run, for want of its probes, its
    configuration, its resources; and makes it like the live one if asked.
  - Without problems it returns the plan, and all that the tasks of a rollout need to know.
extends_documentation_fragment:
  - slipway.rollout.preflight
  - slipway.rollout.preflight.pods
  - slipway.rollout.preflight.services
  - slipway.rollout.attributes
  - slipway.rollout.registry
  - slipway.rollout.gate
  - slipway.rollout.switch
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
options:
  namespace:
    required: true
  image:
    description: The release, by tag or by digest.
    type: str
    required: true
  container:
    description: Container that gets the image. May be left out where there is only one.
    type: str
  differences:
    description:
      - What becomes of differences between the templates of the two slots, other than the image and labels.
      - V(refuse) names them. V(copy) gives the idle slot what the live one has. V(accept) leaves them.
    type: str
    choices: [accept, copy, refuse]
    default: refuse
  may_differ:
    description:
      - Fields that may differ all the same, as they are called in the problem, such as V(containers[app].envFrom) or
        V(annotations.*).
    type: list
    elements: str
    default: []
  keep_replicas:
    description: Number of pods that the former slot is to keep after the release.
    type: int
    default: 1
  hpa_follows:
    description: Whether the live slot's HPA is to scale the other slot once that is live.
    type: bool
    default: true
  preview:
    description: Service that will be made to reach the idle slot, for which a permission may be needed.
    type: str
    default: ""
  config:
    description:
      - Hash of the configuration that the release has. A live slot with the same image and another configuration does
        not have the release. Empty does not look at it.
    type: str
    default: ""
  template:
    description:
      - What else of the pod template changes with the release, as a strategic merge patch of it, as
        M(slipway.rollout.configuration) returns it. What it sets is no difference between the slots.
    type: dict
    default: {}
  registry:
    description: How to ask the image's registry. By default with the pull secrets of the live slot.
  source:
    required: false
  checks:
    required: false
    default: []
attributes:
  check_mode:
    support: full
    details: Does the same, since it only reads.
  diff_mode:
    support: none
  idempotent:
    support: full
requirements:
  - kubernetes >= 24.2.0
seealso:
  - module: slipway.rollout.slot_switch
"""

EXAMPLES = r"""
- name: See whether a release could go to the idle slot
  slipway.rollout.slot_preflight:
    namespace: production
    image: localhost:5000/continual-transformer:good-2
    switch:
      name: continual-transformer
      slots:
        blue: {deployment: continual-transformer-main}
        green: {deployment: continual-transformer-green}
  register: rollout

- name: Show what is going to happen
  ansible.builtin.debug:
    var: rollout.plan
"""

RETURN = r"""
problems:
  description: Everything that is wrong.
  type: list
  elements: dict
  returned: always
notes:
  description: What is worth knowing and no reason to refuse, in sentences.
  type: list
  elements: str
  returned: always
permissions:
  description: Every verb that the rollout needs, by whether these credentials have it.
  type: dict
  returned: always
image:
  description: The release by digest.
  type: str
  returned: success
release:
  description: The release as it was asked for, in full.
  type: str
  returned: success
title:
  description: The release in short, for people.
  type: str
  returned: success
  sample: continual-transformer:2.4.1
already_live:
  description: Whether the live slot has this very image, and this very configuration.
  type: bool
  returned: success
live:
  description: The live slot. C(slot), and of its Deployment C(name), C(replicas), C(image), C(release), C(title),
    C(container), C(selector), C(hpa), C(template), which puts back what O(template) changes.
  type: dict
  returned: success
idle:
  description: The other one, as RV(live).
  type: dict
  returned: success
size:
  description: Number of pods that the idle slot gets.
  type: int
  returned: success
  sample: 3
definition:
  description: What the idle slot's Deployment gets, for M(slipway.rollout.patch).
  type: dict
  returned: success
subject:
  description: Label selectors of the pods of C(canary), the new slot, and of C(stable), the former one.
  type: dict
  returned: success
plan:
  description: What is there and what is going to happen, in lines for people.
  type: list
  elements: str
  returned: success
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.cluster import Cluster
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.gate.options import GATE_SPEC
from ..module_utils.preflight.answer import answer
from ..module_utils.preflight.inspect import Preflight
from ..module_utils.preflight.metrics import Found, ask_for_stable
from ..module_utils.preflight.view import View
from ..module_utils.registry.options import REGISTRY_SPEC, RegistryOptions
from ..module_utils.slots.inspect import inspect
from ..module_utils.slots.spec import SWITCH_SPEC

ARGUMENTS = {
    **SWITCH_SPEC,
    "namespace": {"type": "str", "required": True},
    "image": {"type": "str", "required": True},
    "container": {"type": "str"},
    "differences": {"type": "str", "choices": ["accept", "copy", "refuse"], "default": "refuse"},
    "may_differ": {"type": "list", "elements": "str", "default": []},
    "keep_replicas": {"type": "int", "default": 1},
    "hpa_follows": {"type": "bool", "default": True},
    **REGISTRY_SPEC,
    "subject": GATE_SPEC["subject"],
    "source": {**GATE_SPEC["source"], "required": False},
    "checks": {**GATE_SPEC["checks"], "required": False, "default": []},
    "gate": {"type": "dict", "default": {}},
    "pods_proxy": {"type": "bool", "default": True},
    "service_proxy": {"type": "bool", "default": False},
    "preview": {"type": "str", "default": ""},
    "config": {"type": "str", "default": ""},
    "template": {"type": "dict", "default": {}},
    "prefix": {"type": "str", "default": ""},
}


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS}, supports_check_mode=True)
    answer(module, partial(_look, module.params))


def _look(params: dict[str, Any]) -> Preflight:
    cluster = connect(params)
    return inspect(cluster, params, RegistryOptions.http, partial(_ask, cluster, params) if params["source"] else None)


def _ask(cluster: Cluster, params: dict[str, Any], view: View, subject: Mapping[str, str]) -> Found:
    """Each check once, about the live slot."""
    return ask_for_stable(cluster, {**params, "route": None, "subject": subject}, view, SystemClock())


if __name__ == "__main__":
    main()
