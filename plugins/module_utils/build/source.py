# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an image is built from: the commit, and the branch, tag or pull request that it was built for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

# Runs git with these arguments and returns what it printed, or None where it failed.
Git = Callable[[Sequence[str]], "str | None"]


class NoSource(Exception):
    """Neither git nor the CI's variables say what is built; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """Empty where it is not known. `committed` is in seconds since the Unix epoch, 0 where it is not known."""

    revision: str = ""
    branch: str = ""
    tag: str = ""
    pull_request: str = ""
    url: str = ""
    committed: int = 0
    dirty: bool = False

    @property
    def short(self) -> str:
        """The revision as people write it. Files that no commit holds are not hidden."""
        return self.revision[:7] + ("-dirty" if self.dirty else "")


def find(environment: Mapping[str, str], git: Git) -> Source:
    """CI checks out commits without a branch, so its variables come first. Raises NoSource."""
    told = from_ci(environment)
    revision = told.revision or (git(("rev-parse", "HEAD")) or "").strip()
    if not re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", revision):
        raise NoSource(
            f"The commit that is built is not known: '{revision}' is none. Build in a git work tree (a shallow clone "
            "will do), or set GITHUB_SHA, CI_COMMIT_SHA or GIT_COMMIT."
        )
    if not told.revision:
        told = replace(told, branch=told.branch or _branch(git), tag=told.tag or _tag(git))
    changes = (git(("status", "--porcelain", "--untracked-files=no")) or "").strip()
    return replace(
        told,
        revision=revision,
        url=told.url or _address(git(("remote", "get-url", "origin")) or ""),
        committed=told.committed or int((git(("show", "-s", "--format=%ct", revision)) or "0").strip() or 0),
        dirty=bool(changes),
    )


def from_ci(environment: Mapping[str, str]) -> Source:
    """What GitHub, GitLab or Jenkins says; an empty source anywhere else."""
    get = environment.get
    if get("GITHUB_SHA"):
        ref, name = get("GITHUB_REF", ""), get("GITHUB_REF_NAME", "")
        pull = re.fullmatch(r"refs/pull/(\d+)/(?:merge|head)", ref)
        server, repository = get("GITHUB_SERVER_URL", ""), get("GITHUB_REPOSITORY", "")
        return Source(
            get("GITHUB_SHA", ""),
            branch=name if ref.startswith("refs/heads/") else "",
            tag=name if ref.startswith("refs/tags/") else "",
            pull_request=pull.group(1) if pull else "",
            url=f"{server}/{repository}" if server and repository else "",
        )
    if get("CI_COMMIT_SHA"):
        pull_request = get("CI_MERGE_REQUEST_IID", "")
        return Source(
            get("CI_COMMIT_SHA", ""),
            branch="" if pull_request else get("CI_COMMIT_BRANCH", ""),
            tag=get("CI_COMMIT_TAG", ""),
            pull_request=pull_request,
            url=get("CI_PROJECT_URL", ""),
            committed=_seconds(get("CI_COMMIT_TIMESTAMP", "")),
        )
    if get("GIT_COMMIT"):
        pull_request = get("CHANGE_ID", "")
        return Source(
            get("GIT_COMMIT", ""),
            branch="" if pull_request or get("TAG_NAME") else get("BRANCH_NAME", ""),
            tag=get("TAG_NAME", ""),
            pull_request=pull_request,
            url=_address(get("GIT_URL", "")),
        )
    return Source()


def _branch(git: Git) -> str:
    return (git(("symbolic-ref", "--quiet", "--short", "HEAD")) or "").strip()


def _tag(git: Git) -> str:
    """The tag of this very commit, the highest version where it has several."""
    tags = (git(("tag", "--points-at", "HEAD", "--sort=-version:refname")) or "").split()
    return tags[0] if tags else ""


def _address(url: str) -> str:
    """An address that a browser understands, without a password."""
    shell = re.fullmatch(r"(?:ssh://)?git@([\w.\-]+)[:/](.+)", url.strip())
    address = f"https://{shell.group(1)}/{shell.group(2)}" if shell else url.strip()
    return re.sub(r"^(https?://)[^/@]*@", r"\1", address).removesuffix(".git")


def _seconds(timestamp: str) -> int:
    try:
        # Python 3.10 knows no Z.
        return int(datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp())
    except ValueError:
        return 0
