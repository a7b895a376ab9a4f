# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The record of requests, stored before they are sent: a run that was killed is resolved by the next one, not
repeated.

Everything that outlives a call stands here: what was asked for, by whom, and what became of it.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...core import timing
from ...core.clock import Clock, iso
from ...core.errors import CloudError
from ...core.model import OUTCOME_WHEN_DONE, Outcome, RequestState, Status, Verb
from ...core.reason import Reason
from ...decide.work_item import End, WorkItem, nothing_was_done
from ..listener import Listener, Overtaking
from .caller import Caller
from .lines import Line
from .requests import Requests
from .stores import Store

if TYPE_CHECKING:
    from .record import Record

# A stop before a reset is a part of the reset, which starts the instance; starting and stopping by themselves
# are known by the state that they lead to. A stop for a new password is noted until the instance runs again.
NOTED = (Verb.RESET, Verb.REBOOT, Verb.PASSWORD)


class Ledger(Requests, Listener):
    """The requests of one scope (provider and endpoint) about the instances of a call. Raises CloudError."""

    def __init__(self, store: Store, scope: str, caller: Caller, clock: Clock) -> None:
        super().__init__(caller, clock, store.name)
        self._store, self._scope, self._began = store, scope, clock.time()
        self._own: dict[tuple[str, Verb], str] = {}  # the names of the requests that this call is about
        self._others: dict[tuple[str, Verb], str] = {}  # those of other runs that it resolves first
        self._beside: dict[tuple[str, Verb], Record] = {}  # those about something else, that it looks after
        self._softer: dict[tuple[str, Verb], str] = {}  # what the last request of this call came after
        self._lock, self._unstored = threading.Lock(), list[dict[str, Any]]()
        self._learn(store.unread())
        self._news.clear()

    def request_of(self, instance_id: str, verb: Verb) -> str:
        """The name of the request that this call is about; empty if there is none."""
        return self._own.get((instance_id, verb), "")

    def digest_of(self, instance_id: str, verb: Verb) -> str:
        """The digest under which the request that this call is about was asked for."""
        return self._records[instance_id, verb][self.request_of(instance_id, verb)].options

    # what this call does

    def adopt(self, record: Record) -> None:
        """What is noted from now on is about this request of an earlier call."""
        self._own[record.instance_id, record.verb] = record.name

    def resolve_first(self, record: Record) -> None:
        """What is closed next is this request of another run."""
        self._others[record.instance_id, record.verb] = record.name

    def planned(self, item: WorkItem) -> None:
        """An instance that runs is no longer off from a stop of ours that no look can lag behind."""
        record = self.open(item.id, Verb.STOP)
        if record and self._clock.time() - record.asked_at >= timing.STALE_SECONDS:
            self._runs_again(item)

    def look_after(self, record: Record) -> None:
        """What is closed next is this request, which is not what this call is about: its end is noted for the
        call that will want to know it.
        """
        self._beside[record.instance_id, record.verb] = record

    def sending(self, verb: Verb, items: Sequence[WorkItem]) -> Mapping[str, Overtaking]:
        """Note the intention, stored before this returns, except where another run was faster since this call
        looked.
        """
        if not self._is_noted(verb):
            # What is started again after a reset that came to nothing must not look like one that has ended.
            self._note(line for item in items if item.ending for line in self._ends(item, item.ending))
            self.flush()
            return self._before_stop(items) if verb is Verb.STOP else {}
        self.flush()
        overtakings: dict[str, Overtaking] = {}
        records: list[Record] = []

        def intentions(news: Sequence[Line]) -> Iterable[Mapping[str, Any]]:
            self._learn(news)
            overtakings.update(
                {item.id: overtaking for item in items if (overtaking := self._overtaking(verb, item))}
            )
            records[:] = [self._intention(verb, item) for item in items if item.id not in overtakings]
            return [record.line for record in records]

        self._store.append(intentions)
        for record in records:
            key = (record.instance_id, verb)
            self._records.setdefault(key, {})[record.name] = record
            self._softer[key] = self._own.get(key, "")
            self._own[key] = record.name
        return overtakings

    def answered(self, verb: Verb, item: WorkItem) -> None:
        """Note what was answered."""
        if not self._is_noted(verb):
            return
        state = RequestState.ACCEPTED
        if item.error:
            state = RequestState.TURNED_DOWN if nothing_was_done(item.error) else RequestState.LOST
        request_id = item.request_ids[-1] if item.request_ids else ""
        fact = {**self._fact(verb, item.id, state), "request_id": request_id}
        if state is RequestState.TURNED_DOWN:
            key = (item.id, verb)
            # The soft way may still be under way when the hard one is turned down.
            self._own[key] = self._softer.pop(key, "") if item.attempt else ""
        self._note([fact])

    def seen(self, item: WorkItem) -> None:
        """Note that a request without an answer was taken on after all, as soon as that shows."""
        attempt = item.attempt
        if attempt is None or attempt.began_at is None or attempt.answered:
            return
        record = self._records.get((item.id, attempt.verb), {}).get(self.request_of(item.id, attempt.verb))
        if record and not record.answered:
            self._note([self._fact(attempt.verb, item.id, RequestState.ACCEPTED)])

    def end_by_others(self, item: WorkItem, verb: Verb) -> RequestState | None:
        """How the request under way has ended by what other runs have noted; None while it is open."""
        self._learn(self._store.unread())
        record = self._records.get((item.id, verb), {}).get(self.request_of(item.id, verb))
        if record and record.state.open and record.shown:
            return RequestState(record.shown)
        return record.state if record and not record.state.open else None

    def closed(self, item: WorkItem, verb: Verb, state: RequestState) -> None:
        """Note the end of a request that is not the end of the call for its instance."""
        beside = self._beside.pop((item.id, verb), None)
        # What became of a reset the image may tell later; of a reboot nothing does.
        if beside and (state is not RequestState.UNKNOWN or verb is Verb.REBOOT):
            line = self._line(beside.name, verb, item.id, beside.state)
            self._note([{**line, "shown": state.value}])
        if beside:
            return
        name = self._others.pop((item.id, verb), "") or self._own.pop((item.id, verb), "")
        if name:
            self._note([self._line(name, verb, item.id, state)])

    def ended(self, item: WorkItem) -> None:
        """Note the end of what was sent, continued, or waited for."""
        end = item.ending or item.end
        if end:
            self._note(self._ends(item, end))
            self._share(item, end)
        if item.attempt is None or item.attempt.verb is not Verb.STOP:
            self._runs_again(item)

    def flush(self) -> None:
        """Store what was noted. What cannot be stored is kept for the next time."""

        def answer(news: Sequence[Line]) -> Iterable[Mapping[str, Any]]:
            self._learn(news)
            return list(self._unstored)

        with self._lock:
            if self._unstored:
                self._store.append(answer)
                self._unstored.clear()

    def finish(self) -> None:
        """The call is over."""
        with suppress(CloudError):  # it was told when it could not be stored for the first time
            self.flush()
        self._store.close()

    def _before_stop(self, items: Sequence[WorkItem]) -> Mapping[str, Overtaking]:
        """What another run has asked for since this call looked: nothing is stopped for a reset after it, nor
        for one that could not be recorded, since that would not be sent.
        """
        self._learn(self._store.unread())
        resets = [self._intention(Verb.RESET, item).line for item in items if item.verdict.verb is Verb.RESET]
        if resets:
            self._store.rehearse(resets)
        return {item.id: overtaking for item in items if (overtaking := self._overtaking(Verb.RESET, item))}

    def _is_noted(self, verb: Verb) -> bool:
        return verb in NOTED or (verb is Verb.STOP and self._caller.stops)

    def _runs_again(self, item: WorkItem) -> None:
        record = self.open(item.id, Verb.STOP)
        if record and item.latest and item.latest.status is Status.RUNNING:
            self._note([self._line(record.name, Verb.STOP, item.id, RequestState.DONE)])

    def _ends(self, item: WorkItem, end: End) -> list[dict[str, Any]]:
        verbs = [verb for verb in NOTED if self.request_of(item.id, verb)]
        return [self._fact(verb, item.id, end.state) for verb in verbs if end.state]

    def _share(self, item: WorkItem, end: End) -> None:
        """Note what has been done for this call without a request of its own: under its run id it stays done,
        and a start in place of a reboot counts by whatever time ``since`` says.
        """
        verb = self._attained(item, end)
        lasting = self._caller.run_id or end.outcome is Outcome.STARTED
        if verb not in NOTED or not lasting or self.done_in_run(item.id, verb):
            return
        done = replace(
            self._intention(verb, item),
            state=RequestState.DONE,
            asked_at=item.started_at or self._began,  # a new system is no older than that
            ended_at=iso(self._clock.time()),
        )
        self._note([done.line])
        self._own[item.id, verb] = done.name

    def _attained(self, item: WorkItem, end: End) -> Verb | None:
        """The verb that was asked for and has been done."""
        if end.reason is Reason.DONE_MEANWHILE:
            return item.verdict.verb
        if end.outcome is Outcome.STARTED and not self._caller.stops:
            return Verb.REBOOT
        return next((verb for verb in NOTED if OUTCOME_WHEN_DONE[verb] is end.outcome), None)

    def _intention(self, verb: Verb, item: WorkItem) -> Record:
        if item.latest is None:
            raise CloudError(f"{item.id} is not listed: no request can be recorded for it")
        from .record import UNPROVEN, Record, baseline_of

        return Record(
            name=uuid.uuid4().hex[:12],
            instance_id=item.id,
            scope=self._scope,
            verb=verb,
            asked_at=self._clock.time(),
            run_id=self._caller.run_id,
            target=item.target,
            baseline=baseline_of(item.latest),
            asked_by=self._caller.by,
            options=item.digest,
            in_flight=self._caller.in_flight,
            ahead=self._caller.ahead(),
            proof=UNPROVEN if verb is Verb.RESET and self._caller.proves(item.id) else "",
            system_before=self._system_before(item.id) if verb is Verb.RESET else "",
        )

    def _system_before(self, instance_id: str) -> str:
        """What ran before: as the call says, else what ran before an earlier reset that came to nothing."""
        last = self.last(instance_id, Verb.RESET)
        earlier = last.system_before if last and last.state is not RequestState.DONE else ""
        return self._caller.system_of(instance_id) or earlier

    def _fact(self, verb: Verb, instance_id: str, state: RequestState) -> dict[str, Any]:
        return self._line(self.request_of(instance_id, verb), verb, instance_id, state)

    def _line(self, name: str, verb: Verb, instance_id: str, state: RequestState) -> dict[str, Any]:
        return {
            "instance_id": instance_id,
            "scope": self._scope,
            "request": name,
            "verb": verb.value,
            "state": state.value,
            "at": iso(self._clock.time()),
        }

    def _overtaking(self, verb: Verb, item: WorkItem) -> Overtaking | None:
        """The request of another run that came first, if there is one."""
        record = self.news_of(item.id, verb)
        if record is None or verb is Verb.STOP:
            return None
        if not record.asks_for(item.target, self._caller.run_id):
            from .record import describe

            return Overtaking(conflict=f"{describe(record)}, after this call had read the instance")
        if record is self.open(item.id, verb):
            self.adopt(record)
            return Overtaking(attempt=self.attempt_of(record), asked_at=record.asked_at)
        if record.state is not RequestState.DONE:
            return None
        same_run = bool(record.run_id) and record.run_id == self._caller.run_id
        return Overtaking(done=Reason.DONE_IN_RUN if same_run else Reason.DONE_MEANWHILE)

    def _note(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Take in lines that are stored with those of other instances: each storing waits for the disk."""
        new = [dict(line) for line in lines]
        self._learn(new)
        with self._lock:
            self._unstored += new
