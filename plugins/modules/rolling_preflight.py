#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rolling_preflight
short_description: Refuse a rolling update before anything has changed, with everything that is wrong at once
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Looks at everything that M(slipway.rollout.rolling_update) will need and lists all that is wrong, each with what was
    found, what was expected and what to do.
  - The image is in its registry, and its digest is what will be rolled out, whatever happens to the tag.
  - The workload is there, has the container, rolls by itself (no C(Recreate), no C(OnDelete), no partition), is not
    paused, and no rollout of it is under way.
  - The pace keeps what PodDisruptionBudgets promise, and quotas have room for it.
  - The Service selects its pods.
  - The checks are written right, their source answers, and they find something for the pods that are there.
  - The API server would take the release, and the credentials may do all that the rollout and the way back need.
  - Reads only.
extends_documentation_fragment:
  - slipway.rollout.preflight
  - slipway.rollout.preflight.pods
  - slipway.rollout.preflight.services
  - slipway.rollout.attributes
  - slipway.rollout.registry
  - slipway.rollout.gate
  - slipway.rollout.rolling
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
  container:
    description: Container that gets the image. May be left out where there is only one.
    type: str
  image:
    description: The release, by tag or by digest. An empty one is reported as a problem among the others.
    type: str
  pods_proxy:
    default: false
  source:
    required: false
  checks:
    description:
      - What is checked, as in M(slipway.rollout.metric_gate). The arm C(canary) are the pods of the new template,
        C(stable) those of the former one; they are told apart by their revision, so that no label of theirs has to
        differ. Without checks only the pods are watched.
    required: false
    default: []
  subject:
    description: Has to be empty, because the arms follow from the revisions of the pods.
    type: dict
    default: {}
  timeout:
    description: Seconds that the rollout will have.
    type: float
    default: 900
  open:
    description:
      - What the workload was before, when this very rollout was cut off and goes on, as C(former) in the open entry of
        M(slipway.rollout.rollout). A workload that is not at rest is no problem then.
    type: dict
    default: {}
  gate:
    description: Other options that M(slipway.rollout.rolling_update) will have, by name, to be checked with the rest.
  registry:
    description: How to ask the image's registry. By default with the pull secrets of the workload's pods.
requirements:
  - kubernetes >= 24.2.0
"""

EXAMPLES = r"""
- name: Refuse what cannot work, before anything has changed
  slipway.rollout.rolling_preflight:
    namespace: production
    name: continual-transformer-main
    container: app
    image: localhost:5000/continual-transformer:good-2
    service: continual-transformer-main
  register: plan

- name: Show what is going to happen
  ansible.builtin.debug:
    var: plan.plan
"""

RETURN = r"""
problems:
  description: Everything that is wrong.
  type: list
  elements: dict
  returned: always
  sample:
    - field: container
      found: Deployment continual-transformer-main has no container 'api'
      expected: app
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
container:
  description: The container that gets the image.
  type: str
  returned: success
already_live:
  description: Whether the workload has this very release, and is at rest.
  type: bool
  returned: success
stable:
  description: What is live, C(name), C(image), C(release), C(title).
  type: dict
  returned: success
former:
  description: All that is needed to go back, as from M(slipway.rollout.rolling_update).
  type: dict
  returned: success
replicas:
  description: The number of pods.
  type: int
  returned: success
selector:
  description: The workload's label selector.
  type: str
  returned: success
plan:
  description: What is there and what is going to happen, in lines for people.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.preflight.answer import answer
from ..module_utils.registry.options import RegistryOptions
from ..module_utils.rolling.inspect import inspect
from ..module_utils.rolling.options import PREFLIGHT_SPEC


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **PREFLIGHT_SPEC}, supports_check_mode=True)
    params = module.params
    answer(module, lambda: inspect(connect(params), params, RegistryOptions.http, SystemClock()))


if __name__ == "__main__":
    main()
