# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench-gate`: how often the gate's judges are wrong, and how fast they are right, beside others.

What is measured is kept at once, so that a run that was cut goes on where it was; with --kept nothing more is
measured, and the page is written from what there is.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.bench_gate.kept import Kept, fingerprint, seeds
from tests.bench_gate.measures import Bench
from tests.bench_gate.plots import pictures
from tests.bench_gate.report import report, summary
from tests.bench_gate.tables import insert

SEED = 20261125
KEPT, OUT = Path("build/bench-gate.jsonl"), Path("build/bench-gate.json")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-gate", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="of each healthy release; regressions get a tenth")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--kept", action="store_true", help="write what is kept, measure nothing")
    chosen = parser.parse_args()
    kept = Kept(KEPT, chosen.seed, fingerprint(Path()))
    if not chosen.kept:
        kept.run(Bench(chosen.runs, chosen.seed).jobs())
    others = [Kept(KEPT, seed, kept.code) for seed in seeds(KEPT, kept.code) if seed != kept.seed]
    whole = [other for other in others if other.of("null") and other.of("detection")]
    found = report(kept) | {"other_seeds": [summary(other) for other in whole]}
    OUT.write_text(json.dumps(found, indent=1) + "\n")
    pictures(found, Path("docs"))
    insert(found, Path("docs/gate.md"))
    print(f"written to {OUT}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
