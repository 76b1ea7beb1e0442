#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_metadata
short_description: The tags and labels of an image, from git or the CI's variables
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Says what is built, and from that which tags and labels its image gets, as C(docker/metadata-action) does.
  - Reads the variables of GitHub, GitLab or Jenkins first, because they check out a commit without its branch, and git
    for the rest. Changes nothing.
extends_documentation_fragment:
  - slipway.rollout.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  name:
    description: The image without a tag, for instance V(registry.example.com/shop).
    type: str
    required: true
  path:
    description: The git work tree that is built.
    type: path
    default: .
  rules:
    description:
      - How tags are made.
      - V(branch) is the branch's name, V(pr) is C(pr-12), V(semver) is the version of a tag such as C(v2.4.1) without
        the C(v), V(sha) is the branch and the commit, C(main-1a2b3c4), and where there is no branch C(pr-12-1a2b3c4),
        C(v2.4.1-1a2b3c4) or C(sha-1a2b3c4).
    type: list
    elements: str
    choices: [branch, pr, semver, sha]
    default: [branch, pr, semver, sha]
  tags:
    description: More tags.
    type: list
    elements: str
    default: []
  labels:
    description: More labels. They win over those that are found out.
    type: dict
    default: {}
notes:
  - A work tree whose tracked files differ from the commit is said to be so, C(main-1a2b3c4-dirty).
requirements:
  - git, unless the CI's variables say all that is asked for
seealso:
  - name: docker/metadata-action
    description: What the rules are called there.
    link: https://github.com/docker/metadata-action#tags-input
"""

EXAMPLES = r"""
- name: Say which tags and labels the image gets
  slipway.rollout.image_metadata:
    name: localhost:5000/shop
    path: "{{ playbook_dir }}"
  register: shop_image

- name: Use the branch and the commit only, and a label of one's own
  slipway.rollout.image_metadata:
    name: localhost:5000/shop
    path: "{{ playbook_dir }}"
    rules: [branch, sha]
    labels: {com.example.team: checkout}
"""

RETURN = r"""
tags:
  description: The tags, in the order of the rules.
  type: list
  elements: str
  returned: success
  sample: [main, main-1a2b3c4]
unique:
  description: The tag that no other commit gets.
  type: str
  returned: success
  sample: main-1a2b3c4
images:
  description: The image with each tag.
  type: list
  elements: str
  returned: success
  sample: ["registry.example.com/shop:main", "registry.example.com/shop:main-1a2b3c4"]
labels:
  description: Labels of the Open Container Initiative, and those asked for.
  type: dict
  returned: success
  sample: {org.opencontainers.image.revision: 1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d}
source:
  description: What is built.
  type: dict
  returned: success
  sample: {branch: main, committed: 1764000000, dirty: false, pull_request: "", revision: 1a2b3c4d, tag: "", url: ""}
"""

import os
from collections.abc import Sequence
from dataclasses import asdict

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.build.labels import labels
from ..module_utils.build.source import NoSource, find
from ..module_utils.build.tags import RULES, NoTag, tags, unique, version
from ..module_utils.registry.image import BadImage, Image

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "path": {"type": "path", "default": "."},
    "rules": {"type": "list", "elements": "str", "choices": list(RULES), "default": list(RULES)},
    "tags": {"type": "list", "elements": "str", "default": []},
    "labels": {"type": "dict", "default": {}},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    wish = module.params

    def git(arguments: Sequence[str]) -> str | None:
        # The work tree may belong to somebody else than who runs this, as it does in a CI's container.
        command = ["git", "-c", "safe.directory=*", "-C", wish["path"], *arguments]
        try:
            code, out, _err = module.run_command(command, handle_exceptions=False)
        except OSError:
            return None  # there is no git
        return out if code == 0 else None

    try:
        image = Image.parse(wish["name"])
        if image.tag != "latest" or image.digest or wish["name"].endswith(":latest"):
            raise BadImage(f"name '{wish['name']}' has a tag or a digest; write the image without it")
        source = find(os.environ, git)
        found = tags(source, wish["rules"], wish["tags"])
    except (BadImage, NoSource, NoTag) as error:
        module.fail_json(msg=str(error))
    more = {str(name): str(value) for name, value in wish["labels"].items()}
    module.exit_json(
        changed=False,
        tags=found,
        unique=unique(source),
        images=[f"{wish['name']}:{tag}" for tag in found],
        labels=labels(source, image.repository.rpartition("/")[2], version(source) or unique(source), more),
        source=asdict(source),
    )


if __name__ == "__main__":
    main()
