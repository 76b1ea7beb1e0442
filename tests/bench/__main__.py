# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench`: what a switch and a look cost, beside kubernetes.core and kubectl. Nothing here passes or fails."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.clock import SystemClock
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.weigh import weigh

from lab import kube
from lab.config import Config, LabError
from lab.load import Load, start
from tests.bench import looks, plays, starts
from tests.integration.conftest import Lab
from tests.integration.shop import Shop


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=12, help="turns of each tool")
    chosen = parser.parse_args()
    config = Config.here()
    try:
        kube.RestApi(config.kubeconfig).call("GET", "/version")
        lab = Lab(config, json.loads(config.images.read_text()))
    except (LabError, OSError) as error:
        raise SystemExit(f"bench: it measures on the lab, which is not up ({error}). Type: make lab") from error
    shop = Shop(lab.api, lab.images, "slipway-bench")
    shop.open()
    try:
        report = measure(lab, shop, chosen.rounds)
    finally:
        shop.close()
    out = config.root / "build" / "bench.json"
    out.write_text(json.dumps(report, indent=1) + "\n")
    print(table(report))
    print(f"written to {out.relative_to(config.root)}")
    return 0


def measure(lab: Lab, shop: Shop, rounds: int) -> dict[str, Any]:
    shop.put("virtualservice", 90, 10)
    sender = start(Load(shop.entrance("virtualservice"), rate=200, duration="900s"), lab.load_program(), "/dev/null")
    try:
        with tempfile.TemporaryDirectory() as folder:
            turns = plays.run(shop, lab.kubeconfig, rounds, Path(folder))
        inside = _inside(lab, shop, 5 * rounds)
        seen = looks.looks(lab, shop)
    finally:
        sender.terminate()
        sender.wait()
    seconds = {tool: [turn.seconds for turn in turns if turn.tool == tool] for tool in plays.TOOLS}
    kubectl = [_delta(turn.result["delta"]) for turn in turns if turn.tool == plays.KUBECTL]
    follows = [turn.result["observation"]["seconds"] for turn in turns if turn.tool == plays.OBSERVED]
    begun = starts.start("canary_weight", lab.kubeconfig)
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg()[0], "requests_per_second": 200},
        "rounds": rounds,
        "task_s": {tool: _spread(values) for tool, values in seconds.items()},
        "ratio": {
            f"{tool} / {plays.CORE}": _ratio(seconds[tool], seconds[plays.CORE])
            for tool in plays.TOOLS
            if tool != plays.CORE
        },
        "within_s": {
            "the kubectl process alone": _spread(kubectl),
            "canary_weight in a running process": _spread(inside),
            "from write until traffic has followed": _spread(follows),
        },
        "start_ms": {"total": begun.total, "by_owner": begun.milliseconds, "needless": begun.needless},
        "look_ms": {name: asdict(look) for name, look in seen.items()},
    }


def _inside(lab: Lab, shop: Shop, count: int) -> list[float]:
    """Read, plan and write without Ansible around them."""
    cluster, clock, seconds = lab.cluster(), SystemClock(), []
    for number in range(count):
        canary = 20 + number % 2
        params = {"route": shop.route("virtualservice"), "split": {"stable": 100 - canary, "canary": canary}}
        begun = time.perf_counter()
        weigh(cluster, params, clock, check_mode=False)
        seconds.append(time.perf_counter() - begun)
    return seconds


def _delta(text: str) -> float:
    hours, minutes, rest = text.split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(rest)


def _spread(values: Iterable[float]) -> dict[str, float]:
    ordered = sorted(values)
    low, middle, high = quantiles(ordered, n=4) if len(ordered) > 1 else ordered * 3
    return {"median": middle, "lower_quartile": low, "upper_quartile": high, "n": len(ordered)}


def _ratio(ones: list[float], others: list[float]) -> float:
    """The median of the ratios turn by turn, so that what slows a round down slows both."""
    return median(one / other for one, other in zip(ones, others, strict=True))


def table(report: dict[str, Any]) -> str:
    lines = [f"{report['rounds']} rounds on {report['machine']['cores']} cores under 200 requests/s", ""]
    lines.append(f"{'a switch, as an Ansible task':<42}{'median':>10}{'quartiles':>18}{'ratio':>8}")
    for tool, spread in report["task_s"].items():
        ratio = report["ratio"].get(f"{tool} / {plays.CORE}", 1.0)
        lines.append(f"  {tool:<40}{_seconds(spread)}{ratio:>8.2f}")
    lines += ["", "inside it"]
    lines += [f"  {name:<40}{_seconds(spread)}" for name, spread in report["within_s"].items()]
    lines += ["", f"{'start of canary_weight (imports)':<42}{report['start_ms']['total']:>7.0f} ms"]
    lines += [f"  {owner:<40}{value:>7.0f} ms" for owner, value in report["start_ms"]["by_owner"].items()]
    lines.append(f"  needless: {', '.join(report['start_ms']['needless']) or 'none'}")
    lines += ["", f"{'a look of a gate':<42}{'wall':>10}{'CPU':>10}"]
    lines += [f"  {name:<40}{look['wall']:>7.1f} ms{look['cpu']:>7.1f} ms" for name, look in report["look_ms"].items()]
    return "\n".join(lines)


def _seconds(spread: dict[str, float]) -> str:
    return f"{spread['median']:>8.3f} s{spread['lower_quartile']:>9.3f}–{spread['upper_quartile']:.3f} s"


if __name__ == "__main__":
    raise SystemExit(main())
