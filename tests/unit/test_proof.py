# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at an instance proves about a request that was sent: every branch, for three kinds of
record.
"""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import (
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
from ansible_collections.reforge.cloud.plugins.module_utils.decide.attempt import Attempt, Progress
from ansible_collections.reforge.cloud.plugins.module_utils.decide.evidence import judge

# A state alone, from stopped to running; a state alone; a record of the last operation without and with
# request ids.
STOPPED_FIRST = Proof(ends_running=True)
STATE = Proof()
RECORD = Proof(by_operation=True)
REQUEST = Proof(by_operation=True, by_request_id=True)

SENT = 1000.0
OLD_RESET = Operation(Verb.RESET, Phase.SUCCEEDED, "ResetInstance", "req-old")
OLD_STOP = Operation(Verb.STOP, Phase.SUCCEEDED, "StopInstances", "req-stop")
RUNNING, STOPPED, RESETTING = Status.RUNNING, Status.STOPPED, Status.RESETTING


def ours(phase, verb=Verb.RESET, request_id="req-1", **more):
    return Operation(verb, phase, "ResetInstance", request_id, **more)


@pytest.fixture
def finding(make_instance):
    """The finding of a look ``age`` seconds after an attempt with these particulars."""

    def find(proof, age, seen, baseline=None, verb=Verb.RESET, **attempt):
        before = make_instance(**(baseline or {}))
        what = {"target": "new", "request_id": "req-1" if proof.by_request_id else "", **attempt}
        instance = None if seen is None else make_instance(**seen)
        return judge(proof, Attempt(verb, before, SENT, **what), instance, SENT + age)

    return find


LOST = {"answered": False, "request_id": ""}
BEGUN = {"began_at": SENT + 2}
FROM_STOPPED = {"status": STOPPED}
NEW, OLD = {"image_id": "new"}, {"image_id": "old"}


@pytest.mark.parametrize(
    "proof, age, seen, baseline, attempt, expected",
    [
        # Not listed any more, or in the recycle bin: a stale look at first, then nothing can be told.
        (STATE, NO_TRACE_SECONDS - 1, None, {}, {}, Progress.PENDING),
        (STATE, NO_TRACE_SECONDS, None, {}, {"missing": 2}, Progress.UNKNOWN),
        (REQUEST, NO_TRACE_SECONDS, {"status": Status.RECYCLED}, {}, {}, Progress.UNKNOWN),
        (STATE, NO_TRACE_SECONDS - 1, {"status": Status.TERMINATING}, {}, {}, Progress.PENDING),
        # While it runs.
        (STOPPED_FIRST, 1, {"status": RESETTING}, FROM_STOPPED, {}, Progress.PENDING),
        (STATE, 9999, {"status": RESETTING}, {}, BEGUN, Progress.PENDING),
        (STATE, 9999, {"status": Status.UNKNOWN}, {}, BEGUN, Progress.PENDING),
        # It was stopped before: running with the new image is the end, whenever it is seen.
        (STOPPED_FIRST, 1, {"status": RUNNING, **NEW}, FROM_STOPPED, {}, Progress.DONE),
        (STOPPED_FIRST, 1, {"status": RUNNING, **NEW}, FROM_STOPPED, LOST, Progress.DONE),
        # The old running with the old image may be a stale look, until the reset was seen to begin and some
        # time passed.
        (STOPPED_FIRST, 1, {"status": RUNNING, **OLD}, FROM_STOPPED, {}, Progress.PENDING),
        (
            STOPPED_FIRST,
            2 + STALE_SECONDS - 1,
            {"status": RUNNING, **OLD},
            FROM_STOPPED,
            BEGUN,
            Progress.PENDING,
        ),
        # Another image at the end: someone else may have installed it over ours.
        (STOPPED_FIRST, 2 + STALE_SECONDS, {"status": RUNNING, **OLD}, FROM_STOPPED, BEGUN, Progress.UNKNOWN),
        # The same image again (force): nothing but the time after the beginning tells a stale look from the
        # end.
        (
            STOPPED_FIRST,
            STALE_SECONDS - 1,
            {"status": RUNNING, **NEW},
            {**FROM_STOPPED, **NEW},
            {},
            Progress.PENDING,
        ),
        (
            STOPPED_FIRST,
            STALE_SECONDS,
            {"status": RUNNING, **NEW},
            {**FROM_STOPPED, **NEW},
            {},
            Progress.DONE,
        ),
        (
            STOPPED_FIRST,
            2 + STALE_SECONDS - 1,
            {"status": RUNNING, **NEW},
            {**FROM_STOPPED, **NEW},
            BEGUN,
            Progress.PENDING,
        ),
        (
            STOPPED_FIRST,
            2 + STALE_SECONDS,
            {"status": RUNNING, **NEW},
            {**FROM_STOPPED, **NEW},
            BEGUN,
            Progress.DONE,
        ),
        # Without a stop before it, the same image and state prove nothing that was not seen to begin.
        (STATE, 60, {"status": RUNNING, **NEW}, NEW, {}, Progress.PENDING),
        (STATE, TRACE_SECONDS, {"status": RUNNING, **NEW}, NEW, {}, Progress.UNKNOWN),
        (STATE, 2 + STALE_SECONDS, {"status": RUNNING, **NEW}, NEW, BEGUN, Progress.DONE),
        (STATE, STALE_SECONDS - 1, {"status": RUNNING, **NEW}, OLD, {}, Progress.PENDING),
        (STATE, STALE_SECONDS, {"status": RUNNING, **NEW}, OLD, {}, Progress.DONE),
        (STATE, 2 + STALE_SECONDS, {"status": RUNNING, **OLD}, OLD, BEGUN, Progress.UNKNOWN),
        # Failed: at once when it was seen to begin, later when it was not, and never by a failure that was
        # there before.
        (STOPPED_FIRST, 3, {"status": Status.RESET_FAILED}, FROM_STOPPED, BEGUN, Progress.FAILED),
        (
            STOPPED_FIRST,
            STALE_SECONDS - 1,
            {"status": Status.RESET_FAILED},
            FROM_STOPPED,
            {},
            Progress.PENDING,
        ),
        (STOPPED_FIRST, STALE_SECONDS, {"status": Status.RESET_FAILED}, FROM_STOPPED, {}, Progress.FAILED),
        (
            STOPPED_FIRST,
            STALE_SECONDS,
            {"status": Status.RESET_FAILED},
            {"status": Status.RESET_FAILED},
            {},
            Progress.PENDING,
        ),
        (
            STOPPED_FIRST,
            TRACE_SECONDS,
            {"status": Status.RESET_FAILED},
            {"status": Status.RESET_FAILED},
            {},
            Progress.UNKNOWN,
        ),
        (STATE, 3, {"status": Status.RESET_FAILED}, {"status": Status.RESET_FAILED}, BEGUN, Progress.PENDING),
        (
            STATE,
            2 + STALE_SECONDS,
            {"status": Status.RESET_FAILED},
            {"status": Status.RESET_FAILED},
            BEGUN,
            Progress.FAILED,
        ),
        (STATE, 3, {"status": Status.FAILED}, {}, BEGUN, Progress.FAILED),
        # Ended stopped.
        (STOPPED_FIRST, 2 + STALE_SECONDS, {"status": STOPPED, **NEW}, FROM_STOPPED, BEGUN, Progress.DONE),
        (STOPPED_FIRST, 2 + STALE_SECONDS, {"status": STOPPED, **OLD}, FROM_STOPPED, BEGUN, Progress.UNKNOWN),
        (
            STOPPED_FIRST,
            2 + STALE_SECONDS - 1,
            {"status": STOPPED, **OLD},
            FROM_STOPPED,
            BEGUN,
            Progress.PENDING,
        ),
        # The answer was lost, and nothing shows: it was not begun, or it cannot be told.
        (
            STOPPED_FIRST,
            NO_TRACE_SECONDS - 1,
            {"status": STOPPED, **OLD},
            FROM_STOPPED,
            LOST,
            Progress.PENDING,
        ),
        (
            STOPPED_FIRST,
            NO_TRACE_SECONDS,
            {"status": STOPPED, **OLD},
            FROM_STOPPED,
            LOST,
            Progress.NOT_STARTED,
        ),
        (
            STOPPED_FIRST,
            NO_TRACE_SECONDS,
            {"status": STOPPED, **NEW},
            {**FROM_STOPPED, **NEW},
            LOST,
            Progress.NOT_STARTED,
        ),
        (STATE, NO_TRACE_SECONDS, {"status": RUNNING, **OLD}, OLD, LOST, Progress.NOT_STARTED),
        (STATE, NO_TRACE_SECONDS, {"status": RUNNING, **NEW}, NEW, LOST, Progress.UNKNOWN),
        (STATE, NO_TRACE_SECONDS, {"status": Status.REBOOTING, **OLD}, OLD, LOST, Progress.PENDING),
        # Accepted, and still without any trace: not for ever.
        (STOPPED_FIRST, TRACE_SECONDS - 1, {"status": STOPPED, **OLD}, FROM_STOPPED, {}, Progress.PENDING),
        (STOPPED_FIRST, TRACE_SECONDS, {"status": STOPPED, **OLD}, FROM_STOPPED, {}, Progress.UNKNOWN),
    ],
)
def test_a_reset_is_judged_by_state_and_image(finding, proof, age, seen, baseline, attempt, expected):
    assert finding(proof, age, seen, baseline, **attempt).progress is expected


IDLE = {"operation": OLD_RESET}


@pytest.mark.parametrize(
    "age, seen, attempt, expected",
    [
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
        (NO_TRACE_SECONDS, {"operation": OLD_STOP, "status": Status.STOPPING, **NEW}, {}, Progress.UNKNOWN),
        (
            NO_TRACE_SECONDS,
            {"operation": ours(Phase.SUCCEEDED, request_id="req-2"), **OLD},
            {},
            Progress.UNKNOWN,
        ),
    ],
)
def test_a_reset_is_judged_by_its_request_id_in_the_record(finding, age, seen, attempt, expected):
    assert finding(REQUEST, age, seen, {"operation": OLD_RESET}, **attempt).progress is expected


NO_ID = Operation(Verb.RESET, Phase.SUCCEEDED, "ResetInstance")
WAS_RESET = {"operation": NO_ID}
WAS_STOPPED = {"operation": Operation(Verb.STOP, Phase.SUCCEEDED, "StopInstances"), "status": STOPPED}
UNWATCHED = {**LOST, "watched": False}
RUNS = Operation(Verb.RESET, Phase.RUNNING, "ResetInstance")
BROKE = Operation(Verb.RESET, Phase.FAILED, "ResetInstance", error="no disk")


@pytest.mark.parametrize(
    "age, seen, baseline, attempt, expected",
    [
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
    ],
)
def test_a_reset_is_judged_by_a_record_without_ids(finding, age, seen, baseline, attempt, expected):
    assert finding(RECORD, age, seen, baseline, **attempt).progress is expected


@pytest.mark.parametrize(
    "verb, age, status, attempt, expected",
    [
        (Verb.REBOOT, 60, RUNNING, {}, Progress.PENDING),
        (Verb.REBOOT, TRACE_SECONDS, RUNNING, {}, Progress.UNKNOWN),
        (Verb.REBOOT, 2, Status.REBOOTING, {}, Progress.PENDING),
        (Verb.REBOOT, 2 + STALE_SECONDS - 1, RUNNING, BEGUN, Progress.PENDING),
        (Verb.REBOOT, 2 + STALE_SECONDS, RUNNING, BEGUN, Progress.DONE),
        (Verb.REBOOT, NO_TRACE_SECONDS - 1, RUNNING, LOST, Progress.PENDING),
        (Verb.REBOOT, NO_TRACE_SECONDS, RUNNING, LOST, Progress.UNKNOWN),
        (Verb.START, 1, STOPPED, {}, Progress.PENDING),
        (Verb.START, 1, RUNNING, {}, Progress.PENDING),
        (Verb.START, STALE_SECONDS, RUNNING, {}, Progress.DONE),
        (Verb.START, 3, RUNNING, BEGUN, Progress.DONE),
        (Verb.START, 9999, STOPPED, {}, Progress.PENDING),
        (Verb.START, NO_TRACE_SECONDS, STOPPED, LOST, Progress.NOT_STARTED),
        (Verb.REBOOT, 2 + STALE_SECONDS, STOPPED, BEGUN, Progress.UNKNOWN),
        (Verb.REBOOT, 2 + STALE_SECONDS - 1, STOPPED, BEGUN, Progress.PENDING),
        (Verb.START, 2 + STALE_SECONDS, STOPPED, BEGUN, Progress.FAILED),
        (Verb.STOP, 2 + STALE_SECONDS, RUNNING, BEGUN, Progress.FAILED),
        (Verb.STOP, 3, STOPPED, BEGUN, Progress.DONE),
        (Verb.STOP, STALE_SECONDS, STOPPED, {}, Progress.DONE),
        (Verb.STOP, STALE_SECONDS - 1, STOPPED, {}, Progress.PENDING),
        (Verb.STOP, NO_TRACE_SECONDS, RUNNING, LOST, Progress.NOT_STARTED),
        (Verb.STOP, NO_TRACE_SECONDS, Status.STOPPING, LOST, Progress.PENDING),
    ],
)
def test_a_reboot_start_or_stop_is_judged_by_the_state(finding, verb, age, status, attempt, expected):
    assert finding(STATE, age, {"status": status}, verb=verb, **attempt).progress is expected


@pytest.mark.parametrize(
    "age, seen, attempt, expected",
    [
        (1, {"operation": ours(Phase.SUCCEEDED, Verb.REBOOT)}, {}, Progress.DONE),
        (
            1,
            {"operation": ours(Phase.SUCCEEDED, Verb.REBOOT), "status": Status.REBOOTING},
            {},
            Progress.PENDING,
        ),
        (1, {"operation": ours(Phase.FAILED, Verb.REBOOT)}, {}, Progress.FAILED),
        (NO_TRACE_SECONDS, {"operation": OLD_RESET}, LOST, Progress.NOT_STARTED),
        (TRACE_SECONDS, {"operation": OLD_RESET}, {}, Progress.UNKNOWN),
    ],
)
def test_a_reboot_is_judged_by_its_request_id(finding, age, seen, attempt, expected):
    assert finding(REQUEST, age, seen, {"operation": OLD_RESET}, Verb.REBOOT, **attempt).progress is expected


def test_a_failure_says_the_vendors_word_for_it(finding):
    found = finding(
        STOPPED_FIRST,
        3,
        {"status": Status.RESET_FAILED, "vendor_status": "REINSTALL_FAILED"},
        FROM_STOPPED,
        **BEGUN,
    )
    assert found.code == "REINSTALL_FAILED" and "REINSTALL_FAILED" in found.sentence
    found = finding(REQUEST, 3, {"operation": ours(Phase.FAILED, error="no disk")})
    assert (found.code, found.sentence) == ("OPERATION_FAILED", "no disk")


def test_a_wrong_image_at_the_end_names_both(finding):
    found = finding(STOPPED_FIRST, 60, {"status": RUNNING, **OLD}, FROM_STOPPED, **BEGUN)
    assert found.code == "WRONG_IMAGE" and "old" in found.sentence and "new" in found.sentence


def test_a_look_that_shows_it_under_way_notes_the_first_time_only(make_instance):
    attempt = Attempt(Verb.RESET, make_instance(), SENT)
    assert attempt.seen(STATE, make_instance(), SENT + 1).began_at is None
    begun = attempt.seen(STATE, make_instance(status=RESETTING), SENT + 2)
    again = begun.seen(STATE, make_instance(status=RESETTING), SENT + 5)
    assert (begun.began_at, again.began_at) == (SENT + 2, SENT + 2)


def test_an_instance_that_one_look_has_missed_is_not_gone(make_instance):
    once = Attempt(Verb.RESET, make_instance(), SENT).seen(STATE, None, SENT + 40)
    assert judge(STATE, once, None, SENT + 40).progress is Progress.PENDING
    assert judge(STATE, once.seen(STATE, None, SENT + 41), None, SENT + 41).progress is Progress.UNKNOWN
    assert once.seen(STATE, make_instance(), SENT + 41).missing == 0


@pytest.mark.parametrize("looks, watched", [((10, 60, 110), True), ((61,), False), ((10, 71), False)])
def test_a_gap_between_two_looks_ends_the_watch(make_instance, looks, watched):
    attempt = Attempt(Verb.RESET, make_instance(), SENT)
    for at in looks:
        attempt = attempt.seen(STATE, make_instance(), SENT + at)
    assert attempt.watched is watched


@pytest.mark.parametrize(
    "known, operation, expected",
    [
        ("", ours(Phase.RUNNING, request_id="req-9"), "req-9"),
        ("req-1", ours(Phase.RUNNING, request_id="req-9"), "req-1"),
        ("", OLD_RESET, ""),
        ("", ours(Phase.RUNNING, Verb.STOP, "req-9"), ""),
        ("", None, ""),
    ],
)
def test_a_lost_request_id_is_taken_from_a_record_that_changed(make_instance, known, operation, expected):
    attempt = Attempt(Verb.RESET, make_instance(operation=OLD_RESET), SENT, request_id=known)
    assert attempt.seen(STATE, make_instance(operation=operation), SENT + 1).request_id == expected


@pytest.mark.parametrize("proof", [STOPPED_FIRST, STATE, RECORD, REQUEST])
def test_the_proof_has_a_sentence_of_its_own(proof):
    sentences = {one.sentence for one in (STOPPED_FIRST, STATE, RECORD, REQUEST)}
    assert proof.sentence and len(sentences) == 4
