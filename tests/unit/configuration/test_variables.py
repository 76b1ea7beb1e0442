# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration as environment variables."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.configuration.document import Layer, parse
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.variables import variables_of

TEXT = """\
environment: production
api: {port: 8000, reload: false, rate: 0.5}
security: {cors-origins: ["*"]}
nothing: null
empty: {}
day: 2026-01-01
"""


def test_keys_become_names_and_values_become_text() -> None:
    found, problems = variables_of(parse([Layer("p.yml", TEXT)])[0])
    assert problems == []
    assert found == {
        "ENVIRONMENT": "production",
        "API_PORT": "8000",
        "API_RELOAD": "false",
        "API_RATE": "0.5",
        "SECURITY_CORS_ORIGINS": '["*"]',
        "NOTHING": "",
        "DAY": "2026-01-01",
    }


def test_two_keys_of_one_name() -> None:
    _found, problems = variables_of(parse([Layer("p.yml", "a_b: 1\na: {b: 2}\n")])[0])
    assert [problem.text() for problem in problems] == [
        (
            "p.yml, line 2, a.b: as an environment variable this is A_B, and so is a_b. "
            "Rename one, or set variables: false."
        )
    ]
