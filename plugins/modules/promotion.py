#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: promotion
short_description: Find out what was proven in an environment, and note that it went on
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Reads the ledger of an environment and what serves there, and returns the release that is live and healthy there, by
    digest and with its configuration.
  - Afterwards notes in that ledger where it went. For that it needs no lock.
  - Fails where nothing was proven. That is so when the ledger has no release, when something else runs than what it has
    as released, when pods are not ready, when a rollout is open, or when the common part of the configuration was
    changed since.
extends_documentation_fragment:
  - slipway.rollout.attributes
  - slipway.rollout.switch
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Shows the pages of the ledger.
  idempotent:
    support: full
options:
  state:
    description:
      - V(proven) returns the release that is proven, and changes nothing.
      - V(noted) adds O(note) to what the ledger has about the release O(image).
    type: str
    choices: [proven, noted]
    default: proven
  namespace:
    description: Namespace of the app there.
    type: str
    required: true
  app:
    description: Name of the app.
    type: str
    required: true
  environment:
    description: Name of the environment, as its ledger has it.
    type: str
    default: ""
  kind:
    description: Kind of what serves there.
    type: str
    choices: [DaemonSet, Deployment, StatefulSet]
    default: Deployment
  name:
    description: Name of what serves there. Needed for O(state=proven).
    type: str
  switch:
    description:
      - The object that says which of two slots is live, as the option O(slipway.rollout.slot_switch#module:switch).
        Where the last release was one by blue-green, the Deployment of that slot is what serves, and not O(name).
    required: false
  container:
    description: Container with the image; may be left out where there is only one.
    type: str
    default: ""
  image:
    description: The release that is meant. By default the one that is live. Needed for O(state=noted), by digest.
    type: str
    default: ""
  note:
    description: What is noted, in a few words. Needed for O(state=noted).
    type: str
  files:
    description:
      - The configuration as it is to be applied where the release goes to. The files that are the same in every
        environment are compared.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What the file is called in messages.
        type: str
        required: true
      content:
        description: Its text.
        type: str
        required: true
      common:
        description: Whether it is the same in every environment.
        type: bool
        default: false
requirements:
  - kubernetes >= 24.2.0
"""

EXAMPLES = r"""
- name: Find out what is proven in testing
  slipway.rollout.promotion:
    namespace: testing
    app: continual-transformer
    environment: testing
    name: continual-transformer-main
  register: proven

- name: Note where it went
  slipway.rollout.promotion:
    state: noted
    namespace: testing
    app: continual-transformer
    environment: testing
    image: "{{ proven.image }}"
    note: promoted to staging
"""

RETURN = r"""
image:
  description: The release, by digest.
  type: str
  returned: with O(state=proven)
release:
  description: The same with its tag, where that is known, so that people know it again. The digest decides.
  type: str
  returned: with O(state=proven)
title:
  description: The release, as people call it.
  type: str
  returned: with O(state=proven)
  sample: continual-transformer:good-2
hash:
  description: Hash of the configuration there, empty if there is none.
  type: str
  returned: with O(state=proven)
common:
  description: Hash of the part of it that is the same in every environment.
  type: str
  returned: with O(state=proven)
since:
  description: Since when it is live there.
  type: str
  returned: with O(state=proven)
by:
  description: Who has released it there.
  type: str
  returned: with O(state=proven)
problems:
  description: Why it counts as not proven, each with C(field), C(found), C(expected) and C(remedy).
  type: list
  elements: dict
  returned: with O(state=proven)
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.cluster import ClusterError
from ..module_utils.configuration.document import Layer
from ..module_utils.configuration.options import FILE_SPEC
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.promotion.note import note
from ..module_utils.promotion.origin import Origin
from ..module_utils.promotion.proof import prove
from ..module_utils.rollout.names import Names
from ..module_utils.slots.spec import SWITCH_SPEC, parse_switch
from ..module_utils.traffic.errors import TrafficError

ARGUMENTS = {
    "state": {"type": "str", "choices": ["proven", "noted"], "default": "proven"},
    "namespace": {"type": "str", "required": True},
    "app": {"type": "str", "required": True},
    "environment": {"type": "str", "default": ""},
    "kind": {"type": "str", "choices": ["DaemonSet", "Deployment", "StatefulSet"], "default": "Deployment"},
    "name": {"type": "str"},
    "switch": {**SWITCH_SPEC["switch"], "required": False},
    "container": {"type": "str", "default": ""},
    "image": {"type": "str", "default": ""},
    "note": {"type": "str"},
    "files": {"type": "list", "elements": "dict", "options": FILE_SPEC, "default": []},
}
NEEDED = [("state", "proven", ["name"]), ("state", "noted", ["image", "note"])]


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS}, required_if=NEEDED, supports_check_mode=True)
    wanted = module.params
    try:
        names = Names.parse(wanted["namespace"], wanted["app"], wanted["environment"])
        cluster = connect(wanted)
        if wanted["state"] == "noted":
            now = SystemClock().wall()
            written = note(cluster, names, wanted["image"], wanted["note"], now, dry_run=module.check_mode)
            pages = {"before": written.before, "after": written.after}
            diff = {"diff": {side: "\n".join(page.values()) for side, page in pages.items()}} if module._diff else {}
            module.exit_json(changed=written.changed, **diff)
        files = tuple(Layer(one["name"], one["content"], one["common"]) for one in wanted["files"])
        switch = parse_switch(wanted) if wanted["switch"] else None
        origin = Origin(names, wanted["kind"], wanted["name"], wanted["container"], switch)
        proof = prove(cluster, origin, wanted["image"], files)
    except (ClusterError, TrafficError) as error:
        module.fail_json(msg=str(error))
    if proof.problems:
        module.fail_json(msg=proof.text(), **proof.as_dict())
    module.exit_json(changed=False, **proof.as_dict())


if __name__ == "__main__":
    main()
