# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Serves one run in its own process with the world, and kills it at the moment that was chosen: SIGKILL,
unannounced.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import CloudError
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Request
from simulation.mortal import Life, live
from simulation.world import MOST_REQUESTS, ON_THE_WAY, Run, World

# Real seconds: a run that says nothing for so long while the ledger is locked waits for the lock, and
# otherwise it hangs.
LOCKED_OUT, HANGS = 0.05, 120.0


class Dead(Exception):
    """The process is gone."""


@dataclass(frozen=True)
class Strike:
    """When to kill: at the moment of this kind with that number, from 0. ``delay`` is in real seconds."""

    moment: str
    number: int
    delay: float


@dataclass(frozen=True)
class _Flight:
    """A request under way."""

    request: Request
    left: float
    seconds: float


class Visit:
    """One process from its fork to its end. ``counts``: how many moments of each kind there were."""

    def __init__(
        self, world: World, run: Run, strike: Strike | None, chance: random.Random, params: Mapping[str, Any]
    ) -> None:
        self._world, self._run, self._strike, self._chance = world, run, strike, chance
        self._flying: dict[int, _Flight] = {}
        self._let_go: Callable[[], None] | None = None
        self.counts: Counter[str] = Counter()
        region = world.schedule.site.region if world.schedule.site.regional else ""
        life = Life(world.schedule.provider, region, params, world.now, chance.getrandbits(32))
        self._pipe, theirs = multiprocessing.Pipe()
        self._pid = os.fork()
        if not self._pid:
            self._pipe.close()
            live(life, theirs)
        theirs.close()

    def go(self) -> None:
        """Serve the process until it is through or killed; the run says how that was."""
        try:
            while not self._run.ended:
                self._serve(*self._next())
            os.waitpid(self._pid, 0)
        except Dead:
            self._run.killed = not self._run.stuck
        finally:
            self._unlock()
            self._pipe.close()
        self._run.ended = self._world.now

    def _next(self) -> Any:
        """The next message. Kills the process when it waits for the lock, or hangs."""
        if not self._pipe.poll(LOCKED_OUT if self._let_go else HANGS):
            self._run.stuck = "" if self._let_go else "it hangs"
            self._kill("noting")
        return self._pipe.recv()

    def _serve(self, kind: str, now: float, *content: Any) -> None:
        """Do what a message asks for, and answer it."""
        self._world.timeline.sleep(now - self._world.now)
        self._watch()
        answer, moment = None, ""
        if kind == "leaves":
            number, request, seconds = content
            self._flying[number] = _Flight(request, now, seconds)
            self._moment("leaving" if request.writes else "")
        elif kind == "arrives":
            answer, moment = self._arrives(self._flying.pop(content[0]))
        elif kind == "sleeps":
            self._moment("asleep", content[0])
        else:
            self._ends(kind, content[0])
        self._hold_the_ledger()
        self._pipe.send(answer)
        for later in (moment, "anytime"):
            if not self._run.ended and self._is_due(later):
                time.sleep(self._strike.delay if self._strike else 0.0)
                self._kill(later)

    def _arrives(self, flight: _Flight) -> tuple[Any, str]:
        """The answer, and the moment at which it is delivered."""
        request, writes = flight.request, flight.request.writes
        self._run.requests += 1
        self._moment("arrived" if writes else "looking")
        answer = self._world.deliver(self._run, request, flight.left)
        self._moment("acted" if writes else "")
        return answer, "answered" if writes else ""

    def _ends(self, kind: str, content: Any) -> None:
        if kind == "ended":
            self._run.result = content
        elif kind == "failed":
            self._run.error = CloudError(content)
        else:
            raise AssertionError(f"{self._run.name} broke: {content}")
        self._run.ended = self._world.now
        self._world.say(self._run.name, f"{kind} {content if kind == 'failed' else ''}")

    def _watch(self) -> None:
        """A run that does not come to an end is killed, too."""
        if self._world.now > self._run.deadline or self._run.requests > MOST_REQUESTS:
            self._run.stuck = "it does not come to an end"
            self._kill("stuck")

    def _is_due(self, moment: str) -> bool:
        """Count a moment, and tell whether it is the one."""
        if not moment:
            return False
        self.counts[moment] += 1
        return self._strike is not None and (moment, self.counts[moment] - 1) == (
            self._strike.moment,
            self._strike.number,
        )

    def _moment(self, moment: str, lasts: float = 0.0) -> None:
        """Kill, if this is the moment: some time in the seconds that it lasts."""
        if self._is_due(moment):
            self._world.timeline.sleep(self._chance.uniform(0.0, lasts))
            self._kill(moment)

    def _hold_the_ledger(self) -> None:
        """From the chosen moment on the ledger is locked: the next who writes to it gets no further, and is
        killed there.
        """
        if self._is_due("noting"):
            self._let_go = self._world.disk.hold()

    def _unlock(self) -> None:
        if self._let_go:
            self._let_go()

    def _kill(self, moment: str) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self._hear_the_last()
        self._world.say(self._run.name, f"killed ({moment})")
        for flight in self._flying.values():
            self._let_fly(flight)
        raise Dead

    def _hear_the_last(self) -> None:
        """What it had said and nobody had heard yet; not what it had no time to say whole."""
        try:
            while self._pipe.poll():
                kind, now, *content = self._pipe.recv()
                if kind == "leaves":
                    self._flying[content[0]] = _Flight(content[1], now, content[2])
        except (EOFError, OSError):
            return

    def _let_fly(self, flight: _Flight) -> None:
        """A request that had left arrives, or gets lost with its connection, or, if it is a reset, arrives a
        good deal later.

        (A stop that arrives late would stop an instance that is reset by then, which is nothing that a run
        could help.)
        """
        world, request = self._world, flight.request
        reset = request.action == world.schedule.site.reset
        seconds = self._chance.choice(
            (flight.seconds, None, self._chance.uniform(1.0, ON_THE_WAY) if reset else None)
        )
        if request.writes and seconds is not None:
            world.say(self._run.name, f"{request.action} is still on its way and arrives")
            moment = max(flight.left + seconds, world.now)
            world.timeline.at(moment, lambda: world.deliver(self._run, request, flight.left) and None)
