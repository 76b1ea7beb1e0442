# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `registry`."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.registry.options import REGISTRY_SPEC, RegistryOptions


def test_what_is_not_given_is_as_the_option_says() -> None:
    assert RegistryOptions.parse({}) == RegistryOptions.parse({"registry": None}) == RegistryOptions()
    nothing = dict.fromkeys(REGISTRY_SPEC["registry"]["options"])
    assert RegistryOptions.parse({"registry": {**nothing, "validate_certs": False}}) == RegistryOptions(
        validate_certs=False
    )


def test_a_password_is_not_shown() -> None:
    given = RegistryOptions.parse({"registry": {"username": "ann", "password": "s3cret"}})
    assert (given.username, given.password) == ("ann", "s3cret")
    assert "s3cret" not in repr(given)


def test_certificates_that_are_not_there_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        RegistryOptions(ca_path=str(tmp_path / "none.pem")).http()
