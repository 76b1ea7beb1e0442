#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_digest
short_description: Ask a registry which digest an image's tag means
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Asks the registry over its HTTP API, without a container engine. Changes nothing.
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Returns details on what has changed.
    support: none
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second run indicates no change.
    support: full
options:
  image:
    description: The image, by tag or by digest.
    type: str
    required: true
  registry:
    description: How to ask the image's registry.
    type: dict
    default: {}
    suboptions:
      username:
        description: User for the registry. By default nobody in particular.
        type: str
      password:
        description: Password or token of that user.
        type: str
      plain_http:
        description: Whether to speak plain http. By default only to registries on this machine.
        type: bool
      validate_certs:
        description: Whether to verify the registry's certificate.
        type: bool
        default: true
      ca_path:
        description: File with the certificates (PEM) that the registry's certificate is verified with.
        type: path
"""

EXAMPLES = r"""
- name: Ask what the tag means now
  slipway.rollout.image_digest:
    image: localhost:5000/continual-transformer:good
  register: shop_now
"""

RETURN = r"""
found:
  description: Whether the registry has the image.
  type: bool
  returned: success
digest:
  description: The digest, empty where the registry does not have the image.
  type: str
  returned: success
  sample: sha256:7a55d3d166cd...
image:
  description: The image by digest, empty where the registry does not have it.
  type: str
  returned: success
  sample: registry.example.com/shop@sha256:7a55d3d166cd...
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.registry.credentials import Credentials
from ..module_utils.registry.http import UrlHttp
from ..module_utils.registry.image import BadImage, Image
from ..module_utils.registry.resolve import Registry, RegistryError, is_local

ARGUMENTS = {
    "image": {"type": "str", "required": True},
    "registry": {
        "type": "dict",
        "default": {},
        "options": {
            "username": {"type": "str"},
            "password": {"type": "str", "no_log": True},
            "plain_http": {"type": "bool"},
            "validate_certs": {"type": "bool", "default": True},
            "ca_path": {"type": "path"},
        },
    },
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    wish = {"validate_certs": True} | module.params["registry"]
    digest = ""
    try:
        image = Image.parse(module.params["image"])
        http = UrlHttp(verify=wish["validate_certs"], ca_file=wish.get("ca_path"))
        plain = wish.get("plain_http")
        digest = Registry(
            http, image, _credentials(wish), is_local(image.registry) if plain is None else plain
        ).digest()
    except BadImage as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"registry.ca_path: {wish.get('ca_path')} cannot be used: {error}")
    except RegistryError as error:
        if error.kind != "no_image":
            module.fail_json(msg=f"{error}; {error.remedy}")
    module.exit_json(changed=False, found=bool(digest), digest=digest, image=image.pinned(digest) if digest else "")


def _credentials(wish: dict[str, str]) -> Credentials | None:
    if not wish.get("username"):
        return None
    return Credentials(wish["username"], wish.get("password") or "", "registry.username")


if __name__ == "__main__":
    main()
