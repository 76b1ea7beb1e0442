#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: configuration
short_description: Put the configuration of a release into the cluster
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Reads a configuration from files, checks it against a JSON schema, and finds a value for each C(${NAME}) in it. All
    that is wrong is told at once, with file, line and key, before anything is written.
  - Makes a ConfigMap, and a Secret for what is secret, both named by their content and immutable. So a configuration is
    a part of a release, as its image is, and what goes back to a former release has its configuration too.
  - Returns what a pod template needs to use it, for the role or task that writes the template.
  - The values of names are in the Secret and nowhere else. They are in no result, no diff and no log.
extends_documentation_fragment:
  - slipway.rollout.attributes
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details: Everything is read and checked, and the API server is asked for a dry run.
  diff_mode:
    support: full
    details: Shows the configuration with the names in it, not with their values.
  idempotent:
    support: full
options:
  state:
    description:
      - V(present) puts the configuration there.
      - V(cleared) deletes the former ones of the app that nothing can come back to. What a pod uses, or a workload, or
        a revision that it can be set back to, or the ledger, is kept.
    type: str
    choices: [present, cleared]
    default: present
  namespace:
    description: Namespace of the app.
    type: str
    required: true
  app:
    description: Name of the app, with which the names of the objects begin.
    type: str
    required: true
  files:
    description: The configuration, YAML. A later file goes over an earlier one; mappings are merged.
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
        description:
          - Whether it is the same in every environment. A promotion moves a configuration only if its common part is
            the one that was proven.
        type: bool
        default: false
  values:
    description: Goes over all files, such as what differs between two clusters.
    type: dict
    default: {}
  values_name:
    description: What O(values) is called in messages.
    type: str
    default: values
  schema:
    description: JSON schema of the whole. Empty checks nothing.
    type: dict
    default: {}
  names:
    description:
      - Where the value of each C(${NAME}) comes from.
      - One of O(names[].value), O(names[].variable) and O(names[].secret).
      - A name that no file asks for is an environment variable of the app all the same.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name.
        type: str
        required: true
      value:
        description: The value itself, from a lookup or a vaulted variable.
        type: str
      variable:
        description: An environment variable where this runs.
        type: str
      secret:
        description: A Secret of the namespace. The value is copied, so that a former release keeps what it had.
        type: str
      key:
        description: Key of the Secret. By default the name.
        type: str
  file_name:
    description: What the file is called in the pod.
    type: str
    default: config.yaml
  mount:
    description: Folder in the pod where the file is. Empty mounts nothing.
    type: str
    default: /app/config
  rendered:
    description:
      - Whether names are replaced by their values in the file, which is then in the Secret. Otherwise the app replaces
        them, from its environment.
    type: bool
    default: false
  variables:
    description:
      - Whether each value is an environment variable too. C(api.workers) is E(API_WORKERS); lists are JSON.
      - Names are environment variables in any case.
    type: bool
    default: true
  container:
    description: Container that gets it; may be left out where there is only one.
    type: str
  workloads:
    description: What is going to use it. The first one tells what was there before.
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
  keep_for:
    description: Seconds for which a configuration is kept after it was applied, for O(state=cleared).
    type: float
    default: 3600
  prefix:
    description: Put before the names of options in messages, where people know them by another name.
    type: str
    default: ""
requirements:
  - kubernetes >= 24.2.0
  - jsonschema >= 4.0.0, if there is a schema
"""

EXAMPLES = r"""
- name: Put the configuration there
  slipway.rollout.configuration:
    namespace: production
    app: continual-transformer
    files:
      - name: production.yml
        content: |
          api: {workers: 4}
          database: {url: "${DATABASE_URL}"}
    names:
      - {name: DATABASE_URL, value: "postgresql://app@database/app"}
  register: configuration

- name: Clear away former ones
  slipway.rollout.configuration:
    state: cleared
    namespace: production
    app: continual-transformer
"""

RETURN = r"""
name:
  description: Name of the ConfigMap, and of the Secret.
  type: str
  returned: with O(state=present)
  sample: continual-transformer-config-1f0c3a9b72
hash:
  description: Hash of the content.
  type: str
  returned: with O(state=present)
  sample: 1f0c3a9b72
common:
  description: Hash of the part that is the same in every environment.
  type: str
  returned: with O(state=present)
former_hash:
  description: Hash of the configuration that the first workload uses now, empty if it uses none.
  type: str
  returned: with O(state=present)
created:
  description: Objects that were missing.
  type: list
  elements: str
  returned: with O(state=present)
variables:
  description: Names of the environment variables that the app gets.
  type: list
  elements: str
  returned: with O(state=present)
secret_keys:
  description: Keys of the Secret.
  type: list
  elements: str
  returned: with O(state=present)
sources:
  description: Where each name has its value from.
  type: dict
  returned: with O(state=present)
template:
  description:
    - What pods need to use it, as a strategic merge patch of a pod template. Without O(workloads) and O(container) the
      name of the container is empty.
  type: dict
  returned: with O(state=present)
former_template:
  description: Such a patch to go back to what the first workload uses now.
  type: dict
  returned: with O(state=present)
permissions:
  description: Every verb that this needs, by whether these credentials have it.
  type: dict
  returned: success
deleted:
  description: Objects that were cleared away.
  type: list
  elements: str
  returned: with O(state=cleared)
kept:
  description: Objects that were kept, since something uses them or may come back to them.
  type: list
  elements: str
  returned: with O(state=cleared)
"""

import os
from datetime import datetime, timezone

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.cluster import ClusterError
from ..module_utils.configuration.clearing import TIME, clear
from ..module_utils.configuration.configure import Refused, configure, former_text
from ..module_utils.configuration.options import FILE_SPEC, WORKLOAD_SPEC, parse_wish
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.preflight.permissions import told

NAME = {
    "name": {"type": "str", "required": True},
    "value": {"type": "str", "no_log": True},
    "variable": {"type": "str"},
    "secret": {"type": "str", "no_log": False},
    "key": {"type": "str", "no_log": False},
}
ARGUMENTS = {
    "state": {"type": "str", "choices": ["present", "cleared"], "default": "present"},
    "namespace": {"type": "str", "required": True},
    "app": {"type": "str", "required": True},
    "files": {"type": "list", "elements": "dict", "options": FILE_SPEC, "default": []},
    "values": {"type": "dict", "default": {}},
    "values_name": {"type": "str", "default": "values"},
    "schema": {"type": "dict", "default": {}},
    "names": {"type": "list", "elements": "dict", "options": NAME, "default": []},
    "file_name": {"type": "str", "default": "config.yaml"},
    "mount": {"type": "str", "default": "/app/config"},
    "rendered": {"type": "bool", "default": False},
    "variables": {"type": "bool", "default": True},
    "container": {"type": "str"},
    "workloads": {"type": "list", "elements": "dict", "options": WORKLOAD_SPEC, "default": []},
    "keep_for": {"type": "float", "default": 3600.0},
    "prefix": {"type": "str", "default": ""},
}


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS}, supports_check_mode=True)
    wanted, now = module.params, SystemClock().wall()
    try:
        cluster = connect(wanted)
        if wanted["state"] == "cleared":
            where = (wanted["namespace"], wanted["app"])
            cleared = clear(cluster, *where, now, wanted["keep_for"], dry_run=module.check_mode)
            found = {"deleted": list(cleared.deleted), "kept": list(cleared.kept)}
            module.exit_json(changed=bool(cleared.deleted), permissions=told(cleared.permissions), **found)
        wish = parse_wish(wanted)
        stamp = datetime.fromtimestamp(now, timezone.utc).strftime(TIME)
        done = configure(cluster, wish, os.environ, stamp, dry_run=module.check_mode)
        before = former_text(cluster, wish, done.before) if module._diff else ""
    except Refused as refused:
        module.fail_json(msg=refused.text(wanted["prefix"]), problems=[one.as_dict() for one in refused.problems])
    except ClusterError as error:
        module.fail_json(msg=str(error))
    diff = {"diff": {"before": before, "after": done.text()}} if module._diff else {}
    module.exit_json(changed=done.applied.changed, **done.as_dict(), **diff)


if __name__ == "__main__":
    main()
