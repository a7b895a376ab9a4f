# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Virtual time for several actors: one moves at a time, and the clock jumps to whoever is to move next.

Nothing here looks at a real clock or lets the operating system choose: the same actors always move in the
same order.
"""

from __future__ import annotations

import heapq
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

START = 1_760_000_000.0


@dataclass(eq=False)
class _Actor:
    """Someone who waits for the time to come; ``turn`` is given to it by the one who moved before."""

    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


_Due = tuple[float, int, _Actor | Callable[[], None]]


class Timeline:
    """The time in seconds since 1970, and everything that is due at a later moment of it."""

    def __init__(self, now: float = START) -> None:
        self.now = now
        self._due: list[_Due] = []
        self._order = 0
        self._moving = _Actor()
        self._broken: BaseException | None = None

    def at(self, moment: float, what: _Actor | Callable[[], None]) -> None:
        """Call something when the time has come; what is due at the same moment goes in the order of
        asking.
        """
        self._order += 1
        heapq.heappush(self._due, (moment, self._order, what))

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass for the actor who asks, and all others do what is due in them."""
        me = self._moving
        self.at(self.now + max(seconds, 0.0), me)
        self._pass_on(me)

    def play(self, actors: Sequence[Callable[[], None]]) -> None:
        """Let all actors do their work, from now on, and then all that is still due.

        Raises what one of them raised.
        """
        if len(actors) == 1:  # needs no thread of its own
            actors[0]()
        else:
            for actor in actors:
                self._start(actor)
        end = self._moving
        self.at(math.inf, end)
        self._pass_on(end)
        if self._broken:
            raise self._broken

    def together(self, actors: Sequence[Callable[[], None]]) -> None:
        """Let all actors do their work, for the one who asks and waits until the last is through."""
        me, left = self._moving, len(actors)

        def through(actor: Callable[[], None]) -> None:
            nonlocal left
            try:
                actor()
            finally:
                left -= 1
                if not left:
                    self.at(self.now, me)

        for actor in actors:
            self._start(lambda actor=actor: through(actor))
        self._pass_on(me)
        if self._broken:
            raise self._broken

    def _start(self, actor: Callable[[], None]) -> None:
        me = _Actor()

        def run() -> None:
            me.turn.acquire()
            try:
                actor()
            except BaseException as error:  # a defect: shown by the one who waits, and nobody waits for ever
                self._broken = error
            self._pass_on(None)

        self.at(self.now, me)
        threading.Thread(target=run, daemon=True).start()

    def _pass_on(self, me: _Actor | None) -> None:
        """Do what is due until it is somebody's turn: return if it is mine, else wait for that.

        None has no more turns.
        """
        while True:
            moment, _order, what = heapq.heappop(self._due)
            if moment < math.inf:
                self.now = max(self.now, moment)
            if isinstance(what, _Actor):
                break
            what()
        self._moving = what
        if what is not me:
            what.turn.release()
            if me:
                me.turn.acquire()


class Machine:
    """The computer that runs us: what its clock showed when, in seconds off the true time."""

    def __init__(self) -> None:
        self._set: list[tuple[float, float]] = [(-math.inf, 0.0)]  # from when on, how many seconds off

    @property
    def off(self) -> float:
        """How far the clock is ahead now."""
        return self._set[-1][1]

    def set_clock(self, now: float, off: float) -> None:
        """From ``now`` on the clock is ``off`` seconds ahead (or behind, when negative)."""
        self._set.append((now, off))

    def truly(self, shown: float) -> float:
        """The latest true moment at which the clock can have shown that time."""
        ends = [since for since, _off in self._set[1:]] + [math.inf]
        found = [
            shown - off for (since, off), end in zip(self._set, ends) if since - 1.0 <= shown - off <= end
        ]
        return max(found, default=shown - self.off)


class ActorClock:
    """The clock as one run sees it. ``watch`` is called before every wait, and may raise."""

    def __init__(self, timeline: Timeline, machine: Machine, watch: Callable[[], None]) -> None:
        self._timeline, self._machine, self._watch = timeline, machine, watch

    def time(self) -> float:
        """What the machine takes for the time."""
        return self._timeline.now + self._machine.off

    def monotonic(self) -> float:
        """Seconds since some moment, which are the same for all."""
        return self._timeline.now - START + 1000.0

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._watch()
        self._timeline.sleep(seconds)
