# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the emulator's time comes from. Everything takes a callable that gives seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]


class VirtualClock:
    """A clock that moves only when it is told to, for tests within one process.

    It starts at a fixed moment (unix seconds), so that everything computed from it is the same in every run.
    """

    def __init__(self, start: float = 1_760_000_000.0) -> None:
        self._now = start

    def __call__(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move forward by seconds (also a fraction); a negative number is a ValueError."""
        self._now += _forward(seconds)


class ScaledClock:
    """The wall clock, running at a settable speed: at 60, one vendor minute passes in one real second.

    Changing the speed never makes the time jump. The vendor's time starts as the wall clock's, in unix
    seconds.
    """

    def __init__(self, speed: float = 1.0, wall: Clock = time.time) -> None:
        self._wall = wall
        self._speed = _positive(speed)
        self._real = self._vendor = wall()

    def __call__(self) -> float:
        return self._vendor + (self._wall() - self._real) * self._speed

    @property
    def speed(self) -> float:
        """Vendor seconds per real second."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        checked = _positive(speed)
        self._vendor, self._real = self(), self._wall()
        self._speed = checked

    def advance(self, seconds: float) -> None:
        """Skip over so many vendor seconds at once; a negative number is a ValueError."""
        self._vendor += _forward(seconds)


def _positive(speed: float) -> float:
    if not 0 < speed <= 100_000:
        raise ValueError("speed must be above 0 and at most 100000")
    return float(speed)


def _forward(seconds: float) -> float:
    if seconds < 0:
        raise ValueError("time only moves forward: seconds must not be negative")
    return float(seconds)
