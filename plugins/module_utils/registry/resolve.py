# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask a registry for an image's digest, over the HTTP API that all registries have.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md and, for the token,
https://distribution.github.io/distribution/spec/auth/token/
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from .credentials import Credentials
from .image import DOCKER_HUB, Image

MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_DIGEST_HEADER = "docker-content-digest"
_SHOWN_TAGS = 5


class RegistryError(Exception):
    """`kind`: no_image, refused, unreachable or bad_answer. The text says what was found and what to do."""

    def __init__(self, kind: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Http(Protocol):
    """HTTP without credentials of its own. Raises OSError when there is no answer."""

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Registry:
    """One registry. `plain` means http instead of https."""

    http: Http
    image: Image
    credentials: Credentials | None = None
    plain: bool = False

    def digest(self) -> str:
        """The digest that the image's tag means now, or the image's own digest if the registry has it."""
        path = f"manifests/{self.image.digest or self.image.tag}"
        answer, token = self._ask("HEAD", path, {"Accept": MANIFESTS})
        if answer.status == 200 and (digest := answer.headers.get(_DIGEST_HEADER)):
            return digest
        if answer.status in (200, 405):  # registries that do not do HEAD, or not wholly
            answer, token = self._ask("GET", path, {"Accept": MANIFESTS}, token)
            if answer.status == 200:
                return answer.headers.get(_DIGEST_HEADER) or f"sha256:{hashlib.sha256(answer.body).hexdigest()}"
        raise self._no(answer, token)

    def _ask(self, method: str, path: str, headers: Mapping[str, str], token: str = "") -> tuple[Answer, str]:
        """The answer, and the Authorization header that it was given for."""
        url = f"{self._base()}/v2/{self.image.repository}/{path}"
        answer = self._send(method, url, {**headers, **_authorization(token)})
        if answer.status != 401 or token:
            return answer, token
        token = self._authorise(answer.headers.get("www-authenticate", ""))
        return (self._send(method, url, {**headers, **_authorization(token)}), token) if token else (answer, token)

    def _authorise(self, challenge: str) -> str:
        scheme, _space, rest = challenge.partition(" ")
        if scheme.lower() == "basic":
            return self.credentials.basic() if self.credentials else ""
        fields = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        if scheme.lower() != "bearer" or "realm" not in fields:
            return ""
        asked = {"scope": fields.get("scope") or f"repository:{self.image.repository}:pull"}
        asked |= {"service": fields["service"]} if "service" in fields else {}
        headers = _authorization(self.credentials.basic() if self.credentials else "")
        answer = self._send("GET", f"{fields['realm']}?{urlencode(asked)}", headers)
        try:
            body: Any = json.loads(answer.body)
            return f"Bearer {body.get('token') or body['access_token']}"
        except (ValueError, KeyError, AttributeError, TypeError):
            return ""

    def _send(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        try:
            return self.http.send(method, url, headers)
        except OSError as error:
            raise RegistryError(
                "unreachable",
                f"registry {self.image.registry} does not answer ({url}: {error})",
                "check the registry's name and the network of the machine that runs this; an image by digest "
                f"({self.image.name}@sha256:…) needs no registry here",
            ) from error

    def _base(self) -> str:
        host = "registry-1.docker.io" if self.image.registry == DOCKER_HUB else self.image.registry
        return f"{'http' if self.plain else 'https'}://{host}"

    def _no(self, answer: Answer, token: str) -> RegistryError:
        name = self.image.name
        if answer.status == 404:
            if self.image.digest:
                return RegistryError("no_image", f"no digest {self.image.digest} in {name}", "correct the digest")
            return RegistryError("no_image", f"no tag '{self.image.tag}' in {name}{self._near_tags(token)}", _CORRECT)
        if answer.status in (401, 403):
            who = f"with {self.credentials.origin or 'the given user'}" if self.credentials else "without credentials"
            return RegistryError(
                "refused",
                f"registry {self.image.registry} does not give {name} to us {who} (HTTP {answer.status})",
                "check the name, give the stable Deployment imagePullSecrets for it, or set registry.username and "
                "registry.password",
            )
        return RegistryError(
            "bad_answer", f"registry {self.image.registry} answers HTTP {answer.status} for {self.image}", _LATER
        )

    def _near_tags(self, token: str) -> str:
        try:
            answer, _token = self._ask("GET", "tags/list", {}, token)
            tags = [str(tag) for tag in json.loads(answer.body)["tags"] or []] if answer.status == 200 else []
        except (RegistryError, ValueError, KeyError, TypeError):
            return ""
        near = difflib.get_close_matches(self.image.tag, tags, _SHOWN_TAGS, 0.6) or sorted(tags)[:_SHOWN_TAGS]
        return f"; it has {', '.join(near)}{', …' if len(tags) > len(near) else ''}" if near else ""


_CORRECT = "correct the tag, or push the image first"
_LATER = "try again later, or give the image by digest"


def _authorization(token: str) -> dict[str, str]:
    return {"Authorization": token} if token else {}


def is_local(registry: str) -> bool:
    """Container runtimes speak plain http to registries on their own machine; so do we."""
    host = registry.rsplit(":", 1)[0] if not registry.endswith("]") else registry
    return host in ("localhost", "[::1]") or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None
