# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""JSON over HTTP, for sources that are services: credentials, TLS, and every way in which it can go wrong, named."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

from .source import SourceError

_LONGEST_URL = 2000  # beyond that the question travels in the body
_FORM = "application/x-www-form-urlencoded"

# From method, address and body of a request to the headers that prove who sends it; for proofs that are made for each
# request or run out. Raises SourceError.
Sign = Callable[[str, str, "str | None"], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """How to reach a service. Everything that could be a secret is left out of the representation.

    `scheme` is the word before the token, which services do not agree about.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    scheme: str = "Bearer"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict)
    validate_certs: bool = True
    ca_cert: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    timeout: float = 5.0

    def split(self) -> tuple[str, str | None, str | None]:
        """The address without credentials, user name, password. Raises SourceError when it is no http(s) address."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SourceError(
                "bad_query", f"source.url is '{_without_user(self.url)}'; write it as http://prometheus:9090."
            )
        host = parts.netloc.rpartition("@")[2]
        address = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
        username = self.username or (unquote(parts.username) if parts.username else None)
        return address, username, self.password or (unquote(parts.password) if parts.password else None)


class JsonClient:
    """Asks one service. Raises SourceError only, with words for people and without secrets."""

    def __init__(self, name: str, options: HttpOptions, sign: Sign | None = None) -> None:
        self.name = name
        self._options = options
        self._sign = sign
        self.address, username, password = options.split()
        self._headers = {"Accept": "application/json", **_authorization(options, username, password)}
        self._headers |= options.headers
        self._secrets = [text for text in (options.token, password, *options.headers.values()) if text]
        self._secrets += [value.rpartition(" ")[2] for value in self._headers.values() if " " in value]
        self._pool = _pool(options)

    def ask(
        self, path: str, parameters: Sequence[tuple[str, str]] = (), *, document: object = None, about: str = ""
    ) -> Any:
        """The decoded answer; `about` is what is asked for, in the words of a message.

        Parameters that are too long for an address travel as a form, a `document` as JSON.
        """
        query = urlencode([*parameters, *self._options.parameters.items()])
        url, body, kind = f"{self.address}{path}", None, ""
        if document is not None:
            body, kind = json.dumps(document), "application/json"
        elif len(url) + len(query) > _LONGEST_URL:
            body, kind, query = query, _FORM, ""
        if query:
            url += f"?{query}"
        method = "GET" if body is None else "POST"
        headers = self._headers | ({"Content-Type": kind} if body is not None else {})
        if self._sign is not None:
            headers |= self._sign(method, url, body)
        answer = self._request(method, url, body, headers, about)
        return self._decoded(answer.status, answer.data, answer.headers.get("Location", ""), about)

    def _request(self, method: str, url: str, body: str | None, headers: Mapping[str, str], about: str) -> Any:
        from urllib3.exceptions import HTTPError, NewConnectionError
        from urllib3.exceptions import TimeoutError as NoAnswer

        try:
            return self._pool.request(method, url, body=body, headers=headers, redirect=False, retries=False)
        except HTTPError as error:
            if isinstance(error, NoAnswer) and not isinstance(error, NewConnectionError):
                raise self._error("timeout", f"gave no answer in {self._options.timeout:g} s{_for(about)}.") from error
            raise self._error("unreachable", f"cannot be reached: {_plain(error)}. {_REACH}") from error
        except (OSError, ValueError) as error:  # a certificate file that is not there, a header that cannot be sent
            raise self._error("unreachable", f"cannot be asked: {error}.") from error

    def _decoded(self, status: int, body: bytes, location: str, about: str) -> Any:
        text = body[:200].decode("utf-8", "replace").strip()
        try:
            decoded = json.loads(body)
        except ValueError:
            decoded = None
        said = complaint(decoded)
        if status in (401, 403):
            raise self._error("refused", f"refuses these credentials (HTTP {status}). {_CREDENTIALS}")
        if status in (400, 422):
            raise self._error("bad_query", f"rejects the question{_for(about)}: {said or text} (HTTP {status}).")
        if status >= 400:
            raise self._error("server_error", f"failed{_for(about)}: {said or text or 'no text'} (HTTP {status}).")
        if status != 200:
            where = f" to {_without_user(location)}" if location else ""
            raise self._error("bad_answer", f"sends elsewhere{where} (HTTP {status}). Is there a login before it?")
        if decoded is None:
            raise self._error("bad_answer", f"answered with something that is not JSON: {text!r}. Is the url right?")
        return decoded

    def odd(self, answer: object) -> SourceError:
        """For an answer that is JSON of another shape than the service's documentation gives."""
        return self._error("bad_answer", f"answered with JSON of another shape: {str(answer)[:120]}.")

    def partial(self, about: str, said: str) -> SourceError:
        """For an answer that is only a part of what there is: less than nothing, to somebody who counts."""
        return self._error("server_error", f"answered only in part{_for(about)}: {said}.")

    @contextmanager
    def taking_apart(self, answer: object) -> Iterator[None]:
        """Whatever is missing in the answer inside makes it an odd one."""
        try:
            yield
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise self.odd(answer) from error

    def describe(self) -> str:
        return f"{self.name} at {self.address}"

    def rejected(self, about: str, said: str) -> SourceError:
        """For a service that says with HTTP status 200 that it does not understand."""
        return self._error("bad_query", f"rejects the question{_for(about)}: {said}.")

    def _error(self, kind: str, message: str) -> SourceError:
        for secret in filter(lambda text: len(text) >= _SHORTEST_SECRET, self._secrets):
            message = message.replace(secret, "***")
        return SourceError(kind, f"{self.describe()} {message}")


_REACH = "Check the source's url, that it runs, and the way to it from the host that the module runs on."
_CREDENTIALS = "Check the source's token, username and password, or headers."
_SHORTEST_SECRET = 6  # what is shorter (a tenant's number) would only garble messages


def complaint(decoded: object) -> str:
    """What an error document says, in the shapes that services use; "" when it says nothing."""
    if isinstance(decoded, str):
        return decoded
    if isinstance(decoded, list):
        return "; ".join(filter(None, map(complaint, decoded)))
    if not isinstance(decoded, dict):
        return ""
    return next(filter(None, (complaint(decoded.get(key)) for key in ("error", "errors", "message", "reason"))), "")


def _pool(options: HttpOptions) -> Any:
    try:
        from urllib3 import PoolManager, Timeout
    except ImportError as error:
        message = f"The Python library 'urllib3' is missing on this host ({error}). Install it: pip install urllib3"
        raise SourceError("unreachable", message) from error
    return PoolManager(
        maxsize=8,
        timeout=Timeout(connect=options.timeout, read=options.timeout),
        cert_reqs="CERT_REQUIRED" if options.validate_certs else "CERT_NONE",
        assert_hostname=None if options.validate_certs else False,
        ca_certs=options.ca_cert,
        cert_file=options.client_cert,
        key_file=options.client_key,
    )


def _authorization(options: HttpOptions, username: str | None, password: str | None) -> dict[str, str]:
    if options.token:
        return {"Authorization": f"{options.scheme} {options.token}"}
    if username:
        pair = base64.b64encode(f"{username}:{password or ''}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {}


def _without_user(url: str) -> str:
    scheme, slashes, rest = url.rpartition("//")
    host, slash, path = rest.partition("/")
    return scheme + slashes + host.rpartition("@")[2] + slash + path


def _plain(reason: object) -> str:
    """Without the library's object names: `HTTPConnection(host=..., port=...): Failed to ...` -> what failed."""
    return str(reason).rpartition("): ")[2] or str(reason)


def _for(about: str) -> str:
    return f" for {about}" if about else ""
