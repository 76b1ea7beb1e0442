# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The releases of the demo service: one binary, other baked environment, so other digests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from lab import oci

REPOSITORY = "continual-transformer"

# The comment is what a rollout should make of it. `demo_service -help` explains the settings.
RELEASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "good": {},
        "good-2": {},
        "failing": {"FAILURE_RATE": "0.333"},  # only user requests show it: probes and smoke tests pass
        "slow": {"DELAY": "400ms", "DELAY_JITTER": "100ms"},  # no errors, every request beyond 250 ms
        "leaky": {"LEAK": "64KiB,1ms/request"},  # well at first, slower and fatter with each request
        "crashing": {"START_DELAY": "1m", "CRASH_AFTER": "1s"},  # exits with 3 before it is ready
        "never-ready": {"READY": "false"},
        "flaky-health": {"HEALTH": "flaky", "READY": "flaky", "FLAKY_PERIOD": "4s"},  # ready now and then
    }
)


def build(binary: bytes, release: str) -> oci.Image:
    """The image of one release."""
    try:
        faults = RELEASES[release]
    except KeyError:
        raise ValueError(f"release {release!r} is unknown; known are {', '.join(RELEASES)}") from None
    base = oci.layer(
        [
            oci.File("etc/passwd", b"root:x:0:0:root:/:/sbin/nologin\napp:x:1000:1000:app:/app:/sbin/nologin\n"),
            oci.File("etc/group", b"root:x:0:\napp:x:1000:\n"),
            # A mount point, so that a read-only root needs nothing made at the start.
            oci.File("app/config/README", b"config.yaml is mounted here\n"),
        ]
    )
    program = oci.layer([oci.File("app/demo_service", binary, mode=0o755)])
    return oci.image(
        [base, program],
        entrypoint=["/app/demo_service"],
        user="1000:1000",
        environment={"RELEASE": release, **faults},
        ports=[8000, 9090],
        labels={"org.opencontainers.image.title": REPOSITORY, "org.opencontainers.image.version": release},
    )


def ensure(binary: Path, registry: str, record: Path) -> dict[str, str]:
    """Push what the registry lacks, write `record`, and return release -> reference by digest."""
    content = binary.read_bytes()
    hub = oci.Registry(registry)
    references: dict[str, str] = {}
    for release in RELEASES:
        image = build(content, release)
        hub.push(REPOSITORY, release, image)
        references[release] = f"{registry}/{REPOSITORY}@{image.manifest.digest}"
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(references, indent=2) + "\n")
    return references
