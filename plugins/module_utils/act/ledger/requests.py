# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a call knows of the requests about its instances, of its own and of other calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...core import timing
from ...core.clock import Clock
from ...core.errors import CloudError
from ...core.model import Instance, Phase, RequestState, Verb
from .caller import Caller
from .lines import UNREADABLE_LINE, Line, begins

if TYPE_CHECKING:
    from ...decide.attempt import Attempt
    from .record import Record

UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)


class Requests:
    """The requests of one scope, by instance and verb, as the lines of the ledger tell of them."""

    def __init__(self, caller: Caller, clock: Clock, place: str) -> None:
        self._caller, self._clock, self._place = caller, clock, place
        self._records: dict[tuple[str, Verb], dict[str, Record]] = {}
        self._news: set[str] = set()  # the requests of other runs that came since this call looked

    def knows(self, instance_id: str) -> bool:
        """Whether there is any request about the instance."""
        return any((instance_id, verb) in self._records for verb in Verb)

    def last(self, instance_id: str, verb: Verb) -> Record | None:
        """The last request, if there was one."""
        records = self._records.get((instance_id, verb))
        return next(reversed(records.values())) if records else None

    def open(self, instance_id: str, verb: Verb) -> Record | None:
        """The last request that the provider may have taken on, where its end is not known.

        An unknown end counts under the run id that was told of it: under one name nothing is sent twice.
        """
        for record in reversed(self._all(instance_id, verb)):
            if record.may_have_acted:
                same_run = bool(self._caller.run_id) and record.run_id == self._caller.run_id
                unknown = record.state is RequestState.UNKNOWN and same_run
                return record if record.state.open or unknown else None
        return None

    def superseded(self, instance_id: str, verb: Verb) -> Record | None:
        """The request of this call's run of which nobody knows the end, where another one came after it: what
        is seen since is about that one, and under one name nothing is sent twice.
        """
        acted = [record for record in self._all(instance_id, verb) if record.may_have_acted]
        own = [record for record in acted[:-1] if record.run_id and record.run_id == self._caller.run_id]
        return next((record for record in own if record.state is RequestState.UNKNOWN), None)

    def done_in_run(self, instance_id: str, verb: Verb) -> bool:
        """Whether it was done under this call's run id."""
        return any(record.state is RequestState.DONE for record in self._of_run(instance_id, verb))

    def other_target(self, instance_id: str, verb: Verb, target: str) -> str:
        """Another image that was asked for under this call's run id; empty if there is none."""
        other = (record.target for record in self._of_run(instance_id, verb) if record.may_have_acted)
        return next((image for image in other if image != target), "")

    def failed(self, instance_id: str) -> bool:
        """Whether the last reset that is known to have ended failed."""
        ends = [record.state for record in self._all(instance_id, Verb.RESET)]
        known = [state for state in ends if state in (RequestState.DONE, RequestState.FAILED)]
        return bool(known) and known[-1] is RequestState.FAILED

    def mended(self, instance: Instance) -> bool:
        """Whether the provider's record shows that a reset has succeeded after the last one that failed."""
        operation, records = instance.operation, self._all(instance.id, Verb.RESET)
        failed = next((record for record in reversed(records) if record.state is RequestState.FAILED), None)
        if operation is None or failed is None or operation.verb is not Verb.RESET:
            return False
        return operation.phase is Phase.SUCCEEDED and not failed.shows_same_operation(instance)

    def done_since(self, instance_id: str, verb: Verb, moment: float) -> bool:
        """Whether one that was asked for at ``moment`` (seconds since 1970) or later has succeeded."""
        done = (record for record in self._all(instance_id, verb) if record.state is RequestState.DONE)
        return any(self.asked_since(record, moment) for record in done)

    def asked_since(self, record: Record, moment: float) -> bool:
        """Whether it was asked for at ``moment`` (seconds since 1970) or later, by the provider's clock.

        Where a clock is not right, or nobody knows, that which makes it earlier counts: another reboot can be
        borne, one that was left out cannot be seen.
        """
        ours = self._caller.ahead() or 0.0
        unknown = ours if self._is_from_here(record) else timing.CLOCKS_APART_SECONDS
        theirs = unknown if record.ahead is None else record.ahead
        return record.asked_at - theirs >= moment + max(-ours, 0.0)

    def unproven(self, instance_id: str, foretold: bool = False) -> Record | None:
        """The last reset that was done, where it still waits for its proof from inside.

        ``foretold``: one of which the end is still to be found out counts as done.
        """
        records = self._all(instance_id, Verb.RESET)
        done = [
            record
            for record in records
            if record.state is RequestState.DONE or (foretold and record.state.open)
        ]
        return done[-1] if done and done[-1].awaits_proof else None

    def left_off(self, instance_id: str) -> Record | None:
        """The stop by a call that has not seen the instance run again since; of another run only if it is
        less than a day old.
        """
        record = self.open(instance_id, Verb.STOP) if self._caller.stops else None
        if record is None or (self._caller.run_id and record.run_id == self._caller.run_id):
            return record
        return record if self._clock.time() - record.asked_at < timing.WANTED_SECONDS else None

    def news_of(self, instance_id: str, verb: Verb) -> Record | None:
        """The last request of other runs that came since this call looked; each is told once."""
        new = [record for record in self._all(instance_id, verb) if record.name in self._news]
        self._news.difference_update(record.name for record in new)
        return next((record for record in reversed(new) if record.may_have_acted), None)

    def continues(self, record: Record, under_way: bool) -> bool:
        """Whether this call continues the open request as its own."""
        return record.continued_by(self._caller.run_id, under_way, self._clock.time())

    def attempt_of(self, record: Record) -> Attempt:
        """The request as it was sent; by another machine, whose clock may be behind this one's."""
        return record.attempt(self._clock, 0.0 if self._is_from_here(record) else timing.CLOCKS_APART_SECONDS)

    def _is_from_here(self, record: Record) -> bool:
        return record.asked_by.get("machine") == self._caller.by.get("machine")

    def _all(self, instance_id: str, verb: Verb) -> list[Record]:
        return list(self._records.get((instance_id, verb), {}).values())

    def _of_run(self, instance_id: str, verb: Verb) -> list[Record]:
        if not self._caller.run_id:
            return []
        return [record for record in self._all(instance_id, verb) if record.run_id == self._caller.run_id]

    def _learn(self, lines: Sequence[Line]) -> None:
        if not lines:
            return
        from .record import Record  # compiled in every call, and not needed where nothing is recorded

        try:
            for line in lines:
                key = (line["instance_id"], Verb(line["verb"]))
                records = self._records.setdefault(key, {})
                known = records.get(line["request"])
                if begins(line, known is not None):
                    record = Record.from_line(line)
                    records[record.name] = record
                    self._news.update(() if known else (record.name,))
                elif known:
                    records[known.name] = known.with_line(line)
        except UNREADABLE as error:
            problem = f"ledger: {self._place} {UNREADABLE_LINE} ({type(error).__name__})"
            raise CloudError(problem) from error
