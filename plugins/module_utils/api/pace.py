# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The pace of one action's requests, as a value: pure functions from what was sent and refused to the next
moment.

Where the vendor documents a rate, it is used up to a small margin, and eased off while answers say that there
were too many requests: others may use the account. Where none is documented, the pace is found: it begins
slow, doubles with each second of use, and at the first such answer becomes what was accepted in the second
before; from then on it grows by little, and by more the longer nothing was refused. All times are in seconds
of one clock.
"""

from __future__ import annotations

import json
from typing import NamedTuple

# The share of a documented or a found rate that is used. The time on the way varies: so long as it does by
# less than SLACK seconds, no second has more requests than are documented, wherever the provider begins to
# count.
SHARE = 0.9
SLACK = 1.0 / SHARE - 1.0
FIRST_INTERVAL = 0.05  # between the first requests of an action without a documented rate
NONE_BELOW = 0.001  # an interval that is so short is none
# Refusals within this time belong to one crossing of the limit, and it is the longest window in which vendors
# count.
WINDOW = 1.0
EASED = 1.15  # by how much the interval grows with each crossing of a documented rate
# By how much a found rate grows per second of use, and after how many seconds without a refusal twice that. A
# documented one that was crossed comes back within a minute or two: where ways differ by some tenths of a
# second, it is crossed by what is sent at an even pace.
GROWTH, SOONER = 0.003, 20.0
GROWTH_BACK, SOONER_BACK = 0.0005, 10.0
FORGET = 600.0  # an action that was not used for so long begins anew
KEPT = 100  # moments of requests that are kept to count from


class Pace(NamedTuple):
    """``slot`` is the moment that was given last, ``next_at`` the one after it. ``interval`` is what was
    found, 0 before.

    ``slowed_at`` is when the limit was last crossed (0: never), ``refused`` how many requests that cost, and
    ``sent`` are the moments of the last second, where they are needed.
    """

    slot: float = 0.0
    next_at: float = 0.0
    interval: float = 0.0
    slowed_at: float = 0.0
    refused: int = 0
    sent: tuple[float, ...] = ()

    def taken(self, documented: float, now: float) -> Pace:
        """With one more moment given, not before ``now``; ``documented`` is the interval by the vendor's
        page, 0 for none.
        """
        known = self if 0 <= now - self.next_at < FORGET or 0 < self.next_at - now < FORGET else Pace()
        interval = known._interval(documented, now)
        slot = max(now, known.next_at)
        sent = (
            () if documented else (*(moment for moment in known.sent if moment > now - WINDOW), slot)[-KEPT:]
        )
        wait = interval if interval >= NONE_BELOW else 0.0
        return known._replace(slot=slot, next_at=slot + wait, interval=interval, sent=sent)

    def _interval(self, documented: float, now: float) -> float:
        """Shorter than before with each moment of use."""
        if not self.interval or (not self.slowed_at and now - self.next_at > WINDOW):
            return documented or FIRST_INTERVAL
        growth = 2.0
        if self.slowed_at:
            least, sooner = (GROWTH_BACK, SOONER_BACK) if documented else (GROWTH, SOONER)
            growth = 1.0 + least * (1.0 + max(0.0, now - self.slowed_at) / sooner)
        return max(documented, self.interval * float(growth ** -min(self.interval, WINDOW)))

    def crossed(self, documented: float, now: float) -> Pace:
        """After an answer that there were too many requests."""
        again = bool(self.slowed_at) and now - self.slowed_at < WINDOW
        refused, slowed_at = (self.refused + 1, self.slowed_at) if again else (1, now)
        if documented:
            interval = self.interval if again else max(self.interval, documented) * EASED
            return self._replace(interval=interval, refused=refused, slowed_at=slowed_at)
        counted = [moment for moment in self.sent if slowed_at - WINDOW < moment <= slowed_at]
        span = slowed_at - counted[0] if len(counted) == KEPT and slowed_at > counted[0] else WINDOW
        interval = span / SHARE / max(1, len(counted) - refused)
        # Who has a moment already asks for another one: see slowed_since.
        next_at = self.next_at if again else slowed_at + WINDOW
        return self._replace(interval=interval, refused=refused, slowed_at=slowed_at, next_at=next_at)

    def slowed_since(self, moment: float) -> bool:
        """Whether a moment that was asked for at this time no longer counts."""
        return self.slowed_at > moment


def pace_of(text: str) -> Pace:
    """The pace from its JSON; a new one from anything else."""
    try:
        content = json.loads(text)
        numbers = {name: float(content[name]) for name in ("slot", "next_at", "interval", "slowed_at")}
        return Pace(**numbers, refused=int(content["refused"]), sent=tuple(map(float, content["sent"])))
    except (ValueError, TypeError, KeyError):
        return Pace()
