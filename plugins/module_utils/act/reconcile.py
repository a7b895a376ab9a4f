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
from ..decide.evidence import STALE, Attempt
from ..decide.next_step import Attach, End, Goal, Send, Work, is_harder, next_step
from .lookups import read_instances

LISTED = "LISTED_AS_FAILED"
# For how many seconds a look is good enough to decide on. In a long row of requests, or behind one that waits for its time
# limit, others may have acted since: then the instance is looked at again before anything is sent to it.
FRESH = 30.0


class Listener:
    """Is told what happens, before and after it does. This one does nothing with it."""

    def planned(self, work: Work) -> None:
        """The first verdict is there."""

    def sending(self, verb: Verb, works: Sequence[Work]) -> Mapping[str, Attempt | None]:
        """A write is about to be sent. Returns only when that is noted for good, if it is to be noted.

        Returns what must not be sent: by the instance's id the request of another run that came first, or None for done.
        """
        return {}

    def answered(self, verb: Verb, work: Work) -> None:
        """The write was accepted, turned down or lost: ``work.attempt`` and ``work.error`` say which."""

    def seen(self, work: Work) -> None:
        """The instance shows another state than at the last look."""

    def ended(self, work: Work) -> None:
        """The outcome is known."""


class Reconciler:
    """Brings each piece of work to its end, or to the time limit."""

    def __init__(self, client: Client, goal: Goal, listeners: Sequence[Listener], timeout: float) -> None:
        self._client, self._goal, self._clock = client, goal, client.clock
        self._listeners, self._timeout = listeners, timeout
        self.troubles: list[str] = []

    def run(self, works: Sequence[Work]) -> None:
        """Work until every piece has an end. What was planned must be fresh: it is not read again at first."""
        began = self._clock.monotonic()
        for work in works:
            work.sent_at = began
        while True:
            sends = [(work, step) for work in works if not work.end and (step := self._step(work))]
            self._send_all(sends)
            waiting = [work for work in works if not work.end]
            if not waiting:
                return
            now = self._clock.monotonic()
            if now - began >= self._timeout:
                for work in waiting:
                    self._end(work, work.ending or _timed_out(work, self._timeout))
                return
            elapsed = now - max(work.sent_at for work in waiting)
            self._clock.sleep(min(poll_delay(elapsed), began + self._timeout - now))
            self._look(waiting)

    def _step(self, work: Work) -> Send | None:
        """Ask for the next step and take it, unless it is a write: writes are sent together."""
        step = next_step(self._goal, work)
        if isinstance(step, End):
            self._end(work, step)
        elif isinstance(step, Attach) and work.latest:
            operation = work.latest.operation
            work.attempt = Attempt(
                verb=step.verb,
                baseline=work.latest,
                sent_at=work.read_at,
                target=work.target,
                request_id=operation.request_id if operation else "",
                began_at=work.read_at,
            )
        return step if isinstance(step, Send) else None

    def _look(self, works: Sequence[Work]) -> None:
        """Read the instances. A read that fails in a passing way leaves the last look standing."""
        read_at = self._clock.monotonic()
        try:
            found = read_instances(self._client, [work.id for work in works])
        except CloudError as error:
            if isinstance(error, ApiError) and error.kind is Kind.DENIED:
                for work in works:
                    self._end(work, _blinded(work, error))
            return
        for work in works:
            instance = found.get(work.id)
            moved = (instance.vendor_status if instance else None) != (
                work.latest.vendor_status if work.latest else None
            )
            work.latest, work.read_at = instance, read_at
            if instance and work.attempt:
                work.attempt = work.attempt.seen(instance, read_at)
            if moved:
                self._tell(lambda listener, work=work: listener.seen(work))

    def _send_all(self, sends: Sequence[tuple[Work, Send]]) -> None:
        """Send in as few requests as the provider allows: what has the same body goes together."""
        groups: dict[str, list[Work]] = defaultdict(list)
        bodies: dict[str, tuple[Send, Any]] = {}
        for work, step in sends:
            body = self._goal.body(step.verb, step.mode, work.latest, work.known)
            name = json.dumps([step.verb, step.mode, body, work.id if work.alone else ""], sort_keys=True)
            groups[name].append(work)
            bodies[name] = (step, body)
        batches = [
            (*bodies[name], batch)
            for name, works in groups.items()
            for batch in batched(works, self._goal.provider.writes[bodies[name][0].verb].at_once)
        ]
        self._client.side_by_side(lambda batch: self._send(*batch), batches)

    def _send(self, step: Send, body: Any, works: Sequence[Work]) -> None:
        """Send one write, once, and note for each instance what came of it."""
        client, verb, overtaken = self._client, step.verb, {}
        works = [work for work in works if self._clock.monotonic() - work.read_at <= FRESH]
        try:
            for listener in self._listeners:
                overtaken.update(listener.sending(verb, works))
        except CloudError as problem:  # what cannot be noted is not sent
            for work in works:
                work.error, work.turned_down = problem, work.turned_down + 1
                work.starts += work.ending is not None
            return
        for work in works:
            if work.id in overtaken:
                _take_up(work, overtaken[work.id])
        works = [work for work in works if work.id not in overtaken]
        if not works:
            return
        for work in works:
            work.started_at = work.started_at or self._clock.time()
        request_id, failed, error = "", (), None
        try:
            answer = client.write(client.provider.writes[verb], [work.id for work in works], body)
            request_id, failed = answer.request_id, answer.failed_ids
        except CloudError as problem:
            error = problem
        now = self._clock.monotonic()
        for work in works:
            listed = ApiError(
                LISTED, "the provider lists it as failed", Kind.REJECTED, request_id, verb.value
            )
            self._note(work, step, now, request_id, listed if work.id in failed else error, len(works))
            self._tell(lambda listener, work=work: listener.answered(verb, work))

    def _note(
        self, work: Work, step: Send, now: float, request_id: str, error: CloudError | None, together: int
    ) -> None:
        """Turned down for sure: decide anew, after a while. Otherwise it was, or may have been, done."""
        if isinstance(error, ApiError):
            request_id = error.request_id
        if request_id:
            work.request_ids.append(request_id)
        work.sent_at, work.error = now, error
        work.starts += work.ending is not None
        listed = isinstance(error, ApiError) and error.code == LISTED
        nothing_done = isinstance(error, ApiError) and error.kind is not Kind.UNKNOWN
        nothing_done = nothing_done or (isinstance(error, NetworkError) and not error.sent)
        if nothing_done:
            # The soft way is still under way when the hard one was turned down: its end is still to be seen.
            work.attempt = work.attempt if is_harder(work.attempt, step) else None
            work.turned_down += 1
            kind = error.kind if isinstance(error, ApiError) else None
            final = kind in (Kind.NOT_FOUND, Kind.REJECTED)
            # What would be final is only believed when no stale look can hide that something was begun after all.
            work.not_before = now + (STALE if final else backoff(work.turned_down))
            stuck = kind in (Kind.WRONG_STATE, Kind.IN_PROGRESS) and work.turned_down > 1
            if together > 1 and (stuck or (final and not listed)):
                work.alone, work.turned_down, work.error = (
                    True,
                    0,
                    None,
                )  # one id may be to blame: each goes alone now
            return
        work.touched = True
        work.power_tries += step.verb is not self._goal.verb
        work.stopped_by_us = work.stopped_by_us or (step.verb is Verb.STOP and self._goal.verb is Verb.RESET)
        # What was seen of the soft way still counts when it is not known whether the hard one came after it.
        softer = work.attempt if error is not None and is_harder(work.attempt, step) else None
        work.attempt = Attempt(
            verb=step.verb,
            baseline=work.latest,
            sent_at=now,
            began_at=softer.began_at if softer else None,
            target=work.target,
            mode=step.mode,
            answered=error is None,
            request_id=request_id if error is None else "",
        )

    def _end(self, work: Work, end: End) -> None:
        work.end, work.finished_at = end, self._clock.time()
        self._tell(lambda listener: listener.ended(work))

    def _tell(self, what: Callable[[Listener], None]) -> None:
        """Tell what has happened. A listener that fails must not hide it from the user: it becomes a warning."""
        for listener in self._listeners:
            try:
                what(listener)
            except CloudError as problem:
                if str(problem) not in self.troubles:
                    self.troubles.append(str(problem))


def _take_up(work: Work, attempt: Attempt | None) -> None:
    """Another run has sent what this one was about to send: it is treated as our own. None: it is done."""
    if attempt is None:
        work.known = replace(work.known, done=True)
    elif work.latest:
        work.attempt, work.recovered = attempt.seen(work.latest, work.read_at), True


def end_of_plan(work: Work) -> None:
    """Give the outcomes that are certain without doing anything: what is refused, and what stays as it is."""
    outcome = {Decision.REFUSE: Outcome.REFUSED, Decision.UNCHANGED: Outcome.UNCHANGED}.get(
        work.verdict.decision
    )
    if outcome:
        work.end = End(outcome, work.verdict.reason, work.verdict.sentence)


def _timed_out(work: Work, timeout: float) -> End:
    state = work.latest.vendor_status if work.latest else "not listed"
    last = f"; the last answer was: {work.error}" if work.error else ""
    what = "its end was not seen" if work.attempt else "nothing was sent"
    return End(
        Outcome.TIMEOUT, "timeout", f"{what} within {timeout:.0f} s, its state is {state}{last}", "TIMEOUT"
    )


def _blinded(work: Work, error: ApiError) -> End:
    """The account may no longer be read: what is under way cannot be told, what was not sent did not happen."""
    outcome = Outcome.UNKNOWN if work.attempt else Outcome.FAILED
    return End(outcome, "denied", str(error), error.code, error.request_id)
