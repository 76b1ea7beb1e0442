# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's command line: python -m lab up|down|status|build|reset|load|data."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from lab import data_services, lifecycle, load, status
from lab.config import SYSTEM_PATH, Config, LabError


def main(arguments: Sequence[str]) -> int:
    os.environ["PATH"] = SYSTEM_PATH  # a plain `su` leaves out /usr/sbin, where ip, nft and runc are
    config = Config.here()
    chosen = _parser().parse_args(arguments)
    try:
        return _run(config, chosen)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted; it is safe to run the same command again", file=sys.stderr)
        return 130


def _run(config: Config, chosen: argparse.Namespace) -> int:
    match chosen.command:
        case "up":
            lifecycle.up(config, metrics_server="metrics-server" in chosen.extra)
        case "down":
            return min(lifecycle.down(config, wipe=chosen.wipe), 1)
        case "status":
            return min(status.show(config), 1)
        case "build":
            lifecycle.build(config)
        case "reset":
            lifecycle.reset(config)
        case "data":
            for reference in data_services.ensure(config).values():
                print(reference)
        case "load":
            wanted = load.Load(
                load.ENTRANCES[chosen.route], chosen.rate, chosen.duration, keepalive=not chosen.no_keepalive
            )
            return load.run(wanted, lifecycle.build(config, only=("load",))["load"], chosen.out)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m lab", description="A real Kubernetes on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="build what is missing, start what does not run, wait until all is ready")
    up.add_argument("--with", dest="extra", action="append", default=[], choices=["metrics-server"])
    down = commands.add_parser("down", help="stop everything; nothing stays on the machine but files in build/")
    down.add_argument("--wipe", action="store_true", help="remove the cluster's state in build/lab too")
    commands.add_parser("status", help="what runs, since when, where its log is")
    commands.add_parser("build", help="build the programs only")
    commands.add_parser("data", help="images of PostgreSQL, Redis and Prometheus, for the chart")
    commands.add_parser("reset", help="the demo app as it was at the start")
    one = commands.add_parser("load", help="requests at a stated rate, a JSON line each")
    one.add_argument("--route", choices=sorted(load.ENTRANCES), default="virtualservice")
    one.add_argument("--rate", type=int, default=200, help="requests per second (default: %(default)s)")
    one.add_argument("--duration", default="30s", help="as Go writes it: 30s, 2m (default: %(default)s)")
    one.add_argument("--no-keepalive", action="store_true", help="a new connection for each request")
    one.add_argument("--out", default="-", help="a file, or - for standard output")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
