# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphite: points as they were stored, counted where they fall into the span."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.graphite import Graphite
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.service import Span
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError

from tests.services.servers import debian_python, running

NOW = int(time.time())
SPAN = Span(NOW - 60, NOW)
# Whisper is the file format of Graphite's own storage.
WRITE = """
import sys, whisper
path, now = sys.argv[1], int(sys.argv[2])
whisper.create(path, [(1, 3600)])
for ago, value in ((70, 100), (50, 3), (40, 4)):
    whisper.update(path, value, now - ago)
"""


@pytest.fixture(scope="module")
def service(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graphite]:
    folder = tmp_path_factory.mktemp("graphite")
    for pod in ("a", "b"):
        path = folder / "shop" / pod / "errors.wsp"
        path.parent.mkdir(parents=True)
        environment = {**os.environ, **debian_python(root)}
        subprocess.run(("/usr/bin/python3", "-c", WRITE, str(path), str(NOW)), env=environment, check=True)
    with running("graphite", root, folder) as url:
        yield Graphite(JsonClient("Graphite", HttpOptions(url, timeout=10.0)))


def test_points_of_the_span(service: Graphite) -> None:
    (both,) = service.ask("sumSeries(shop.*.errors)", SPAN)
    assert [(sample.at, sample.value) for sample in both.samples] == [(NOW - 50, 6), (NOW - 40, 8)]
    assert sorted(points.labels["target"] for points in service.ask("shop.*.errors", SPAN)) == [
        "shop.a.errors",
        "shop.b.errors",
    ]


def test_nothing_is_no_data(service: Graphite) -> None:
    assert service.ask("shop.*.none", SPAN) == []


def test_a_mistake_is_told(service: Graphite) -> None:
    with pytest.raises(SourceError) as caught:
        service.ask("sunSeries(shop.*.errors)", SPAN)
    assert caught.value.kind == "bad_query"
    assert "sunSeries" in str(caught.value)
