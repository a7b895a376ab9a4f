# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The pacer of an account: for all who share its ledger's database, or for this machine."""

from __future__ import annotations

from ..core.clock import Clock
from .database_address import is_database
from .rate_limits import Pacer
from .slots import local_slots


def pacer_for(clock: Clock, account: str, ledger: str, share: int = 1, create: bool = False) -> Pacer:
    """A pacer for all who share the ledger at this location: its database, or the machine of its file.

    ``account`` says whose rate it is, ``share`` among how many callers it is divided where no database counts
    it. Raises InputError for an address that cannot be used. Sends nothing.
    """
    local = local_slots(account)
    if not is_database(ledger):
        return Pacer(clock, local, share)
    from .shared_rates import database_slots  # only for those who have one

    return Pacer(clock, database_slots(ledger, account, clock, local, create, share))
