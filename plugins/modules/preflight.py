#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Refuse a rollout before anything has changed, with everything that is wrong at once
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Looks at everything that a canary rollout will need and lists all that is wrong, each with what was found, what was
    expected and what to do.
  - The image is in its registry, and its digest is what will be rolled out, whatever happens to the tag.
  - Both Deployments are there and at rest, have the container, are not paused, and their selectors tell their pods
    apart.
  - The route is there, has both backends, sends everybody to stable, and each backend's Service selects the pods of its
    own version and of no other.
  - No HPA works on the canary, and stable's update strategy keeps what a PodDisruptionBudget promises.
  - The checks are written right, their source answers, and they find something when they are asked with stable in the
    canary's place. Only if O(source) is given.
  - The credentials may do everything that the rollout will do.
  - Reads only.
extends_documentation_fragment:
  - slipway.rollout.preflight
  - slipway.rollout.preflight.pods
  - slipway.rollout.attributes
  - slipway.rollout.registry
  - slipway.rollout.gate
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
  image:
    description: The release, by tag or by digest. An empty one is reported as a problem among the others.
    type: str
    required: true
  stable:
    description: Name of the Deployment that serves.
    type: str
    required: true
  canary:
    description: Name of the Deployment for the canary.
    type: str
    required: true
  container:
    description: Container that gets the image. May be left out where each Deployment has only one.
    type: str
  stages:
    description: The canary's share of the traffic in percent, stage by stage.
    type: list
    elements: int
    default: [10, 25, 50, 75, 100]
  first_stage:
    description: Replaces the first of O(stages), and all that are not above it.
    type: int
  registry:
    description: How to ask the image's registry. By default with the pull secrets that stable's pods would use.
  source:
    required: false
  checks:
    required: false
    default: []
  config:
    description: Hash of the configuration that belongs to the release. Empty where it has none.
    type: str
    default: ""
requirements:
  - kubernetes >= 24.2.0
"""

EXAMPLES = r"""
- name: Refuse what cannot work, before anything has changed
  slipway.rollout.preflight:
    namespace: production
    image: registry.example.com/continual-transformer:2.4.1
    stable: continual-transformer-main
    canary: continual-transformer-canary
    container: app
    route:
      kind: virtualservice
      name: continual-transformer
      rule: primary
      backends:
        stable: {service: continual-transformer-main}
        canary: {service: continual-transformer-canary}
    first_stage: 5
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
  sample:
    - field: container
      found: Deployment continual-transformer-main (stable) has no container 'api'
      expected: one of app
      remedy: correct the name
notes:
  description: What is worth knowing and no reason to refuse, in sentences.
  type: list
  elements: str
  returned: always
permissions:
  description: Every verb that the rollout needs, by whether these credentials have it.
  type: dict
  returned: always
  sample: {allowed: [get deployments, patch deployments, get pods/log], denied: []}
namespace:
  description: Namespace of the Deployments.
  type: str
  returned: success
image:
  description: The release by digest.
  type: str
  returned: success
  sample: registry.example.com/continual-transformer@sha256:7a55d3d166cd...
release:
  description: The release as it was asked for, in full.
  type: str
  returned: success
  sample: registry.example.com/continual-transformer:2.4.1
title:
  description: The release in short, for people.
  type: str
  returned: success
  sample: continual-transformer:2.4.1
already_live:
  description: Whether stable has this very image.
  type: bool
  returned: success
unfinished:
  description: Whether the canary has it too and is still out, so that it only has to be tidied up.
  type: bool
  returned: success
stable:
  description: The Deployment that serves. C(hpa) is null where it has none; C(hpa.floor) is its minReplicas outside of
    rollouts, C(hpa.raised) what it is to be during one.
  type: dict
  returned: success
  sample:
    name: continual-transformer-main
    replicas: 3
    image: registry.example.com/continual-transformer@sha256:42b22feecbf2...
    release: registry.example.com/continual-transformer:2.4.0
    container: app
    selector: app=continual-transformer,slot=blue
    hpa: {name: continual-transformer-hpa, minimum: 3, maximum: 10, floor: 3, raised: 3}
canary:
  description: The Deployment for the canary, as RV(stable) but for the HPA.
  type: dict
  returned: success
split:
  description: The route's split.
  type: dict
  returned: success
  sample: {stable: 100, canary: 0}
route:
  description: The option O(route) for the modules that follow, complete.
  type: dict
  returned: success
subject:
  description: Label selectors of the pods behind each backend.
  type: dict
  returned: success
  sample: {stable: "app=continual-transformer,version=main", canary: "app=continual-transformer,version=canary"}
stages:
  description: The stages, with the number of pods that the canary needs for each.
  type: list
  elements: dict
  returned: success
  sample: [{weight: 10, replicas: 1}, {weight: 100, replicas: 3}]
plan:
  description: What is there and what is going to happen, in lines for people.
  type: list
  elements: str
  returned: success
"""

from functools import partial
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.gate.options import GATE_SPEC
from ..module_utils.preflight.answer import answer
from ..module_utils.preflight.inspect import Preflight, inspect
from ..module_utils.preflight.metrics import ask_for_stable
from ..module_utils.registry.options import REGISTRY_SPEC, RegistryOptions
from ..module_utils.traffic.arguments import ROUTE_SPEC

ARGUMENTS = {
    **ROUTE_SPEC,
    "namespace": {"type": "str", "required": True},
    "image": {"type": "str", "required": True},
    "stable": {"type": "str", "required": True},
    "canary": {"type": "str", "required": True},
    "container": {"type": "str"},
    "stages": {"type": "list", "elements": "int", "default": [10, 25, 50, 75, 100]},
    "first_stage": {"type": "int"},
    **REGISTRY_SPEC,
    "subject": GATE_SPEC["subject"],
    "source": {**GATE_SPEC["source"], "required": False},
    "checks": {**GATE_SPEC["checks"], "required": False, "default": []},
    "gate": {"type": "dict", "default": {}},
    "pods_proxy": {"type": "bool", "default": True},
    "config": {"type": "str", "default": ""},
    "prefix": {"type": "str", "default": ""},
}


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS}, supports_check_mode=True)
    answer(module, partial(_look, module.params))


def _look(params: dict[str, Any]) -> Preflight:
    cluster = connect(params)
    metrics = partial(ask_for_stable, cluster, params, clock=SystemClock()) if params["source"] else None
    return inspect(cluster, params, RegistryOptions.http, proxy=params["pods_proxy"], metrics=metrics)


if __name__ == "__main__":
    main()
