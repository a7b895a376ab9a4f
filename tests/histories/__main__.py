# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plays many histories: python -m histories --runs 10000 --seed 0 --processes 2; --replay SEED shows one."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterable, Mapping

import pytest

from histories import evidence_kinds, test_switched_off
from histories.evidence_kinds import EVIDENCE
from histories.machine import history_for, play, shortest
from histories.protections import PROTECTIONS

EACH = {**PROTECTIONS, **EVIDENCE}
GROUPS: Mapping[str, Iterable[str]] = {"each": EACH, "protections": PROTECTIONS, "evidence": EVIDENCE}


def verdict(seed: int) -> tuple[int, list[str]]:
    """What is wrong with the history of a seed."""
    return seed, play(history_for(seed))


def show(seed: int) -> None:
    """A history in its shortest form, with what is wrong with it."""
    history = shortest(history_for(seed))
    print(f"seed {seed}, {history.provider}, {history.status} at first, {history.count} in all:")
    for step in history.steps:
        print(f"  {step.text}")
    for problem in play(history):
        print(f"    {problem}")


def without_each(names: Iterable[str], first: int, runs: int) -> int:
    """Show the shortest history that notices that a protection is missing, for each one."""
    unnoticed = []
    for name in names:
        with pytest.MonkeyPatch.context() as patch:
            EACH[name](patch)
            seed = next((seed for seed in range(first, first + runs) if play(history_for(seed))), None)
            print(f"without: {name}", flush=True)
            if seed is None:
                print(f"  not noticed in {runs} histories", flush=True)
                unnoticed.append(name)
            else:
                show(seed)
    print(
        f"histories: {len(unnoticed)} missing protections were not noticed: {', '.join(unnoticed) or 'none'}"
    )
    return int(bool(unnoticed))


def main() -> int:
    """Returns the exit status: 1 if there is a defect."""
    parser = argparse.ArgumentParser(prog="histories")
    parser.add_argument("--runs", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--replay", type=int)
    parser.add_argument(
        "--without", choices=[*EACH, *GROUPS], help="switch a protection off, or each of a group"
    )
    parser.add_argument(
        "--tables", action="store_true", help="print what notices each protection, switched off"
    )
    options = parser.parse_args()
    if options.tables:
        print("\n".join((*test_switched_off.table(), "", *evidence_kinds.table())))
        return 0
    if options.without in GROUPS:
        return without_each(GROUPS[options.without], options.seed, options.runs)
    if options.without:
        EACH[options.without](pytest.MonkeyPatch())
    if options.replay is not None:
        show(options.replay)
        return 0
    began, defects = time.monotonic(), []
    with multiprocessing.Pool(options.processes) as pool:
        for seed, problems in pool.imap_unordered(
            verdict, range(options.seed, options.seed + options.runs), chunksize=20
        ):
            if problems:
                defects.append(seed)
                print(f"seed {seed}: {problems[0]}", flush=True)
    for seed in sorted(defects)[:10]:
        show(seed)
    seconds = time.monotonic() - began
    print(f"histories: {options.runs} played in {seconds:.0f} s, {len(defects)} with a defect")
    return int(bool(defects))


if __name__ == "__main__":
    sys.exit(main())
