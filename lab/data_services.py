# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL, Redis and Prometheus as images, without a container engine: from Debian's packages, Prometheus from
source, since Debian's finds no pods.

An image has the servers, the libraries that they are linked to, and a shell; nothing else of a system.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import debian, lifecycle, oci, packages
from lab.config import REGISTRY, Config

ENTRYPOINT = Path(__file__).parent / "data" / "postgresql.sh"
RECORD = "data-images.json"  # beside images.json


@dataclass(frozen=True, slots=True)
class Service:
    """`files` are patterns below the root of the unpacked packages; `@` stands for the major version of PostgreSQL."""

    packages: tuple[str, ...]
    files: tuple[str, ...]
    entrypoint: tuple[str, ...]
    user: str
    uid: int
    port: int = 0
    path: str = "/usr/bin:/bin"
    without: tuple[str, ...] = ()

    def of(self, major: str) -> Service:
        def filled(texts: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(text.replace("@", major) for text in texts)

        return Service(
            filled(self.packages),
            filled(self.files),
            self.entrypoint,
            self.user,
            self.uid,
            self.port,
            self.path.replace("@", major),
            self.without,
        )


SERVICES: Mapping[str, Service] = {
    "postgresql": Service(
        ("postgresql-@", "postgresql-client-@", "tzdata", "libc-bin"),
        (
            *(f"usr/lib/postgresql/@/bin/{name}" for name in ("postgres", "initdb", "pg_ctl", "pg_isready", "psql")),
            "usr/lib/postgresql/@/lib/*.so",
            "usr/share/postgresql/@/**/*",
            "usr/share/zoneinfo/**/*",
            "usr/lib/locale/C.utf8/**/*",
        ),
        ("/bin/sh", "/postgresql.sh"),
        "postgres",
        999,
        5432,
        "/usr/lib/postgresql/@/bin:/usr/bin:/bin",
        ("llvmjit.so", "*.1.gz", "pl[!p]*.so", "hstore_pl*", "jsonb_pl*", "ltree_pl*", "bool_pl*"),
    ),
    "redis": Service(
        ("redis-server", "redis-tools"), ("usr/bin/redis-server", "usr/bin/redis-cli"), (), "redis", 999, 6379
    ),
    "prometheus": Service((), (), ("/bin/prometheus",), "nobody", 65534, 9090),
    "tools": Service((), (), (), "nobody", 65534),  # a shell and wget, for tests in the cluster
}
SHELL = Service(("busybox-static",), ("bin/busybox", "usr/bin/busybox"), (), "", 0)


def ensure(config: Config) -> dict[str, str]:
    """Push what the registry lacks, write the record, and return service -> reference by digest.

    What is there stays as it is, though Debian may have newer packages: `--wipe` and a new start bring those.
    """
    prometheus = lifecycle.build(config, only=("prometheus",))["prometheus"]
    hub, tag = oci.Registry(REGISTRY), _key(prometheus)
    if any(hub.digest(name, tag) is None for name in SERVICES):
        _push(config, hub, tag, {"prometheus": [oci.File("bin/prometheus", prometheus.read_bytes(), 0o755)]})
    references = {name: f"{REGISTRY}/{name}@{hub.digest(name, tag)}" for name in SERVICES}
    record = config.state / RECORD
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(references, indent=2) + "\n")
    return references


def _key(prometheus: Path) -> str:
    """Changes when images have to be made anew. The program's folder is named by what it is made of."""
    sources = (Path(__file__), Path(packages.__file__), ENTRYPOINT)
    content = hashlib.sha256(prometheus.parent.name.encode())
    for path in sources:
        content.update(path.read_bytes())
    return content.hexdigest()[:12]


def _push(config: Config, hub: oci.Registry, tag: str, built: Mapping[str, Sequence[oci.File]]) -> None:
    debian.needs_root()
    major = packages.newest("postgresql").removeprefix("postgresql-")
    services = {name: service.of(major) for name, service in SERVICES.items()}
    wanted = packages.closure([one for service in (*services.values(), SHELL) for one in service.packages])
    print(f"lab: making images of {', '.join(services)} from {len(wanted)} Debian packages", flush=True)
    with tempfile.TemporaryDirectory(prefix="slipway-lab-") as folder:
        packages.unpack(wanted, config.cache / "debian", Path(folder))
        for name, service in services.items():
            hub.push(name, tag, _build(service, Path(folder), built.get(name, ())))


def _build(service: Service, root: Path, built: Sequence[oci.File]) -> oci.Image:
    files = {file.path: file for file in (*_files(service, root), *built)}
    return oci.image(
        [oci.layer(list(files.values()))],
        entrypoint=service.entrypoint,
        user=f"{service.uid}:{service.uid}",
        environment={"PATH": service.path, "LC_ALL": "C.UTF-8"},
        ports=[service.port] if service.port else [],
    )


def _files(service: Service, root: Path) -> Iterator[oci.File]:
    yield oci.File("etc/passwd", f"{service.user}:x:{service.uid}:{service.uid}::/:/bin/sh\n".encode())
    yield oci.File("etc/group", f"{service.user}:x:{service.uid}:\n".encode())
    yield oci.File("tmp/README", b"a folder to mount over\n")
    yield oci.File("postgresql.sh", ENTRYPOINT.read_bytes(), 0o755)
    for pattern in SHELL.files:
        for busybox in root.glob(pattern):
            for name in ("sh", "busybox", "sleep", "wget"):
                yield oci.File(f"bin/{name}", busybox.read_bytes(), 0o755)
    found = [
        path
        for pattern in service.files
        for path in sorted(root.glob(pattern))
        if path.is_file() and not any(path.match(out) for out in service.without)
    ]
    for path in found:
        content = path.read_bytes()
        program = content.startswith(b"\x7fELF")
        yield oci.File(str(path.relative_to(root)), content, 0o755 if program else 0o644)
        if program:
            yield from packages.libraries(path, root)
