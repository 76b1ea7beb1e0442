# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""User traffic at a stated rate, a result per request, and what the results say.

The sender is a Go program (lab/go/load), so that 200 requests a second cost a tenth of a core. A user's request has
failed when it got no 2xx answer, for whatever reason.
"""

from __future__ import annotations

import json
import math
import signal
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

USER_PATH = "/v1/transform"


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where users of one kind of route come in."""

    url: str
    host: str


ENTRANCES: Mapping[str, Entrance] = MappingProxyType(
    {
        "virtualservice": Entrance("http://127.0.0.1:8088", "vs.lab"),
        "httproute": Entrance("http://127.0.0.1:8089", "gw.lab"),
        "replicas": Entrance("http://127.0.0.1:8088", "shared.lab"),
    }
)


@dataclass(frozen=True, slots=True)
class Load:
    """A bounded run of requests."""

    entrance: Entrance
    rate: int = 200  # requests per second
    duration: str = "30s"  # as Go writes durations
    keepalive: bool = True
    timeout: str = "10s"
    path: str = USER_PATH

    def command(self, binary: Path, out: str) -> list[str]:
        return [
            str(binary),
            f"-url={self.entrance.url}{self.path}",
            f"-host={self.entrance.host}",
            f"-rate={self.rate}",
            f"-duration={self.duration}",
            f"-keepalive={'true' if self.keepalive else 'false'}",
            f"-timeout={self.timeout}",
            f"-out={out}",
        ]


def start(load: Load, binary: Path, out: str, stdout: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Send in the background. SIGTERM ends it early; results so far are kept."""
    return subprocess.Popen(load.command(binary, out), stdout=stdout, stdin=subprocess.DEVNULL)


def run(load: Load, binary: Path, out: str = "-") -> int:
    """Send until the duration is over or a signal comes, and return the exit code."""
    process = start(load, binary, out)
    before = {number: signal.signal(number, _forward(process)) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        return process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _forward(process: subprocess.Popen[bytes]) -> Any:
    def handler(number: int, _frame: object) -> None:
        process.send_signal(number)

    return handler


@dataclass(frozen=True, slots=True)
class Result:
    """One request as its sender saw it."""

    t: float  # unix seconds at sending
    code: int  # 0: no answer
    latency_s: float
    version: str
    release: str
    error: str

    @property
    def failed(self) -> bool:
        return not 200 <= self.code < 300


def read(path: Path) -> Iterator[Result]:
    """The results of a file, in the order of their ends. A last line that is still being written is left out."""
    with path.open() as lines:
        for line in lines:
            if line.endswith("\n"):
                yield Result(**json.loads(line))


@dataclass(frozen=True, slots=True)
class Summary:
    """What users felt. Times are unix seconds of sending, latencies seconds; None where there is nothing to tell."""

    requests: int
    failed: int
    by_code: Mapping[int, int]
    by_version: Mapping[str, int]
    by_release: Mapping[str, int]
    first_failed: float | None
    last_failed: float | None
    p50: float | None
    p95: float | None
    p99: float | None

    @property
    def failing_s(self) -> float:
        """From the first failed request to the last."""
        if self.first_failed is None or self.last_failed is None:
            return 0.0
        return self.last_failed - self.first_failed

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "failing_s": round(self.failing_s, 3)}


def summarise(results: Iterable[Result]) -> Summary:
    """Count and rank. Requests that nobody answered are counted for the version and release `none`."""
    seen = sorted(results, key=lambda result: result.t)
    failed = [result.t for result in seen if result.failed]
    latencies = sorted(result.latency_s for result in seen)
    return Summary(
        requests=len(seen),
        failed=len(failed),
        by_code=dict(sorted(Counter(result.code for result in seen).items())),
        by_version=dict(sorted(Counter(result.version or "none" for result in seen).items())),
        by_release=dict(sorted(Counter(result.release or "none" for result in seen).items())),
        first_failed=failed[0] if failed else None,
        last_failed=failed[-1] if failed else None,
        p50=percentile(latencies, 0.50),
        p95=percentile(latencies, 0.95),
        p99=percentile(latencies, 0.99),
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: the smallest value that at least `share` of all values do not exceed."""
    if not ordered:
        return None
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def describe(summary: Summary) -> str:
    """The summary for a person."""
    if not summary.requests:
        return "no requests were sent"
    lines = [
        f"{summary.requests} requests, {summary.failed} failed",
        "codes     " + _counts({str(code) if code else "no answer": n for code, n in summary.by_code.items()}),
        "versions  " + _counts(summary.by_version),
        "releases  " + _counts(summary.by_release),
        f"latency   p50 {_ms(summary.p50)}, p95 {_ms(summary.p95)}, p99 {_ms(summary.p99)}",
    ]
    if summary.failed:
        lines.append(f"failures  {summary.failing_s:.1f} s from first to last")
    return "\n".join(lines)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:.1f} ms"
