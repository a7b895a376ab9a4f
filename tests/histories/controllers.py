# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several machines from which calls are made: each with its name, its clock and its endpoint, all with one
ledger.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from unittest import mock

from ansible_collections.reforge.cloud.plugins.module_utils.api.client import Client
from ansible_collections.reforge.cloud.plugins.module_utils.api.credentials import check_endpoint
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import Pacer
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Account, Secrets
from histories.stage import Call, Clock, Stage


class SetClock(Clock):
    """The clock of a machine that is some seconds ahead of the others."""

    def __init__(self, clock: Clock, ahead: float) -> None:
        self._clock, self._ahead = clock, ahead

    def time(self) -> float:
        """Seconds since 1970, as this machine has it."""
        return self._clock.time() + self._ahead

    def monotonic(self) -> float:
        """As it is: nobody sets it."""
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._clock.sleep(seconds)


@dataclass(frozen=True)
class Controller:
    """A machine that calls are made on. ``ahead`` in seconds; ``endpoint`` as its owner spells it."""

    name: str = "bastion"
    ahead: float = 0.0
    endpoint: str = ""


class Office(Stage):
    """A stage on which calls are made from the machine that ``at`` names."""

    at = Controller()

    def call(self, verb: str, ids: Sequence[str] | None = None, check: bool = False, **params: Any) -> Call:
        """One module call on the machine."""
        with mock.patch.object(platform, "node", lambda: self.at.name):
            return super().call(verb, ids, check, **params)

    def _client(self) -> Client:
        region, clock = self.site.region if self.site.regional else "", SetClock(self.clock, self.at.ahead)
        account = Account(Secrets(self.key, "SK"), region, check_endpoint(self.at.endpoint))
        return Client(self.provider, account, self, Pacer(clock), clock, workers=1)
