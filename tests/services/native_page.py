# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application's /metrics with native histograms that a test sets, in protobuf, which alone can tell them.

https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

HISTOGRAM = 4  # of MetricType


@dataclass
class Native:
    """`counts` by the number of the bucket: it ends at 2 ** (number * 2 ** -schema)."""

    schema: int = 3
    counts: dict[int, int] = field(default_factory=dict)
    zero: int = 0

    def message(self, version: str) -> bytes:
        label = _text(1, "version") + _text(2, version)
        spans, deltas, before, last = b"", b"", None, 0
        for number in sorted(self.counts):
            offset = number if before is None else number - before - 1
            spans += _part(12, _whole(1, _zigzag(offset)) + _whole(2, 1))
            deltas += _varint(_zigzag(self.counts[number] - last))
            before, last = number, self.counts[number]
        histogram = (
            _whole(1, sum(self.counts.values()) + self.zero) + _real(2, 1.0) + _whole(5, _zigzag(self.schema))
            + _real(6, 1e-9) + _whole(7, self.zero) + spans + _part(13, deltas)
        )  # fmt: skip
        return _part(1, label) + _part(7, histogram)


@dataclass
class NativePage:
    """Histograms of one name by the label `version`, and the port."""

    name: str
    histograms: Mapping[str, Native]
    port: int = 0
    content_type: str = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"

    def text(self) -> bytes:
        metrics = b"".join(_part(4, one.message(version)) for version, one in self.histograms.items())
        family = _text(1, self.name) + _text(2, "of a test") + _whole(3, HISTOGRAM) + metrics
        return _varint(len(family)) + family


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _zigzag(value: int) -> int:
    return value * 2 if value >= 0 else -value * 2 - 1


def _whole(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _real(number: int, value: float) -> bytes:
    return _varint(number << 3 | 1) + struct.pack("<d", value)


def _part(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _text(number: int, value: str) -> bytes:
    return _part(number, value.encode())
