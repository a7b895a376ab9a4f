# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a wire file is: one vendor API as a value. It reads, verifies, limits and answers; it keeps no state.

To add one: write ``wires/<name>.py`` (or a folder) with a ``WIRE`` and put it into the list in
``wires/__init__.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.faults import FaultBook, Target
from emulator.fleet import Fleet, Tampering
from emulator.model import Account


@dataclass(frozen=True)
class Request:
    """An HTTP request as it arrived.

    Header names are in lower case; ``query`` is the raw text after the ``?``.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"

    @classmethod
    def of(cls, status: int, document: Any) -> Reply:
        """A JSON answer."""
        return cls(status, json.dumps(document, ensure_ascii=False).encode("utf-8"))


class VendorError(Exception):
    """A request is refused with the vendor's code; ``status`` is the HTTP status where the vendor uses
    one.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


@dataclass(frozen=True)
class Call:
    """A request that was understood and whose signature is good."""

    account: Account
    action: str
    parameters: Mapping[str, Any]
    ids: tuple[str, ...] = ()
    region: str = ""
    writes: bool = False

    @property
    def target(self) -> Target:
        """The call as faults see it."""
        return Target(self.account.provider, self.account.name, self.action, self.ids)


class UsedNonces:
    """Remembers what must not be sent twice, for APIs whose signature has a nonce."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}

    def first_use(self, nonce: str, now: float, seconds: float) -> bool:
        """True once per nonce within ``seconds`` (real ones)."""
        self._seen = {seen: until for seen, until in self._seen.items() if until > now}
        fresh = nonce not in self._seen
        self._seen.setdefault(nonce, now + seconds)
        return fresh


@dataclass(frozen=True)
class Gate:
    """What a wire file needs to let a request in: the accounts of its provider, the real time, the used
    nonces.
    """

    accounts: Iterable[Account]
    now: float
    nonces: UsedNonces

    def account(self, access_key: str) -> Account | None:
        """The account with that access key, or None."""
        return next((each for each in self.accounts if each.access_key == access_key), None)


@dataclass
class Context:
    """What a wire file needs to answer a call. ``ago`` is how stale reads are (vendor seconds).

    ``failed_ids`` are to be reported as failed and not acted on; the wire file adds those that it cannot act
    on, and they go into the journal.
    """

    fleet: Fleet
    faults: FaultBook
    call: Call
    request_id: str
    ago: float = 0.0
    failed_ids: list[str] = field(default_factory=list)

    def tampering(self, instance_id: str, install: bool = False) -> Tampering:
        """What faults do to the operation (an install or not) that is about to begin on that instance."""
        return self.faults.tampering(self.call.target, instance_id, install)


@dataclass(frozen=True)
class Wire:
    """One vendor API.

    ``claims`` says whether a request is for this API. ``action_of`` names its action for the journal, also
    when the request is refused. ``enter`` verifies and reads it, ``perform`` does it; both raise VendorError.
    ``success`` and ``failure`` make the vendor's envelope around a result or an error, with the request id.
    ``rates`` are requests per second per account by action. ``throttled``, ``revoked`` and ``broken`` are the
    vendor's errors for those. ``shared_with`` are further providers whose accounts may call it: a service
    that belongs to several.
    """

    provider: str
    claims: Callable[[Request], bool]
    action_of: Callable[[Request], str]
    new_request_id: Callable[[], str]
    enter: Callable[[Request, Gate], Call]
    perform: Callable[[Context], Mapping[str, Any]]
    success: Callable[[Mapping[str, Any], str], Reply]
    failure: Callable[[VendorError, str], Reply]
    throttled: VendorError
    revoked: VendorError
    broken: VendorError
    rates: Mapping[str, int] = field(default_factory=dict)
    shared_with: tuple[str, ...] = ()


def parse_json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in a body (an empty body is an empty object), or None when it is anything else."""
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
