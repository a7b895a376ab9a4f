# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The loop: look at all instances, let one function say the next step for each, take the steps, wait, look
again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..api.client import Client, batched
from ..core import timing
from ..core.delays import backoff, poll_delay
from ..core.errors import ApiError, CloudError, Kind
from ..core.model import Outcome, RequestState, Verb
from ..core.reason import Reason
from ..decide.attempt import Finding, Progress
from ..decide.ends import end_given_up, end_not_seen, end_of, end_timed_out
from ..decide.next_step import next_step
from ..decide.work_item import Close, End, Goal, Send, WorkItem, nothing_was_done
from .listener import Listener, Overtaking
from .lookups import read_instances
from .sample import sample_of

LISTED = "LISTED_AS_FAILED"
# What may be true for one instance of a batch and not for the others; the first two are believed at once.
BLAMED = (Kind.NOT_FOUND, Kind.REJECTED, Kind.DENIED, Kind.WRONG_STATE, Kind.IN_PROGRESS)
FINAL = (Kind.NOT_FOUND, Kind.REJECTED, Kind.DENIED)
# Ends that another run may know better, by what it has noted of the request: that an instance runs after a
# reboot may also come of what that run has done since.
UNSURE = (Outcome.UNKNOWN, Outcome.FAILED, Outcome.TIMEOUT, Outcome.REBOOTED)
SEEN_BY_OTHERS = {
    RequestState.DONE: "",
    RequestState.FAILED: "another run saw it fail, and has acted on the instance since",
    RequestState.NOT_STARTED: "another run saw that nothing was started",
    RequestState.UNKNOWN: "another run could not see how it ended, and acted on the instance since",
}
# After so many instances in a row that are not permitted one by one, and none that is, the key is to blame.
DENIED_ALONE = 5


def _seen(item: WorkItem, listener: Listener) -> None:
    listener.seen(item)


class Reconciler:
    """Brings each item to its end, or to the time limit."""

    def __init__(self, client: Client, goal: Goal, listeners: Sequence[Listener], timeout: float) -> None:
        self._client, self._goal, self._clock = client, goal, client.clock
        self._listeners, self._timeout = listeners, timeout
        self._refused_since: dict[str, float] = {}  # since when each look at an instance was refused
        self._denied, self._permitted = 0, False  # how many that went alone; whether any write was taken on
        self._denial: ApiError | None = None
        self._unread: CloudError | None = None  # why the last look failed
        self._sampled = False  # whether the last look was at a few only
        self.troubles: list[str] = []

    def run(self, items: Sequence[WorkItem]) -> None:
        """Work until every item has an end. What was planned must be fresh: it is not read again at first."""
        began = self._clock.monotonic()
        for item in items:
            item.sent_at = began
        self._client.deadline = began + self._timeout
        waiting = [item for item in items if not item.end]  # what the plan has refused stays so
        while waiting:
            sends = [(item, step) for item in waiting if (step := self._step(item))]
            self._tell(lambda listener: listener.flush())
            self._send_all(sends)
            waiting = [item for item in items if not item.end]
            left = began + self._timeout - self._clock.monotonic()
            if self._looks_again(left):
                self._wait(waiting, max(left, 0.0))
            else:
                self._time_is_up(waiting)
                return

    def _looks_again(self, left: float) -> bool:
        """Whether there is time left; where the last look was at a few only, all are looked at without."""
        return left > 0 or self._sampled

    def _wait(self, items: Sequence[WorkItem], longest: float) -> None:
        """Wait a while, ``longest`` seconds at most, and look again at those that have no end yet."""
        if not items:
            return
        elapsed = self._clock.monotonic() - max(item.sent_at for item in items)
        delay = poll_delay(elapsed)
        self._clock.sleep(min(delay, longest))
        sample = sample_of(self._client, items, elapsed) if delay < longest else ()
        self._sampled = bool(sample) and not self._look(sample)
        if not self._sampled:
            self._look(items)

    def _time_is_up(self, items: Sequence[WorkItem]) -> None:
        for item in items:
            self._end(item, item.ending or end_timed_out(item, self._timeout, self._unread))
        self._tell(lambda listener: listener.flush())

    def _step(self, item: WorkItem) -> Send | None:
        """Ask for the next step and take it, unless it is a write: writes are sent together."""
        step = next_step(self._goal, item)
        while isinstance(step, Close):
            self._close(item, step)
            step = next_step(self._goal, item)
        if isinstance(step, End):
            self._end(item, step)
        return step if isinstance(step, Send) else None

    def _seen_by_others(self, item: WorkItem, end: End) -> End:
        """The end; where this call has seen none, or none that is sure, as another run saw it before it acted
        on the instance: what is there to see since is not about this request.
        """
        attempt = item.attempt
        if end.outcome not in UNSURE or attempt is None:
            return end
        states: list[RequestState | None] = []
        self._tell(lambda listener: states.append(listener.end_by_others(item, attempt.verb)))
        state = next((state for state in states if state in SEEN_BY_OTHERS), None)
        if state is None or (state is RequestState.UNKNOWN and end.outcome is not Outcome.REBOOTED):
            return end
        step = end_of(item, attempt, Finding(Progress(state.value), SEEN_BY_OTHERS[state]))
        return step if isinstance(step, End) else end

    def _close(self, item: WorkItem, step: Close) -> None:
        attempt = item.predecessor or item.attempt
        verb = attempt.verb if attempt else self._goal.verb
        item.closed(verb, step.state)
        self._tell(lambda listener: listener.closed(item, verb, step.state))

    def _look(self, items: Sequence[WorkItem]) -> bool:
        """Read the instances; says whether any of them shows another state.

        A read that fails leaves the last look standing; only refusals that last mean anything.
        """
        read_at = self._clock.monotonic()
        try:
            instances = read_instances(self._client, [item.id for item in items])
        except CloudError as error:
            self._unread = error
            if isinstance(error, ApiError) and error.kind is Kind.DENIED:
                self._refused(items, error, read_at)
            return False
        self._unread, changed = None, False
        denied = self._client.denied_ids
        for item in items:
            if item.id in denied:
                self._refused([item], denied[item.id], read_at)
                continue
            self._refused_since.pop(item.id, None)
            if item.look(self._goal.provider.proof, instances.get(item.id), read_at):
                self._tell(partial(_seen, item))
                changed = True
        return changed

    def _refused(self, items: Sequence[WorkItem], error: ApiError, read_at: float) -> None:
        for item in items:
            since = self._refused_since.setdefault(item.id, read_at)
            if read_at - since >= timing.REFUSED_READS_SECONDS:
                self._end(item, end_not_seen(item, error))

    def _send_all(self, sends: Sequence[tuple[WorkItem, Send]]) -> None:
        """Send in as few requests as the provider allows: what has the same body goes together."""
        groups: dict[str, list[WorkItem]] = defaultdict(list)
        bodies: dict[str, tuple[Send, Any]] = {}
        for item, step in sends:
            body = self._goal.body(step.verb, step.mode, item.latest, item.facts) if item.latest else {}
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
        ready = self._noted(step.verb, [item for item in items if self._may_be_sent(item)])
        if not ready:
            return
        for item in ready:
            item.started_at = item.started_at or self._clock.time()
        request_id = ""
        errors: dict[str, CloudError] = {}
        try:
            action = self._client.provider.writes[step.verb]
            answer = self._client.write(action, [item.id for item in ready], body)
            request_id = answer.request_id
            listed = ApiError(
                LISTED, "the provider lists it as failed", Kind.REJECTED, request_id, step.verb.value
            )
            errors = {**dict.fromkeys(answer.failed_ids, listed), **answer.refusals}
        except CloudError as problem:
            request_id = getattr(problem, "request_id", "")
            errors = {item.id: problem for item in ready}
        for item in ready:
            self._take(item, step, request_id, errors.get(item.id), len(ready))
        self._tell(lambda listener: listener.flush())

    def _may_be_sent(self, item: WorkItem) -> bool:
        """Whether what it was decided on is still good, and the key is not known to lack the permission."""
        fresh = self._clock.monotonic() - item.read_at <= timing.FRESH_SECONDS
        return fresh and not self._barred(item)

    def _barred(self, item: WorkItem) -> bool:
        """Whether the key has been shown to lack the permission: then the rest is not tried one by one."""
        if not item.alone or self._permitted or self._denied < DENIED_ALONE or self._denial is None:
            return False
        self._end(item, end_given_up(self._denial))
        return True

    def _noted(self, verb: Verb, items: Sequence[WorkItem]) -> list[WorkItem]:
        """Those that may be sent: noted by all listeners, and not overtaken by another run."""
        overtakings: dict[str, Overtaking] = {}
        if not items:
            return []
        try:
            for listener in self._listeners:
                overtakings.update(listener.sending(verb, items))
        except CloudError as problem:  # what cannot be noted is not sent
            for item in items:
                item.unsent(problem)
            return []
        for item in items:
            if item.id in overtakings:
                self._overtaken(item, overtakings[item.id])
        return [item for item in items if item.id not in overtakings]

    def _overtaken(self, item: WorkItem, other: Overtaking) -> None:
        """Another run was faster: what does the same counts as our own, what contradicts it ends here."""
        if other.conflict:
            sentence = f"nothing was sent: {other.conflict}; run the task again if you still want it"
            self._end(item, End(Outcome.REFUSED, Reason.OTHER_RUN, sentence))
        elif other.attempt and item.latest:
            item.resume(self._goal.provider.proof, other.attempt, other.asked_at)
        elif other.done:
            item.facts = item.facts._replace(done=other.done)

    def _take(
        self, item: WorkItem, step: Send, request_id: str, error: CloudError | None, together: int
    ) -> None:
        """Turned down for sure: decide anew, after a while. Otherwise it was, or may have been, done."""
        now = self._clock.monotonic()
        if request_id:
            item.request_ids.append(request_id)
        if error is None or not nothing_was_done(error):
            item.accepted(self._goal, step, request_id, error, now)
            self._permitted = True
        else:
            item.refused(step, error, now, self._pause(item, error))
        self._tell(lambda listener: listener.answered(step.verb, item))
        if item.error is error and isinstance(error, ApiError):
            self._blame(item, error, together)

    def _pause(self, item: WorkItem, error: CloudError) -> float:
        """Seconds until it is tried again.

        What would be final is only believed when no stale look can hide that something was begun after all.
        """
        if isinstance(error, ApiError) and error.kind in FINAL:
            return timing.STALE_SECONDS
        longest = error.retry_after if isinstance(error, ApiError) else 0.0
        return max(backoff(item.refusals.total() + 1), longest)

    def _blame(self, item: WorkItem, error: ApiError, together: int) -> None:
        """Let each instance of a batch go by itself when one of them may be to blame."""
        if together == 1:
            if error.kind is Kind.DENIED:
                self._denied, self._denial = self._denied + 1, error
            return
        stuck = item.refusals[error.kind.value] > 1
        if error.kind in BLAMED and error.code != LISTED and (error.kind in FINAL or stuck):
            item.isolate()

    def _end(self, item: WorkItem, end: End) -> None:
        item.end, item.finished_at = self._seen_by_others(item, end), self._clock.time()
        self._tell(lambda listener: listener.ended(item))

    def _tell(self, what: Callable[[Listener], None]) -> None:
        """Tell what has happened.

        A listener that fails must not hide it from the user: it becomes a warning.
        """
        for listener in self._listeners:
            try:
                what(listener)
            except CloudError as problem:
                if str(problem) not in self.troubles:
                    self.troubles.append(str(problem))
