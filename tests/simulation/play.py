# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plays a schedule: the bodies of the modules, as ansible-core would run them, in a world where things go
wrong.
"""

from __future__ import annotations

import os
import random
import tempfile
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger import locked_file
from ansible_collections.reforge.cloud.plugins.module_utils.api.client import Client
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import Pacer
from ansible_collections.reforge.cloud.plugins.module_utils.api.slots import Slots
from ansible_collections.reforge.cloud.plugins.module_utils.commands.options import (
    GUARDS,
    REBOOT,
    REBOOT_TARGETS,
    RESET,
    RESET_TARGETS,
    WAITING,
)
from ansible_collections.reforge.cloud.plugins.module_utils.commands.power import reboot
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.commands.reset import reset
from ansible_collections.reforge.cloud.plugins.module_utils.core.clock import iso
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import CloudError
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply, Request
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Account, Secrets
from simulation.disk import Disk
from simulation.fuse import Fuse, Killed
from simulation.schedule import Schedule
from simulation.timeline import ActorClock
from simulation.world import REQUEST_TIMEOUT, Run, Stuck, World

BODIES = {"reset": (reset, (RESET_TARGETS, RESET)), "reboot": (reboot, (REBOOT_TARGETS, REBOOT))}
# What a call may take besides its wait_timeout: the reads before and at the end are tried again for two
# minutes each.
MARGIN = 1500.0


@dataclass
class Call:
    """What a body knows of its call."""

    params: Mapping[str, Any]
    check_mode: bool = False
    warnings: list[str] = field(default_factory=list)

    def warn(self, warning: str) -> None:
        """Keep a warning."""
        self.warnings.append(warning)


@dataclass(frozen=True)
class _Line:
    """A run's transport."""

    world: World
    run: Run

    def send(self, request: Request) -> Reply:
        """Send."""
        return self.world.send(self.run, request)


@dataclass
class Play:
    """A schedule that has been played: the world as it was left, and the runs in the order of their
    beginning.
    """

    schedule: Schedule
    world: World
    runs: list[Run] = field(default_factory=list)


def play(schedule: Schedule) -> Play:
    """Play a schedule from its beginning until nothing is under way any more."""
    disk = Disk(os.path.join(memory_folder(), f"ledger-{os.getpid()}"))
    disk.remove()
    random.seed(schedule.seed)  # the jitter of the collection's waits
    numbers = random.Random(schedule.seed)
    played = Play(schedule, World(schedule, disk))
    names = mock.patch.object(uuid, "uuid4", lambda: uuid.UUID(int=numbers.getrandbits(128)))
    with names, mock.patch.object(locked_file, "os", disk):
        played.world.timeline.play(_actors(played))
    disk.remove()
    return played


def _actors(played: Play) -> list[Callable[[], None]]:
    """Who acts at the same time: the run with its repetition, and maybe a second one."""
    schedule, world, slots = played.schedule, played.world, Slots()
    faults = {fault.layer: fault.settings for fault in schedule.faults}
    params = options_of(schedule, world)

    def first() -> None:
        kill = faults.get("kill")
        run = _run(played, "first", params, slots, Fuse(kill["moment"], kill["number"]) if kill else Fuse())
        if run.killed and kill and kill["power"]:
            world.disk.lose_power()
        if run.killed or schedule.again:
            world.timeline.sleep(kill["pause"] if run.killed and kill else schedule.again)
            _run(played, "again", params, slots, Fuse())

    def second() -> None:
        world.timeline.sleep(faults["second"]["seconds"])
        _run(played, "second", params, slots, Fuse())

    return [first, second] if "second" in faults else [first]


def _run(played: Play, name: str, params: Mapping[str, Any], slots: Slots, fuse: Fuse) -> Run:
    """One call from its beginning to its end, whatever that is."""
    world, schedule = played.world, played.schedule
    run = Run(name, fuse, world.now, world.now + schedule.params["wait_timeout"] + MARGIN)
    run.noted = world.disk.states(schedule.verb)
    played.runs.append(run)

    def watch() -> None:
        if world.now > run.deadline:
            raise Stuck("it waits without end")

    clock = ActorClock(world.timeline, world.machine, watch)
    account = Account(Secrets("AK", "SK"), schedule.site.region if schedule.site.regional else "")
    body = BODIES[schedule.verb][0]
    world.disk.fuse = fuse
    try:
        provider = PROVIDERS[schedule.provider]
        if schedule.one_by_one:
            provider = provider._replace(instances=provider.instances._replace(at_once=1, page=1))
        client = Client(provider, account, _Line(world, run), Pacer(clock, slots), clock, workers=1)
        run.result = body(Call(params), client)
    except CloudError as error:
        run.error = error
    except Killed:
        run.killed = True
    except Stuck as stuck:
        run.stuck = str(stuck)
    run.ended = world.now
    world.say(name, f"killed {fuse.moment}" if run.killed else run.stuck or str(run.error or "ended"))
    return run


def options_of(schedule: Schedule, world: World) -> dict[str, Any]:
    """All options of the module, with its defaults."""
    groups = (*BODIES[schedule.verb][1], GUARDS, WAITING)
    defaults = {name: option.get("default") for group in groups for name, option in group.items()}
    given = dict(schedule.params)
    given["ledger"] = world.disk.name if given["ledger"] else ""
    given["request_timeout"] = REQUEST_TIMEOUT
    if "since" in given:
        given["since"] = iso(world.now + world.machine.off) if given["since"] else None
    return {**defaults, **given}


def memory_folder() -> str:
    """Where the ledger lies: in memory, where the system has such a place."""
    return "/dev/shm" if os.path.isdir("/dev/shm") else tempfile.gettempdir()
