# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.build.source import Source
from ansible_collections.slipway.rollout.plugins.module_utils.build.tags import (
    RULES,
    NoTag,
    clean,
    tags,
    unique,
    version,
)
from hypothesis import given
from hypothesis import strategies as st

SHA = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
EVERY = ("branch", "pr", "semver", "sha")
LEGAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
FROM_PEOPLE = st.text(max_size=300)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (Source(SHA, branch="main"), ("main", "main-1a2b3c4")),
        (Source(SHA, branch="feature/new login"), ("feature-new-login", "feature-new-login-1a2b3c4")),
        (Source(SHA, pull_request="12"), ("pr-12", "pr-12-1a2b3c4")),
        (Source(SHA, tag="v2.4.1"), ("2.4.1", "v2.4.1-1a2b3c4")),
        (Source(SHA, tag="v2.5.0-rc.1+build.5"), ("2.5.0-rc.1-build.5", "v2.5.0-rc.1-build.5-1a2b3c4")),
        (Source(SHA, tag="nightly"), ("nightly-1a2b3c4",)),
        (Source(SHA), ("sha-1a2b3c4",)),
        (Source(SHA, branch="main", dirty=True), ("main", "main-1a2b3c4-dirty")),
    ],
)
def test_rules(source: Source, wanted: tuple[str, ...]) -> None:
    assert tags(source, EVERY) == wanted


def test_tags_of_ones_own_come_last_and_once() -> None:
    assert tags(Source(SHA, branch="main"), ("branch",), ("stable", "main")) == ("main", "stable")


@pytest.mark.parametrize("tag", ["2.4", "v02.4.1", "v2.4.1.5", "release-2.4.1", "v2.4.1-"])
def test_what_is_no_version(tag: str) -> None:
    assert version(Source(SHA, tag=tag)) == ""


def test_no_tag_is_refused_with_what_is_known() -> None:
    with pytest.raises(NoTag, match="the rules semver give none for branch main. Add the rule sha"):
        tags(Source(SHA, branch="main"), ("semver",))
    with pytest.raises(NoTag, match="a commit without a branch"):
        tags(Source(SHA), ())


@given(branch=FROM_PEOPLE, tag=FROM_PEOPLE, pull=FROM_PEOPLE)
def test_whatever_people_call_things_every_tag_is_legal(branch: str, tag: str, pull: str) -> None:
    source = Source(SHA, branch, tag, pull)
    for found in tags(source, tuple(RULES)):
        assert LEGAL.fullmatch(found), found
    assert unique(source).endswith("-1a2b3c4")
    assert LEGAL.fullmatch(unique(source))


@given(FROM_PEOPLE)
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
