# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Where a look at all instances takes several requests, most looks are at a few that stand for the others.

Thousands that were sent together end together. A look at a few of them costs one request, so that the first
end is seen soon; a look at all takes as many seconds as the documented rate makes of its pages.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..api.client import Client
from ..core import timing
from ..decide.work_item import WorkItem

# All are looked at after this share of the time waited at the latest, and not more often than that.
SHARE, SHORTEST = 0.25, 2.0


def sample_of(client: Client, items: Sequence[WorkItem], elapsed: float) -> Sequence[WorkItem]:
    """The few to be looked at, ``elapsed`` seconds after something was sent; none when all have to be.

    What is sent is first seen under way by looks at all: a transition that lasts a second must not be missed.
    """
    action, oldest = client.provider.instances, min(item.read_at for item in items)
    longest = min(max(elapsed * SHARE, SHORTEST), timing.SAMPLED_SECONDS)
    if client.requests_for(action, len(items)) < 2 or client.clock.monotonic() - oldest >= longest:
        return ()
    return items[: action.at_once] if all(map(_under_way, items)) else ()


def _under_way(item: WorkItem) -> bool:
    return item.attempt is not None and item.attempt.began_at is not None and not item.missing
