# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a seed to a call for a hundred instances and the moments at which it is killed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulation.schedule import Schedule
from simulation.sites import PASSWORD, SITES, Site

INSTANCES = 100
# Of a request that changes something: it is about to leave, it is there and was not acted on, it was acted on
# and the answer has not left, the answer was delivered and real microseconds have passed. Of the rest: a
# request that only looks is there, the run sleeps, it is about to write to the ledger, real microseconds
# after anything.
MOMENTS = ("leaving", "arrived", "acted", "answered", "looking", "asleep", "noting", "anytime")
# Moments that are the same again in a replay: the others depend on how fast the machine is.
EXACT = tuple(moment for moment in MOMENTS if moment not in ("answered", "anytime"))
# The share of trials whose ledger lies where files are written to a disk: the others need not wait for that.
ON_A_DISK = 0.1
PAUSES = (0.5, 5.0, 40.0, 1000.0)
# For how many seconds resets and stops last: what ends soon is over before the next run begins.
PACES: Sequence[Mapping[str, float]] = (
    {"reset": 3.0, "stop": 0.5, "soft_stop": 2.0},
    {"reset": 12.0, "stop": 2.0, "soft_stop": 10.0},
    {"reset": 45.0, "stop": 5.0, "soft_stop": 20.0},
)
CALLS: Mapping[str, Mapping[str, Any]] = {
    "with a run_id": {"run_id": "run-1", "image": "new", "force": False},
    "with a run_id and force": {"run_id": "run-1", "image": "new", "force": True},
    "the same image again": {"run_id": "run-1", "image": None, "force": True},
    "without a run_id": {"run_id": None, "image": "new", "force": False},
}


@dataclass(frozen=True)
class Blow:
    """One kill -9: at which moment of its kind (``share`` of all in a calm run), and how many seconds before
    the next run.

    ``delay`` is in real seconds, for the moments that have one.
    """

    moment: str
    share: float
    pause: float
    delay: float


@dataclass(frozen=True)
class Trial:
    """A call, and the blows that strike its first run and those that follow."""

    call: str
    pace: int
    schedule: Schedule
    blows: Sequence[Blow]
    on_a_disk: bool = False


def trial_for(seed: int) -> Trial:
    """Providers and moments take turns; the rest is by chance."""
    chance = random.Random(f"killing {seed}")
    site = list(SITES.values())[seed % len(SITES)]
    first = MOMENTS[seed // len(SITES) % len(MOMENTS)]
    moments = [first, *chance.choices(MOMENTS, k=chance.choice((0, 0, 0, 1)))]
    call, pace = chance.choice(list(CALLS)), chance.randrange(len(PACES))
    schedule = _schedule(seed, chance, site, CALLS[call], PACES[pace])
    return Trial(
        call, pace, schedule, [_blow(chance, moment) for moment in moments], chance.random() < ON_A_DISK
    )


def calm_trial(provider: str, pace: int) -> Trial:
    """One that nothing strikes: how many moments there are is counted in it."""
    call, chance = next(iter(CALLS)), random.Random(f"calm {provider} {pace}")
    return Trial(call, pace, _schedule(0, chance, SITES[provider], CALLS[call], PACES[pace]), ())


def _blow(chance: random.Random, moment: str) -> Blow:
    return Blow(moment, chance.random(), chance.choice(PAUSES), chance.uniform(0.0, 0.003))


def _schedule(
    seed: int, chance: random.Random, site: Site, call: Mapping[str, Any], pace: Mapping[str, float]
) -> Schedule:
    instances = [
        {
            "id": site.instance_id(number),
            "name": f"web-{number}",
            "image_id": site.old,
            "status": chance.choice(("running", "running", "stopped")),
            "durations": {**pace, "start": 2.0, "reset": pace["reset"] * chance.uniform(0.5, 1.0)},
        }
        for number in range(INSTANCES)
    ]
    params = {
        "instance_ids": [instance["id"] for instance in instances],
        "wait": True,
        "wait_timeout": 3600,
        "on_refusal": "stop",
        "ledger": True,
        "run_id": call["run_id"],
        "image_id": site.new if call["image"] else None,
        "force": call["force"],
        "password": PASSWORD,
        "stop_first": True,
        "stop_mode": chance.choice(("soft", "hard", "soft_then_hard")) if site.stop_modes else None,
    }
    return Schedule(seed, site.provider, "reset", instances, chance.choice(("begin", "end")), params, ())
