# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How long to wait: until the next look, and until and for how long a failed read is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable

from .errors import ApiError, CloudError, Kind, NetworkError

# An end is seen late by a share of the time waited. Looks are close at first: a transition that lasts a
# second or two must not be missed.
POLL_SHORTEST, POLL_LONGEST, POLL_SHARE = 0.4, 30.0, 0.05
BACKOFF_FIRST, BACKOFF_LONGEST = 1.0, 15.0
# For how many seconds a read is tried again, by what went wrong; anything else is final at once.
PATIENCE_THROTTLED, PATIENCE_LOST, PATIENCE_UNREACHABLE = 120.0, 45.0, 5.0


def poll_delay(elapsed: float, chance: Callable[[], float] = random.random) -> float:
    """Seconds until the next look, ``elapsed`` seconds after something was sent, with 20 % of jitter."""
    return min(max(elapsed * POLL_SHARE, POLL_SHORTEST), POLL_LONGEST) * (0.9 + 0.2 * chance())


def backoff(attempt: int, chance: Callable[[], float] = random.random) -> float:
    """Seconds to wait after the failure numbered ``attempt`` (from 0): doubling, with 20 % of jitter."""
    return min(BACKOFF_FIRST * 2.0**attempt, BACKOFF_LONGEST) * (0.9 + 0.2 * chance())


def patience_with(error: CloudError) -> float:
    """For how many seconds a read is tried again after this error; 0 where it would not help."""
    if isinstance(error, NetworkError):
        if error.lasting:
            return 0.0
        return PATIENCE_LOST if error.sent else PATIENCE_UNREACHABLE
    if isinstance(error, ApiError):
        return {Kind.THROTTLED: PATIENCE_THROTTLED, Kind.UNKNOWN: PATIENCE_LOST}.get(error.kind, 0.0)
    return 0.0
