# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run that is killed, the same command again until one comes to its end, and whether every instance was
wiped once.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from simulation.database import DatabaseHome, own_database
from simulation.disk import Disk
from simulation.fuse import Fuse
from simulation.judge import judge
from simulation.play import MARGIN, Play, memory_folder, options_of
from simulation.sabotage import SABOTAGES
from simulation.trial import Trial, calm_trial, trial_for
from simulation.visit import Strike, Visit
from simulation.world import Run, World

# Seconds after which a run has nothing more under way.
LATER = 60.0


@dataclass(frozen=True)
class Outcome:
    """What a seed showed.

    ``kills`` are the moments at which a run was really killed, ``said`` the outcomes of the one that came to
    its end.
    """

    seed: int
    provider: str
    call: str
    problems: Sequence[str]
    kills: Sequence[str]
    said: Counter[str]


# The database of this process, if its ledgers are to be in one.
_process: dict[str, DatabaseHome] = {}


def attempt(trial: Trial, database: DatabaseHome | None = None) -> Play:
    """The runs that are killed, then ``again`` one that comes to its end, and one ``after`` that.

    The ledger is in the database if there is one, else in a file.
    """
    seed = trial.schedule.seed
    disk = database or Disk(
        os.path.join(tempfile.gettempdir() if trial.on_a_disk else memory_folder(), f"killing-{os.getpid()}")
    )
    disk.remove()
    played, chance = Play(trial.schedule, World(trial.schedule, disk)), random.Random(f"world {seed}")
    for number, blow in enumerate(trial.blows, 1):
        of_all = _moments(trial.schedule.provider, trial.pace)[blow.moment]
        strike = Strike(blow.moment, int(blow.share * of_all), blow.delay)
        _run(played, f"killed {number}", strike, chance)
        played.world.timeline.sleep(blow.pause)
    for name in ("again", "after"):
        _run(played, name, None, chance)
        played.world.timeline.sleep(LATER)
    disk.remove()
    return played


def _run(played: Play, name: str, strike: Strike | None, chance: random.Random) -> Counter[str]:
    """One call in a process of its own. Returns how many moments of each kind it had."""
    world, schedule = played.world, played.schedule
    run = Run(name, Fuse(), world.now, world.now + schedule.params["wait_timeout"] + MARGIN)
    run.noted = world.disk.states(schedule.verb)
    played.runs.append(run)
    visit = Visit(world, run, strike, chance, options_of(schedule, world))
    visit.go()
    return visit.counts


@functools.cache
def _moments(provider: str, pace: int) -> Counter[str]:
    """How many moments of each kind a calm run has."""
    schedule = calm_trial(provider, pace).schedule
    disk = Disk(os.path.join(memory_folder(), f"killing-calm-{os.getpid()}"))
    counts = _run(Play(schedule, World(schedule, disk)), "calm", None, random.Random(0))
    disk.remove()
    return counts


def verdict_on(seed: int) -> Outcome:
    """Play one seed and judge it."""
    trial = trial_for(seed)
    played = attempt(trial, _process.get("database"))
    kills = [blow.moment for blow, run in zip(trial.blows, played.runs) if run.killed]
    said = Counter(said_by(_last(played)).values())
    return Outcome(seed, trial.schedule.provider, trial.call, problems_of(trial, played), kills, said)


def _last(played: Play) -> Run:
    """The first run that came to its end."""
    return next(run for run in played.runs if not run.killed)


def said_by(run: Run) -> dict[str, str]:
    """What a run says of each instance."""
    rows = run.result["instances"] if run.result else []
    return {row["instance_id"]: row["outcome"] or "nothing" for row in rows}


def problems_of(trial: Trial, played: Play) -> list[str]:
    """All that is wrong: what the judge of a simulation finds, and what is so in a calm run and has to be
    after kills.
    """
    world, last, wanted = (
        played.world,
        _last(played),
        trial.schedule.params["image_id"] or trial.schedule.site.old,
    )
    said = said_by(last)
    found = judge(played) + [f"{run.name} failed: {run.error}" for run in played.runs if run.error]
    for instance in world.fleet.everything():
        if said.get(instance.id) == "unknown" and _cannot_be_told(trial):
            found += [f"{instance.id}: wiped {instance.wipes} times"] if instance.wipes > 1 else []
            continue
        if instance.wipes != 1:
            found.append(f"{instance.id}: wiped {instance.wipes} times")
        if (instance.status, instance.image_id) != ("running", wanted):
            found.append(f"{instance.id}: it is {instance.status} with {instance.image_id} in the end")
        if said.get(instance.id) not in ("reset", "unchanged"):
            found.append(f"{instance.id}: {last.name} says {said.get(instance.id)}")
    if played.runs[-1] in world.senders.values():
        found.append("the run after all changed something")
    return found


def _cannot_be_told(trial: Trial) -> bool:
    """Whether a reset that nobody saw leaves no trace: no record of operations, no other image.

    It runs again, but somebody else may have started it.
    """
    return not (PROVIDERS[trial.schedule.provider].proof.by_operation or trial.schedule.params["image_id"])


def verdicts(
    seeds: Iterable[int], processes: int = 1, without: str = "", server: str = ""
) -> Iterator[Outcome]:
    """Play seeds, in processes that have but one thread each, since they fork; ``without`` names a
    protection, ``server`` is the address of a PostgreSQL server in which the ledgers are to be.
    """
    with multiprocessing.get_context("spawn").Pool(processes, prepare, (without, server)) as pool:
        yield from pool.imap(verdict_on, seeds)


def prepare(protection: str, server: str = "") -> None:
    """Go on without a protection, with ledgers at a server, in this process and those that it forks."""
    if server:
        _process["database"] = own_database(server)
    if protection:
        next(sabotage for sabotage in SABOTAGES if sabotage.protection == protection).remove(
            pytest.MonkeyPatch()
        )
