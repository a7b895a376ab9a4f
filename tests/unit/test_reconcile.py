# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whole calls against a cloud in this process, on the days on which things go wrong. No time passes outside.

Whatever happens, an instance is wiped as often as it was asked for, and success is claimed only where it is
true.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ansible_collections.reforge.cloud.plugins.module_utils.act.execute import Guards
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import (
    ApiError,
    CloudError,
    Kind,
    NetworkError,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Outcome, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.decide.next_step import PATIENCE, START_TRIES

OFF = {"status": "stopped"}
RESET = "ResetInstances"


def outcomes(report):
    return {item.id: item.end.outcome.value if item.end else None for item in report.items}


def ends(report):
    return {item.id: (item.end.outcome.value, item.end.code) for item in report.items}


def names(count):
    return [f"i-{number}" for number in range(count)]


def test_a_running_instance_is_stopped_reset_and_left_running(sky):
    sky.seed(a={}, b=OFF)
    assert outcomes(sky.reset(["a", "b"])) == {"a": "reset", "b": "reset"}
    assert sky.wipes() == {"a": 1, "b": 1}
    assert [(sky.truth(name).status, sky.truth(name).image_id) for name in "ab"] == [("running", "new")] * 2


def test_many_are_sent_in_as_few_requests_as_the_provider_takes(sky):
    sky.seed(**dict.fromkeys(names(250), OFF))
    assert set(outcomes(sky.reset(names(250))).values()) == {"reset"}
    assert sorted(len(entry["ids"]) for entry in sky.requests(RESET)) == [50, 100, 100]
    assert set(sky.wipes().values()) == {1}


def test_a_rehearsal_sends_no_write_and_gives_the_verdicts_of_the_real_run(sky):
    sky.seed(a={}, b={"image_id": "new"}, c={"status": "recycled"})
    guards = Guards(on_refusal="skip")
    planned = sky.reset("abc", guards, rehearsal=True)
    assert sky.emulation.journal.listed(writes="True") == []
    real = sky.reset("abc", guards)
    assert [item.verdict for item in planned.items] == [item.verdict for item in real.items]
    assert outcomes(real) == {"a": "reset", "b": "unchanged", "c": "refused"}


@pytest.mark.parametrize("effect", ["drop_after", "error_after"])
@pytest.mark.parametrize("instance", [{}, OFF, {"image_id": "new", **OFF}])
def test_an_answer_that_was_lost_after_acting_is_found_to_be_done(sky, effect, instance):
    sky.seed(a=instance)
    sky.fault(effect, RESET, count=1)
    assert outcomes(sky.reset(["a"], force=True)) == {"a": "reset"}
    assert sky.wipes() == {"a": 1} and len(sky.requests(RESET)) == 1


@pytest.mark.parametrize("effect", ["drop_before", "error_before"])
def test_a_request_that_was_lost_before_acting_fails_is_not_repeated_and_leaves_it_running(sky, effect):
    sky.seed(a={})
    sky.fault(effect, RESET, count=1)
    assert ends(sky.reset(["a"])) == {"a": ("failed", "NOT_STARTED")}
    assert sky.wipes() == {"a": 0} and len(sky.requests(RESET)) == 1
    assert sky.truth("a").status == "running"


@pytest.mark.parametrize("effect", ["drop_before", "drop_after", "error_after"])
def test_a_page_of_a_proxy_or_a_lost_stop_only_takes_longer(sky, effect):
    sky.seed(a={})
    sky.fault(effect, "StopInstances", count=1, body="<html>")
    assert outcomes(sky.reset(["a"])) == {"a": "reset"}
    assert sky.wipes() == {"a": 1}


def test_a_request_that_never_left_is_sent_again_and_wipes_once(sky):
    sky.seed(a=OFF)
    refusals = [NetworkError("refused", sent=False)] * 2

    def refuse(request):
        if request.action == RESET and refusals:
            raise refusals.pop()

    sky.hooks.append(refuse)
    assert outcomes(sky.reset(["a"])) == {"a": "reset"} and sky.wipes() == {"a": 1}


def test_what_waited_behind_a_slow_request_is_looked_at_again_before_it_is_sent(sky, clock):
    sky.seed(**dict.fromkeys(names(101), OFF))
    slow = []

    def wait(request):
        if request.action == RESET and not slow:
            slow.append(request)
            clock.sleep(60)

    sky.hooks.append(wait)
    assert set(outcomes(sky.reset(names(101))).values()) == {"reset"}
    first, second = [entry["number"] for entry in sky.requests(RESET)]
    assert first < sky.requests("DescribeInstances")[1]["number"] < second and set(sky.wipes().values()) == {
        1
    }


def test_patience_starts_anew_after_a_success(sky):
    sky.seed(a={})
    refusal = {"code": "OPERATION_DENIED_INSTANCE_STATUS", "message": "not now", "status": 409}
    for action in ("StopInstances", RESET):
        sky.fault("deny", action, count=PATIENCE[Kind.WRONG_STATE.value], **refusal)
    assert outcomes(sky.reset(["a"])) == {"a": "reset"}


def test_a_write_is_tried_again_when_the_provider_says(sky, clock, monkeypatch):
    sky.seed(a=OFF)
    write, sent = sky.client.write, []

    def throttled(action, ids, fields):
        sent.append(clock.monotonic())
        if len(sent) == 1:
            raise ApiError("LIMIT", "slow down", Kind.THROTTLED, retry_after=40.0)
        return write(action, ids, fields)

    monkeypatch.setattr(sky.client, "write", throttled)
    assert outcomes(sky.reset(["a"])) == {"a": "reset"} and sent[1] - sent[0] >= 40


def test_an_endpoint_that_stays_out_of_reach_is_given_up_and_nothing_is_left_stopped(sky):
    sky.seed(a={})

    def refuse(request):
        if request.action == RESET:
            raise NetworkError("refused", sent=False)

    sky.hooks.append(refuse)
    assert ends(sky.reset(["a"])) == {"a": ("failed", "NETWORK_ERROR")}
    assert sky.truth("a").status == "running"


def test_one_that_is_listed_as_failed_fails_and_the_others_are_reset(sky):
    sky.seed(a=OFF, b=OFF, c={})
    sky.fault("list_failed", RESET, ids=["b", "c"])
    report = sky.reset("abc")
    assert ends(report) == {
        "a": ("reset", ""),
        "b": ("failed", "LISTED_AS_FAILED"),
        "c": ("failed", "LISTED_AS_FAILED"),
    }
    assert sky.wipes() == {"a": 1, "b": 0, "c": 0}
    assert [item.end.request_id.startswith("T") for item in report.items if item.id != "a"] == [True, True]


def test_one_that_was_listed_as_failed_and_runs_all_the_same_is_not_believed_to_have_failed(sky):
    sky.seed(a=OFF)
    sky.fault("list_failed", RESET, count=1)
    sky.hooks.append(lambda request: None)
    started = []

    def someone(request):
        if request.action == RESET and not started:
            started.append(
                sky.emulation.fleet.reinstall("a", action=RESET, request_id="T", image_id="new", changes={})
            )

    sky.hooks.append(someone)
    assert outcomes(sky.reset(["a"])) == {"a": "reset"} and sky.wipes() == {"a": 1}


def test_a_stopped_instance_that_the_reset_then_does_not_come_to_is_started_again(sky):
    sky.seed(a={})
    sky.fault("deny", RESET, code="INVALID_PARAMETER_VALUE", status=400)
    assert ends(sky.reset(["a"])) == {"a": ("failed", "INVALID_PARAMETER_VALUE")}
    assert (sky.truth("a").status, sky.wipes()) == ("running", {"a": 0})


@pytest.mark.parametrize(
    "effect, count",
    [("throttle", 1), ("throttle", 5), ("drop_before", 2), ("error_before", 1), ("drop_after", 1)],
)
def test_it_is_started_again_also_when_the_first_request_to_start_comes_to_nothing(sky, effect, count):
    sky.seed(a={})
    sky.fault("deny", RESET, code="INVALID_PARAMETER_VALUE", status=400)
    sky.fault(effect, "StartInstances", count=count)
    assert ends(sky.reset(["a"])) == {"a": ("failed", "INVALID_PARAMETER_VALUE")}
    assert sky.truth("a").status == "running"


@pytest.mark.parametrize("timeout", [3600.0, 40.0])
def test_one_that_cannot_be_started_again_is_given_up_after_some_tries_with_the_reason_of_the_reset(
    sky, timeout
):
    sky.seed(a={})
    sky.fault("deny", RESET, code="INVALID_PARAMETER_VALUE", status=400)
    sky.fault("throttle", "StartInstances")
    report = sky.reset(["a"], Guards(timeout=timeout))
    assert ends(report) == {"a": ("failed", "INVALID_PARAMETER_VALUE")} and sky.truth("a").status == "stopped"
    tried = len(sky.requests("StartInstances"))
    assert tried == START_TRIES if timeout > 60 else 0 < tried < START_TRIES
    assert timeout < 60 or "could not be started again" in report.items[0].end.sentence


def test_an_instance_that_was_stopped_before_is_left_stopped_when_its_reset_is_turned_down(sky):
    sky.seed(a=OFF)
    sky.fault("deny", RESET, code="INVALID_PARAMETER_VALUE", status=400)
    sky.reset(["a"])
    assert sky.truth("a").status == "stopped" and sky.requests("StartInstances") == []


def test_a_batch_that_is_turned_down_because_of_one_is_sent_one_by_one(sky):
    sky.seed(**dict.fromkeys(names(5), OFF))
    sky.fault("deny", RESET, ids=["i-3"], code="INVALID_PARAMETER_VALUE", status=400)
    found = outcomes(sky.reset(names(5)))
    assert found.pop("i-3") == "failed" and set(found.values()) == {"reset"}
    assert sky.wipes() == {name: int(name != "i-3") for name in names(5)}


def test_an_instance_that_goes_away_after_the_plan_does_not_take_the_others_with_it(sky):
    sky.seed(a=OFF, b=OFF)

    def remove(request):
        if request.action == RESET and "a" in sky.wipes():
            sky.emulation.fleet.remove("a")

    sky.hooks.append(remove)
    found = outcomes(sky.reset("ab"))
    assert found["b"] == "reset" and found["a"] in ("refused", "failed") and sky.wipes() == {"b": 1}


@pytest.mark.parametrize("action", ["DescribeInstances", "StopInstances", RESET])
def test_a_storm_of_throttling_only_takes_longer(sky, action):
    sky.seed(a={}, b={})
    sky.fault("throttle", action, count=6)
    assert outcomes(sky.reset("ab")) == {"a": "reset", "b": "reset"}
    assert sky.wipes() == {"a": 1, "b": 1}


@pytest.mark.parametrize("seconds", [3, 10, 14])
@pytest.mark.parametrize("instance", [{}, OFF, {"image_id": "new"}, {"image_id": "new", **OFF}])
def test_stale_looks_neither_end_a_reset_early_nor_send_it_twice(sky, seconds, instance):
    sky.seed(a={**instance, "durations": {"reset": 60}})
    sky.fault("stale", "DescribeInstances", seconds=seconds, skip=1)
    assert outcomes(sky.reset(["a"], force=True)) == {"a": "reset"}
    assert sky.wipes() == {"a": 1} and sky.truth("a").status == "running"


@pytest.mark.parametrize("reset", [0.01, 5, 30])
def test_a_reset_that_is_over_before_the_next_look_is_proven_all_the_same(sky, reset):
    sky.seed(a={"durations": {"reset": reset}}, b={"image_id": "new", "durations": {"reset": reset}})
    assert outcomes(sky.reset("ab", force=True)) == {"a": "reset", "b": "reset"}
    assert sky.wipes() == {"a": 1, "b": 1}


def test_a_record_that_comes_late_is_waited_for(sky):
    sky.seed(a={**OFF, "durations": {"register": 20, "reset": 40}})
    assert outcomes(sky.reset(["a"])) == {"a": "reset"} and sky.wipes() == {"a": 1}


def test_a_failed_install_is_terminal_with_the_vendors_word_and_is_not_waited_for(sky, clock):
    sky.seed(a={**OFF, "fail_install": True})
    began = clock.monotonic()
    assert ends(sky.reset(["a"])) == {"a": ("failed", "REINSTALL_FAILED")}
    assert clock.monotonic() - began < 300


def test_an_instance_in_a_state_that_the_provider_does_not_take_is_given_up_after_some_tries(sky):
    sky.seed(a={"status": "stopped"})
    sky.fault("deny", RESET, code="OPERATION_DENIED_INSTANCE_STATUS", status=403, count=0)
    assert ends(sky.reset(["a"])) == {"a": ("failed", "OPERATION_DENIED_INSTANCE_STATUS")}
    assert 2 <= len(sky.requests(RESET)) <= 6 and sky.wipes() == {"a": 0}


def test_soft_then_hard_gives_the_guest_its_time_and_then_uses_force(sky):
    sky.seed(a={"durations": {"soft_stop": 10_000}})
    assert outcomes(sky.reset(["a"])) == {"a": "reset"}
    soft, hard = sky.requests("StopInstances")
    assert 90 <= hard["at"] - soft["at"] < 130


def test_a_stop_that_stays_soft_runs_into_the_time_limit_with_nothing_sent(sky):
    sky.seed(a={"durations": {"soft_stop": 10_000}})
    report = sky.reset(["a"], Guards(timeout=300), stop_mode="soft")
    assert ends(report) == {"a": ("timeout", "TIMEOUT")} and sky.wipes() == {"a": 0}


def test_what_someone_else_started_is_waited_for_and_then_ours_follows(sky):
    sky.seed(a={})
    sky.emulation.fleet.reboot("a", action="x", request_id="T")
    report = sky.reset(["a"])
    assert (report.items[0].verdict.reason, outcomes(report), sky.wipes()) == (
        "busy",
        {"a": "reset"},
        {"a": 1},
    )


def test_a_reset_to_our_image_that_is_running_already_is_waited_for_and_not_repeated(sky):
    sky.seed(a=OFF)
    sky.emulation.fleet.reinstall("a", action="x", request_id="T", image_id="new", changes={})
    report = sky.reset(["a"])
    assert (outcomes(report), sky.wipes(), sky.requests(RESET)) == ({"a": "reset"}, {"a": 1}, [])


def test_a_reset_to_another_image_that_is_running_is_followed_by_ours(sky):
    sky.seed(a=OFF)
    sky.emulation.fleet.reinstall("a", action="x", request_id="T", image_id="old", changes={})
    assert outcomes(sky.reset(["a"])) == {"a": "reset"}
    assert (sky.wipes(), sky.truth("a").image_id) == ({"a": 2}, "new")


def test_without_waiting_the_call_ends_when_the_reset_is_accepted_and_the_next_call_attaches(sky):
    sky.seed(a={})
    assert outcomes(sky.reset(["a"], wait=False)) == {"a": "accepted"}
    assert sky.truth("a").status == "resetting"
    assert outcomes(sky.reset(["a"])) == {"a": "reset"} and sky.wipes() == {"a": 1}


def test_without_waiting_a_lost_answer_is_still_found_out(sky):
    sky.seed(a=OFF)
    sky.fault("drop_before", RESET, count=1)
    assert outcomes(sky.reset(["a"], wait=False)) == {"a": "failed"}


def test_a_time_limit_is_an_outcome_and_the_same_call_again_attaches(sky, clock):
    sky.seed(a={**OFF, "durations": {"reset": 500}})
    began = clock.monotonic()
    assert outcomes(sky.reset(["a"], Guards(timeout=60))) == {"a": "timeout"}
    assert 60 <= clock.monotonic() - began < 65
    assert outcomes(sky.reset(["a"])) == {"a": "reset"} and sky.wipes() == {"a": 1}


def test_credentials_that_are_revoked_on_the_way_leave_unknown_what_was_sent_and_failed_what_was_not(sky):
    sky.seed(a=OFF, b={})

    def revoke(request):
        if request.action == RESET:
            sky.fault("revoke")

    sky.hooks.append(
        lambda request: request.action == "DescribeInstances" and sky.wipes()["a"] and sky.fault("revoke")
    )
    report = sky.reset("ab")
    assert ends(report)["a"] == ("unknown", "AUTHFAILURE_SIGNATURE_FAILURE")
    assert ends(report)["b"][0] in ("unknown", "failed") and sky.wipes()["b"] == 0


def test_reads_that_fail_for_a_while_do_not_end_the_call(sky):
    sky.seed(a={})
    sky.fault("drop_before", "DescribeInstances", skip=2, count=12)
    assert outcomes(sky.reset(["a"])) == {"a": "reset"} and sky.wipes() == {"a": 1}


def test_one_refusal_stops_the_whole_call_and_skip_goes_on_with_the_others(sky):
    sky.seed(a={}, b={"status": "recycled"})
    report = sky.reset("ab")
    assert (outcomes(report), report.acted) == ({"a": None, "b": "refused"}, False)
    assert sky.emulation.journal.listed(writes="True") == []
    assert outcomes(sky.reset("ab", Guards(on_refusal="skip"))) == {"a": "reset", "b": "refused"}


@pytest.mark.parametrize(
    "guards, reason",
    [
        (Guards(max_instances=1), "max_instances"),
        (Guards(expect_plan="another"), "plan_changed"),
    ],
)
@pytest.mark.parametrize("rehearsal", [True, False])
def test_a_guard_stops_the_call_before_anything_is_sent(sky, guards, reason, rehearsal):
    sky.seed(a={}, b={})
    execution = sky.reset("ab", guards, rehearsal=rehearsal)
    assert execution.refusal and execution.refusal.reason == reason
    assert [(item.end.outcome, item.end.reason) for item in execution.items] == [
        (Outcome.REFUSED, reason)
    ] * 2
    assert execution.plan_id and sky.emulation.journal.listed(writes="True") == []


def test_what_needs_nothing_does_not_count_against_the_limit(sky):
    sky.seed(a={}, b={"image_id": "new"})
    assert outcomes(sky.reset("ab", Guards(max_instances=1))) == {"a": "reset", "b": "unchanged"}


def test_instances_whose_bodies_differ_go_in_different_requests(sky):
    sky.seed(a={**OFF, "agent": True}, b={**OFF, "agent": False}, c={**OFF, "agent": True})
    sky.reset("abc")
    assert sorted(sorted(entry["ids"]) for entry in sky.requests(RESET)) == [["a", "c"], ["b"]]
    assert [sky.truth(name).agent for name in "abc"] == [True, False, True]


@pytest.mark.parametrize("mode, forced", [("soft", None), ("hard", True)])
def test_a_reboot_is_proven_by_a_transition(sky, mode, forced):
    sky.seed(a={})
    assert outcomes(sky.act(Verb.REBOOT, ["a"], mode=mode)) == {"a": "rebooted"}
    assert sky.truth("a").boot == 2 and len(sky.requests("RebootInstances")) == 1


def test_a_reboot_whose_answer_was_lost_and_that_left_no_trace_is_unknown_and_not_repeated(sky):
    sky.seed(a={})
    sky.fault("drop_before", "RebootInstances", count=1)
    assert outcomes(sky.act(Verb.REBOOT, ["a"])) == {"a": "unknown"}
    assert len(sky.requests("RebootInstances")) == 1


def test_a_soft_reboot_that_hangs_becomes_a_hard_one(sky):
    sky.seed(a={"durations": {"reboot": 30}})
    sky.fault("endless_install", "RebootInstances", count=1)
    assert outcomes(sky.act(Verb.REBOOT, ["a"], mode="soft_then_hard")) == {"a": "rebooted"}
    assert len(sky.requests("RebootInstances")) == 2


@pytest.mark.parametrize(
    "verb, status, outcome",
    [
        (Verb.START, "stopped", "started"),
        (Verb.STOP, "running", "stopped"),
        (Verb.START, "running", "unchanged"),
    ],
)
def test_power_is_brought_to_the_state_that_was_asked_for(sky, verb, status, outcome):
    sky.seed(a={"status": status})
    assert outcomes(sky.act(verb, ["a"])) == {"a": outcome}
    assert sky.truth("a").status == ("stopped" if verb is Verb.STOP else "running")


def test_a_stopped_instance_is_started_instead_of_a_reboot(sky):
    sky.seed(a=OFF)
    assert outcomes(sky.act(Verb.REBOOT, ["a"], if_stopped="start")) == {"a": "started"}
    assert sky.requests("RebootInstances") == []


@pytest.mark.parametrize(
    "verb, effect, outcome",
    [
        (Verb.STOP, "drop_after", "stopped"),
        (Verb.STOP, "drop_before", "failed"),
        (Verb.START, "drop_after", "started"),
    ],
)
def test_a_lost_stop_or_start_is_told_by_the_state(sky, verb, effect, outcome):
    sky.seed(a=OFF if verb is Verb.START else {})
    sky.fault(effect, "StartInstances" if verb is Verb.START else "StopInstances", count=1)
    assert outcomes(sky.act(verb, ["a"])) == {"a": outcome}


def test_what_runs_another_image_than_was_to_be_installed_again_is_left_alone_and_runs(sky):
    sky.seed(a={})

    def meddle(request):
        if request.action == "StopInstances":
            sky.emulation.fleet.amend("a", image_id="new")

    sky.hooks.append(meddle)
    assert outcomes(sky.reset(["a"], image_id=None, force=True)) == {"a": "refused"}
    assert sky.wipes() == {"a": 0} and sky.requests(RESET) == [] and sky.truth("a").status == "running"


@pytest.mark.parametrize(
    "code, sent", [("INVALID_PARAMETER_VALUE", 2), ("OPERATION_DENIED_INSTANCE_STATUS", 3)]
)
def test_a_hard_reboot_that_is_turned_down_leaves_the_soft_one_to_end(sky, code, sent):
    sky.seed(a={"durations": {"reboot": 96}})
    sky.fault("deny", "RebootInstances", skip=1, code=code, status=403)
    assert outcomes(sky.act(Verb.REBOOT, ["a"], mode="soft_then_hard")) == {"a": "rebooted"}
    assert sky.truth("a").boot == 2 and 2 <= len(sky.requests("RebootInstances")) <= sent


@pytest.mark.parametrize("effect", ["drop_before", "drop_after"])
def test_a_hard_reboot_whose_answer_was_lost_leaves_what_was_seen_of_the_soft_one(sky, effect):
    sky.seed(a={"durations": {"reboot": 96}})
    sky.fault(effect, "RebootInstances", skip=1, count=1)
    assert outcomes(sky.act(Verb.REBOOT, ["a"], mode="soft_then_hard")) == {"a": "rebooted"}
    assert len(sky.requests("RebootInstances")) == 2


def test_a_reboot_that_ends_stopped_is_not_waited_for(sky, clock):
    sky.seed(a={})
    sky.fault("fail_install", "RebootInstances", count=1)
    began = clock.monotonic()
    assert outcomes(sky.act(Verb.REBOOT, ["a"])) == {"a": "unknown"} and clock.monotonic() - began < 100


EFFECTS = st.sampled_from(
    [
        "drop_before",
        "drop_after",
        "error_before",
        "error_after",
        "throttle",
        "list_failed",
        "stale",
        "slow_install",
        "fail_install",
        "late_record",
    ]
)
FAULTS = st.lists(
    st.fixed_dictionaries(
        {
            "effect": EFFECTS,
            "skip": st.integers(0, 6),
            "count": st.integers(1, 4),
            "seconds": st.sampled_from([2, 8, 14]),
            "factor": st.just(2),
            "actions": st.sampled_from([[], [RESET], ["StopInstances"], ["DescribeInstances"]]),
        }
    ),
    max_size=4,
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=FAULTS, off=st.booleans(), same=st.booleans())
def test_whatever_goes_wrong_nothing_is_wiped_twice_and_no_success_is_claimed_that_is_none(
    sky, faults, off, same
):
    sky.emulation.faults.clear()
    sky.emulation.journal.clear()
    sky.seed(a={**(OFF if off else {}), "image_id": "new" if same else "old"}, b=OFF)
    for fault in faults:
        sky.emulation.faults.add(fault)
    try:
        items = sky.reset("ab", force=True).items
    except CloudError:  # not even the plan could be made
        items = []
        assert sky.wipes() == {"a": 0, "b": 0}
    for item in items:
        truth, claimed = sky.truth(item.id), item.end.outcome
        assert truth.wipes <= 1
        if claimed is Outcome.RESET:
            assert (truth.wipes, truth.status, truth.image_id) == (1, "running", "new")
        elif claimed is Outcome.FAILED and item.end.code != "REINSTALL_FAILED":
            assert truth.wipes == 0
