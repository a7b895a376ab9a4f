# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Time as the rest of the code sees it, so that a test can replace it by one that needs no waiting."""

from __future__ import annotations

import calendar
import time


class Clock:
    """The machine's own clock."""

    def time(self) -> float:
        """Seconds since 1970 in UTC: what is signed and what is shown."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never go back: what is waited by."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds."""
        time.sleep(seconds)


ISO = "%Y-%m-%dT%H:%M:%SZ"


def iso(seconds: float) -> str:
    """ISO 8601 in UTC with whole seconds, such as 2026-01-31T12:00:00Z."""
    return time.strftime(ISO, time.gmtime(seconds))


def since_epoch(moment: str) -> float:
    """Seconds since 1970 of what ``iso`` writes. Raises ValueError for anything else."""
    return float(calendar.timegm(time.strptime(moment, ISO)))
