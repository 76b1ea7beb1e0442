#!/usr/bin/env python3
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at a release for a while from outside: monitor_deployment.py --url http://127.0.0.1:8000 --duration 300

An example to start from. It fails as soon as too many of the latest answers were wrong, not only at the end.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import deque
from urllib.error import HTTPError
from urllib.request import urlopen

WINDOW = 50  # answers that are judged together
FEWEST = 10  # below that one wrong answer says nothing


def is_well(url: str, timeout: float) -> tuple[bool, str]:
    try:
        with urlopen(url, timeout=timeout) as answer:
            answer.read()
            return True, str(answer.status)
    except HTTPError as error:
        with error:
            return error.code < 500, str(error.code)
    except OSError as error:
        return False, str(error)


def main() -> int:
    parser = argparse.ArgumentParser(description="Watch a release by URL.")
    parser.add_argument("--url", required=True, help="where the app answers, such as http://127.0.0.1:8000")
    parser.add_argument("--duration", type=float, default=300.0, help="seconds to watch")
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between two requests")
    parser.add_argument("--path", default="/", help="what is asked for")
    parser.add_argument("--max-errors", type=float, default=0.01, help="share of wrong answers that is allowed")
    options = parser.parse_args()
    url = options.url.rstrip("/") + options.path
    recent: deque[bool] = deque(maxlen=WINDOW)
    asked = failed = 0
    end = time.monotonic() + options.duration
    while time.monotonic() < end:
        began = time.monotonic()
        well, what = is_well(url, timeout=5.0)
        recent.append(well)
        asked, failed = asked + 1, failed + (not well)
        if not well:
            print(f"wrong answer {failed} of {asked}: {what}", flush=True)
        wrong = recent.count(False)
        if len(recent) >= FEWEST and wrong >= 2 and wrong / len(recent) > options.max_errors:
            print(f"{wrong} of the last {len(recent)} answers were wrong; the limit is {options.max_errors:.1%}")
            return 1
        time.sleep(max(0.0, min(began + options.interval, end) - time.monotonic()))
    share = failed / asked if asked else 1.0
    print(f"{asked} requests in {options.duration:g} s, {failed} wrong ({share:.2%})")
    return 1 if share > options.max_errors else 0


if __name__ == "__main__":
    sys.exit(main())
