# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The next step for one instance, from what was asked, sent and seen."""

from __future__ import annotations

from collections import Counter

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import ApiError, Kind, NetworkError
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import (
    Decision,
    Outcome,
    RequestState,
    Status,
    Verb,
    Verdict,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Proof
from ansible_collections.reforge.cloud.plugins.module_utils.core.reason import Reason
from ansible_collections.reforge.cloud.plugins.module_utils.core.timing import (
    NO_TRACE_SECONDS,
    SOFT_SECONDS,
    STALE_SECONDS,
)
from ansible_collections.reforge.cloud.plugins.module_utils.decide.attempt import Attempt
from ansible_collections.reforge.cloud.plugins.module_utils.decide.facts import act, refuse, unchanged
from ansible_collections.reforge.cloud.plugins.module_utils.decide.next_step import (
    PATIENCE,
    POWER_TRIES,
    START_TRIES,
    next_step,
)
from ansible_collections.reforge.cloud.plugins.module_utils.decide.verdicts import settle
from ansible_collections.reforge.cloud.plugins.module_utils.decide.work_item import (
    UNREACHABLE,
    Close,
    End,
    Goal,
    Send,
    Wait,
    kind_of,
)

RESET = act(Verb.RESET, Reason.IMAGE_DIFFERS, "install it")
REBOOT = act(Verb.REBOOT, Reason.ASKED, "reboot it")
STOP = act(Verb.STOP, Reason.ASKED, "stop it")
SENT = 1000.0


@pytest.fixture
def step(zec, make_instance, make_work):
    """The next step for an instance in this state, when the rules give this verdict."""

    def following(
        verdict=RESET, status=Status.RUNNING, verb=Verb.RESET, goal=None, attempt=None, provider=zec, **work
    ):
        latest = work.pop("latest", make_instance(status=status))
        refusals = Counter({kind_of(work.get("error")): work.pop("turned_down", 0)})
        item = make_work(verdict, latest, refusals=refusals, **work)
        if attempt is not None:
            item.attempt = Attempt(
                **{"verb": verb, "baseline": make_instance(), "sent_at": SENT, "target": "new", **attempt}
            )
            item.read_at = work.get("read_at", SENT + 1)
        return next_step(Goal(verb, provider, lambda instance, known: verdict, **(goal or {})), item)

    return following


def test_a_running_instance_is_stopped_before_a_reset_that_needs_it_stopped(step):
    assert step() == Send(Verb.STOP, "")
    assert step(goal={"modes": {Verb.STOP: lambda instance_id: "hard"}}) == Send(Verb.STOP, "hard")
    assert step(goal={"modes": {Verb.STOP: lambda instance_id: "soft_then_hard"}}) == Send(Verb.STOP, "soft")


@pytest.mark.parametrize("status", [Status.STOPPED, Status.RESET_FAILED])
def test_a_state_from_which_a_reset_is_taken_gets_the_reset(step, status):
    assert step(status=status) == Send(Verb.RESET)


def test_soft_then_hard_is_passed_on_where_the_provider_has_it_itself(step, zec):
    native = zec._replace(modes={Verb.REBOOT: {"soft_then_hard": {"mode": 3}, "soft": {}}})
    both = {"modes": {Verb.REBOOT: lambda instance_id: "soft_then_hard"}}
    assert step(REBOOT, verb=Verb.REBOOT, goal=both, provider=native) == Send(Verb.REBOOT, "soft_then_hard")
    assert step(REBOOT, verb=Verb.REBOOT, goal=both) == Send(Verb.REBOOT, "soft")


@pytest.mark.parametrize(
    "verdict, outcome",
    [
        (refuse(Reason.PROTECTED, "no"), Outcome.REFUSED),
        (unchanged(Reason.IMAGE_MATCHES, "same"), Outcome.UNCHANGED),
    ],
)
def test_what_needs_nothing_ends_with_the_reason_of_its_verdict(step, verdict, outcome):
    assert step(verdict) == End(outcome, verdict.reason, verdict.sentence)


def test_what_is_busy_is_waited_for(step, make_instance):
    assert step(settle(make_instance())) == Wait()


def test_what_was_turned_down_waits_until_its_time(step):
    assert step(not_before=1001.0) == Wait()
    assert step(not_before=1000.0) == Send(Verb.STOP, "")


@pytest.mark.parametrize(
    "error, tries, code",
    [
        (ApiError("LIMIT", "slow", Kind.THROTTLED), PATIENCE[Kind.THROTTLED.value], "LIMIT"),
        (ApiError("BUSY", "busy", Kind.IN_PROGRESS), PATIENCE[Kind.IN_PROGRESS.value], "BUSY"),
        (ApiError("STATE", "state", Kind.WRONG_STATE), PATIENCE[Kind.WRONG_STATE.value], "STATE"),
        (ApiError("BAD", "bad", Kind.REJECTED, "req-9"), 0, "BAD"),
        (ApiError("GONE", "gone", Kind.NOT_FOUND), 0, "GONE"),
        (ApiError("KEY", "key", Kind.DENIED), 0, "KEY"),
        (NetworkError("refused", sent=False), PATIENCE[UNREACHABLE], "NETWORK_ERROR"),
    ],
)
def test_patience_with_what_was_turned_down_goes_by_the_kind_of_error(step, error, tries, code):
    if tries:
        assert step(error=error, turned_down=tries) == Send(Verb.STOP, "")
    end = step(error=error, turned_down=tries + 1)
    assert (end.outcome, end.code, end.sentence) == (Outcome.FAILED, code, str(error))


def test_stops_are_not_tried_for_ever(step):
    assert step(power_tries=POWER_TRIES - 1) == Send(Verb.STOP, "")
    assert step(power_tries=POWER_TRIES).code == "NOT_STOPPED"


def test_a_look_from_before_the_request_says_nothing(step):
    assert step(attempt={}, read_at=SENT, status=Status.STOPPED) == Wait()


def test_after_a_stop_the_reset_follows_as_soon_as_it_is_stopped(step):
    assert step(status=Status.STOPPED, attempt={"verb": Verb.STOP}) == Send(Verb.RESET)
    assert step(status=Status.STOPPING, attempt={"verb": Verb.STOP}) == Wait()


def test_a_reset_of_another_run_that_came_before_ours_ends_the_wait_for_the_stop(step):
    attach = Verdict(Decision.ATTACH, Reason.RESETTING, "wait", Verb.RESET)
    stop = {"verb": Verb.STOP, "began_at": SENT + 1}
    assert step(attach, Status.RESETTING, attempt=stop) == Wait()


@pytest.mark.parametrize("tries, expected", [(1, Send(Verb.STOP, "")), (3, End)])
def test_a_stop_that_fell_back_is_tried_again_as_often_as_that_is_allowed(step, tries, expected):
    stop = {"verb": Verb.STOP, "began_at": SENT + 1}
    found = step(attempt=stop, read_at=SENT + 1 + STALE_SECONDS, power_tries=tries)
    assert found == expected or (isinstance(found, End) and expected is End)


def test_a_soft_stop_becomes_a_hard_one_after_its_time(step):
    soft = {"verb": Verb.STOP, "mode": "soft"}
    goal = {"modes": {Verb.STOP: lambda instance_id: "soft_then_hard"}}
    early, late = SENT + SOFT_SECONDS - 1, SENT + SOFT_SECONDS
    assert step(status=Status.STOPPING, attempt=soft, goal=goal, read_at=early) == Wait()
    assert step(status=Status.STOPPING, attempt=soft, goal=goal, read_at=late) == Send(Verb.STOP, "hard")
    assert step(status=Status.STOPPING, attempt={**soft, "mode": "hard"}, goal=goal, read_at=late) == Wait()
    assert (
        step(
            status=Status.STOPPING,
            attempt=soft,
            goal={"modes": {Verb.STOP: lambda instance_id: "soft"}},
            read_at=late,
        )
        == Wait()
    )


@pytest.mark.parametrize(
    "status, error, tries, expected",
    [
        (Status.REBOOTING, None, 0, Send(Verb.REBOOT, "hard")),
        (Status.RUNNING, None, 0, Wait()),  # it may have been, unseen: a second one would be one too many
        (Status.REBOOTING, ApiError("X", "busy", Kind.IN_PROGRESS), 3, Send(Verb.REBOOT, "hard")),
        (Status.REBOOTING, ApiError("X", "no", Kind.REJECTED), 1, Wait()),
    ],
)
def test_a_soft_reboot_becomes_a_hard_one_only_while_it_hangs_and_that_is_not_refused(
    step, status, error, tries, expected
):
    soft, goal = (
        {"mode": "soft", "began_at": SENT + 1},
        {"modes": {Verb.REBOOT: lambda instance_id: "soft_then_hard"}},
    )
    late = {"read_at": SENT + SOFT_SECONDS, "error": error, "turned_down": tries}
    begun = soft if status is Status.REBOOTING else {"mode": "soft"}
    assert step(REBOOT, status, Verb.REBOOT, goal, begun, **late) == expected
    if expected != Wait():
        assert (
            step(REBOOT, status, Verb.REBOOT, goal, begun, **late, not_before=SENT + SOFT_SECONDS + 1)
            == Wait()
        )


def test_a_lost_stop_that_did_not_happen_is_sent_again_as_often_as_that_is_allowed(step):
    lost = {"verb": Verb.STOP, "answered": False}
    assert step(attempt=lost, read_at=SENT + NO_TRACE_SECONDS) == Send(Verb.STOP, "")
    given_up = step(attempt=lost, read_at=SENT + NO_TRACE_SECONDS, power_tries=POWER_TRIES)
    assert isinstance(given_up, End) and given_up.outcome is Outcome.FAILED


def test_a_lost_reset_that_did_not_happen_fails_and_is_not_sent_again(step):
    end = step(attempt={"answered": False}, status=Status.STOPPED, read_at=SENT + NO_TRACE_SECONDS)
    assert (end.outcome, end.reason) == (Outcome.FAILED, "not_started")


def test_a_continued_request_that_did_not_happen_is_closed_and_still_to_be_done(step):
    late = {"read_at": SENT + NO_TRACE_SECONDS, "continued_since": 1.0}
    assert step(attempt={"answered": False}, status=Status.STOPPED, **late) == Close(RequestState.NOT_STARTED)


def test_what_cannot_be_told_ends_as_unknown_with_the_request_id(step):
    plain = {"verb": Verb.REBOOT, "answered": False, "request_id": "req-1"}
    end = step(REBOOT, verb=Verb.REBOOT, attempt=plain, read_at=SENT + NO_TRACE_SECONDS)
    assert (end.outcome, end.code, end.request_id) == (Outcome.UNKNOWN, "UNKNOWN", "req-1")


@pytest.mark.parametrize(
    "verb, outcome",
    [
        (Verb.REBOOT, Outcome.REBOOTED),
        (Verb.START, Outcome.STARTED),
        (Verb.STOP, Outcome.STOPPED),
    ],
)
def test_a_proven_end_has_the_outcome_of_its_verb(step, verb, outcome):
    status = Status.STOPPED if verb is Verb.STOP else Status.RUNNING
    end = step(
        act(verb, Reason.ASKED, "do it"),
        status,
        verb,
        attempt={"began_at": SENT + 1},
        read_at=SENT + 1 + STALE_SECONDS,
    )
    assert end.outcome is outcome


def test_without_waiting_an_accepted_request_is_the_end_and_a_lost_one_is_not(step):
    quick = {"wait": False}
    accepted = step(attempt={}, status=Status.STOPPED, goal=quick)
    assert (accepted.outcome, accepted.reason) == (Outcome.ACCEPTED, "not_waited")
    assert step(attempt={"answered": False}, status=Status.STOPPED, goal=quick) == Wait()
    assert step(attempt={"verb": Verb.STOP}, status=Status.STOPPING, goal=quick) == Wait()


@pytest.mark.parametrize(
    "verdict, error",
    [
        (RESET, ApiError("BAD", "bad", Kind.REJECTED)),
        (refuse(Reason.PROTECTED, "no"), None),
        (unchanged(Reason.IMAGE_MATCHES, "same"), None),
    ],
)
def test_an_instance_that_was_stopped_for_nothing_is_started_again(step, verdict, error):
    assert step(verdict, Status.STOPPED, stopped_by_us=True, error=error, turned_down=1) == Send(Verb.START)


@pytest.mark.parametrize(
    "changes",
    [
        {"stopped_by_us": False},
        {"status": Status.RUNNING, "stopped_by_us": True},
        {"stopped_by_us": True, "ending": End(Outcome.FAILED, Reason.REJECTED), "starts": START_TRIES},
    ],
)
def test_an_instance_is_not_started_that_we_did_not_stop_or_have_asked_to_start_often_enough(step, changes):
    error = ApiError("BAD", "bad", Kind.REJECTED)
    found = step(**{"status": Status.STOPPED, "error": error, "turned_down": 1, **changes})
    assert isinstance(found, End) and found.outcome is Outcome.FAILED


def test_what_is_running_already_is_waited_for_and_without_waiting_only_named(step):
    verdict = Verdict(Decision.ATTACH, Reason.RESETTING, "running", Verb.RESET)
    assert step(verdict, Status.RESETTING) == Wait()
    end = step(verdict, Status.RESETTING, goal={"wait": False})
    assert (end.outcome, end.reason, end.state) == (Outcome.ACCEPTED, Reason.NOT_WAITED, None)


def test_a_reset_of_someone_else_with_our_image_counts_after_the_time_for_stale_looks(step, make_instance):
    done = make_instance(image_id="new")
    same = unchanged(Reason.IMAGE_MATCHES, "same")
    assert step(same, latest=done, attached_at=SENT, read_at=SENT + STALE_SECONDS - 1) == Wait()
    end = step(same, latest=done, attached_at=SENT, read_at=SENT + STALE_SECONDS)
    assert (end.outcome, end.reason) == (Outcome.RESET, "attached")


def test_a_reset_of_someone_else_that_ends_with_another_image_is_followed_by_ours(step):
    assert step(status=Status.STOPPED, attached_at=SENT, read_at=SENT + STALE_SECONDS) == Send(Verb.RESET)


def test_the_body_has_the_fields_of_the_verb_that_was_asked_for_and_those_of_the_mode(zec, make_instance):
    goal = Goal(Verb.RESET, zec, lambda instance, known: RESET, lambda instance, known: {"imageId": "new"})
    target = make_instance()
    assert goal.body(Verb.RESET, "", target, None) == {"imageId": "new"}
    assert goal.body(Verb.STOP, "soft", target, None) == {"forceShutdown": False}
    assert goal.body(Verb.STOP, "hard", target, None) == {"forceShutdown": True}


def test_the_old_running_is_no_end_for_a_provider_with_records(step, zec):
    recorded = zec._replace(proof=Proof(by_operation=True, by_request_id=True))
    assert step(attempt={"request_id": "req-1"}, status=Status.RUNNING, provider=recorded) == Wait()
