# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One question of a smoke test, and what is made of the answer. All of it is pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..workload.cause import shorten

LARGEST = 64 * 1024  # of an answer that is looked into


class ProbeError(ValueError):
    """An option that cannot be right; the text names the field, its value and what to write."""


@dataclass(frozen=True, slots=True)
class JsonCheck:
    """A JMESPath `query` on the answer. Its result must be `equals`, or true where `compared` is false."""

    query: str
    equals: Any = None
    compared: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """One question; `port` is a number or a name, `max_seconds` the longest that one answer may take (0: no limit).

    Asked `repeat` times of each target, `parallel` of them at a time.
    """

    path: str
    port: str = "http"
    status: tuple[int, ...] = (200,)
    contains: str = ""
    timeout: float = 5.0
    repeat: int = 1
    scheme: str = "http"
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    json: tuple[JsonCheck, ...] = ()
    max_seconds: float = 0.0
    parallel: int = 1
    name: str = ""

    @property
    def label(self) -> str:
        """For people: its name, or method and path."""
        return self.name or (self.path if self.method == "GET" else f"{self.method} {self.path}")


def parse_probes(options: Sequence[Mapping[str, Any]]) -> list[Probe]:
    """From the option `tests`. Raises ProbeError."""
    return [_parse(f"tests[{number}]", option) for number, option in enumerate(options)]


def _parse(where: str, option: Mapping[str, Any]) -> Probe:
    fields = {key: value for key, value in option.items() if value is not None}
    for key in ("repeat", "parallel"):
        if fields.get(key, 1) < 1:
            raise ProbeError(f"{where}.{key} is {fields[key]}; it is a number of requests and must be at least 1.")
    for key in ("timeout", "max_seconds"):
        if not fields.get(key, 1) > 0:
            raise ProbeError(f"{where}.{key} is {fields[key]}; it is a time in seconds and must be above 0.")
    headers = {str(key): str(value) for key, value in (fields.pop("headers", None) or {}).items()}
    body = fields.pop("body", None)
    checks = tuple(_json_check(f"{where}.json[{i}]", one) for i, one in enumerate(fields.pop("json", None) or ()))
    status = fields.pop("status", None) or (200,)
    return Probe(
        **fields,
        status=tuple(status) if isinstance(status, (list, tuple)) else (int(status),),
        headers=_with_type(headers, body),
        body=_encoded(body),
        json=checks,
    )


def _json_check(where: str, option: Mapping[str, Any]) -> JsonCheck:
    query = option["query"]
    fault = _fault(query)
    if fault:
        raise ProbeError(f"{where}.query is '{query}', which is no JMESPath: {fault}.")
    return JsonCheck(query, option.get("equals"), option.get("equals") is not None)


def _fault(query: str) -> str:
    import jmespath  # only here: most smoke tests need no library for it

    try:
        jmespath.compile(query)
    except jmespath.exceptions.JMESPathError as error:
        return str(error).splitlines()[0]
    return ""


def _encoded(body: object) -> bytes | None:
    if body is None:
        return None
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _with_type(headers: Mapping[str, str], body: object) -> dict[str, str]:
    """What is not text is sent as JSON, and says so."""
    named = any(key.lower() == "content-type" for key in headers)
    if body is None or isinstance(body, str) or named:
        return dict(headers)
    return {**headers, "Content-Type": "application/json"}


def judge(probe: Probe, status: int, body: bytes, seconds: float) -> str:
    """What is wrong with an answer, "" when nothing is."""
    if status not in probe.status:
        told = _proxy_says(status, body)
        expected = " or ".join(map(str, probe.status))
        return f"answers {status}, expected {expected}" + (f" ({told})" if told else "")
    if probe.contains and probe.contains not in body[:LARGEST].decode("utf-8", "replace"):
        return f"the answer does not contain '{probe.contains}'"
    for check in probe.json:
        wrong = _judge_json(check, body)
        if wrong:
            return wrong
    if probe.max_seconds and seconds > probe.max_seconds:
        return f"took {seconds:.3f} s, at most {probe.max_seconds:g} s are allowed"
    return ""


def _judge_json(check: JsonCheck, body: bytes) -> str:
    import jmespath

    try:
        document = json.loads(body)
    except ValueError:
        return f"the answer is not JSON: {body[:60].decode('utf-8', 'replace')!r}"
    try:
        found = jmespath.search(check.query, document)
    except jmespath.exceptions.JMESPathError as error:
        return f"{check.query} cannot be asked of this answer: {str(error).splitlines()[0]}"
    # Templates hand numbers and truth values over as text.
    if check.compared and found != check.equals and _text(found) != _text(check.equals):
        return f"{check.query} is {json.dumps(found)}, expected {json.dumps(check.equals)}"
    if not check.compared and not found:
        return f"{check.query} is {json.dumps(found)}, expected something true"
    return ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _proxy_says(status: int, body: bytes) -> str:
    """When it is the API server that answers, because it does not reach the pod, its own words."""
    try:
        answer = json.loads(body)
        return shorten(answer["message"]) if answer.get("kind") == "Status" and status >= 500 else ""
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
