# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module's options, apart from those of the connection."""

from __future__ import annotations

from typing import Any

ArgumentSpec = dict[str, dict[str, Any]]

_HTTP: ArgumentSpec = {
    "port": {"type": "str", "default": "http"},
    "scheme": {"type": "str", "choices": ["http", "https"], "default": "http"},
}

ARGUMENTS: ArgumentSpec = {
    "name": {"type": "str"},
    "selector": {"type": "str"},
    "service": {"type": "str"},
    "url": {"type": "str"},
    "namespace": {"type": "str"},
    "tests": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str"},
            "path": {"type": "str", "required": True},
            "method": {"type": "str", "default": "GET"},
            "headers": {"type": "dict"},
            "body": {"type": "raw"},
            **_HTTP,
            "status": {"type": "list", "elements": "int", "default": [200]},
            "contains": {"type": "str"},
            "json": {
                "type": "list",
                "elements": "dict",
                "options": {"query": {"type": "str", "required": True}, "equals": {"type": "raw"}},
            },
            "max_seconds": {"type": "float"},
            "timeout": {"type": "float", "default": 5.0},
            "repeat": {"type": "int", "default": 1},
            "parallel": {"type": "int", "default": 1},
        },
    },
    "command": {
        "type": "dict",
        "options": {
            "cmd": {"type": "str"},
            "argv": {"type": "list", "elements": "str"},
            **_HTTP,
            "timeout": {"type": "float", "default": 600.0},
            "chdir": {"type": "path"},
            "environment": {"type": "dict"},
            "lines": {"type": "int", "default": 40},
        },
    },
    "via": {"type": "str", "choices": ["direct", "forward", "proxy"], "default": "proxy"},
    "verify": {"type": "bool", "default": True},
}
