#!/usr/bin/env python3
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: S101 - what a test says by assert is its verdict
"""What a release must be able to do once users are on it: post_deployment_tests.py --url http://127.0.0.1:8000

An example to start from, with unittest of the standard library. Put your app's own questions into it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import unittest
from typing import Any
from urllib.request import urlopen

URL = ""
MANY = 50


def transform() -> tuple[dict[str, Any], dict[str, str]]:
    with urlopen(f"{URL}/v1/transform", timeout=5) as answer:
        return json.load(answer), dict(answer.headers)


class Release(unittest.TestCase):
    def test_it_is_well(self) -> None:
        with urlopen(f"{URL}/health/all", timeout=5) as answer:
            assert answer.status == 200

    def test_it_answers_with_what_it_is(self) -> None:
        _body, headers = transform()
        assert headers.get("X-Release"), "no header X-Release"

    def test_it_answers_each_time(self) -> None:
        for _attempt in range(MANY):
            body, _headers = transform()
            assert body

    def test_most_answers_are_quick(self) -> None:
        times = []
        for _attempt in range(MANY):
            began = time.monotonic()
            transform()
            times.append(time.monotonic() - began)
        slow = sorted(times)[int(MANY * 0.95)]
        assert slow < 1.0, f"the slowest 5 % take longer than a second ({slow:.2f} s)"


def main() -> int:
    global URL
    parser = argparse.ArgumentParser(description="Tests of a release that is live.")
    parser.add_argument("--url", required=True, help="where the app answers, such as http://127.0.0.1:8000")
    URL = parser.parse_args().url.rstrip("/")
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Release)
    return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
