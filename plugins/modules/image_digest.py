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
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
extends_documentation_fragment:
  - slipway.rollout.attributes
  - slipway.rollout.registry
options:
  image:
    description: The image, by tag or by digest.
    type: str
    required: true
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
from ..module_utils.registry.image import BadImage, Image
from ..module_utils.registry.options import REGISTRY_SPEC, RegistryOptions
from ..module_utils.registry.resolve import Registry, RegistryError, is_local

ARGUMENTS = {
    "image": {"type": "str", "required": True},
    **REGISTRY_SPEC,
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    wish = RegistryOptions.parse(module.params)
    digest = ""
    try:
        image = Image.parse(module.params["image"])
        plain = is_local(image.registry) if wish.plain_http is None else wish.plain_http
        digest = Registry(wish.http(), image, _credentials(wish), plain).digest()
    except BadImage as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"registry.ca_path: {wish.ca_path} cannot be used: {error}")
    except RegistryError as error:
        if error.kind != "no_image":
            module.fail_json(msg=f"{error}; {error.remedy}")
    module.exit_json(changed=False, found=bool(digest), digest=digest, image=image.pinned(digest) if digest else "")


def _credentials(wish: RegistryOptions) -> Credentials | None:
    return Credentials(wish.username, wish.password, "registry.username") if wish.username else None


if __name__ == "__main__":
    main()
