# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.build.source import Git, NoSource, Source, find, from_ci

SHA = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
GIT = {
    "rev-parse HEAD": SHA,
    "symbolic-ref --quiet --short HEAD": "feature/x\n",
    "remote get-url origin": "https://user:secret@git.example.com/shop/shop.git\n",
    f"show -s --format=%ct {SHA}": "1764000000\n",
}
GITHUB = {"GITHUB_SHA": SHA, "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "shop/shop"}


def git(answers: Mapping[str, str]) -> Git:
    def run(arguments: Sequence[str]) -> str | None:
        return answers.get(" ".join(arguments))

    return run


def test_a_work_tree_says_all_of_it() -> None:
    found = find({}, git(GIT | {"tag --points-at HEAD --sort=-version:refname": "v2.4.1\nv2.4.0\n"}))
    assert found == Source(SHA, "feature/x", "v2.4.1", "", "https://git.example.com/shop/shop", 1764000000)
    assert found.short == "1a2b3c4"


def test_changes_that_no_commit_holds_are_not_hidden() -> None:
    found = find({}, git(GIT | {"status --porcelain --untracked-files=no": " M main.go\n"}))
    assert found.short == "1a2b3c4-dirty"


@pytest.mark.parametrize("answers", [{}, {"rev-parse HEAD": "HEAD"}])
def test_without_a_commit_it_says_what_to_do(answers: dict[str, str]) -> None:
    with pytest.raises(NoSource, match="or set GITHUB_SHA, CI_COMMIT_SHA or GIT_COMMIT"):
        find({}, git(answers))


def test_ci_is_believed_before_git_because_it_checks_out_no_branch() -> None:
    environment = GITHUB | {"GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main"}
    assert find(environment, git(GIT)) == Source(SHA, "main", "", "", "https://github.com/shop/shop", 1764000000)
    assert find(environment, git({})).committed == 0


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"GITHUB_REF": "refs/tags/v1.2.3", "GITHUB_REF_NAME": "v1.2.3"}, ("", "v1.2.3", "")),
        ({"GITHUB_REF": "refs/pull/12/merge", "GITHUB_REF_NAME": "12/merge"}, ("", "", "12")),
    ],
)
def test_github(more: dict[str, str], wanted: tuple[str, str, str]) -> None:
    found = from_ci(GITHUB | more)
    assert (found.branch, found.tag, found.pull_request) == wanted


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({"CI_COMMIT_SHA": SHA, "CI_COMMIT_BRANCH": "main"}, ("main", "", "")),
        ({"CI_COMMIT_SHA": SHA, "CI_COMMIT_TAG": "v1.2.3"}, ("", "v1.2.3", "")),
        ({"CI_COMMIT_SHA": SHA, "CI_MERGE_REQUEST_IID": "12"}, ("", "", "12")),
        ({"GIT_COMMIT": SHA, "BRANCH_NAME": "main"}, ("main", "", "")),
        ({"GIT_COMMIT": SHA, "BRANCH_NAME": "PR-12", "CHANGE_ID": "12"}, ("", "", "12")),
        ({"GIT_COMMIT": SHA, "BRANCH_NAME": "v1", "TAG_NAME": "v1"}, ("", "v1", "")),
        ({}, ("", "", "")),
    ],
)
def test_gitlab_and_jenkins(environment: dict[str, str], wanted: tuple[str, str, str]) -> None:
    found = from_ci(environment)
    assert (found.branch, found.tag, found.pull_request) == wanted


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("2026-01-01T00:00:00Z", 1767225600), ("2026-01-01T01:00:00+01:00", 1767225600), ("yesterday", 0)],
)
def test_the_time_of_gitlabs_commit(said: str, seconds: int) -> None:
    assert from_ci({"CI_COMMIT_SHA": SHA, "CI_COMMIT_TIMESTAMP": said}).committed == seconds


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("git@git.example.com:shop/shop.git", "https://git.example.com/shop/shop"),
        ("ssh://git@git.example.com/shop/shop", "https://git.example.com/shop/shop"),
        ("https://token@git.example.com/shop/shop.git", "https://git.example.com/shop/shop"),
        ("", ""),
    ],
)
def test_an_address_is_one_for_browsers_and_holds_no_secret(remote: str, address: str) -> None:
    assert find({}, git(GIT | {"remote get-url origin": remote})).url == address
