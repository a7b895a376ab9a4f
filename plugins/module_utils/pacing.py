# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How fast: request rates, the time between two polls, and the wait after an error."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

from ansible_collections.reforge.cloud.plugins.module_utils.clock import Clock

# A little slower than documented: the provider counts in seconds of its own clock, and the way there varies.
MARGIN = 1.1
POLL_SHORTEST, POLL_LONGEST, POLL_SHARE = 1.0, 30.0, 0.05
BACKOFF_FIRST, BACKOFF_LONGEST = 1.0, 15.0


class Pacer:
    """Spaces the requests of an action evenly, so that no second ever holds more than the documented number."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._next: dict[str, float] = {}

    def wait(self, name: str, per_second: float) -> None:
        """Return when the next request named ``name`` may be sent; at once where no rate is documented (0)."""
        if per_second <= 0:
            return
        with self._lock:
            now = self._clock.monotonic()
            slot = max(now, self._next.get(name, now))
            self._next[name] = slot + MARGIN / per_second
        if slot > now:
            self._clock.sleep(slot - now)


def poll_delay(elapsed: float, chance: Callable[[], float] = random.random) -> float:
    """Seconds until the next look: short at first, then about 5 % of the time already waited, with 20 % of jitter."""
    return min(max(elapsed * POLL_SHARE, POLL_SHORTEST), POLL_LONGEST) * (0.9 + 0.2 * chance())


def backoff(attempt: int, chance: Callable[[], float] = random.random) -> float:
    """Seconds to wait after the failure numbered ``attempt`` (from 0): doubling, with 20 % of jitter."""
    return min(BACKOFF_FIRST * 2**attempt, BACKOFF_LONGEST) * (0.9 + 0.2 * chance())
