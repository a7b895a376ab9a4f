# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Simulate: python -m simulation [--runs N] [--seed S] [--processes P], or --replay SEED to see one run in
full.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

# Where `make layout` puts the collection; after whatever was given.
sys.path.append(str(Path(__file__).resolve().parents[2] / ".build" / "collections"))

from simulation.judge import judge
from simulation.play import Play, play
from simulation.run import Tally, verdicts
from simulation.schedule import schedule_for


def main() -> int:
    """Returns 1 when a run showed a defect."""
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, metavar="N", help="how many seeds to play (1000)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="the first seed (0)")
    parser.add_argument("--processes", type=int, default=1, metavar="P", help="how many at the same time (1)")
    parser.add_argument("--replay", type=int, metavar="SEED", help="play one seed and show everything")
    given = parser.parse_args()
    if given.replay is not None:
        return replay(given.replay)
    return simulate(given.runs, given.seed, given.processes)


def simulate(runs: int, seed: int, processes: int) -> int:
    """Play many seeds, name those that fail and print the table."""
    tally, began = Tally(), time.monotonic()
    for verdict in verdicts(range(seed, seed + runs), processes):
        tally.add(verdict)
        for problem in verdict.problems:
            print(f"seed {verdict.seed} ({verdict.provider}, {verdict.subject}): {problem}", flush=True)
    print(tally.table())
    seconds = time.monotonic() - began
    print(
        f"{tally.runs} runs in {seconds:.0f} s ({1000 * seconds / max(tally.runs, 1):.0f} ms each), "
        f"{len(tally.failing)} with a defect"
    )
    if tally.failing:
        print("see one in full: make sim REPLAY=" + str(min(verdict.seed for verdict in tally.failing)))
    return 1 if tally.failing else 0


def replay(seed: int) -> int:
    """Show the schedule of one seed, everything that happened, what was said of it and what is wrong with
    that.
    """
    schedule = schedule_for(seed)
    print(json.dumps(schedule.document(), indent=2))
    played = play(schedule)
    show_journal(played)
    for run in played.runs:
        for row in run.result["instances"] if run.result else ():
            summary = f"{row['verdict']}, then {row['outcome']} ({row['reason']}): {row['message']}"
            print(f"{run.name:8} {row['instance_id']}: {summary}")
    problems = judge(played)
    print("\n".join(problems) or "no defect")
    return 1 if problems else 0


def show_journal(played: Play) -> None:
    """Each line with its second; looks that showed nothing new are counted only."""
    looks = 0
    for moment, who, text in played.world.log:
        if text.startswith("Describe") and text.endswith("accepted, 200"):
            looks += 1
            continue
        if looks:
            print(f"{'':21}({looks} looks)")
        looks = 0
        print(f"{moment:10.2f} s {who:8} {text}")


if __name__ == "__main__":
    sys.exit(main())
