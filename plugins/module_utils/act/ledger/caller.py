# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who asks, as far as the ledger has to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Caller(NamedTuple):
    """The call that asks: its run id, who made it, and how long a request of it may be on its way (seconds).

    ``proves`` says for an instance whether somebody will log in to it after the reset, to prove it from
    inside; ``system_of`` what identifies the system that runs on it now, empty where nobody knows.
    ``ahead`` is by how many seconds the clock is ahead of the provider's, None where nobody knows.
    ``stops``: stops are noted, too, since the instance has to be started again.
    """

    run_id: str = ""
    by: Mapping[str, str] = {}
    in_flight: float = 0.0
    proves: Callable[[str], bool] = lambda instance_id: False
    system_of: Callable[[str], str] = lambda instance_id: ""
    stops: bool = False
    ahead: Callable[[], float | None] = lambda: None
