# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users get is what the split says: ten thousand requests through the gateway, counted by who answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.load import Load, Summary, read, run, start, summarise
from tests.integration.binomial import interval
from tests.integration.conftest import Lab
from tests.integration.module import run_module
from tests.integration.shop import Shop

RATE, SECONDS = 700, 15
REQUESTS = RATE * SECONDS


def traffic(lab: Lab, shop: Shop, kind: str, folder: Path) -> Summary:
    out = folder / f"{kind}.jsonl"
    load = Load(shop.entrance(kind), rate=RATE, duration=f"{SECONDS}s")
    assert run(load, lab.load_program(), str(out)) == 0
    summary = summarise(read(out))
    assert summary.requests >= 10_000
    return summary


def settle(lab: Lab, shop: Shop, kind: str, split: dict[str, int]) -> None:
    """Wait until traffic has followed, as users of the module do, under a little traffic."""
    route = shop.route(kind)
    load = Load(shop.entrance(kind), rate=100, duration="20s")
    sender = start(load, lab.load_program(), "/dev/null")
    try:
        params = {"kubeconfig": str(lab.kubeconfig), "route": route, "split": split, "observe": True}
        result = run_module("canary_weight", params)
    finally:
        sender.terminate()
        sender.wait()
    assert result["observation"]["followed"], result


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["httproute", "virtualservice"])
def test_a_tenth_is_a_tenth(lab: Lab, shop: Shop, kind: str, tmp_path: Path) -> None:
    shop.scale(main=1, canary=1)
    shop.put(kind, 100, 0)
    settle(lab, shop, kind, {"stable": 90, "canary": 10})
    summary = traffic(lab, shop, kind, tmp_path)
    low, high = interval(summary.requests, 0.10)
    canary = summary.by_version["canary"]
    print(f"{kind}: {canary} of {summary.requests} requests, {low} to {high} expected, {summary.failed} failed")
    assert summary.failed == 0
    assert low <= canary <= high
    assert set(summary.by_version) == {"main", "canary"}


@pytest.mark.slow
def test_pods_make_the_share(lab: Lab, shop: Shop, tmp_path: Path) -> None:
    shop.scale(main=3, canary=0)
    route = shop.route("replicas", capacity=3, keep={"stable": 3})
    params = {"kubeconfig": str(lab.kubeconfig), "route": route, "split": {"stable": 90, "canary": 10}}
    result = run_module("canary_weight", {**params, "observe": True})
    assert shop.shares("replicas") == {"stable": 3, "canary": 1}
    assert result["after"] == {"stable": 75, "canary": 25}
    assert result["observation"]["by"] == "status"
    summary = traffic(lab, shop, "replicas", tmp_path)
    # The gateway balances by open requests, so the share is not drawn by lot: nearer to one pod in four than to one in
    # three or in five is what the count says.
    low, high = (1 / 5 + 1 / 4) / 2, (1 / 4 + 1 / 3) / 2
    share = summary.by_version["canary"] / summary.requests
    print(f"replicas: {share:.1%} of {summary.requests} requests, 1 of 4 pods, {summary.failed} failed")
    assert summary.failed == 0
    assert low <= share <= high
