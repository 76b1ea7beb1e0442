#!/usr/bin/env python3
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A few requests that must work before any user comes: smoke_tests.py --url http://127.0.0.1:8000

An example to start from. It needs nothing but Python; put your app's own paths into TESTS.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

# Path, expected status, a word that the answer must contain.
TESTS = [
    ("/health", 200, ""),
    ("/health/ready", 200, ""),
    ("/health/all", 200, ""),
    ("/v1/transform", 200, "tokens"),
    ("/no-such-page", 404, ""),
]


def ask(url: str, timeout: float) -> tuple[int, str]:
    try:
        with urlopen(Request(url, headers={"Accept": "application/json"}), timeout=timeout) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except HTTPError as error:
        with error:
            return error.code, error.read().decode("utf-8", "replace")


def problem_of(url: str, status: int, word: str, timeout: float) -> str:
    try:
        found, body = ask(url, timeout)
    except OSError as error:
        return f"no answer: {error}"
    if found != status:
        return f"answers {found}, expected {status}"
    if word and word not in body:
        return f"the answer does not contain '{word}': {json.dumps(body[:80])}"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description="Smoke tests by URL.")
    parser.add_argument("--url", required=True, help="where the app answers, such as http://127.0.0.1:8000")
    parser.add_argument("--timeout", type=float, default=5.0, help="seconds for each answer")
    options = parser.parse_args()
    failed = 0
    for path, status, word in TESTS:
        began = time.monotonic()
        problem = problem_of(options.url.rstrip("/") + path, status, word, options.timeout)
        failed += bool(problem)
        print(f"{'FAILED' if problem else 'ok':<7}{path:<20}{time.monotonic() - began:6.3f} s  {problem}", flush=True)
    print(f"{len(TESTS) - failed} of {len(TESTS)} passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
