# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Protections of the collection that can be switched off, to see whether the simulation would notice.

Each is replaced by what a careless author would have written; ``kinds`` are the troubles in which that shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act import earlier
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger import file_store
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.ledger import Ledger
from ansible_collections.reforge.cloud.plugins.module_utils.act.reconcile import Reconciler
from ansible_collections.reforge.cloud.plugins.module_utils.api.client import Client
from ansible_collections.reforge.cloud.plugins.module_utils.core import timing
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import (
    ApiError,
    CloudError,
    Kind,
    NetworkError,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Outcome, Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.decide import (
    evidence as proof,
    next_step as steps,
    work_item,
)
from simulation.disk import Disk
from simulation.schedule import Schedule, schedule_for

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Sabotage:
    """One protection: what it is, how it is taken away, in what troubles that must show, and by which
    sentence.
    """

    protection: str
    remove: Callable[[Patch], None]
    kinds: tuple[str, ...]
    caught_by: str
    verb: str = "reset"
    params: Mapping[str, Any] = field(
        default_factory=dict
    )  # what is asked for, where that is not left to chance

    def schedule(self, seed: int) -> Schedule:
        """A schedule in which it may show."""
        drawn = schedule_for(seed, kinds=self.kinds, verb=self.verb)
        return replace(drawn, params={**drawn.params, **self.params})


def _is_unknown(error: CloudError | None) -> bool:
    return (isinstance(error, NetworkError) and error.sent) or (
        isinstance(error, ApiError) and error.kind is Kind.UNKNOWN
    )


def resend_unknown_writes(patch: Patch) -> None:
    """A write is tried again like a read."""
    once = Client.write

    def write(self: Client, *what: Any) -> Any:
        try:
            return once(self, *what)
        except CloudError as error:
            if not _is_unknown(error):
                raise
            return once(self, *what)

    patch.setattr(Client, "write", write)


def _error_is(patch: Patch, other: Callable[[CloudError], CloudError]) -> None:
    take = Reconciler._take

    def taking(
        self: Any, item: Any, step: Any, request_id: str, error: CloudError | None, together: int
    ) -> None:
        take(self, item, step, request_id, other(error) if error and _is_unknown(error) else error, together)

    patch.setattr(Reconciler, "_take", taking)


def take_unknown_for_not_sent(patch: Patch) -> None:
    """A write without an answer is decided anew, as if it had not been sent."""
    _error_is(patch, lambda error: NetworkError(str(error), sent=False))


def take_unknown_for_failed(patch: Patch) -> None:
    """A write without an answer has failed."""
    _error_is(patch, lambda error: ApiError("LOST", str(error), Kind.REJECTED))


def accept_running(patch: Patch) -> None:
    """Running is the end of a reset or a reboot."""
    careful = steps.judge

    def judge(known: Any, attempt: Any, instance: Any, at: float) -> Any:
        over = instance and instance.status is Status.RUNNING and attempt.verb in (Verb.RESET, Verb.REBOOT)
        return proof.DONE if over else careful(known, attempt, instance, at)

    patch.setattr(steps, "judge", judge)


def note_after_sending(patch: Patch) -> None:
    """The ledger learns of a request when its answer is there."""
    sending, answered = Ledger.sending, Ledger.answered

    def afterwards(self: Ledger, verb: Verb, item: Any) -> None:
        sending(self, verb, [item])
        answered(self, verb, item)

    patch.setattr(Ledger, "sending", lambda self, verb, items: {})
    patch.setattr(Ledger, "answered", afterwards)


def leave_the_ledger_unflushed(patch: Patch) -> None:
    """Writing to a file is enough."""
    patch.setattr(Disk, "fsync", lambda self, descriptor: None)


def leave_the_name_unflushed(patch: Patch) -> None:
    """A file that was flushed is there."""
    patch.setattr(file_store, "flush_folder", lambda folder: None)


def forget_what_is_unfinished(patch: Patch) -> None:
    """What an earlier run sent is of no interest."""
    patch.setattr(earlier, "_consult", lambda *what: None)


def forget_what_is_done(patch: Patch) -> None:
    """A run_id is only a name."""
    patch.setattr(Ledger, "done_in_run", lambda self, instance_id, verb: False)


def read_the_ledger_once(patch: Patch) -> None:
    """What other runs note while this one runs is of no interest."""
    patch.setattr(Ledger, "_overtaking", lambda self, verb, item: None)


def expect_no_flight(patch: Patch) -> None:
    """What is not there yet will not come."""
    patch.setattr(timing, "in_flight_seconds", lambda request_timeout: 0.0)


def trust_every_look(patch: Patch) -> None:
    """A look shows what is."""
    patch.setattr(timing, "STALE_SECONDS", 0.0)


def decide_at_once(patch: Patch) -> None:
    """A request without a trace was not acted on."""
    patch.setattr(timing, "NO_TRACE_SECONDS", 0.0)


def decide_once(patch: Patch) -> None:
    """What was decided is sent, however long ago that was."""
    patch.setattr(timing, "FRESH_SECONDS", math.inf)


def call_a_failure_done(patch: Patch) -> None:
    """An end is an end."""
    end_of = steps.end_of

    def over(item: Any, attempt: Any, finding: Any) -> Any:
        end = end_of(item, attempt, finding)
        return end._replace(outcome=Outcome.RESET) if isinstance(end, steps.End) else end

    patch.setattr(steps, "end_of", over)


def reboot_harder_blindly(patch: Patch) -> None:
    """After its time, the soft reboot is followed by the hard one, whatever is seen."""

    def harder(goal: Any, item: Any, attempt: Any) -> Any:
        native = "soft_then_hard" in goal.provider.modes.get(attempt.verb, {})
        if goal.mode(attempt.verb, item.id) != "soft_then_hard" or native or attempt.mode != "soft":
            return None
        return (
            steps.Send(attempt.verb, "hard")
            if item.read_at - attempt.sent_at >= timing.SOFT_SECONDS
            else None
        )

    patch.setattr(steps, "_harder", harder)


def forget_the_soft_reboot(patch: Patch) -> None:
    """A hard reboot that is turned down leaves nothing behind."""
    patch.setattr(work_item, "is_harder", lambda attempt, step: False)


TWICE = "sent it twice"
SAME_RUN = "have the same run_id"
UNDER_A_NAME = {"ledger": True, "run_id": "run-1", "force": True}
SABOTAGES = (
    Sabotage(
        "a write is never sent again (the write fence)",
        resend_unknown_writes,
        ("read timeout, then acted",),
        TWICE,
    ),
    Sabotage(
        "a lost answer is resolved by reading back", take_unknown_for_not_sent, ("lost after acting",), TWICE
    ),
    Sabotage("a lost answer is no failure", take_unknown_for_failed, ("lost after acting",), "says failed"),
    Sabotage(
        "a reset is proven by a transition or the record", accept_running, ("late begin",), "says reset"
    ),
    Sabotage(
        "a reboot is proven by a transition or the record",
        accept_running,
        ("late record",),
        "says rebooted",
        "reboot",
    ),
    Sabotage(
        "the intention is noted before the request",
        note_after_sending,
        ("killed",),
        SAME_RUN,
        params=UNDER_A_NAME,
    ),
    Sabotage(
        "the ledger is flushed to the disk",
        leave_the_ledger_unflushed,
        ("killed",),
        SAME_RUN,
        params=UNDER_A_NAME,
    ),
    Sabotage(
        "the ledger's name is flushed to the disk",
        leave_the_name_unflushed,
        ("killed",),
        SAME_RUN,
        params=UNDER_A_NAME,
    ),
    Sabotage(
        "what a killed run left unfinished is taken up",
        forget_what_is_unfinished,
        ("killed",),
        "reset 2 times",
    ),
    Sabotage(
        "what is done under a run_id stays done", forget_what_is_done, (), SAME_RUN, params=UNDER_A_NAME
    ),
    Sabotage(
        "runs that share a ledger hear of each other",
        read_the_ledger_once,
        ("two runs",),
        SAME_RUN,
        params=UNDER_A_NAME,
    ),
    Sabotage(
        "a request may be on its way for a minute",
        expect_no_flight,
        ("killed",),
        SAME_RUN,
        params=UNDER_A_NAME,
    ),
    Sabotage("looks may be 15 seconds old", trust_every_look, ("stale reads",), "says"),
    Sabotage("no trace proves nothing for 30 seconds", decide_at_once, ("lost, then acted",), "says failed"),
    Sabotage(
        "a decision holds for half a minute",
        decide_once,
        ("two runs", "read timeout, then acted"),
        "long enough",
    ),
    Sabotage("a failed install is a failure", call_a_failure_done, ("install fails",), "says reset"),
    Sabotage(
        "a hard reboot follows only one that hangs", reboot_harder_blindly, ("late record",), TWICE, "reboot"
    ),
    Sabotage("a refused hard reboot leaves the soft one", forget_the_soft_reboot, (), TWICE, "reboot"),
)
