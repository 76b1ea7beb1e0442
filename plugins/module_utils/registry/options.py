# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The option `registry`, which modules share: how to ask an image's registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .http import UrlHttp

REGISTRY_SPEC: dict[str, dict[str, Any]] = {
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
    }
}


@dataclass(frozen=True, slots=True)
class RegistryOptions:
    """Credentials given here go before the pull secrets of the cluster. `plain_http`: None is for "if it is local"."""

    username: str = ""
    password: str = field(default="", repr=False)
    plain_http: bool | None = None
    validate_certs: bool = True
    ca_path: str | None = None

    @classmethod
    def parse(cls, params: Mapping[str, Any]) -> RegistryOptions:
        return cls(**{key: value for key, value in (params.get("registry") or {}).items() if value is not None})

    def http(self) -> UrlHttp:
        """Raises OSError, ValueError when the file with certificates cannot be used."""
        return UrlHttp(verify=self.validate_certs, ca_file=self.ca_path)
