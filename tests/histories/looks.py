# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks at an instance after a request, and what each of them proves: for every verb, and every way in which
a provider shows what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import (
    Instance,
    Operation,
    Phase,
    Status,
    Verb,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Proof
from ansible_collections.reforge.cloud.plugins.module_utils.core.timing import (
    NO_TRACE_SECONDS,
    STALE_SECONDS,
    TRACE_SECONDS,
)
from ansible_collections.reforge.cloud.plugins.module_utils.decide.attempt import Attempt, Finding, Progress
from ansible_collections.reforge.cloud.plugins.module_utils.decide.evidence import judge

SENT = 1000.0
ZEC, VM, CVM_V2, ECM, CVM = (
    PROVIDERS[name].proof
    for name in ("zenlayer_zec", "zenlayer_vm", "tencent_cvm_v2", "tencent_ecm", "tencent_cvm")
)


def way(proof: Proof, verb: Verb) -> str:
    """How a provider shows what became of the verb: by the request's id, by the record of the last operation,
    by the state, by a state that begins stopped, by a start, or by its answer alone.
    """
    if proof.by_operation:
        return "id" if proof.by_request_id else "record"
    if verb is Verb.PASSWORD:
        shown = {None: "answer", Status.STARTING: "start"}
        return shown.get(proof.under_way.get(verb), "state")
    return "stopped" if proof.ends_running and verb is Verb.RESET else "state"


@dataclass(frozen=True)
class Look:
    """What a look ``age`` seconds after an attempt shows, and what it proves.

    ``seen`` and ``baseline`` are what is not plain about the instance, now and before; None: it is not
    listed.
    """

    proof: Proof
    age: float
    seen: Mapping[str, Any] | None
    baseline: Mapping[str, Any]
    attempt: Mapping[str, Any]
    expected: Progress
    verb: Verb = Verb.RESET

    @cached_property
    def _question(self) -> tuple[Proof, Attempt, Instance | None, float]:
        ids = {"request_id": "req-1"} if self.proof.by_request_id else {}
        target = {"target": "new"} if self.verb is Verb.RESET else {}
        attempt = Attempt(self.verb, _instance(self.baseline), SENT, **{**target, **ids, **self.attempt})
        return self.proof, attempt, None if self.seen is None else _instance(self.seen), SENT + self.age

    @property
    def finding(self) -> Finding:
        """What the collection says."""
        return judge(*self._question)

    @property
    def text(self) -> str:
        """The look in words."""
        known = [name for name, holds in self._known.items() if holds]
        attempt = " ".join([f"{self.verb.value} by {way(self.proof, self.verb)}", *known])
        return f"{attempt}, {self.age:g} s: {_words(self.seen)} after {_words(self.baseline)}"

    @property
    def _known(self) -> Mapping[str, bool]:
        return {
            "lost": not self.attempt.get("answered", True),
            "begun": "began_at" in self.attempt,
            "unwatched": not self.attempt.get("watched", True),
            "told": "known" in self.attempt,
            "followed by a reset": "reset_since" in self.attempt,
        }


def _instance(changes: Mapping[str, Any]) -> Instance:
    status = changes.get("status", Status.RUNNING)
    plain = {"status": status, "vendor_status": status.value.upper(), "image_id": "old"}
    return Instance(id="i-1", name="web-1", **{**plain, **changes})


def _words(instance: Mapping[str, Any] | None) -> str:
    if instance is None:
        return "not listed"
    operation = instance.get("operation")
    record = f"({operation.verb.value} {operation.phase.value} {operation.request_id}" if operation else ""
    words = (instance.get("status", Status.RUNNING).value, instance.get("image_id", "old"), record.strip())
    return " ".join(filter(None, words)) + (")" if operation else "")


OLD_RESET = Operation(Verb.RESET, Phase.SUCCEEDED, "ResetInstance", "req-old")
OLD_STOP = Operation(Verb.STOP, Phase.SUCCEEDED, "StopInstances", "req-stop")
RUNNING, STOPPED, RESETTING = Status.RUNNING, Status.STOPPED, Status.RESETTING


def ours(phase: Phase, verb: Verb = Verb.RESET, request_id: str = "req-1", **more: Any) -> Operation:
    """The record of our request."""
    return Operation(verb, phase, "ResetInstance", request_id, **more)


LOST = {"answered": False, "request_id": ""}
ON_ITS_WAY = {**LOST, "in_flight": 60.0}
BEGUN = {"began_at": SENT + 2}
FROM_STOPPED = {"status": STOPPED}
NEW, OLD = {"image_id": "new"}, {"image_id": "old"}

RESET_BY_STATE = [
    Look(*row)
    for row in (
        # Not listed any more, or in the recycle bin: a stale look at first, then nothing can be told.
        (CVM_V2, NO_TRACE_SECONDS - 1, None, {}, {}, Progress.PENDING),
        (CVM_V2, NO_TRACE_SECONDS, None, {}, {"missing": 2}, Progress.UNKNOWN),
        (CVM, NO_TRACE_SECONDS, {"status": Status.RECYCLED}, {}, {}, Progress.UNKNOWN),
        (CVM_V2, NO_TRACE_SECONDS - 1, {"status": Status.TERMINATING}, {}, {}, Progress.PENDING),
        # While it runs.
        (ZEC, 1, {"status": RESETTING}, FROM_STOPPED, {}, Progress.PENDING),
        (CVM_V2, 9999, {"status": RESETTING}, {}, BEGUN, Progress.PENDING),
        (CVM_V2, 9999, {"status": Status.UNKNOWN}, {}, BEGUN, Progress.PENDING),
        # It was stopped before: running with the new image is the end, whenever it is seen.
        (ZEC, 1, {"status": RUNNING, **NEW}, FROM_STOPPED, {}, Progress.DONE),
        (ZEC, 1, {"status": RUNNING, **NEW}, FROM_STOPPED, LOST, Progress.DONE),
        # The old running with the old image may be a stale look, until the reset was seen to begin and some
        # time passed.
        (ZEC, 1, {"status": RUNNING, **OLD}, FROM_STOPPED, {}, Progress.PENDING),
        (
            ZEC,
            2 + STALE_SECONDS - 1,
            {"status": RUNNING, **OLD},
            FROM_STOPPED,
            BEGUN,
            Progress.PENDING,
        ),
        # Another image at the end: someone else may have installed it over ours.
        (ZEC, 2 + STALE_SECONDS, {"status": RUNNING, **OLD}, FROM_STOPPED, BEGUN, Progress.UNKNOWN),
        # The same image again (force): nothing but the time after the beginning tells a stale look from the
        # end.
        (
            ZEC,
            STALE_SECONDS - 1,
            {"status": RUNNING, **NEW},
            {**FROM_STOPPED, **NEW},
            {},
            Progress.PENDING,
        ),
        (
            ZEC,
            STALE_SECONDS,
            {"status": RUNNING, **NEW},
            {**FROM_STOPPED, **NEW},
            {},
            Progress.DONE,
        ),
        (
            ZEC,
            2 + STALE_SECONDS - 1,
            {"status": RUNNING, **NEW},
            {**FROM_STOPPED, **NEW},
            BEGUN,
            Progress.PENDING,
        ),
        (
            ZEC,
            2 + STALE_SECONDS,
            {"status": RUNNING, **NEW},
            {**FROM_STOPPED, **NEW},
            BEGUN,
            Progress.DONE,
        ),
        # Without a stop before it, the same image and state prove nothing that was not seen to begin.
        (CVM_V2, 60, {"status": RUNNING, **NEW}, NEW, {}, Progress.PENDING),
        (CVM_V2, TRACE_SECONDS, {"status": RUNNING, **NEW}, NEW, {}, Progress.UNKNOWN),
        (CVM_V2, 2 + STALE_SECONDS, {"status": RUNNING, **NEW}, NEW, BEGUN, Progress.DONE),
        (CVM_V2, STALE_SECONDS - 1, {"status": RUNNING, **NEW}, OLD, {}, Progress.PENDING),
        (CVM_V2, STALE_SECONDS, {"status": RUNNING, **NEW}, OLD, {}, Progress.DONE),
        (CVM_V2, 2 + STALE_SECONDS, {"status": RUNNING, **OLD}, OLD, BEGUN, Progress.UNKNOWN),
        # Failed: at once when it was seen to begin, later when it was not, and never by a failure that was
        # there before.
        (ZEC, 3, {"status": Status.RESET_FAILED}, FROM_STOPPED, BEGUN, Progress.FAILED),
        (
            ZEC,
            STALE_SECONDS - 1,
            {"status": Status.RESET_FAILED},
            FROM_STOPPED,
            {},
            Progress.PENDING,
        ),
        (ZEC, STALE_SECONDS, {"status": Status.RESET_FAILED}, FROM_STOPPED, {}, Progress.FAILED),
        (
            ZEC,
            STALE_SECONDS,
            {"status": Status.RESET_FAILED},
            {"status": Status.RESET_FAILED},
            {},
            Progress.PENDING,
        ),
        (
            ZEC,
            TRACE_SECONDS,
            {"status": Status.RESET_FAILED},
            {"status": Status.RESET_FAILED},
            {},
            Progress.UNKNOWN,
        ),
        (
            CVM_V2,
            3,
            {"status": Status.RESET_FAILED},
            {"status": Status.RESET_FAILED},
            BEGUN,
            Progress.PENDING,
        ),
        (
            CVM_V2,
            2 + STALE_SECONDS,
            {"status": Status.RESET_FAILED},
            {"status": Status.RESET_FAILED},
            BEGUN,
            Progress.FAILED,
        ),
        (CVM_V2, 3, {"status": Status.FAILED}, {}, BEGUN, Progress.FAILED),
        # Ended stopped.
        (ZEC, 2 + STALE_SECONDS, {"status": STOPPED, **NEW}, FROM_STOPPED, BEGUN, Progress.DONE),
        (ZEC, 2 + STALE_SECONDS, {"status": STOPPED, **OLD}, FROM_STOPPED, BEGUN, Progress.UNKNOWN),
        # Accepted, watched by nobody, and stopped since: only another image tells, when no look lags behind.
        (ZEC, NO_TRACE_SECONDS - 1, {"status": STOPPED, **NEW}, FROM_STOPPED, {}, Progress.PENDING),
        (ZEC, NO_TRACE_SECONDS, {"status": STOPPED, **NEW}, FROM_STOPPED, {}, Progress.DONE),
        (CVM_V2, NO_TRACE_SECONDS, {"status": STOPPED, **NEW}, OLD, {}, Progress.DONE),
        (
            ZEC,
            2 + STALE_SECONDS - 1,
            {"status": STOPPED, **OLD},
            FROM_STOPPED,
            BEGUN,
            Progress.PENDING,
        ),
        # The answer was lost, and nothing shows: it was not begun, or it cannot be told.
        (
            ZEC,
            NO_TRACE_SECONDS - 1,
            {"status": STOPPED, **OLD},
            FROM_STOPPED,
            LOST,
            Progress.PENDING,
        ),
        (
            ZEC,
            NO_TRACE_SECONDS,
            {"status": STOPPED, **OLD},
            FROM_STOPPED,
            LOST,
            Progress.NOT_STARTED,
        ),
        (
            ZEC,
            NO_TRACE_SECONDS,
            {"status": STOPPED, **NEW},
            {**FROM_STOPPED, **NEW},
            LOST,
            Progress.NOT_STARTED,
        ),
        (CVM_V2, NO_TRACE_SECONDS, {"status": RUNNING, **OLD}, OLD, LOST, Progress.NOT_STARTED),
        (CVM_V2, NO_TRACE_SECONDS, {"status": RUNNING, **NEW}, NEW, LOST, Progress.UNKNOWN),
        (CVM_V2, NO_TRACE_SECONDS, {"status": Status.REBOOTING, **OLD}, OLD, LOST, Progress.PENDING),
        # Accepted, and still without any trace: not for ever.
        (ZEC, TRACE_SECONDS - 1, {"status": STOPPED, **OLD}, FROM_STOPPED, {}, Progress.PENDING),
        (ZEC, TRACE_SECONDS, {"status": STOPPED, **OLD}, FROM_STOPPED, {}, Progress.UNKNOWN),
        # The same image again: it was answered, and has been watched, or nothing is told by the start.
        (ZEC, STALE_SECONDS, {"status": RUNNING, **NEW}, {**FROM_STOPPED, **NEW}, LOST, Progress.PENDING),
        (
            ZEC,
            STALE_SECONDS,
            {"status": RUNNING, **NEW},
            {**FROM_STOPPED, **NEW},
            {"watched": False},
            Progress.PENDING,
        ),
        (CVM_V2, NO_TRACE_SECONDS - 1, {"status": RUNNING, **OLD}, OLD, LOST, Progress.PENDING),
        # It runs, with an image that was not asked for.
        (ZEC, STALE_SECONDS, {"status": RUNNING, **OLD}, {**FROM_STOPPED, **NEW}, {}, Progress.PENDING),
        # Stopped or running with the image that was there, and no answer came.
        (CVM_V2, NO_TRACE_SECONDS, {**FROM_STOPPED, **NEW}, {**FROM_STOPPED, **NEW}, LOST, Progress.UNKNOWN),
        (ZEC, NO_TRACE_SECONDS, {"status": RUNNING, **NEW}, {**FROM_STOPPED, **NEW}, LOST, Progress.UNKNOWN),
        # It may have been on its way for some time.
        (ZEC, NO_TRACE_SECONDS + 59, FROM_STOPPED, FROM_STOPPED, ON_ITS_WAY, Progress.PENDING),
        (ZEC, NO_TRACE_SECONDS + 60, FROM_STOPPED, FROM_STOPPED, ON_ITS_WAY, Progress.NOT_STARTED),
        # Seen under way just now, so that the look may lag behind; or done, however late.
        (CVM_V2, TRACE_SECONDS, NEW, NEW, {"began_at": SENT + TRACE_SECONDS - 5}, Progress.PENDING),
        (CVM_V2, 30, NEW, NEW, {**LOST, "began_at": SENT + 25}, Progress.PENDING),
        (ZEC, TRACE_SECONDS, {"status": RUNNING, **NEW}, FROM_STOPPED, {}, Progress.DONE),
        (CVM_V2, 2 + STALE_SECONDS, {"status": STOPPED, **NEW}, OLD, BEGUN, Progress.DONE),
        # Another image after a lost answer: ours, or that of somebody else.
        (CVM_V2, NO_TRACE_SECONDS, {"status": STOPPED, **NEW}, OLD, LOST, Progress.DONE),
        (CVM_V2, NO_TRACE_SECONDS, {"image_id": "third"}, OLD, LOST, Progress.UNKNOWN),
        (ZEC, NO_TRACE_SECONDS, {"image_id": "third"}, FROM_STOPPED, LOST, Progress.UNKNOWN),
    )
]

IDLE = {"operation": OLD_RESET}

RESET_BY_ID = [
    Look(CVM, age, seen, IDLE, attempt, expected)
    for age, seen, attempt, expected in (
        (1, {"operation": ours(Phase.RUNNING)}, {}, Progress.PENDING),
        (9999, {"operation": ours(Phase.RUNNING)}, {}, Progress.PENDING),
        (1, {"operation": ours(Phase.SUCCEEDED), "status": RESETTING}, {}, Progress.PENDING),
        (1, {"operation": ours(Phase.SUCCEEDED), **NEW}, {}, Progress.DONE),
        (1, {"operation": ours(Phase.FAILED)}, {}, Progress.FAILED),
        # Success with another image is a failure, but only when the record of the image has had time to
        # follow.
        (NO_TRACE_SECONDS - 1, {"operation": ours(Phase.SUCCEEDED), **OLD}, {}, Progress.PENDING),
        (NO_TRACE_SECONDS, {"operation": ours(Phase.SUCCEEDED), **OLD}, {}, Progress.FAILED),
        # The record does not show it yet.
        (1, IDLE, {}, Progress.PENDING),
        (NO_TRACE_SECONDS, IDLE, {}, Progress.PENDING),
        (TRACE_SECONDS, IDLE, {}, Progress.UNKNOWN),
        (TRACE_SECONDS, {"operation": None}, {}, Progress.UNKNOWN),
        # The answer was lost: by the record nothing was begun, since every operation leaves its id there.
        (NO_TRACE_SECONDS - 1, IDLE, LOST, Progress.PENDING),
        (NO_TRACE_SECONDS, IDLE, LOST, Progress.NOT_STARTED),
        (NO_TRACE_SECONDS, {"operation": None}, LOST, Progress.NOT_STARTED),
        (NO_TRACE_SECONDS, IDLE, {**LOST, "began_at": SENT + 2}, Progress.PENDING),
        # A later operation stands in place of ours.
        (1, {"operation": OLD_STOP}, {}, Progress.PENDING),
        (NO_TRACE_SECONDS, {"operation": OLD_STOP}, {}, Progress.UNKNOWN),
        (NO_TRACE_SECONDS, {"operation": OLD_STOP, **NEW}, {}, Progress.DONE),
        (NO_TRACE_SECONDS, {"operation": OLD_STOP, "status": Status.STOPPING, **NEW}, {}, Progress.PENDING),
        (
            NO_TRACE_SECONDS,
            {"operation": ours(Phase.SUCCEEDED, request_id="req-2"), **OLD},
            {},
            Progress.UNKNOWN,
        ),
        # A record without an id is not that of a request without one.
        (NO_TRACE_SECONDS, {"operation": ours(Phase.FAILED, request_id="")}, LOST, Progress.UNKNOWN),
        # Whose id is known from the record alone: somebody else may have installed another image since.
        (
            NO_TRACE_SECONDS,
            {"operation": ours(Phase.SUCCEEDED), **OLD},
            {"answered": False, "request_id": "req-1"},
            Progress.UNKNOWN,
        ),
    )
]

NO_ID = Operation(Verb.RESET, Phase.SUCCEEDED, "ResetInstance")
WAS_RESET = {"operation": NO_ID}
WAS_STOPPED = {"operation": Operation(Verb.STOP, Phase.SUCCEEDED, "StopInstances"), "status": STOPPED}
UNWATCHED = {**LOST, "watched": False}
RUNS = Operation(Verb.RESET, Phase.RUNNING, "ResetInstance")
BROKE = Operation(Verb.RESET, Phase.FAILED, "ResetInstance", error="no disk")

RESET_BY_RECORD = [
    Look(ECM, *row)
    for row in (
        (1, {"operation": RUNS}, {}, {}, Progress.PENDING),
        # Success counts when the operation was seen to run, or when another record was there before and time
        # has passed.
        (3, {"operation": NO_ID, **NEW}, {}, BEGUN, Progress.DONE),
        (STALE_SECONDS - 1, {"operation": NO_ID, **NEW}, {}, {}, Progress.PENDING),
        (STALE_SECONDS, {"operation": NO_ID, **NEW}, {}, {}, Progress.DONE),
        (STALE_SECONDS, {"operation": BROKE}, {}, {}, Progress.FAILED),
        (3, {"operation": BROKE}, {}, BEGUN, Progress.FAILED),
        # The record is the same as before the second reset: the old success must not count.
        (STALE_SECONDS, {**WAS_RESET, **NEW}, WAS_RESET, {}, Progress.PENDING),
        (NO_TRACE_SECONDS, {**WAS_RESET, **NEW}, {**WAS_RESET, **NEW}, {}, Progress.PENDING),
        (TRACE_SECONDS, {**WAS_RESET, **NEW}, {**WAS_RESET, **NEW}, {}, Progress.UNKNOWN),
        (2 + STALE_SECONDS, {**WAS_RESET, **NEW}, {**WAS_RESET, **NEW}, BEGUN, Progress.DONE),
        (2 + STALE_SECONDS - 1, {**WAS_RESET, **NEW}, {**WAS_RESET, **NEW}, BEGUN, Progress.PENDING),
        # A lost answer: another image tells, the same one does not.
        (NO_TRACE_SECONDS, {**WAS_RESET, **OLD}, {**WAS_RESET, **OLD}, LOST, Progress.NOT_STARTED),
        (NO_TRACE_SECONDS, {**WAS_RESET, **NEW}, {**WAS_RESET, **NEW}, LOST, Progress.UNKNOWN),
        (
            NO_TRACE_SECONDS,
            {"operation": OLD_STOP, **OLD},
            {"operation": OLD_STOP},
            LOST,
            Progress.NOT_STARTED,
        ),
        (NO_TRACE_SECONDS, {**WAS_RESET, **NEW}, {**WAS_RESET, **OLD}, LOST, Progress.DONE),
        (NO_TRACE_SECONDS, {**WAS_RESET, "image_id": "third"}, {**WAS_RESET, **OLD}, LOST, Progress.UNKNOWN),
        # A record that is the same as before, of another verb, tells only who has looked all the time.
        (NO_TRACE_SECONDS, {**WAS_STOPPED, **NEW}, {**WAS_STOPPED, **NEW}, LOST, Progress.NOT_STARTED),
        (NO_TRACE_SECONDS, {**WAS_STOPPED, **NEW}, {**WAS_STOPPED, **NEW}, UNWATCHED, Progress.UNKNOWN),
        (NO_TRACE_SECONDS, {**WAS_STOPPED, **OLD}, {**WAS_STOPPED, **OLD}, UNWATCHED, Progress.NOT_STARTED),
        (
            NO_TRACE_SECONDS,
            {"operation": None, **NEW},
            {"operation": None, **NEW},
            UNWATCHED,
            Progress.NOT_STARTED,
        ),
        # Of another verb: never ours.
        (NO_TRACE_SECONDS, {"operation": OLD_STOP, **OLD}, WAS_RESET, {}, Progress.UNKNOWN),
        # Ours, with another image: somebody else may have installed that.
        (NO_TRACE_SECONDS, {"operation": NO_ID, **OLD}, {}, BEGUN, Progress.UNKNOWN),
        # Of another verb, and the image has become ours: that was the reset before it.
        (NO_TRACE_SECONDS, {"operation": OLD_STOP, **NEW}, {**WAS_RESET, **OLD}, {}, Progress.DONE),
        # Somebody else's was under way before: nothing says yet whose it is.
        (NO_TRACE_SECONDS, {"operation": RUNS}, {"operation": RUNS}, LOST, Progress.PENDING),
    )
]

POWER_BY_STATE = [
    Look(CVM_V2, age, {"status": status}, {}, attempt, expected, verb)
    for verb, age, status, attempt, expected in (
        (Verb.REBOOT, 60, RUNNING, {}, Progress.PENDING),
        (Verb.REBOOT, TRACE_SECONDS, RUNNING, {}, Progress.UNKNOWN),
        (Verb.REBOOT, 2, Status.REBOOTING, {}, Progress.PENDING),
        (Verb.REBOOT, 2 + STALE_SECONDS - 1, RUNNING, BEGUN, Progress.PENDING),
        (Verb.REBOOT, 2 + STALE_SECONDS, RUNNING, BEGUN, Progress.DONE),
        (Verb.REBOOT, 2 + STALE_SECONDS, RUNNING, {**BEGUN, "reset_since": True}, Progress.UNKNOWN),
        (Verb.START, 2 + STALE_SECONDS, RUNNING, {**BEGUN, "reset_since": True}, Progress.DONE),
        (Verb.REBOOT, NO_TRACE_SECONDS - 1, RUNNING, LOST, Progress.PENDING),
        (Verb.REBOOT, NO_TRACE_SECONDS, RUNNING, LOST, Progress.UNKNOWN),
        (Verb.START, 1, STOPPED, {}, Progress.PENDING),
        (Verb.START, 1, RUNNING, {}, Progress.PENDING),
        (Verb.START, STALE_SECONDS, RUNNING, {}, Progress.DONE),
        (Verb.START, 3, RUNNING, BEGUN, Progress.DONE),
        (Verb.START, 9999, STOPPED, {}, Progress.PENDING),
        (Verb.START, NO_TRACE_SECONDS - 1, STOPPED, LOST, Progress.PENDING),
        (Verb.START, NO_TRACE_SECONDS, STOPPED, LOST, Progress.NOT_STARTED),
        (Verb.REBOOT, 2 + STALE_SECONDS, STOPPED, BEGUN, Progress.UNKNOWN),
        (Verb.REBOOT, 2 + STALE_SECONDS - 1, STOPPED, BEGUN, Progress.PENDING),
        (Verb.START, 2 + STALE_SECONDS, STOPPED, BEGUN, Progress.FAILED),
        (Verb.STOP, 2 + STALE_SECONDS, RUNNING, BEGUN, Progress.FAILED),
        (Verb.STOP, 3, STOPPED, BEGUN, Progress.DONE),
        (Verb.STOP, STALE_SECONDS, STOPPED, {}, Progress.DONE),
        (Verb.STOP, STALE_SECONDS - 1, STOPPED, {}, Progress.PENDING),
        (Verb.STOP, NO_TRACE_SECONDS - 1, RUNNING, LOST, Progress.PENDING),
        (Verb.STOP, NO_TRACE_SECONDS, RUNNING, LOST, Progress.NOT_STARTED),
        (Verb.STOP, NO_TRACE_SECONDS, Status.STOPPING, LOST, Progress.PENDING),
        # It is as was asked for, and no answer came: somebody else may have done that.
        (Verb.START, STALE_SECONDS, RUNNING, LOST, Progress.PENDING),
        (Verb.START, NO_TRACE_SECONDS, RUNNING, LOST, Progress.UNKNOWN),
        (Verb.STOP, STALE_SECONDS, STOPPED, LOST, Progress.PENDING),
        (Verb.STOP, NO_TRACE_SECONDS, STOPPED, LOST, Progress.UNKNOWN),
        (Verb.REBOOT, 9999, Status.REBOOTING, BEGUN, Progress.PENDING),
        (Verb.START, 9999, Status.STARTING, BEGUN, Progress.PENDING),
        (Verb.STOP, 9999, Status.STOPPING, BEGUN, Progress.PENDING),
    )
]

# Whatever was asked for besides a reset shows in the same way where the provider keeps a record.
OTHERS = (Verb.REBOOT, Verb.START, Verb.STOP, Verb.PASSWORD)
OTHERS_BY_ID = [
    Look(CVM, age, seen, IDLE, attempt, expected, verb)
    for verb in OTHERS
    for age, seen, attempt, expected in (
        (1, {"operation": ours(Phase.SUCCEEDED, verb)}, {}, Progress.DONE),
        (1, {"operation": ours(Phase.SUCCEEDED, verb), "status": Status.STARTING}, {}, Progress.PENDING),
        (1, {"operation": ours(Phase.FAILED, verb)}, {}, Progress.FAILED),
        (1, {"operation": ours(Phase.SUCCEEDED, verb, "req-2")}, {}, Progress.PENDING),
        (NO_TRACE_SECONDS - 1, IDLE, LOST, Progress.PENDING),
        (NO_TRACE_SECONDS, IDLE, LOST, Progress.NOT_STARTED),
        (NO_TRACE_SECONDS, IDLE, {**LOST, **BEGUN}, Progress.PENDING),
        (NO_TRACE_SECONDS, {"operation": ours(Phase.SUCCEEDED, verb, "req-2")}, {}, Progress.UNKNOWN),
    )
]
RESET_BY_ID.append(Look(CVM, NO_TRACE_SECONDS, {**IDLE, **NEW}, {**IDLE, **NEW}, LOST, Progress.NOT_STARTED))
OTHERS_BY_RECORD = [
    Look(ECM, age, seen, baseline, attempt, expected, verb)
    for verb in OTHERS
    for last in [{"operation": Operation(verb, Phase.SUCCEEDED, "last")}]
    for age, seen, baseline, attempt, expected in (
        (1, {"operation": Operation(verb, Phase.RUNNING, "last")}, {}, {}, Progress.PENDING),
        (3, last, {}, BEGUN, Progress.DONE),
        (STALE_SECONDS - 1, last, {}, {}, Progress.PENDING),
        (STALE_SECONDS, last, {}, {}, Progress.DONE),
        (STALE_SECONDS, {"operation": Operation(verb, Phase.FAILED, "last")}, {}, {}, Progress.FAILED),
        # The record is the same as before: the old success must not count.
        (NO_TRACE_SECONDS, last, last, {}, Progress.PENDING),
        (2 + STALE_SECONDS - 1, last, last, BEGUN, Progress.PENDING),
        (2 + STALE_SECONDS, last, last, BEGUN, Progress.DONE),
        (NO_TRACE_SECONDS - 1, last, last, LOST, Progress.PENDING),
        (NO_TRACE_SECONDS, last, last, LOST, Progress.UNKNOWN),
        (NO_TRACE_SECONDS, WAS_RESET, WAS_RESET, LOST, Progress.NOT_STARTED),
        (NO_TRACE_SECONDS, WAS_RESET, WAS_RESET, UNWATCHED, Progress.UNKNOWN),
        (NO_TRACE_SECONDS, WAS_RESET, last, {}, Progress.UNKNOWN),
        (NO_TRACE_SECONDS, {**WAS_RESET, "image_id": ""}, last, {}, Progress.UNKNOWN),
    )
]
# With ids, the record of an earlier request of a kind is not mistaken for ours.
OTHERS_BY_ID += [
    Look(CVM, NO_TRACE_SECONDS, last, last, LOST, Progress.NOT_STARTED, verb)
    for verb in OTHERS
    for last in [{"operation": ours(Phase.SUCCEEDED, verb, "req-old")}]
]
# Only what always leaves a trace ends without one.
OTHERS_WITHOUT_A_TRACE = [
    Look(proof, TRACE_SECONDS, IDLE, IDLE, {}, Progress.UNKNOWN if traced else Progress.PENDING, verb)
    for proof in (CVM, ECM)
    for verb, traced in zip(OTHERS, (True, False, False, True))
]

ON = {"status": RUNNING}
PASSWORD = [
    Look(proof, age, seen, FROM_STOPPED, attempt, expected, Verb.PASSWORD)
    for proof, age, seen, attempt, expected in (
        # By a state of its own.
        (CVM_V2, 9999, {"status": Status.SETTING_PASSWORD}, BEGUN, Progress.PENDING),
        (CVM_V2, 2 + STALE_SECONDS - 1, FROM_STOPPED, BEGUN, Progress.PENDING),
        (CVM_V2, 2 + STALE_SECONDS, FROM_STOPPED, BEGUN, Progress.DONE),
        (CVM_V2, TRACE_SECONDS - 1, FROM_STOPPED, {}, Progress.PENDING),
        (CVM_V2, TRACE_SECONDS, FROM_STOPPED, {}, Progress.UNKNOWN),
        (CVM_V2, STALE_SECONDS, ON, {}, Progress.PENDING),  # somebody started it
        (CVM_V2, NO_TRACE_SECONDS - 1, FROM_STOPPED, LOST, Progress.PENDING),
        (CVM_V2, NO_TRACE_SECONDS, FROM_STOPPED, LOST, Progress.UNKNOWN),
        # By the start that it ends with, where nobody else can have started it.
        (VM, STALE_SECONDS - 1, ON, {}, Progress.PENDING),
        (VM, STALE_SECONDS, ON, {}, Progress.DONE),
        (VM, STALE_SECONDS, ON, {"watched": False}, Progress.PENDING),
        (VM, STALE_SECONDS, ON, LOST, Progress.PENDING),
        (VM, 2 + STALE_SECONDS - 1, ON, {**LOST, **BEGUN}, Progress.PENDING),
        (VM, 2 + STALE_SECONDS, ON, {**LOST, **BEGUN}, Progress.DONE),
        (VM, NO_TRACE_SECONDS - 1, ON, LOST, Progress.PENDING),
        (VM, NO_TRACE_SECONDS, ON, LOST, Progress.UNKNOWN),
        (VM, TRACE_SECONDS, FROM_STOPPED, {}, Progress.UNKNOWN),
        # By the answer.
        (ZEC, 1, ON, {}, Progress.DONE),
        (ZEC, NO_TRACE_SECONDS - 1, ON, LOST, Progress.PENDING),
        (ZEC, NO_TRACE_SECONDS, ON, LOST, Progress.UNKNOWN),
    )
]

# Whatever was asked for, and however it shows.
ANYTHING = [
    Look(proof, age, seen, {}, attempt, expected, verb)
    for verb in Verb
    for proof in (ZEC, VM, CVM_V2, ECM, CVM)
    for age, seen, attempt, expected in (
        # Pages shift while others are deleted, and a look may be old: one that misses it says nothing yet.
        (NO_TRACE_SECONDS - 1, None, {"missing": 2}, Progress.PENDING),
        (NO_TRACE_SECONDS, None, {"missing": 1}, Progress.PENDING),
        (NO_TRACE_SECONDS, None, {"missing": 2}, Progress.UNKNOWN),
        # A call about something else has seen how it ended.
        (1, {"status": Status.CREATING}, {"known": Finding(Progress.FAILED)}, Progress.FAILED),
    )
]

LOOKS = [
    *RESET_BY_STATE,
    *RESET_BY_ID,
    *RESET_BY_RECORD,
    *POWER_BY_STATE,
    *OTHERS_BY_ID,
    *OTHERS_BY_RECORD,
    *OTHERS_WITHOUT_A_TRACE,
    *PASSWORD,
    *ANYTHING,
]
