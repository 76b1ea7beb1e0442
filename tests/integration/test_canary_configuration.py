# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A canary with a configuration: gone back from after its promotion, and resumed after it was cut off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.configured import ENVIRONMENT, config_of, configured
from tests.integration.conftest import Lab
from tests.integration.playbook import Run
from tests.integration.release import Release
from tests.integration.shop import within

pytestmark = pytest.mark.slow  # each is two releases or more; rolling has a quick one

NAMESPACE = "canary-configuration"
RESUMED: dict[str, Any] = {"slipway_stages": [10, 50, 100], "slipway_on_interrupted": "resume"}


@pytest.fixture(scope="module")
def opened(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    folder = tmp_path_factory.mktemp("users")
    release = Release(lab.api, lab.images, lab.load_program(), folder, NAMESPACE)
    yield release
    release.close()


def config(release: Release, arm: str = "main") -> str:
    return config_of(release.deployment(arm))


def rolled(release: Release, name: str, **variables: Any) -> Run:
    """With users, none of whom is hurt by what is good."""
    with release.users() as users:
        run = release.roll(name, **variables)
    assert {one.release for one in users.results if one.failed} <= {"failing"}
    return run


def test_after_its_promotion_a_configuration_is_gone_back_from(release: Release) -> None:
    assert rolled(release, "good-2", **configured(8)).code == 0
    first = config(release)
    changed = configured(16) | {"slipway_keep_replicas": 1}
    forth = rolled(release, "good-2", **changed)
    assert forth.code == 0, forth.said
    assert config(release) not in ("", first)
    assert (config(release, "canary"), release.pods("canary")) == (first, 1)
    with release.users() as users:
        back = release.play("rollback", release.wanted("good-2", **changed))
    assert back.code == 0, back.said
    assert users.failed == 0
    assert (config(release), release.live("main")) == (first, release.images["good-2"])
    bad = rolled(release, "failing", **configured(32))
    assert bad.code == 2, bad.said
    assert config(release) == first
    assert (release.pods("canary"), release.weights()) == (0, [100, 0])


def test_one_that_was_cut_off_is_resumed_with_its_configuration(release: Release) -> None:
    wanted = release.wanted("good-2", **configured(8), **RESUMED)
    with release.users() as users:
        with release.running("canary", wanted) as run:
            within(120, lambda: run.poll() is None and release.weights()[1] == 50)
        other = release.play("canary", release.wanted("good-2", **configured(16), **RESUMED))
        assert other.code == 2, other.said
        assert "with configuration" in other.line("Why")
        again = release.play("canary", wanted)
    assert again.code == 0, again.said
    assert "10 % of the users" not in again.said
    assert users.failed == 0
    assert_released(release)


def test_one_that_had_passed_is_finished_with_its_configuration(release: Release) -> None:
    assert rolled(release, "good-2", **configured(8)).code == 0
    first = config(release)
    wanted = release.wanted("good-2", **configured(16), slipway_keep_replicas=1)
    with release.users() as users:
        with release.running("canary", wanted) as run:
            within(120, lambda: run.poll() is None and config(release) != first)
        again = release.play("canary", wanted)
    assert again.code == 0, again.said
    assert users.failed == 0
    assert config(release) not in ("", first)
    assert (config(release, "canary"), release.pods("canary")) == (first, 1)
    assert release.play("rollback", wanted).code == 0
    assert config(release) == first


def assert_released(release: Release) -> None:
    opened, ended = release.ledger(ENVIRONMENT)
    assert (opened, ended[0]["outcome"]) == ({}, "released")
    assert config(release) == ended[0]["release"]["config"] != ""
    assert (release.live("main"), release.weights()) == (release.images["good-2"], [100, 0])
