# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One account's calls: build, pace, sign, send, unwrap. Reads are tried again; a write is sent once."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ..core import timing
from ..core.clock import Clock
from ..core.delays import backoff, patience_with
from ..core.errors import ApiError, CloudError, InputError, Kind
from ..core.message import Reply, Request
from ..core.provider import Account, Action, Answer, Fields, Provider
from ..core.text import printable
from .rate_limits import Pacer

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Item = TypeVar("Item")
Record = Any  # as the provider gave it, by its own field names
Page = tuple[Sequence[Record], int]  # with the number of all records
Result = TypeVar("Result")

# What code that takes a record apart raises when it is not as documented.
UNSHAPED = (AttributeError, KeyError, TypeError, ValueError)
HIDDEN = "********"  # as ansible-core writes it
# After so many ids that may not be read one by one, and none that may, the key is to blame.
DENIED_ALONE = 5
# The most that a Retry-After header is believed, in seconds.
LONGEST_RETRY = 300


class Sender(Protocol):
    """What the client needs of a transport."""

    def send(self, request: Request) -> Reply:
        """Send a signed request. Raises NetworkError."""


class Client:
    """Calls to one account. Safe to use from several threads; ``workers`` requests run side by side.

    ``hidden`` are secrets besides those of the account: in an error of the provider they are replaced by
    asterisks. ``deadline`` (monotonic seconds) is when reads are no longer tried again; ``denied_ids`` are
    those that this key may not read, while it may read others. ``ahead`` is by how many seconds the machine's
    clock is ahead of the provider's, None while nobody knows.
    """

    def __init__(
        self,
        provider: Provider,
        account: Account,
        transport: Sender,
        pacer: Pacer,
        clock: Clock,
        workers: int = 8,
        hidden: Collection[str] = (),
    ) -> None:
        self.provider, self.account, self.clock = provider, account, clock
        self._hidden = {*hidden, account.secrets.secret_key, account.secrets.token} - {""}
        self._transport, self.pacer = transport, pacer
        self._workers, self._lock = workers, threading.Lock()
        self._pool: ThreadPoolExecutor | None = None  # made when it is needed
        self._totals: dict[str, int] = {}
        self.deadline = math.inf
        self.denied_ids: dict[str, ApiError] = {}
        self.ahead: float | None = None

    def write(self, action: Action, ids: Sequence[str], fields: Fields) -> Answer:
        """Send a write, once. Raises ApiError or NetworkError, which say whether it may have been done."""
        return self._call(action, {**action.encode_ids(action.id_field, ids), **fields})

    def read(self, action: Action, fields: Fields) -> Answer:
        """Read, trying again while the trouble looks passing. Raises the last ApiError or NetworkError."""
        began, attempt = self.clock.monotonic(), 0
        while True:
            try:
                return self._call(action, fields)
            except CloudError as error:
                delay = max(backoff(attempt), getattr(error, "retry_after", 0.0))
                now = self.clock.monotonic()
                if now - began + delay > patience_with(error) or now + delay > self.deadline:
                    raise
            self.clock.sleep(delay)
            attempt += 1

    def list(self, action: Action, fields: Fields | None = None) -> Sequence[Record]:
        """All records, page by page. Raises CloudError when fewer came than the provider says there are."""
        fields = fields or {}
        if not action.page:
            return _rows(self.read(action, fields), action)
        return self._rest(action, fields, self._pages(action, fields, [0]))

    def by_id(self, action: Action, ids: Sequence[str], fields: Fields | None = None) -> Sequence[Record]:
        """The records of these ids, by id or by listing all, whichever takes fewer requests.

        Unknown ids are left out.
        """
        batches = batched(tuple(dict.fromkeys(ids)), action.at_once)
        if not fields and len(batches) > 1 and action.page > action.at_once:
            rows = self._all_in_fewer(action, len(batches))
            if rows is not None:
                wanted = set(ids)
                listed = [row for row in rows if wanted & _ids_of(action, row)]
                # Pages shift while others are deleted: what is missing is asked for by its id.
                missing = wanted.difference(*(_ids_of(action, row) for row in listed))
                return [*listed, *self._by_batches(action, sorted(missing), {})]
        return self._by_batches(action, tuple(dict.fromkeys(ids)), fields or {})

    def requests_for(self, action: Action, count: int) -> int:
        """How many requests ``by_id`` takes for so many ids, as far as the number of all records is known."""
        batches = -(-count // action.at_once)
        return min(batches, len(self._offsets(action))) if action.name in self._totals else batches

    def _offsets(self, action: Action) -> Sequence[int]:
        """Where the pages begin, by the last look at all records."""
        return range(0, self._totals[action.name], action.page)

    def _all_in_fewer(self, action: Action, requests: int) -> Sequence[Record] | None:
        """All records if that takes fewer requests than this; None otherwise."""
        pages: Sequence[Page] = ()
        if action.name not in self._totals:  # the first page tells how many there are
            pages = self._pages(action, {}, [0])
        if len(self._offsets(action)) >= requests:
            return None
        return self._rest(action, {}, pages or self._pages(action, {}, self._offsets(action) or [0]))

    def side_by_side(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Sequence[Result]:
        """Apply a function to all items at the same time, as far as there are workers; results in order."""
        work = tuple(items)
        if self._workers < 2 or len(work) < 2:
            return [function(item) for item in work]
        with self._lock:
            self._pool = self._pool or self._new_pool()
        return [*self._pool.map(function, work)]

    def _new_pool(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(self._workers)

    def _by_batches(self, action: Action, ids: Sequence[str], fields: Fields) -> Sequence[Record]:
        lists = self.side_by_side(
            lambda batch: self._batch(action, batch, fields), batched(ids, action.at_once)
        )
        return [row for rows in lists for row in rows]

    def _batch(self, action: Action, ids: Sequence[str], fields: Fields) -> Sequence[Record]:
        """Read one batch. Where one id fails the whole request, halve it until that id stands alone."""
        selection = {**action.encode_ids(action.id_field, ids), **fields}
        try:
            return _rows(self.read(action, {**selection, **self._first_page(action)}), action)
        except ApiError as error:
            if error.code == action.list_all_code:
                return self.list(action, fields)
            if error.kind is Kind.NOT_FOUND and len(ids) == 1:
                return []
            if error.kind is not Kind.NOT_FOUND and (error.kind is not Kind.DENIED or len(ids) == 1):
                raise
        half = len(ids) // 2
        return self._halves(action, (ids[:half], ids[half:]), fields)

    def _halves(self, action: Action, halves: Sequence[Sequence[str]], fields: Fields) -> Sequence[Record]:
        """Both halves of a batch. Raises ApiError where neither may be read: the key is to blame."""
        rows: list[Record] = []
        denials: list[tuple[Sequence[str], ApiError]] = []
        for ids in halves:
            try:
                rows += self._batch(action, ids, fields)
            except ApiError as error:
                if error.kind is not Kind.DENIED or (len(ids) > 1 and len(self.denied_ids) >= DENIED_ALONE):
                    raise
                denials.append((ids, error))
        if len(denials) == len(halves):
            raise denials[0][1]
        self.denied_ids.update({instance_id: error for ids, error in denials for instance_id in ids})
        return rows

    def _first_page(self, action: Action) -> Fields:
        return self.provider.api.page(0, action.page) if action.page else {}

    def _page(self, action: Action, fields: Fields, offset: int) -> Page:
        answer = self.read(action, {**fields, **self.provider.api.page(offset, action.page)})
        (total,) = shaped(action, int, [answer.fields.get(self.provider.api.total) or 0])
        if not fields:
            self._totals[action.name] = total
        return _rows(answer, action), total

    def _pages(self, action: Action, fields: Fields, offsets: Iterable[int]) -> Sequence[Page]:
        return self.side_by_side(lambda offset: self._page(action, fields, offset), offsets)

    def _rest(self, action: Action, fields: Fields, first: Sequence[Page]) -> Sequence[Record]:
        """The records of the first pages and of those that there are besides."""
        offsets = range(len(first) * action.page, max(total for _page, total in first), action.page)
        pages = (*first, *self._pages(action, fields, offsets))
        rows = [row for page, _total in pages for row in page]
        promised = min(total for _page, total in pages)
        if len(rows) < promised:
            raise CloudError(
                f"{action.name} listed {len(rows)} of {promised} records: the list is incomplete"
            )
        return rows

    def _call(self, action: Action, fields: Fields) -> Answer:
        api = self.provider.api
        try:
            request = api.build(self.account, action, fields)
            self._queue(action)
            signed = api.sign(request, self.account.secrets, int(self.clock.time()))
        except (OSError, ValueError) as error:
            raise InputError(f"{action.name} was not sent: {error}") from error
        reply = self._transport.send(signed)
        self._compare_clocks(reply)
        try:
            return api.unwrap(action, reply)
        except UNSHAPED as error:
            raise _unknown_form(action, error) from error
        except ApiError as error:
            if error.kind is Kind.THROTTLED:
                self.pacer.throttled(action.name, action.per_second)
            raise self._discreet(error, reply) from None

    def _compare_clocks(self, reply: Reply) -> None:
        """By the date of the answer, where it has one."""
        try:
            date = parsedate_to_datetime(reply.headers["date"]).timestamp()
        except (KeyError, TypeError, ValueError):
            return
        ahead = self.clock.time() - date
        self.ahead = ahead if abs(ahead) > timing.CLOCKS_ALIKE_SECONDS else 0.0

    def _queue(self, action: Action) -> None:
        """Wait for the rate of the action.

        A write that waits too long is turned down: what it was decided on is too old, and another run may
        take its intention in the ledger for one that was never sent.
        """
        began = self.clock.monotonic()
        self.pacer.wait(action.name, action.per_second)
        queued = self.clock.monotonic() - began
        if action.writes and queued > timing.QUEUE_SECONDS:
            sentence = (
                f"not sent: it waited {queued:.0f} s for the rate limit of its action, which many runs share"
            )
            raise ApiError("RATE_QUEUE", sentence, Kind.THROTTLED, action=action.name)

    def _discreet(self, error: ApiError, reply: Reply) -> ApiError:
        """The error without secrets, which a provider may repeat, and in one line that steers no terminal.

        Its message goes into files and onto screens, by whatever way.
        """
        message = error.message
        for secret in sorted(self._hidden, key=len, reverse=True):  # one may be a part of another
            message = message.replace(secret, HIDDEN)
        wait = reply.headers.get("retry-after", "")
        seconds = float(min(int(wait), LONGEST_RETRY)) if wait.isdecimal() else 0.0
        code, request_id = printable(error.code), printable(error.request_id)
        return ApiError(code, printable(message), error.kind, request_id, error.action, seconds)


def batched(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    """The items in runs of at most ``size``."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def shaped(action: Action, shape: Callable[[Any], Result], rows: Iterable[Any]) -> list[Result]:
    """Each record in our shape. Raises ApiError for one that has not the form that the vendor documents."""
    try:
        return [shape(row) for row in rows]
    except UNSHAPED as error:
        raise _unknown_form(action, error) from error


def _unknown_form(action: Action, error: Exception) -> ApiError:
    what = f"the answer has an unexpected format ({type(error).__name__})"
    return ApiError("UNKNOWN_FORM", what, Kind.UNKNOWN, action=action.name)


def _ids_of(action: Action, row: Record) -> set[Any]:
    """The ids by which a record can be asked for."""
    return {row.get(name) for name in (action.row_id, action.older_id) if name}


def _rows(answer: Answer, action: Action) -> Sequence[Record]:
    rows: list[Record]
    (rows,) = shaped(action, list, [answer.fields.get(action.rows) or []])
    if action.row_id:
        shaped(action, lambda row: hash(row.get(action.row_id)), rows)  # an id is no list and no object
    return rows
