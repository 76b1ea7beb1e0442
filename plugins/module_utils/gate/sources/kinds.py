# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every service by its name in the option `source.type`, and the source that is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...clock import Clock
from ..source_options import PROMQL, SERVICES, parse_http, parse_span, parse_timeout
from ..workers import Workers
from . import google, sigv4
from .cloudwatch import CloudWatch, open_client
from .command import Command
from .datadog import Datadog
from .document import Document
from .dynatrace import Dynatrace
from .elasticsearch import Elasticsearch
from .graphite import Graphite
from .http import JsonClient, Sign
from .influxdb import InfluxDB
from .loki import Loki
from .newrelic import NewRelic
from .prometheus import Births, PrometheusSource
from .service import Service, ServiceSource
from .source import Source

Options = Mapping[str, Any]

_SERVICES: Mapping[str, Callable[[Options], Service]] = {
    "cloudwatch": lambda options: CloudWatch(
        open_client(options.get("region"), options.get("profile"), parse_timeout(options))
    ),
    "command": lambda options: Command(tuple(options["command"]), parse_timeout(options)),
    "datadog": lambda options: Datadog(_client(options)),
    "dynatrace": lambda options: Dynatrace(_client(options)),
    "elasticsearch": lambda options: Elasticsearch(_client(options), options["index"], options["time_field"]),
    "graphite": lambda options: Graphite(_client(options)),
    "influxdb": lambda options: InfluxDB(_client(options), options["database"]),
    "json": lambda options: Document(_client(options)),
    "loki": lambda options: Loki(_client(options)),
    "newrelic": lambda options: NewRelic(_client(options), options["account"]),
}
# Of these a question about events gives how many there have ever been.
_RUNNING_TOTALS = ("command", "json")


def open_remote(options: Options, births: Births, clock: Clock, workers: Workers) -> Source:
    """Any source but the pods themselves. Raises OptionError, SourceError."""
    kind, timeout = options["type"], parse_timeout(options)
    if kind in PROMQL:
        return PrometheusSource(_prometheus(options), clock, workers, timeout, births, options["pod_label"])
    service = _SERVICES[kind](options)
    totals = kind in _RUNNING_TOTALS
    return ServiceSource(service, clock, workers, timeout, parse_span(options), options["pod_label"], totals)


def _prometheus(options: Options) -> JsonClient:
    if options["type"] != "google":
        return _client(options, "Prometheus")
    there = {**options, "url": google.address(options["project"], options.get("url") or google.HOST)}
    sign = None if options.get("token") else google.open_signer()
    return JsonClient("Google Cloud Monitoring", parse_http(there), sign)


def _client(options: Options, name: str = "") -> JsonClient:
    return JsonClient(name or SERVICES[options["type"]], parse_http(options), _signer(options))


def _signer(options: Options) -> Sign | None:
    service = options.get("sign")
    return sigv4.open_signer(service, options.get("region"), options.get("profile")) if service else None
