# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kill runs: python -m simulation.kill [--runs N] [--seed S] [--processes P] [--without PROTECTION], or
--replay SEED.

A run for a hundred instances is killed, and the same command is given again, until one comes to its end; then
once more.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

# Where `make layout` puts the collection; after whatever was given.
sys.path.append(str(Path(__file__).resolve().parents[2] / ".build" / "collections"))

from postgres import running_postgres
from simulation.__main__ import show_journal
from simulation.database import own_database
from simulation.killing import attempt, problems_of, said_by, verdicts
from simulation.sabotage import SABOTAGES
from simulation.sites import SITES
from simulation.trial import MOMENTS, trial_for

MOST_SHOWN = 5
FILE, DATABASE = HOMES = ("file", "postgres")
OUTCOMES = ("reset", "unchanged", "unknown")


def main() -> int:
    """Returns 1 when a run showed a defect."""
    parser = argparse.ArgumentParser(prog="simulation.kill", description=__doc__)
    parser.add_argument(
        "--runs", type=int, default=10, metavar="N", help="how many kills for each provider (10)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="the first seed (0)")
    parser.add_argument("--processes", type=int, default=1, metavar="P", help="how many at the same time (1)")
    parser.add_argument(
        "--without", default="", choices=["", *(sabotage.protection for sabotage in SABOTAGES)]
    )
    parser.add_argument("--replay", type=int, metavar="SEED", help="play one seed and show everything")
    parser.add_argument("--home", default="both", choices=[*HOMES, "both"], help="where the ledger is (both)")
    given = parser.parse_args()
    if given.replay is not None:
        with serving(given.home == DATABASE) as server:
            return replay(given.replay, server)
    status = 0
    for home in HOMES if given.home == "both" else (given.home,):
        with serving(home == DATABASE) as server:
            status |= kill(given.runs * len(SITES), given.seed, given.processes, given.without, server)
    return status


@contextmanager
def serving(wanted: bool) -> Iterator[str]:
    """The address of a PostgreSQL server, where one is wanted; else an empty one."""
    if not wanted:
        yield ""
        return
    with running_postgres() as postgres:
        yield postgres.url


def kill(runs: int, seed: int, processes: int, without: str = "", server: str = "") -> int:
    """Play many seeds, name those that fail and print what was said, by provider."""
    began, failing, home = time.monotonic(), [], DATABASE if server else FILE
    said: dict[str, Counter[str]] = {provider: Counter() for provider in SITES}
    kills: dict[str, Counter[str]] = {provider: Counter() for provider in SITES}
    for outcome in verdicts(range(seed, seed + runs), processes, without, server):
        said[outcome.provider] += outcome.said
        kills[outcome.provider].update(outcome.kills)
        failing += [outcome.seed] if outcome.problems else []
        for problem in outcome.problems[:MOST_SHOWN]:
            print(f"seed {outcome.seed} ({outcome.provider}, {outcome.call}): {problem}", flush=True)
    print(table({provider: (kills[provider], said[provider]) for provider in SITES}))
    seconds = time.monotonic() - began
    print(f"ledger in {home}: {runs} runs in {seconds:.0f} s, {len(failing)} with a defect")
    if failing:
        print(f"see one in full: make kill REPLAY={failing[0]} LEDGER={home}")
    return 1 if failing else 0


def table(counted: Mapping[str, tuple[Counter[str], Counter[str]]]) -> str:
    """Kills by their moment, and what was said in the end, by provider."""
    rows = [f"{'kills by moment':20}" + "".join(f"{name:>12}" for name in (*MOMENTS, "in all"))]
    for provider, (kills, _said_of) in counted.items():
        rows.append(
            f"{provider:20}" + "".join(f"{kills[name]:12}" for name in MOMENTS) + f"{kills.total():12}"
        )
    rows.append(f"{'then said':20}" + "".join(f"{name:>12}" for name in OUTCOMES))
    for provider, (_kills, said) in counted.items():
        rows.append(f"{provider:20}" + "".join(f"{said[name]:12}" for name in OUTCOMES))
    return "\n".join(rows)


def replay(seed: int, server: str = "") -> int:
    """Show a seed in full."""
    trial = trial_for(seed)
    played = attempt(trial, own_database(server) if server else None)
    print(
        json.dumps(
            {**trial.schedule.document(), "call": trial.call, "blows": [asdict(b) for b in trial.blows]},
            indent=2,
        )
    )
    show_journal(played)
    for run in played.runs:
        print(f"{run.name}: {dict(Counter(said_by(run).values())) or 'no result'}")
    problems = problems_of(trial, played)
    print("\n".join(problems) or "no defect")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
