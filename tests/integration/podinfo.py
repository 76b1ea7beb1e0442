# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""podinfo, an app of somebody else: its own manifests from its own source, in a namespace of this test's own.

Nothing of it is kept in this repository: the source comes as an ordinary Go module, at the version in lab/go/podinfo.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from lab import kube, lifecycle, oci, programs
from lab.config import REGISTRY, Config
from lab.programs import Program

MODULE = "github.com/stefanprodan/podinfo"
PODINFO = Program("podinfo", "lab/go/podinfo", (f"{MODULE}/cmd/podinfo", f"{MODULE}/cmd/podcli", "./slow"), 60)
NAME = "podinfo"
MANIFESTS = ("deployment", "service", "hpa")
RELEASES = ("good", "good-2", "slow")


def build(config: Config) -> dict[str, Path]:
    return programs.ensure(config, [PODINFO], lifecycle.pinned())


def push(built: Mapping[str, Path]) -> dict[str, str]:
    """Its images by release: as upstream builds them, as far as its manifests need it."""
    hub = oci.Registry(REGISTRY)
    podinfo, podcli, slow = (built[name].read_bytes() for name in ("podinfo", "podcli", "slow"))
    base = oci.layer(
        [
            oci.File("etc/passwd", b"app:x:1000:1000:app:/:/sbin/nologin\n"),
            oci.File("etc/group", b"app:x:1000:\n"),
            oci.File("bin/podcli", podcli, mode=0o755),
        ]
    )
    good = oci.layer([oci.File("podinfo", podinfo, mode=0o755)])
    bad = oci.layer([oci.File("podinfo", slow, mode=0o755), oci.File("podinfo.real", podinfo, mode=0o755)])
    references = {}
    for release in RELEASES:
        image = oci.image(
            [base, bad if release == "slow" else good],
            entrypoint=["/podinfo"],
            user="1000:1000",
            environment={"PATH": "/bin", "PODINFO_UI_MESSAGE": release},
        )
        hub.push(NAME, release, image)
        references[release] = f"{REGISTRY}/{NAME}@{image.manifest.digest}"
    return references


def objects(config: Config, namespace: str, image: str) -> Iterator[kube.Obj]:
    """As `kustomize build` gives them, with this namespace and this image."""
    source = programs.module_folder(config, "podinfo", MODULE, lifecycle.pinned())
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    for name in MANIFESTS:
        obj: kube.Obj = yaml.safe_load((source / "kustomize" / f"{name}.yaml").read_text())
        obj["metadata"]["namespace"] = namespace
        if obj["kind"] == "Deployment":
            obj["spec"]["template"]["spec"]["containers"][0]["image"] = image
        yield obj
