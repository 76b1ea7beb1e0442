# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what is built to the tags of its image, as docker/metadata-action makes them.

https://github.com/docker/metadata-action#tags-input
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from .source import Source

LONGEST = 128

# https://semver.org, with the v that tags begin with.
_VERSION = re.compile(
    r"v?((?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)"
    r"(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)"
)


class NoTag(Exception):
    """No rule gives a tag for what is built; the text says which would."""


def version(source: Source) -> str:
    """The version that the tag names, empty where there is none."""
    found = _VERSION.fullmatch(source.tag)
    return found.group(1) if found else ""


def unique(source: Source) -> str:
    """The tag that no other commit gets. A branch is its prefix; where there is none, what there is instead."""
    pull_request = f"pr-{source.pull_request}" if source.pull_request else ""
    prefix = next((name for name in map(clean, (source.branch, pull_request, source.tag)) if name), "sha")
    end = f"-{source.short}"
    return prefix[: LONGEST - len(end)] + end


RULES: Mapping[str, Callable[[Source], str]] = {
    "branch": lambda source: source.branch,
    "pr": lambda source: f"pr-{source.pull_request}" if source.pull_request else "",
    "semver": version,
    "sha": unique,
}


def tags(source: Source, rules: Sequence[str], more: Sequence[str] = ()) -> tuple[str, ...]:
    """In the order of the rules, each once. Raises NoTag."""
    found = [clean(RULES[rule](source)) for rule in rules] + [clean(tag) for tag in more]
    kept = tuple(dict.fromkeys(tag for tag in found if tag))
    if not kept:
        raise NoTag(
            f"No tag for the image: the rules {', '.join(rules) or '(none)'} give none for {_words(source)}. "
            "Add the rule sha, which always gives one, or name tags of your own."
        )
    return kept


def clean(text: str) -> str:
    """A tag has letters, digits, _ . and -, begins with none of the last two, and has 128 characters at most."""
    return re.sub(r"[^\w.\-]", "-", text, flags=re.ASCII).lstrip(".-")[:LONGEST]


def _words(source: Source) -> str:
    known = {"branch": source.branch, "tag": source.tag, "pull request": source.pull_request}
    return " and ".join(f"{what} {value}" for what, value in known.items() if value) or "a commit without a branch"
