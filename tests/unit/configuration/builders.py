# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wish for a configuration, as small as it can be."""

from __future__ import annotations

from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.configuration.options import Wish, parse_wish

from tests.unit.store import Obj

NAMESPACE = "shops"
APP = "shop"
TEXT = """\
api:
  workers: 4
database:
  url: ${DATABASE_URL}
security:
  origins: ["${ORIGINS}", "https://b"]
"""
SECRET_URL = "postgres://shop:hunter2@db/shop"
NAMES = [{"name": "DATABASE_URL", "value": SECRET_URL}, {"name": "ORIGINS", "value": "https://a"}]


def params(text: str = TEXT, **changes: Any) -> dict[str, Any]:
    """The module's parameters. `files` replaces the file; names are complete."""
    return {
        "namespace": NAMESPACE,
        "app": APP,
        "files": [{"name": "production.yml", "content": text, "common": False}],
        "values": {},
        "values_name": "values",
        "schema": {},
        "names": NAMES,
        "file_name": "config.yaml",
        "mount": "/app/config",
        "rendered": False,
        "variables": True,
        "container": None,
        "workloads": [{"kind": "Deployment", "name": "shop-main"}],
        **changes,
    }


def wish(text: str = TEXT, **changes: Any) -> Wish:
    return parse_wish(params(text, **changes))


def template(**container: Any) -> Obj:
    return {"metadata": {}, "spec": {"containers": [{"name": "app", "image": "shop:1", **container}]}}


def deployment(name: str = "shop-main", **container: Any) -> Obj:
    return {"metadata": {"name": name}, "spec": {"template": template(**container)}}
