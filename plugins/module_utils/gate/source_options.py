# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of a source, and what is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

from .sources.http import HttpOptions
from .sources.pods import Endpoint
from .suggest import OptionError

# What answers PromQL, and so knows metrics and labels by name. Everything else is asked in a language of its own.
PROMQL = ("google", "prometheus")
# Services that are asked in a language of their own, as messages call them.
SERVICES: Mapping[str, str] = {
    "cloudwatch": "CloudWatch",
    "command": "the command",
    "datadog": "Datadog",
    "dynatrace": "Dynatrace",
    "elasticsearch": "Elasticsearch",
    "graphite": "Graphite",
    "influxdb": "InfluxDB",
    "json": "the service",
    "loki": "Loki",
    "newrelic": "New Relic",
}
# Where a service is when `url` does not say so.
ADDRESSES: Mapping[str, str] = {
    "datadog": "https://api.datadoghq.com",
    "google": "https://monitoring.googleapis.com",
    "newrelic": "https://api.newrelic.com",
}
# The word that stands before a token, where it is not Bearer.
SCHEMES: Mapping[str, str] = {"dynatrace": "Api-Token", "elasticsearch": "ApiKey", "influxdb": "Token"}
# The headers that hold a token, where it is not Authorization.
TOKEN_HEADERS: Mapping[str, str] = {"datadog": "DD-API-KEY", "newrelic": "API-Key"}
TIMEOUTS: Mapping[str, float] = {"pods": 2.0, "prometheus": 5.0}
_SLOWEST = 10.0  # of a service that is somewhere else and looks far back
_SENSITIVE = ("auth", "cookie", "key", "secret", "token")

SOURCE_SPEC: dict[str, Any] = {
    "type": "dict",
    "required": True,
    "options": {
        "type": {"type": "str", "required": True, "choices": sorted(["pods", *PROMQL, *SERVICES])},
        "url": {"type": "str"},
        "token": {"type": "str", "no_log": True},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "headers": {"type": "dict", "default": {}},
        "secret_headers": {"type": "dict", "default": {}, "no_log": True},
        "parameters": {"type": "dict", "default": {}},
        "validate_certs": {"type": "bool", "default": True},
        "ca_cert": {"type": "path"},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path", "no_log": False},
        "sign": {"type": "str", "choices": ["aps", "es"]},
        "region": {"type": "str"},
        "profile": {"type": "str"},
        "project": {"type": "str"},
        "application_key": {"type": "str", "no_log": True},
        "account": {"type": "int"},
        "database": {"type": "str"},
        "index": {"type": "str"},
        "time_field": {"type": "str", "default": "@timestamp"},
        "command": {"type": "list", "elements": "str"},
        "span": {"type": "float", "default": 300.0},
        "pod_label": {"type": "str", "default": "pod"},
        "via": {"type": "str", "choices": ["direct", "proxy"], "default": "proxy"},
        "selector": {"type": "str"},
        "namespace": {"type": "str"},
        "port": {"type": "int"},
        "path": {"type": "str"},
        "scheme": {"type": "str", "choices": ["http", "https"]},
        "timeout": {"type": "float"},
    },
    "required_if": [
        ("type", "command", ("command",)),
        ("type", "datadog", ("token", "application_key")),
        ("type", "dynatrace", ("url", "token")),
        ("type", "elasticsearch", ("url", "index")),
        ("type", "google", ("project",)),
        ("type", "graphite", ("url",)),
        ("type", "influxdb", ("url", "database")),
        ("type", "json", ("url",)),
        ("type", "loki", ("url",)),
        ("type", "newrelic", ("token", "account")),
        ("type", "prometheus", ("url",)),
    ],
}


def parse_http(source: Mapping[str, Any]) -> HttpOptions:
    """Raises OptionError."""
    for name in source["headers"]:
        if any(word in str(name).lower() for word in _SENSITIVE):
            raise OptionError(
                f"source.headers has '{name}', which looks like a secret and would be logged. Put it into "
                "source.secret_headers."
            )
    kind, token = source["type"], source.get("token")
    headers = {**source["headers"], **source["secret_headers"]}
    if token and kind in TOKEN_HEADERS:
        headers[TOKEN_HEADERS[kind]], token = token, None
    if kind == "datadog" and source.get("application_key"):
        headers["DD-APPLICATION-KEY"] = source["application_key"]
    return HttpOptions(
        url=source["url"] or ADDRESSES.get(kind, ""),
        token=token,
        scheme=SCHEMES.get(kind, "Bearer"),
        username=source.get("username"),
        password=source.get("password"),
        headers={str(name): str(value) for name, value in headers.items()},
        parameters={str(name): str(value) for name, value in source["parameters"].items()},
        validate_certs=source["validate_certs"],
        ca_cert=source.get("ca_cert"),
        client_cert=source.get("client_cert"),
        client_key=source.get("client_key"),
        timeout=parse_timeout(source),
    )


def parse_timeout(source: Mapping[str, Any]) -> float:
    """Raises OptionError."""
    timeout = source.get("timeout")
    if timeout is None:
        return TIMEOUTS.get(source["type"], _SLOWEST)
    if not 0 < timeout < inf:
        raise OptionError(f"source.timeout is {timeout:g}; it is a time in seconds and must be above 0.")
    return float(timeout)


def parse_span(source: Mapping[str, Any]) -> float:
    """How far back the newest value of a service is looked for. Raises OptionError."""
    span = source["span"]
    if not 0 < span < inf:
        raise OptionError(f"source.span is {span:g}; it is a time in seconds and must be above 0.")
    return float(span)


def parse_endpoint(source: Mapping[str, Any]) -> Endpoint:
    return Endpoint(source["via"], source.get("port"), source.get("path"), source.get("scheme"))
