# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Image references: parsed as container runtimes parse them.

https://pkg.go.dev/github.com/distribution/reference has the grammar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DOCKER_HUB = "docker.io"

_DOMAIN = re.compile(r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.?)+(?::[0-9]+)?|\[[a-fA-F0-9:]+\](?::[0-9]+)?")
_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}")


class BadImage(Exception):
    """No image reference; the text says what is wrong with it and what one looks like."""


@dataclass(frozen=True, slots=True)
class Image:
    """A reference in full: `docker.io/library/nginx:latest` for `nginx`. `tag` and `digest` may be empty, not both."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> Image:
        """Raises BadImage."""
        name, at, digest = text.strip().partition("@")
        if at and not _DIGEST.fullmatch(digest):
            raise _bad(text, f"'{digest}' is not a digest (sha256: and 64 lower-case hexadecimal digits)")
        head, slash, rest = name.partition("/")
        # Without a dot, a port or `localhost` the first part is a folder on Docker Hub.
        if not slash or not (set(".:[") & set(head) or head == "localhost"):
            head, rest = DOCKER_HUB, name
        repository, colon, tag = rest.partition(":")
        if not _DOMAIN.fullmatch(head):
            raise _bad(text, f"'{head}' is not a registry's name")
        if not repository or not all(_COMPONENT.fullmatch(part) for part in repository.split("/")):
            raise _bad(text, f"'{repository}' is not a repository's name (lower case, parts joined by /)")
        if colon and not _TAG.fullmatch(tag):
            raise _bad(text, f"'{tag}' is not a tag")
        if head == DOCKER_HUB and "/" not in repository:
            repository = f"library/{repository}"
        return cls(head, repository, tag if tag or digest else "latest", digest)

    @property
    def name(self) -> str:
        return f"{self.registry}/{self.repository}"

    def pinned(self, digest: str) -> str:
        """What goes into a pod: the digest alone, because not every container runtime takes a tag beside it."""
        return f"{self.name}@{digest}"

    def __str__(self) -> str:
        return self.name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def short_name(text: str) -> str:
    """For people: the last part of the name with its tag, or the beginning of its digest."""
    try:
        image = Image.parse(text)
    except BadImage:
        return text
    last = image.repository.rsplit("/", 1)[-1]
    return f"{last}:{image.tag}" if image.tag else f"{last}@{image.digest[:19]}"


def _bad(text: str, why: str) -> BadImage:
    return BadImage(f"'{text}' is not an image: {why}. Write REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:….")
