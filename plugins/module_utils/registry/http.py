# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""HTTP by the standard library: no redirect carries credentials to another host, proxies as the environment says."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from email.message import Message
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from .resolve import Answer

_LARGEST = 8 * 1024 * 1024  # of a manifest or a list of tags


class UrlHttp:
    """`timeout` in seconds for each step of a request."""

    def __init__(self, *, timeout: float = 10.0, verify: bool = True, ca_file: str | None = None) -> None:
        context = ssl.create_default_context(cafile=ca_file)
        if not verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self._timeout = timeout
        self._opener = build_opener(HTTPSHandler(context=context), _Careful())

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        if urlsplit(url).scheme not in ("http", "https"):
            raise OSError("only http and https are spoken here")  # a registry names the address of its token server
        request = Request(url, headers=dict(headers), method=method)
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                return Answer(response.status, _lower(response.headers), response.read(_LARGEST))
        except HTTPError as error:
            with error:
                return Answer(error.code, _lower(error.headers), error.read(_LARGEST))
        except URLError as error:
            raise OSError(str(error.reason)) from error
        except (HTTPException, ValueError) as error:
            raise OSError(f"{type(error).__name__}: {error}") from error


class _Careful(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is not None and urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            new.remove_header("Authorization")
        return new


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
