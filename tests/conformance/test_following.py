# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of route is seen to be followed by traffic."""

from __future__ import annotations

import pytest

from lab.load import Load, start
from tests.conformance.place import ALL_STABLE, HALF, Place


def test_traffic_is_seen_to_follow(place: Place) -> None:
    observe = {"observe": True, "observe_timeout": 20.0}
    if place.kind == "grpcroute":  # its users would be gRPC clients; what the gateway says is all there is to see
        result = place.run(HALF, **{**observe, "observe_timeout": 2.0})
        assert (result["observation"]["followed"], result["observation"]["by"]) == (True, "status")
        return
    if place.kind == "openshiftroute":  # no router is here, so that a status that is one's own is not believed alone
        seen = place.run(HALF, **{**observe, "observe_timeout": 1.0})["observation"]
        assert (seen["followed"], seen["by"]) == (False, "no_traffic")
        return
    if not place.pods:
        place.shop.scale(main=1, canary=1)
    load = Load(place.shop.entrance(place.kind), rate=100, duration="20s")
    sender = start(load, place.lab.load_program(), "/dev/null")
    try:
        for split in (HALF, HALF, ALL_STABLE):
            result = place.run(split, **observe)
            seen = result["observation"]
            assert seen["followed"], seen
            assert seen["by"] == ("status" if place.pods else "counters")
            assert seen["seconds"] < 10.0
    finally:
        sender.terminate()
        sender.wait()


@pytest.mark.parametrize("place", ["virtualservice"], indirect=True)
def test_no_traffic_is_a_warning(place: Place) -> None:
    result = place.run(HALF, observe=True, observe_timeout=1.0)
    assert (result["changed"], result["observation"]["by"]) == (True, "no_traffic")
    assert result["observation"]["followed"] is False
    assert "no request was counted" in str(result["warnings"])
