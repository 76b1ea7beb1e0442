# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics servers from Debian's packages, unpacked and not installed, each on a port of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SCRAPES = """
scrape_configs:
  - job_name: shop
    scrape_interval: 1s
    static_configs: [{targets: ["127.0.0.1:%d"], labels: {pod: shop-1}}]
"""
INFLUX = """
bind-address = "127.0.0.1:%d"
reporting-disabled = true
[meta]
dir = "%s/meta"
[data]
dir = "%s/data"
wal-dir = "%s/wal"
[http]
bind-address = "127.0.0.1:%d"
"""
GRAPHITE = """
SECRET_KEY = "of a test"
STORAGE_DIR = LOG_DIR = WHISPER_DIR = CONF_DIR = "%s"
STANDARD_DIRS = [WHISPER_DIR]
INDEX_FILE = WHISPER_DIR + "/index"
CARBONLINK_HOSTS = []
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": {"NAME": ":memory:", "ENGINE": "django.db.backends.sqlite3"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
"""
SERVE_GRAPHITE = """
import sys
from wsgiref.simple_server import make_server
import django
from django.core.wsgi import get_wsgi_application
django.setup()
make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application()).serve_forever()
"""
# What graphite-web needs besides itself, for the interpreter that Debian brings.
DJANGO = ("asgiref", "cairocffi", "cffi-backend", "django", "django-tagging", "pyparsing", "simplejson", "six",
          "sqlparse", "tz", "urllib3", "whisper", "xcffib")  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a server runs: the unpacked packages, a folder of its own, its port, and that of what it scrapes."""

    root: Path
    folder: Path
    port: int
    scraped: int

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path


@dataclass(frozen=True)
class Server:
    """Which packages it is in, how it is started, and a path that answers when it is ready."""

    packages: Sequence[str]
    command: Callable[[Place], Sequence[str]]
    ready: str
    environment: Callable[[Place], Mapping[str, str]] = field(default=lambda _place: {})


def _prometheus(place: Place) -> Sequence[str]:
    config = place.file("prometheus.yml", SCRAPES % place.scraped)
    return (
        f"{place.root}/usr/bin/prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={place.folder}/data",
        f"--web.listen-address=127.0.0.1:{place.port}",
        "--enable-feature=native-histograms",
    )


def _victoria(place: Place) -> Sequence[str]:
    config = place.file("scrape.yml", SCRAPES % place.scraped)
    return (
        f"{place.root}/usr/bin/victoria-metrics",
        f"-promscrape.config={config}",
        f"-storageDataPath={place.folder}/data",
        f"-httpListenAddr=127.0.0.1:{place.port}",
    )


def _influx(place: Place) -> Sequence[str]:
    config = place.file("influx.conf", INFLUX % (free_port(), *[place.folder] * 3, place.port))
    return f"{place.root}/usr/bin/influxd", "-config", str(config)


def _graphite(place: Place) -> Sequence[str]:
    place.file("slipway_graphite.py", GRAPHITE % place.folder)
    return "/usr/bin/python3", str(place.file("serve.py", SERVE_GRAPHITE)), str(place.port)


def debian_python(root: Path) -> dict[str, str]:
    """For Debian's interpreter to find the unpacked packages, and they the libraries."""
    folders = (root / "usr/lib/x86_64-linux-gnu", root / "usr/lib/aarch64-linux-gnu")
    return {
        "PYTHONPATH": f"{root}/usr/lib/python3/dist-packages",
        "LD_LIBRARY_PATH": os.pathsep.join(str(folder) for folder in folders),
    }


def _graphite_environment(place: Place) -> Mapping[str, str]:
    found = debian_python(place.root)
    settings = {"DJANGO_SETTINGS_MODULE": "graphite.settings", "GRAPHITE_SETTINGS_MODULE": "slipway_graphite"}
    return {**found, **settings, "PYTHONPATH": os.pathsep.join((found["PYTHONPATH"], str(place.folder)))}


SERVERS: Mapping[str, Server] = {
    "prometheus": Server(("prometheus",), _prometheus, "/-/ready"),
    "victoria-metrics": Server(("victoria-metrics",), _victoria, "/health"),
    "influxdb": Server(("influxdb",), _influx, "/ping"),
    "graphite": Server(
        ("graphite-web", "libcairo2", *(f"python3-{name}" for name in DJANGO)),
        _graphite,
        "/render?target=none&format=json",
        _graphite_environment,
    ),
}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def running(name: str, root: Path, folder: Path, scraped: int = 1) -> Iterator[str]:
    """The address of a server that answers; it is gone afterwards."""
    server, place = SERVERS[name], Place(root, folder, free_port(), scraped)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            server.command(place), env={**os.environ, **server.environment(place)}, stdout=log, stderr=log
        )
        try:
            _wait(f"http://127.0.0.1:{place.port}", server.ready, process, folder / "log")
            yield f"http://127.0.0.1:{place.port}"
        finally:
            process.terminate()
            process.wait(10)


def _wait(url: str, path: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _try in range(100):
        try:
            urllib.request.urlopen(url + path, timeout=2).close()
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{url} does not answer:\n{log.read_text('utf-8', 'replace')[-2000:]}")
