# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at an instance proves about a request that was sent: every branch, for every verb and each way
in which it shows.
"""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Phase, Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.decide.attempt import Attempt, Progress
from ansible_collections.reforge.cloud.plugins.module_utils.decide.evidence import judge
from histories.looks import (
    BEGUN,
    CVM,
    CVM_V2,
    ECM,
    FROM_STOPPED,
    LOOKS,
    OLD,
    OLD_RESET,
    RESETTING,
    RUNNING,
    SENT,
    ZEC,
    Look,
    ours,
)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.text)
def test_a_look_proves_no_more_than_it_shows(look):
    assert look.finding.progress is look.expected


def test_a_failure_says_the_vendors_word_for_it():
    seen = {"status": Status.RESET_FAILED, "vendor_status": "REINSTALL_FAILED"}
    found = Look(ZEC, 3, seen, FROM_STOPPED, BEGUN, Progress.FAILED).finding
    assert found.code == "REINSTALL_FAILED" and "REINSTALL_FAILED" in found.sentence
    found = Look(CVM, 3, {"operation": ours(Phase.FAILED, error="no disk")}, {}, {}, Progress.FAILED).finding
    assert (found.code, found.sentence) == ("OPERATION_FAILED", "no disk")


def test_a_wrong_image_at_the_end_names_both():
    found = Look(ZEC, 60, {"status": RUNNING, **OLD}, FROM_STOPPED, BEGUN, Progress.UNKNOWN).finding
    assert found.code == "WRONG_IMAGE" and "old" in found.sentence and "new" in found.sentence


def test_a_look_that_shows_it_under_way_notes_the_first_time_only(make_instance):
    attempt = Attempt(Verb.RESET, make_instance(), SENT)
    assert attempt.seen(CVM_V2, make_instance(), SENT + 1).began_at is None
    begun = attempt.seen(CVM_V2, make_instance(status=RESETTING), SENT + 2)
    again = begun.seen(CVM_V2, make_instance(status=RESETTING), SENT + 5)
    assert (begun.began_at, again.began_at) == (SENT + 2, SENT + 2)


def test_an_instance_that_one_look_has_missed_is_not_gone(make_instance):
    once = Attempt(Verb.RESET, make_instance(), SENT).seen(CVM_V2, None, SENT + 40)
    assert judge(CVM_V2, once, None, SENT + 40).progress is Progress.PENDING
    assert judge(CVM_V2, once.seen(CVM_V2, None, SENT + 41), None, SENT + 41).progress is Progress.UNKNOWN
    assert once.seen(CVM_V2, make_instance(), SENT + 41).missing == 0


@pytest.mark.parametrize("looks, watched", [((10, 60, 110), True), ((61,), False), ((10, 71), False)])
def test_a_gap_between_two_looks_ends_the_watch(make_instance, looks, watched):
    attempt = Attempt(Verb.RESET, make_instance(), SENT)
    for at in looks:
        attempt = attempt.seen(CVM_V2, make_instance(), SENT + at)
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
    assert attempt.seen(CVM_V2, make_instance(operation=operation), SENT + 1).request_id == expected


@pytest.mark.parametrize("proof", [ZEC, CVM_V2, ECM, CVM])
def test_the_proof_has_a_sentence_of_its_own(proof):
    sentences = {provider.sentence for provider in (ZEC, CVM_V2, ECM, CVM)}
    assert proof.sentence and len(sentences) == 4
