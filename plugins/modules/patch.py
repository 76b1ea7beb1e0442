#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: patch
short_description: Change fields of an object as a part of a rollout
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Merges a definition into an object that is there, like M(kubernetes.core.k8s) with C(state=patched), but by
    compare-and-swap, so that what somebody else writes at the same moment is not lost, and under the lock of a rollout.
  - Built-in kinds are merged as C(kubectl patch) does, lists of containers by name. In custom resources a list is
    replaced as a whole.
  - A text that stands where the object has a number or a truth value is read as one, since templates may make texts.
extends_documentation_fragment:
  - slipway.rollout.attributes
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details: The API server is asked what it would do.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  kind:
    description: Kind of the object.
    type: str
    required: true
    choices:
      - ConfigMap
      - DaemonSet
      - Deployment
      - GRPCRoute
      - HTTPRoute
      - HorizontalPodAutoscaler
      - Service
      - StatefulSet
      - VirtualService
  name:
    description: Name of the object.
    type: str
    required: true
  namespace:
    description: Namespace of the object.
    type: str
    required: true
  definition:
    description: The fields to change. A field that is null is removed.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Scale the canary in
  slipway.rollout.patch:
    kind: Deployment
    name: continual-transformer-canary
    namespace: production
    definition:
      spec:
        replicas: 0
"""

RETURN = r"""
result:
  description: The object afterwards, or as it would be, without status.
  type: dict
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.cluster import ClusterError
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.workload.patch import KINDS, patch, quiet

ARGUMENTS = {
    "kind": {"type": "str", "required": True, "choices": sorted(KINDS)},
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "definition": {"type": "dict", "required": True},
}


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS}, supports_check_mode=True)
    wanted = module.params
    try:
        done = patch(
            connect(wanted),
            wanted["kind"],
            wanted["namespace"],
            wanted["name"],
            wanted["definition"],
            dry_run=module.check_mode,
        )
    except ClusterError as error:
        module.fail_json(msg=str(error))
    result = {"changed": done.changed, "result": quiet(done.after)}
    module.exit_json(**result, **({"diff": done.diff()} if module._diff else {}))


if __name__ == "__main__":
    main()
