# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many runs: which seeds, what they showed, and the table of how often what was said."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from simulation.judge import judge
from simulation.play import play
from simulation.schedule import MIXTURE, SUBJECTS, schedule_for
from simulation.sites import SITES


@dataclass(frozen=True)
class Verdict:
    """What a seed showed: its defects, and how often each outcome was said."""

    seed: int
    provider: str
    subject: str
    problems: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)


def verdict_on(seed: int) -> Verdict:
    """Play one seed and judge it."""
    schedule = schedule_for(seed)
    played = play(schedule)
    rows = [row for run in played.runs if run.result for row in run.result["instances"]]
    outcomes = Counter(row["outcome"] for row in rows if row["outcome"])
    return Verdict(seed, schedule.provider, schedule.subject, judge(played), outcomes)


def verdicts(seeds: Iterable[int], processes: int = 1) -> Iterator[Verdict]:
    """Play seeds, with several processes in no certain order."""
    if processes == 1:
        yield from map(verdict_on, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(verdict_on, seeds, chunksize=20)


@dataclass
class Tally:
    """What all runs together showed."""

    runs: int = 0
    failing: list[Verdict] = field(default_factory=list)
    said: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    def add(self, verdict: Verdict) -> None:
        """Count one more."""
        self.runs += 1
        if verdict.problems:
            self.failing.append(verdict)
        self.said.setdefault((verdict.subject, verdict.provider), Counter()).update(verdict.outcomes)

    def table(self) -> str:
        """The share of unknown, of all instances about which something was said, by trouble and provider."""
        providers = list(SITES)
        lines = [f"{'share of unknown in %':26}" + "".join(f"{name:>20}" for name in providers)]
        for subject in (*SUBJECTS, MIXTURE):
            cells = [self._share(self.said.get((subject, provider), Counter())) for provider in providers]
            lines.append(f"{subject:26}" + "".join(f"{cell:>20}" for cell in cells))
        return "\n".join(lines)

    @staticmethod
    def _share(outcomes: Counter[str]) -> str:
        total = sum(outcomes.values())
        return f"{100 * outcomes['unknown'] / total:.1f} of {total}" if total else "-"
