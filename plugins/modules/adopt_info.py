#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: adopt_info
short_description: Find out what an app that runs already consists of
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Reads the app's Deployment, its Services, the route that users come by, its probes and its metrics, and makes an
    inventory's variables of it. What it could not find out stands there as a commented question.
  - Returns the objects that a canary needs and that are not there yet. It changes nothing.
extends_documentation_fragment:
  - slipway.rollout.attributes
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details: It only reads.
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  namespace:
    description: Namespace of the app.
    type: str
    required: true
  app:
    description:
      - What the team calls its app, as C(KIND/NAME), where the kind is one of V(deployment), V(service),
        V(virtualservice), V(httproute), V(grpcroute), V(openshiftroute). Without a kind, the first of these that has
        the name.
    type: str
    required: true
  route:
    description: How users come, where that cannot be read from a route that is there.
    type: dict
    suboptions:
      kind:
        description:
          - Kind of the route. V(replicas) splits by the number of pods, without any mesh.
        type: str
        choices: [grpcroute, httproute, openshiftroute, replicas, virtualservice]
      gateway:
        description: For a new V(httproute) or V(virtualservice), its gateway as C(NAMESPACE/NAME).
        type: str
      hosts:
        description: For a new one, the names that users come by.
        type: list
        elements: str
        default: []
  prometheus:
    description: A Prometheus that may have the pods' metrics. Without it they are read from the pods.
    type: dict
    suboptions:
      url:
        description: Its address.
        type: str
        required: true
      token:
        description: Bearer token.
        type: str
      username:
        description: User name.
        type: str
      password:
        description: Password.
        type: str
      validate_certs:
        description: Whether to verify its certificate.
        type: bool
        default: true
      ca_cert:
        description: File with the certificates that its own is verified with.
        type: path
requirements:
  - kubernetes >= 24.2.0
"""

EXAMPLES = r"""
- name: Look at production/continual-transformer-main
  slipway.rollout.adopt_info:
    namespace: production
    app: deployment/continual-transformer-main
  register: found
"""

RETURN = r"""
msg:
  description: One sentence for people.
  type: str
  returned: always
  sample: podinfo serves users by httproute podinfo; its canary is podinfo-canary.
app:
  description: The app's name.
  type: str
  returned: success
  sample: podinfo
variables:
  description: The variables of an inventory, as the text of a YAML file.
  type: str
  returned: success
questions:
  description: What could not be found out.
  type: list
  elements: str
  returned: success
objects:
  description: Objects that a canary needs and that are not there yet, in the order in which they are to be made.
  type: list
  elements: dict
  returned: success
  contains:
    what:
      description: C(canary_deployment), C(services) or C(weighted_route).
      type: str
      returned: always
    title:
      description: Its kind, namespace and name.
      type: str
      returned: always
    state:
      description: C(present) for a new object, C(patched) for a change of one that is there.
      type: str
      returned: always
    diff:
      description: What would become of it, in lines.
      type: list
      elements: str
      returned: always
    definition:
      description: The object.
      type: dict
      returned: always
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.adopt.adopt import adopt
from ..module_utils.adopt.world import AdoptError
from ..module_utils.clock import SystemClock
from ..module_utils.cluster import ClusterError
from ..module_utils.connection import AUTH_ARG_SPEC, connect

ARGUMENTS = {
    "namespace": {"type": "str", "required": True},
    "app": {"type": "str", "required": True},
    "route": {
        "type": "dict",
        "options": {
            "kind": {
                "type": "str",
                "choices": ["grpcroute", "httproute", "openshiftroute", "replicas", "virtualservice"],
            },
            "gateway": {"type": "str"},
            "hosts": {"type": "list", "elements": "str", "default": []},
        },
    },
    "prometheus": {
        "type": "dict",
        "options": {
            "url": {"type": "str", "required": True},
            "token": {"type": "str", "no_log": True},
            "username": {"type": "str"},
            "password": {"type": "str", "no_log": True},
            "validate_certs": {"type": "bool", "default": True},
            "ca_cert": {"type": "path"},
        },
    },
}


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS}, supports_check_mode=True)
    try:
        result = adopt(connect(module.params), module.params, SystemClock())
    except (AdoptError, ClusterError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
