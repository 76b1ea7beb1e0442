# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The objects that carry a configuration: a ConfigMap and, for what is secret, a Secret, named by their content."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..cluster import Obj
from ..preflight.problem import Problem
from .document import Document
from .options import Mounting, Wish
from .references import fill, names_in
from .variables import variables_of

LABEL_APP = "slipway.rollout/app"
LABEL_HASH = "slipway.rollout/config"
COMMON = "slipway.rollout/common"
APPLIED = "slipway.rollout/applied"
# The part that is the same in every environment, so that a promotion can say what has changed in it.
COMMON_FILE = "slipway-common.yaml"
_LENGTH = 10
# Guessing a password by the hash in the name shall cost something.
_ROUNDS = 100_000


@dataclass(frozen=True, slots=True)
class Bundle:
    """`public` and `secret` are the objects' data. `keys` has where each variable is found: public or secret."""

    app: str
    hash: str
    common: str
    mounting: Mounting
    public: Mapping[str, str]
    secret: Mapping[str, str] = field(repr=False)
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.app}-config-{self.hash}"

    @property
    def file_is_secret(self) -> bool:
        return self.mounting.file_name in self.secret

    def config_map(self, stamp: str) -> Obj:
        return {"apiVersion": "v1", "kind": "ConfigMap", **self._meta(stamp), "data": dict(self.public)}

    def secret_object(self, stamp: str) -> Obj:
        """The API wants base64, once."""
        data = {key: base64.b64encode(value.encode()).decode() for key, value in self.secret.items()}
        return {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", **self._meta(stamp), "data": data}

    def _meta(self, stamp: str) -> Obj:
        labels = {"app.kubernetes.io/managed-by": "slipway", LABEL_APP: self.app, LABEL_HASH: self.hash}
        notes = {COMMON: self.common, APPLIED: stamp}
        return {"immutable": True, "metadata": {"name": self.name, "labels": labels, "annotations": notes}}


def make(wish: Wish, document: Document, common: Document, values: Mapping[str, str]) -> tuple[Bundle, list[Problem]]:
    """`common`: what is the same in every environment, before the environment's own layers."""
    mounting = wish.mounting
    public: dict[str, str] = {}
    secret = dict(values)
    if mounting.rendered and names_in(document.data):
        secret[mounting.file_name] = _text(fill(document.data, values))
    else:
        public[mounting.file_name] = _text(document.data)
    if common.data:
        public[COMMON_FILE] = _text(common.data)
    keys = dict.fromkeys(values, "secret")
    problems: list[Problem] = []
    if mounting.variables:
        found, problems = variables_of(document)
        for name, text in found.items():
            if name in values:
                continue  # it is a name of its own, such as database.url and ${DATABASE_URL}
            if names_in(text):
                secret[name], keys[name] = str(fill(text, values)), "secret"
            else:
                public[name], keys[name] = text, "public"
    salt = f"{wish.namespace}/{wish.app}"
    content = {"public": public, "secret": secret, "mounting": [mounting.mount, mounting.container]}
    bundle = Bundle(
        app=wish.app,
        hash=_hash(content, salt),
        common=_hash(common.data, wish.app),
        mounting=mounting,
        public=public,
        secret=secret,
        keys=dict(sorted(keys.items())),
    )
    return bundle, problems


def _text(data: Any) -> str:
    import yaml

    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)


def _hash(content: Any, salt: str) -> str:
    raw = json.dumps(content, sort_keys=True, default=str).encode()
    return hashlib.pbkdf2_hmac("sha256", raw, salt.encode(), _ROUNDS).hex()[:_LENGTH]
