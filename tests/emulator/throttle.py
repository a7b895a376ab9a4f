# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many requests an account may make: fixed windows of one second per (account, action), by the server's
clock.
"""

from __future__ import annotations

from collections.abc import Mapping


class Throttle:
    """Counts requests in the current second.

    A fixed window, because that is what one vendor writes down (Tencent Cloud: "Request frequency limit":
    requests per second at the server's clock) and what the others do not contradict.
    """

    def __init__(self) -> None:
        self._second = 0
        self._used: dict[tuple[str, ...], int] = {}

    def allows(self, account: tuple[str, ...], action: str, rates: Mapping[str, int], now: float) -> bool:
        """Count one request at ``now`` (real seconds); False when it is over the action's rate (``*``: any
        action).
        """
        rate = rates.get(action, rates.get("*", 0))
        if not rate:
            return True
        if int(now) != self._second:
            self._second, self._used = int(now), {}
        key = (*account, action)
        self._used[key] = self._used.get(key, 0) + 1
        return self._used[key] <= rate
