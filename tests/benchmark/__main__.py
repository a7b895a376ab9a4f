# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Measures and prints one table: `python -m benchmark [--only NAME]... [--json FILE]` with tests/ on
PYTHONPATH.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from benchmark import calls, fleets, goals, inventories, ledgers, log_in, own_options
from benchmark.figures import HEADINGS, Figure, Row, table
from emulator.client import Emulator

SPEED = 60.0  # vendor seconds per real second
CASES: Mapping[str, Callable[[Emulator], Iterator[Figure | Row]]] = {
    "module": goals.module,
    "role": goals.role,
    "large": goals.large,
    "own_options": own_options.differing,
    "unchanged": goals.unchanged,
    "listing": goals.inventory,
    "call": calls.sending,
    "wait": calls.waiting,
    "ledger": ledgers.opening,
    "inventory": inventories.reading,
    "fleet": fleets.growing,
    "naive": fleets.naive,
    "log_in": log_in.proving,
}


def main() -> int:
    """Measure the cases that were asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="benchmark", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=CASES, metavar="NAME", help=f"one of {', '.join(CASES)}"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, too")
    options = parser.parse_args()
    measured: dict[str, list[Figure | Row]] = {}
    with Emulator(speed=SPEED) as emulator:
        for name in options.only or CASES:
            began = time.monotonic()
            emulator.speed(SPEED)
            measured[name] = list(CASES[name](emulator))
            print(f"{name}: measured in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    rows = [row for found in measured.values() for row in found if isinstance(row, Row)]
    figures = [
        (name, row.what, row.shown)
        for name, found in measured.items()
        for row in found
        if isinstance(row, Figure)
    ]
    if rows:
        print(table([HEADINGS, *(row.cells for row in rows)]), end="\n\n")
    if figures:
        print(table([("CASE", "WHAT", "VALUE"), *figures]))
    if options.json:
        document = {name: [asdict(row) for row in found] for name, found in measured.items()}
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
