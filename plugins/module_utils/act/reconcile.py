# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The loop: look at all instances, let one function say the next step for each, take the steps, wait, look again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..api.client import Client, batched
from ..api.rate_limits import backoff, poll_delay
from ..core.errors import ApiError, CloudError, Kind, NetworkError
from ..core.model import Decision, Outcome, Verb
from ..decide.evidence import STALE_SECONDS, Attempt
from ..decide.next_step import Attach, End, Goal, Send, WorkItem, is_harder, next_step
from .lookups import read_instances

LISTED = "LISTED_AS_FAILED"
# For how many seconds a look is good enough to decide on. In a long row of requests, or behind one that waits for its time
# limit, others may have acted since: then the instance is looked at again before anything is sent to it.
FRESH_SECONDS = 30.0


class Listener:
    """Is told what happens, before and after it does. This one does nothing with it."""

    def planned(self, item: WorkItem) -> None:
        """The first verdict is there."""

    def sending(self, verb: Verb, items: Sequence[WorkItem]) -> Mapping[str, Attempt | None]:
        """A write is about to be sent. Returns only when that is noted for good, if it is to be noted.

        Returns what must not be sent: by the instance's id the request of another run that came first, or None for done.
        """
        return {}

    def answered(self, verb: Verb, item: WorkItem) -> None:
        """The write was accepted, turned down or lost: ``work.attempt`` and ``work.error`` say which."""

    def seen(self, item: WorkItem) -> None:
        """The instance shows another state than at the last look."""

    def ended(self, item: WorkItem) -> None:
        """The outcome is known."""


class Reconciler:
    """Brings each piece of work to its end, or to the time limit."""

    def __init__(self, client: Client, goal: Goal, listeners: Sequence[Listener], timeout: float) -> None:
        self._client, self._goal, self._clock = client, goal, client.clock
        self._listeners, self._timeout = listeners, timeout
        self.troubles: list[str] = []

    def run(self, items: Sequence[WorkItem]) -> None:
        """Work until every piece has an end. What was planned must be fresh: it is not read again at first."""
        began = self._clock.monotonic()
        for item in items:
            item.sent_at = began
        while True:
            sends = [(item, step) for item in items if not item.end and (step := self._step(item))]
            self._send_all(sends)
            waiting = [item for item in items if not item.end]
            if not waiting:
                return
            now = self._clock.monotonic()
            if now - began >= self._timeout:
                for item in waiting:
                    self._end(item, item.ending or _timed_out(item, self._timeout))
                return
            elapsed = now - max(item.sent_at for item in waiting)
            self._clock.sleep(min(poll_delay(elapsed), began + self._timeout - now))
            self._look(waiting)

    def _step(self, item: WorkItem) -> Send | None:
        """Ask for the next step and take it, unless it is a write: writes are sent together."""
        step = next_step(self._goal, item)
        if isinstance(step, End):
            self._end(item, step)
        elif isinstance(step, Attach) and item.latest:
            operation = item.latest.operation
            item.attempt = Attempt(
                verb=step.verb,
                baseline=item.latest,
                sent_at=item.read_at,
                target=item.target,
                request_id=operation.request_id if operation else "",
                began_at=item.read_at,
            )
        return step if isinstance(step, Send) else None

    def _look(self, items: Sequence[WorkItem]) -> None:
        """Read the instances. A read that fails in a passing way leaves the last look standing."""
        read_at = self._clock.monotonic()
        try:
            found = read_instances(self._client, [item.id for item in items])
        except CloudError as error:
            if isinstance(error, ApiError) and error.kind is Kind.DENIED:
                for item in items:
                    self._end(item, _blinded(item, error))
            return
        for item in items:
            instance = found.get(item.id)
            moved = (instance.vendor_status if instance else None) != (
                item.latest.vendor_status if item.latest else None
            )
            item.latest, item.read_at = instance, read_at
            if instance and item.attempt:
                item.attempt = item.attempt.seen(instance, read_at)
            if moved:
                self._tell(lambda listener, item=item: listener.seen(item))

    def _send_all(self, sends: Sequence[tuple[WorkItem, Send]]) -> None:
        """Send in as few requests as the provider allows: what has the same body goes together."""
        groups: dict[str, list[WorkItem]] = defaultdict(list)
        bodies: dict[str, tuple[Send, Any]] = {}
        for item, step in sends:
            body = self._goal.body(step.verb, step.mode, item.latest, item.facts)
            name = json.dumps([step.verb, step.mode, body, item.id if item.alone else ""], sort_keys=True)
            groups[name].append(item)
            bodies[name] = (step, body)
        batches = [
            (*bodies[name], batch)
            for name, items in groups.items()
            for batch in batched(items, self._goal.provider.writes[bodies[name][0].verb].at_once)
        ]
        self._client.side_by_side(lambda batch: self._send(*batch), batches)

    def _send(self, step: Send, body: Any, items: Sequence[WorkItem]) -> None:
        """Send one write, once, and note for each instance what came of it."""
        client, verb, overtaken = self._client, step.verb, {}
        items = [item for item in items if self._clock.monotonic() - item.read_at <= FRESH_SECONDS]
        try:
            for listener in self._listeners:
                overtaken.update(listener.sending(verb, items))
        except CloudError as problem:  # what cannot be noted is not sent
            for item in items:
                item.error, item.turned_down = problem, item.turned_down + 1
                item.starts += item.ending is not None
            return
        for item in items:
            if item.id in overtaken:
                _take_up(item, overtaken[item.id])
        items = [item for item in items if item.id not in overtaken]
        if not items:
            return
        for item in items:
            item.started_at = item.started_at or self._clock.time()
        request_id, failed, error = "", (), None
        try:
            answer = client.write(client.provider.writes[verb], [item.id for item in items], body)
            request_id, failed = answer.request_id, answer.failed_ids
        except CloudError as problem:
            error = problem
        now = self._clock.monotonic()
        for item in items:
            listed = ApiError(
                LISTED, "the provider lists it as failed", Kind.REJECTED, request_id, verb.value
            )
            self._note(item, step, now, request_id, listed if item.id in failed else error, len(items))
            self._tell(lambda listener, item=item: listener.answered(verb, item))

    def _note(
        self, item: WorkItem, step: Send, now: float, request_id: str, error: CloudError | None, together: int
    ) -> None:
        """Turned down for sure: decide anew, after a while. Otherwise it was, or may have been, done."""
        if isinstance(error, ApiError):
            request_id = error.request_id
        if request_id:
            item.request_ids.append(request_id)
        item.sent_at, item.error = now, error
        item.starts += item.ending is not None
        listed = isinstance(error, ApiError) and error.code == LISTED
        nothing_done = isinstance(error, ApiError) and error.kind is not Kind.UNKNOWN
        nothing_done = nothing_done or (isinstance(error, NetworkError) and not error.sent)
        if nothing_done:
            # The soft way is still under way when the hard one was turned down: its end is still to be seen.
            item.attempt = item.attempt if is_harder(item.attempt, step) else None
            item.turned_down += 1
            kind = error.kind if isinstance(error, ApiError) else None
            final = kind in (Kind.NOT_FOUND, Kind.REJECTED)
            # What would be final is only believed when no stale look can hide that something was begun after all.
            item.not_before = now + (STALE_SECONDS if final else backoff(item.turned_down))
            stuck = kind in (Kind.WRONG_STATE, Kind.IN_PROGRESS) and item.turned_down > 1
            if together > 1 and (stuck or (final and not listed)):
                item.alone, item.turned_down, item.error = (
                    True,
                    0,
                    None,
                )  # one id may be to blame: each goes alone now
            return
        item.touched = True
        item.power_tries += step.verb is not self._goal.verb
        item.stopped_by_us = item.stopped_by_us or (step.verb is Verb.STOP and self._goal.verb is Verb.RESET)
        # What was seen of the soft way still counts when it is not known whether the hard one came after it.
        softer = item.attempt if error is not None and is_harder(item.attempt, step) else None
        item.attempt = Attempt(
            verb=step.verb,
            baseline=item.latest,
            sent_at=now,
            began_at=softer.began_at if softer else None,
            target=item.target,
            mode=step.mode,
            answered=error is None,
            request_id=request_id if error is None else "",
        )

    def _end(self, item: WorkItem, end: End) -> None:
        item.end, item.finished_at = end, self._clock.time()
        self._tell(lambda listener: listener.ended(item))

    def _tell(self, what: Callable[[Listener], None]) -> None:
        """Tell what has happened. A listener that fails must not hide it from the user: it becomes a warning."""
        for listener in self._listeners:
            try:
                what(listener)
            except CloudError as problem:
                if str(problem) not in self.troubles:
                    self.troubles.append(str(problem))


def _take_up(item: WorkItem, attempt: Attempt | None) -> None:
    """Another run has sent what this one was about to send: it is treated as our own. None: it is done."""
    if attempt is None:
        item.facts = replace(item.facts, done=True)
    elif item.latest:
        item.attempt, item.recovered = attempt.seen(item.latest, item.read_at), True


def end_of_plan(item: WorkItem) -> None:
    """Give the outcomes that are certain without doing anything: what is refused, and what stays as it is."""
    outcome = {Decision.REFUSE: Outcome.REFUSED, Decision.UNCHANGED: Outcome.UNCHANGED}.get(
        item.verdict.decision
    )
    if outcome:
        item.end = End(outcome, item.verdict.reason, item.verdict.sentence)


def _timed_out(item: WorkItem, timeout: float) -> End:
    state = item.latest.vendor_status if item.latest else "not listed"
    last = f"; the last answer was: {item.error}" if item.error else ""
    what = "its end was not seen" if item.attempt else "nothing was sent"
    return End(
        Outcome.TIMEOUT, "timeout", f"{what} within {timeout:.0f} s, its state is {state}{last}", "TIMEOUT"
    )


def _blinded(item: WorkItem, error: ApiError) -> End:
    """The account may no longer be read: what is under way cannot be told, what was not sent did not happen."""
    outcome = Outcome.UNKNOWN if item.attempt else Outcome.FAILED
    return End(outcome, "denied", str(error), error.code, error.request_id)
