# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How fast: request rates, the time between two polls, and the wait after an error.

What a rate comes to is in ``pace``; here are its homes (a process, a machine) and the waiting.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import random
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass

from ..core.clock import Clock
from .pace import SHARE, SLACK, Pace, pace_of

# A request that wakes later than this, because the machine was held up, asks for another moment, so often at
# most: those that were held up with it would all go at once.
LATE, MOMENTS = SLACK / 2, 3
# An end is seen late by a share of the time waited. Looks are close at first: a transition that lasts a
# second or two must not be missed.
POLL_SHORTEST, POLL_LONGEST, POLL_SHARE = 0.4, 30.0, 0.05
BACKOFF_FIRST, BACKOFF_LONGEST = 1.0, 15.0
# Waits for a rate are told once they last this many seconds: shorter ones are how any batch is spaced out.
TOLD = 3.0
# Waits with no more seconds than this between them are one stretch.
STRETCH_GAP = 1.0


class Slots:
    """The paces of actions, for the threads of this process. What shares them further only has to redefine
    ``change``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paces: dict[str, Pace] = {}

    def change(self, name: str, step: Callable[[Pace], Pace]) -> Pace:
        """Apply a step to the pace of an action, and return the pace; no other step comes between."""
        with self._lock:
            self._paces[name] = pace = step(self._paces.get(name, Pace()))
        return pace

    def take(self, name: str, interval: float, now: float) -> Pace:
        """The pace whose ``slot`` is ours; ``interval`` is that of the documented rate, 0 where there is
        none.
        """
        return self.change(name, lambda pace: pace.taken(interval, now))


def slot_name(account: str, action: str) -> str:
    """What the slot of an account's action is called where others can see it: nothing can be read from it."""
    return hashlib.sha256(f"{account} {action}".encode()).hexdigest()[:32]


class SharedSlots(Slots):
    """The same for all processes of this user on this machine, by one small locked file for each action of an
    account.

    Raises OSError when the folder cannot be used; where it vanishes later, or its disk is full, each process
    goes on by itself. The times in it are those of the machine's monotonic clock, which all processes share;
    a pace forgets times that are far from now, as those of an earlier start of the machine.
    """

    def __init__(self, folder: str, account: str) -> None:
        super().__init__()
        self._folder, self._account = folder, account
        self._make_folder()

    def _make_folder(self) -> None:
        folder = self._folder
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if os.stat(folder).st_uid != os.getuid() or os.path.islink(folder):
            raise PermissionError(f"{folder} belongs to somebody else")

    def change(self, name: str, step: Callable[[Pace], Pace]) -> Pace:
        """Apply a step to the pace of an action, among all processes."""
        try:
            if not os.path.isdir(self._folder):
                self._make_folder()
            return self._change(name, step)
        except OSError:
            return super().change(name, step)

    def _change(self, name: str, step: Callable[[Pace], Pace]) -> Pace:
        descriptor = os.open(
            os.path.join(self._folder, slot_name(self._account, name)),
            os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW,
            0o600,
        )
        with os.fdopen(descriptor, "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            pace = step(pace_of(file.read()))
            file.seek(0)
            file.truncate()
            file.write(json.dumps(asdict(pace)))
        return pace


@dataclass(frozen=True)
class RateWait:
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
        self._told: dict[str, float] = {}
        self._totals: dict[str, float] = {}

    def add(self, action: str, start: float, end: float) -> float:
        """Note a wait. Returns the seconds of its stretch when it is time to tell them, else 0."""
        with self._lock:
            until = self._until.get(action)
            if until is None or start - until > STRETCH_GAP:
                until = self._began[action] = self._told[action] = start
            self._totals[action] = self._totals.get(action, 0.0) + max(0.0, end - max(start, until))
            self._until[action] = max(until, end)
            if self._until[action] - self._told[action] < TOLD:
                return 0.0
            self._told[action] = self._until[action]
            return self._until[action] - self._began[action]

    def totals(self) -> dict[str, float]:
        """The seconds by action, where they are worth telling."""
        with self._lock:
            return {
                action: round(total, 1) for action, total in sorted(self._totals.items()) if total >= TOLD
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


def local_slots(account: str) -> Slots:
    """The slots that the processes of this user share on this machine; without a folder, those of this
    process.

    ``account`` says whose rate it is; only a digest of it is stored.
    """
    folder = os.path.join(tempfile.gettempdir(), f"reforge-cloud-{os.getuid()}")
    try:
        return SharedSlots(folder, account)
    except OSError:
        return Slots()


def poll_delay(elapsed: float, chance: Callable[[], float] = random.random) -> float:
    """Seconds until the next look, ``elapsed`` seconds after something was sent, with 20 % of jitter."""
    return min(max(elapsed * POLL_SHARE, POLL_SHORTEST), POLL_LONGEST) * (0.9 + 0.2 * chance())


def backoff(attempt: int, chance: Callable[[], float] = random.random) -> float:
    """Seconds to wait after the failure numbered ``attempt`` (from 0): doubling, with 20 % of jitter."""
    return min(BACKOFF_FIRST * 2.0**attempt, BACKOFF_LONGEST) * (0.9 + 0.2 * chance())
