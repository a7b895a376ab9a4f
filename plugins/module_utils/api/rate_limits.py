# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How fast requests are sent: each waits for its moment, and long waits are reported.

``pace`` is the arithmetic, ``slots`` who shares a pace.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

from ..core.clock import Clock
from .pace import SHARE, SLACK, Pace
from .slots import Slots

# A request that wakes later than this, because the machine was held up, asks for another moment, so often at
# most: those that were held up with it would all go at once.
LATE, MOMENTS = SLACK / 2, 3
# Waits for a rate are reported once they last this many seconds: shorter ones only space out a batch.
REPORTED_FROM = 3.0
# Waits with no more seconds than this between them are one stretch.
STRETCH_GAP = 1.0


class RateWait(NamedTuple):
    """A stretch in which requests wait for the rate of their action, ``per_second``.

    It lasts ``seconds`` from its beginning until the latest of them may be sent, at ``until`` (seconds since
    1970).
    """

    action: str
    per_second: float
    seconds: float
    until: float


class Waits:
    """How long the requests of each action waited; those that wait side by side are counted once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began: dict[str, float] = {}
        self._until: dict[str, float] = {}
        self._reported: dict[str, float] = {}
        self._totals: dict[str, float] = {}

    def add(self, action: str, start: float, end: float) -> float:
        """Note a wait. Returns the seconds of its stretch when it is time to report them, else 0."""
        with self._lock:
            until = self._until.get(action)
            if until is None or start - until > STRETCH_GAP:
                until = self._began[action] = self._reported[action] = start
            self._totals[action] = self._totals.get(action, 0.0) + max(0.0, end - max(start, until))
            self._until[action] = max(until, end)
            if self._until[action] - self._reported[action] < REPORTED_FROM:
                return 0.0
            self._reported[action] = self._until[action]
            return self._until[action] - self._began[action]

    def totals(self) -> dict[str, float]:
        """The seconds by action, where they are worth a report."""
        with self._lock:
            return {
                action: round(total, 1)
                for action, total in sorted(self._totals.items())
                if total >= REPORTED_FROM
            }


class Pacer:
    """Spaces the requests of an action evenly, at the documented rate or at the one that is found.

    ``share``: among how many callers a documented rate is divided, since they do not share the ``slots``.
    ``tell`` is called before a request waits whenever the waiting has grown by some seconds; it must not
    raise.
    """

    def __init__(self, clock: Clock, slots: Slots | None = None, share: int = 1) -> None:
        self._clock, self._slots, self._waits = clock, slots or Slots(), Waits()
        self._share = share
        self.tell: Callable[[RateWait], None] | None = None

    def wait(self, name: str, per_second: float) -> None:
        """Return when the next request named ``name`` may be sent; ``per_second`` is 0 where no rate is
        documented.
        """
        interval, late = divided(interval_of(per_second), self._share), 0
        while late < MOMENTS:
            asked_at = self._clock.monotonic()
            pace = self._slots.take(name, interval, asked_at)
            if pace.slot > asked_at:
                self._sleep(name, pace, asked_at)
                if not per_second and self._slots.change(name, _same).slowed_since(asked_at):
                    continue
            if self._clock.monotonic() - pace.slot <= LATE:
                return
            late += 1

    def throttled(self, name: str, per_second: float) -> None:
        """The provider has answered that there were too many requests of this name."""
        now = self._clock.monotonic()
        interval = divided(interval_of(per_second), self._share)
        self._slots.change(name, lambda pace: pace.crossed(interval, now))

    def _sleep(self, name: str, pace: Pace, now: float) -> None:
        stretch = self._waits.add(name, now, pace.slot)
        if stretch and self.tell:
            until = self._clock.time() + pace.slot - now
            self.tell(RateWait(name, round(1.0 / (SHARE * pace.interval), 1), stretch, until))
        self._clock.sleep(pace.slot - now)

    def waited(self) -> dict[str, float]:
        """Seconds that requests waited for the rate of their action, by action, where it was some seconds."""
        return self._waits.totals()


def interval_of(per_second: float) -> float:
    """The seconds between two requests at a documented rate, of which a part is used; 0 for none."""
    return 1.0 / (SHARE * per_second) if per_second > 0 else 0.0


def divided(interval: float, share: int) -> float:
    """The interval for one of ``share`` callers who see nothing of each other.

    Where each can have a whole number of requests in a second, that is what it gets: any second of one may
    begin anywhere in those of the others.
    """
    if share == 1 or not interval:
        return interval
    part = 1.0 / (SHARE * interval * share)
    return interval_of(float(int(part + 1e-9))) if part >= 1.0 else interval * share


def _same(pace: Pace) -> Pace:
    return pace
