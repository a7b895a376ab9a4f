# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Request rates that controllers on several machines share, by the clock of the database they share."""

from __future__ import annotations

import atexit

from ..core.clock import Clock
from ..core.errors import CloudError
from .database import Database
from .pace import Pace
from .rate_limits import divided
from .slots import Slots, slot_name

# A row that lies further ahead than any queue of ours was written under another clock.
TAKE = """
INSERT INTO reforge_cloud.rate AS r (name, free_at)
VALUES (%(name)s, clock_timestamp() + make_interval(secs => %(interval)s))
ON CONFLICT (name) DO UPDATE SET free_at = make_interval(secs => %(interval)s) + greatest(
    clock_timestamp(), CASE WHEN r.free_at < clock_timestamp() + interval '600 s' THEN r.free_at END)
RETURNING extract(epoch FROM free_at - clock_timestamp())::float8 - %(interval)s
"""
# Seconds for which a request waits for a database that went away.
PATIENCE = 2.0
# How many controllers, at least, may use the account side by side while the database is away: each takes its
# part.
CONTROLLERS = 4


class DatabaseSlots(Slots):
    """One row for each action of an account, of which only a digest is stored.

    While the database is away, what was sent must still be waited for: by ``local`` slots, at a slower pace.
    ``create``: make the tables where they are missing. ``share``: among how many callers the rate is divided
    where the database does not count it.
    """

    def __init__(
        self, database: Database, account: str, clock: Clock, local: Slots, create: bool, share: int = 1
    ) -> None:
        super().__init__()
        self._database, self._account, self._clock, self._local = database, account, clock, local
        self._create, self._share = create, share

    def take(self, name: str, interval: float, now: float) -> Pace:
        """The pace whose slot is ours, among all who share the database.

        A pace that has to be found, since none is documented, is each machine's own.
        """
        if not interval:
            return self._local.take(name, interval, now)
        try:
            if not self._database.ready(self._create):
                return self._local.take(name, divided(interval, self._share), now)  # nobody has used it yet
            pace = super().take(name, interval, now)
            (seconds,) = self._database.ask(
                TAKE, {"name": slot_name(self._account, name), "interval": pace.interval}
            )
        except CloudError:
            return self._local.take(name, divided(interval, max(CONTROLLERS, self._share)), now)
        return pace._replace(slot=self._clock.monotonic() + max(float(seconds), 0.0))


def database_slots(
    ledger: str, account: str, clock: Clock, local: Slots, create: bool, share: int = 1
) -> Slots:
    """The slots in the database at this address. Raises InputError for one that cannot be used."""
    database = Database(ledger, PATIENCE)
    atexit.register(database.close)
    return DatabaseSlots(database, account, clock, local, create, share)
