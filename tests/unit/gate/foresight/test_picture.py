# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from xml.etree import ElementTree

from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.growth import Stream
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.picture import picture


def test_a_panel_for_each_check_and_two_curves_for_each_share() -> None:
    streams = {"errors <5xx>": Stream("sequential", 100.0, 0.01), "slow": Stream("latency", 100.0, 0.05)}
    root = ElementTree.fromstring(picture(streams, [0.1, 0.5]))
    space = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{space}g")) == 2
    lines = root.findall(f"{space}g/{space}polyline")
    assert len(lines) == 8
    points = [tuple(map(float, point.split(","))) for point in lines[0].attrib["points"].split()]
    assert points == sorted(points)
    assert [y for _x, y in points] == sorted(y for _x, y in points)  # the longer, the smaller
    texts = [one.text or "" for one in root.iter(f"{space}text")]
    assert any(text.startswith("errors <5xx>: smallest regression") for text in texts)
    assert "50 % of 100/s" in texts


def test_what_finds_nothing_says_so() -> None:
    drawn = picture({"outage": Stream("threshold", 100.0, 0.001, limit=0.2)}, [0.1])
    assert "nothing below x20 in a day" in drawn
    assert "nothing below" not in picture({"errors": Stream("sequential", 100.0, 0.01)}, [0.1])
