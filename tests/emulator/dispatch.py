# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One request from arrival to answer: which API, who, how often, which faults; then the wire file.

No sockets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from emulator.clock import Clock
from emulator.faults import Fault, FaultBook
from emulator.fleet import Fleet
from emulator.journal import Journal
from emulator.throttle import Throttle
from emulator.wire import Call, Context, Gate, Reply, Request, UsedNonces, VendorError, Wire


@dataclass(frozen=True)
class Answer:
    """What to do with the connection: after ``delay`` real seconds send the reply, or close it if there is
    none.
    """

    reply: Reply | None
    delay: float = 0.0


class Emulation:
    """The world with its APIs.

    ``clock`` is the vendor's time; ``wall`` is real, and what signatures are dated with.
    """

    def __init__(self, clock: Clock, wall: Clock, wires: Sequence[Wire]) -> None:
        self.fleet = Fleet(clock)
        self.faults = FaultBook(clock)
        self.journal = Journal()
        self.wires = wires
        self.wall = wall
        self._throttle = Throttle()
        self._nonces = UsedNonces()

    def handle(self, request: Request) -> Answer:
        """Answer one request to a vendor API; what no API claims gets a plain 404."""
        wire = next((wire for wire in self.wires if wire.claims(request)), None)
        if wire is None:
            return Answer(Reply.of(404, {"error": "no emulated API has this path"}))
        return _Visit(self, wire, request).answer()

    def admit(self, wire: Wire, request: Request) -> Call:
        """Verify a request and count it against the rate limit; raises the vendor's errors."""
        providers = (wire.provider, *wire.shared_with)
        accounts = [account for provider in providers for account in self.fleet.accounts(provider)]
        call = wire.enter(request, Gate(accounts, self.wall(), self._nonces))
        if self.faults.strike("revoke", call.target):
            raise wire.revoked
        provider = call.account.provider
        rates = {**wire.rates, **self.fleet.settings(provider).rates}
        if not self._throttle.allows((provider, call.account.name), call.action, rates, self.wall()):
            raise wire.throttled
        return call


class _Visit:
    """One request under way; it collects what the journal will say about it."""

    def __init__(self, emulation: Emulation, wire: Wire, request: Request) -> None:
        self._emulation, self._wire, self._request = emulation, wire, request
        self._request_id = wire.new_request_id()
        self._call: Call | None = None
        self._failed_ids: tuple[str, ...] = ()
        self._struck: list[str] = []
        self._received = (emulation.fleet.clock(), emulation.wall())
        self._outcome = "accepted"

    def answer(self) -> Answer:
        """The answer, after it has been written down."""
        delay = 0.0
        try:
            self._call = self._emulation.admit(self._wire, self._request)
            slow = self._strike("delay")
            delay = slow.seconds if slow else 0.0
            reply = self._before() or self._act()
        except VendorError as error:
            reply = self._refuse(error)
        except _Dropped as dropped:
            self._outcome, reply = str(dropped), None
        self._write_down(reply)
        return Answer(reply, delay)

    def _before(self) -> Reply | None:
        """What a fault answers in place of the API, if one does."""
        if self._strike("drop_before"):
            raise _Dropped("dropped_before")
        if self._strike("throttle"):
            raise self._wire.throttled
        denied = self._strike("deny")
        if denied:
            raise VendorError(
                denied.code or self._wire.broken.code, denied.message or "denied", denied.status
            )
        broken = self._strike("error_before")
        return self._broken(broken) if broken else None

    def _act(self) -> Reply:
        assert self._call is not None
        stale = None if self._call.writes else self._strike("stale")
        faults = self._emulation.faults
        context = Context(
            self._emulation.fleet,
            faults,
            self._call,
            self._request_id,
            ago=stale.seconds if stale else 0.0,
            failed_ids=list(faults.failed_ids(self._call.target)) if self._call.writes else [],
        )
        try:
            result = self._wire.perform(context)
        finally:
            self._failed_ids = tuple(context.failed_ids)
        if self._strike("drop_after"):
            raise _Dropped("accepted")
        broken = self._strike("error_after")
        return self._broken(broken, done=True) if broken else self._wire.success(result, self._request_id)

    def _broken(self, fault: Fault, done: bool = False) -> Reply:
        if not done:
            self._outcome = fault.code or (self._wire.broken.code if fault.body is None else "raw_body")
        if fault.body is not None:
            return Reply(fault.status, fault.body.encode("utf-8"), fault.content_type)
        broken = self._wire.broken
        return self._wire.failure(
            VendorError(fault.code or broken.code, fault.message or broken.message, fault.status),
            self._request_id,
        )

    def _refuse(self, error: VendorError) -> Reply:
        self._outcome = error.code
        return self._wire.failure(error, self._request_id)

    def _strike(self, effect: str) -> Fault | None:
        assert self._call is not None
        fault = self._emulation.faults.strike(effect, self._call.target)
        if fault:
            self._struck.append(effect)
        return fault

    def _write_down(self, reply: Reply | None) -> None:
        call = self._call
        at, received = self._received
        self._emulation.journal.add(
            at=at,
            received=received,
            provider=call.account.provider if call else self._wire.provider,
            account=call.account.name if call else "",
            action=_plain(call.action if call else self._wire.action_of(self._request)),
            ids=call.ids if call else (),
            writes=bool(call and call.writes),
            outcome=self._outcome,
            failed_ids=self._failed_ids,
            request_id=self._request_id,
            status=reply.status if reply else 0,
            faults=tuple(self._struck),
        )


class _Dropped(Exception):
    """The connection is to be closed without an answer; the text is what the journal calls it."""


def _plain(action: str) -> str:
    """An action's name as it may be written down: what a stranger sends must not become a log line of its
    own.
    """
    return re.sub(r"[^A-Za-z0-9]", "", action)[:64] or "unknown"
