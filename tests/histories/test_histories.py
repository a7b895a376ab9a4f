# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Histories of calls, people and days, at every provider: what is said, and what the emulator knows to be
true.
"""

from __future__ import annotations

from functools import partial

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS as REGISTERED
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import Kind
from histories.machine import history_for, play, shortest
from histories.protections import PROTECTIONS
from histories.stage import Stage
from simulation.sites import SITES

PROVIDERS = pytest.mark.parametrize("provider", list(SITES))
# Where no record tells of the last operation.
BY_STATE = [name for name in SITES if not REGISTERED[name].proof.by_operation]
DAY = 86400
EXPIRED = {"zenlayer": "AUTHFAILURE_SIGNATURE_EXPIRED", "tencent": "AuthFailure.SignatureExpire"}


@pytest.fixture
def stage(tmp_path):
    """An account with one running instance at a provider."""

    def begin(provider, count=1, **instance):
        return Stage(provider, str(tmp_path / "ledger.jsonl"), count, **instance)

    return begin


def outcomes(call):
    return [row["outcome"] for row in call.rows.values()]


def reasons(call):
    return [row["reason"] for row in call.rows.values()]


def wipes(world):
    return [world.wipes(instance_id) for instance_id in world.ids]


def reboots(world):
    return len([operation for operation in world.fleet.history(world.ids[0]) if operation.kind == "reboot"])


def settled(stage):
    """The instance runs, whoever started it."""
    stage.somebody("start")
    stage.sleep(60)


@PROVIDERS
@pytest.mark.parametrize("status", ["running", "stopped"])
def test_a_throttled_reset_is_not_done_because_somebody_starts_the_machine(stage, provider, status):
    world = stage(provider, status=status)
    task = partial(world.call, "reset", force=True, wait_timeout=200)
    world.fault("throttle", world.site.reset, count=0)
    first = task()
    world.calm()
    settled(world)
    assert (outcomes(first), wipes(world)) == (["timeout"], [0])
    assert (outcomes(task()), wipes(world)) == (["reset"], [1])


@PROVIDERS
def test_a_reset_that_never_arrived_is_not_done_because_somebody_starts_the_machine(stage, provider):
    world = stage(provider, status="stopped")
    world.fault("drop_before", world.site.reset, count=1)
    world.between.append((world.site.reset, lambda: world.somebody("start")))
    call = world.call("reset", force=True)
    assert (outcomes(call)[0] in ("unknown", "failed"), wipes(world)) == (True, [0])


@PROVIDERS
def test_a_reboot_that_was_throttled_all_the_time_is_no_reboot_since(stage, provider):
    world = stage(provider)
    world.fault("throttle", world.site.reboot, count=0)
    task = partial(world.reboot, since="2025-10-09T00:00:00Z", wait_timeout=200)
    first = task()
    world.calm()
    assert (outcomes(first), reboots(world)) == (["timeout"], 0)
    assert (outcomes(task()), reboots(world)) == (["rebooted"], 1)


@PROVIDERS
def test_what_was_asked_for_last_week_is_not_taken_for_what_is_asked_today(stage, provider):
    world = stage(provider)
    first = world.call("reset", force=True, run_id="week1", wait=False)
    if outcomes(first) != ["accepted"]:  # it is stopped first, and the reset follows when it is called again
        first = world.call("reset", force=True, run_id="week1", wait=False)
    world.sleep(7 * DAY)
    again = world.call("reset", force=True, run_id="week2")
    assert (outcomes(again), world.wipes()) == (["reset"], 2)


@PROVIDERS
def test_an_install_that_failed_is_remembered_whatever_somebody_does(stage, provider):
    world = stage(provider)
    world.fault("fail_install", world.site.reset, count=1)
    failed = world.reset()
    world.calm()
    world.fleet.amend(world.ids[0], status="running", image_id=world.site.new, operation=None, previous=None)
    world.somebody("reboot")
    world.sleep(60)
    wiped = world.wipes()
    again = world.reset()
    assert outcomes(failed) == ["failed"]
    assert (outcomes(again), again.rows[world.ids[0]]["verdict"]) == (["reset"], "reset")
    assert world.wipes() == wiped + 1


@PROVIDERS
def test_another_image_under_a_run_id_is_refused_by_name(stage, provider):
    world = stage(provider)
    world.reset(run_id="night")
    again = world.reset(world.other, run_id="night")
    assert (outcomes(again), reasons(again)) == (["refused"], ["run_id_taken"])
    assert (world.wipes(), world.fleet.look(world.ids[0]).image_id) == (1, world.site.new)


@PROVIDERS
def test_what_the_ledger_refuses_is_left_alone_while_the_others_go_on(stage, provider):
    world = stage(provider, 2, status="stopped")
    world.call("reset", ids=world.ids[:1], image_id=world.site.new, run_id="night")
    again = world.reset(world.other, run_id="night", on_refusal="skip")
    assert (outcomes(again), reasons(again)[0]) == (["refused", "reset"], "run_id_taken")
    assert [world.wipes(instance_id) for instance_id in world.ids] == [1, 1]
    assert world.fleet.look(world.ids[0]).image_id == world.site.new


@PROVIDERS
def test_what_another_run_has_done_for_a_run_stays_done_under_its_name_too(stage, provider):
    world = stage(provider, status="stopped")
    world.after("DescribeInstances", lambda: world.reset(run_id="two", force=True))
    first = world.reset(run_id="one", force=True)
    again = world.reset(run_id="one", force=True)
    assert (outcomes(first), reasons(first)) == (["unchanged"], ["done_meanwhile"])
    assert (outcomes(again), reasons(again), world.wipes()) == (["unchanged"], ["done_in_run"], 1)


@PROVIDERS
def test_what_another_run_saw_end_before_it_acted_is_not_unknown(stage, provider):
    world = stage(provider, status="stopped")
    other = partial(world.reset, world.other, run_id="two", force=True, wait=False)
    world.after(world.site.reset, lambda: (world.sleep(90), other()))
    first = world.reset(run_id="one")
    assert (outcomes(first), world.wipes()) == (["reset"], 2)


def expired(world, **when):
    """Reads are answered that the signature has expired."""
    name = world.provider.name
    code = {"tencent_cvm_v2": "4200"}.get(name) or EXPIRED[name.partition("_")[0]]
    refusal = {"code": code, "message": "the signature has expired", "status": 401}
    world.after(world.site.reset, lambda: world.fault("deny", "DescribeInstances", **refusal, **when))


@PROVIDERS
def test_one_poll_that_is_answered_signature_expired_ends_nothing(stage, provider):
    world = stage(provider, 3, status="stopped")
    expired(world, count=1)
    call = world.reset()
    assert (outcomes(call), wipes(world)) == (["reset"] * 3, [1] * 3)


@PROVIDERS
def test_polls_that_are_refused_for_a_minute_end_nothing(stage, provider):
    world = stage(provider, 3, status="stopped")
    expired(world, lasts=60)
    call = world.reset()
    assert (outcomes(call), wipes(world)) == (["reset"] * 3, [1] * 3)


@PROVIDERS
def test_a_key_that_is_replaced_during_the_wait_does_not_lead_to_a_second_wipe(stage, provider):
    world = stage(provider, status="stopped")
    world.after(world.site.reset, lambda: world.replace_key("AK2"))
    first = world.call("reset", force=True)
    world.key = "AK2"
    again = world.call("reset", force=True)
    assert (outcomes(first), reasons(first)) == (["unknown"], ["not_seen"])
    # What nobody saw begin or end, and leaves no record, cannot be told from none.
    known = "reset" if world.provider.proof.by_operation else "unknown"
    assert (outcomes(again)[0] in ("reset", known), wipes(world)) == (True, [1])


@PROVIDERS
def test_a_reboot_under_way_when_the_time_is_up_is_not_sent_again(stage, provider):
    world = stage(provider, durations={"reboot": 60.0})
    task = partial(world.reboot, wait_timeout=50)
    assert outcomes(task()) + outcomes(task()) == ["timeout", "rebooted"] and reboots(world) == 1


@PROVIDERS
def test_a_reboot_that_is_turned_down_for_what_somebody_installs_follows_it(stage, provider):
    world = stage(provider)
    world.after("DescribeInstances", lambda: world.somebody("install"))
    assert outcomes(world.reboot()) == ["rebooted"]
    assert [operation.kind for operation in world.fleet.history(world.ids[0])] == ["reset", "reboot"]


@pytest.mark.parametrize("provider", BY_STATE)
def test_a_reboot_that_ended_stopped_is_not_done_because_another_run_has_reset_the_machine(stage, provider):
    world = stage(provider)
    world.fault("fail_install", world.site.reboot, count=1)
    world.after("DescribeInstances", lambda: world.call("reset", force=True, run_id="two"), skip=3)
    assert outcomes(world.reboot(run_id="one")) == ["unknown"]


@PROVIDERS
def test_an_image_that_somebody_else_installs_is_no_failure_of_ours(stage, provider):
    world = stage(provider, status="stopped")
    assert world.somebody("install", image=world.other)
    call = world.reset()
    assert (outcomes(call), world.wipes()) == (["reset"], 2)
    assert world.fleet.look(world.ids[0]).image_id == world.site.new


@PROVIDERS
def test_one_instance_that_is_not_permitted_keeps_none_of_the_others_back(stage, provider):
    world = stage(provider, 5, status="stopped")
    world.fault("revoke", world.site.reset, ids=[world.ids[2]], count=0)
    call = world.reset()
    assert outcomes(call) == ["reset", "reset", "failed", "reset", "reset"]
    assert wipes(world) == [1, 1, 0, 1, 1]


@PROVIDERS
def test_throttled_answers_do_not_use_up_the_patience_with_a_wrong_state(stage, provider):
    world = stage(provider, status="stopped")
    world.fault("throttle", world.site.reset, count=6)
    code = next(code for code, kind in world.provider.errors.items() if kind is Kind.WRONG_STATE)
    refusal = {"code": code, "message": "the state does not allow it", "status": 400}
    world.fault("deny", world.site.reset, skip=6, count=1, **refusal)
    call = world.reset()
    assert (outcomes(call), world.wipes()) == (["reset"], 1)


@PROVIDERS
def test_an_instance_that_one_poll_misses_because_others_are_deleted_is_there(stage, provider):
    world = stage(provider, 36, status="stopped")
    # Small batches make it list the whole account, in two pages; what is deleted stands on the first one.
    instances = world.provider.instances._replace(at_once=10, page=20)
    world.provider = world.provider._replace(instances=instances)
    others, ours = world.ids[:10], world.ids[10:]
    for number, other in enumerate(others):
        world.after("DescribeInstances", partial(world.somebody, "delete", other), skip=2 * number)
    call = world.reset(ids=ours)
    assert set(outcomes(call)) == {"reset"} and [world.wipes(instance_id) for instance_id in ours] == [
        1
    ] * len(ours)


@PROVIDERS
def test_two_runs_that_want_different_images_wipe_once(stage, provider):
    world = stage(provider, status="stopped")
    looks = "DescribeInstances"
    world.between.append((looks, lambda: world.reset(wait=False, run_id="one")))
    second = world.reset(world.other, run_id="two")
    assert (outcomes(second), reasons(second)) == (["refused"], ["other_run"])
    assert world.wipes() == 1


def fails_unseen(world, seconds, **wait):
    """A reset fails while nobody looks, and somebody starts the machine; the task that is run again."""
    world.fleet.amend(world.ids[0], image_id=world.site.new)
    world.fault("fail_install", world.site.reset, count=1)
    task = partial(world.call, "reset", force=True, run_id="night")
    task(**wait)
    world.calm()
    world.sleep(seconds)
    assert world.somebody("start")
    world.sleep(6)
    assert world.fleet.look(world.ids[0]).status == "running"
    return task


@PROVIDERS
def test_a_killed_reset_that_fails_unseen_is_not_called_done_when_somebody_starts_the_machine(
    stage, provider
):
    world = stage(provider, status="stopped")
    world.kill = (world.site.reset, "after")
    again = fails_unseen(world, 600)()
    assert outcomes(again) != ["reset"] or world.wipes() == 2


@PROVIDERS
def test_an_accepted_reset_that_fails_unseen_is_not_called_done_when_somebody_starts_the_machine(
    stage, provider
):
    world = stage(provider, status="stopped")
    again = fails_unseen(world, 40, wait=False)()
    assert outcomes(again) != ["reset"] or world.wipes() == 2


@PROVIDERS
def test_an_install_that_fails_while_nobody_can_look_is_not_done_because_somebody_starts_it(stage, provider):
    world = stage(provider, status="stopped", durations={"reset": 20.0})
    world.fleet.amend(world.ids[0], image_id=world.site.new)
    world.fault("fail_install", world.site.reset, count=1)

    def starts():  # as soon as it has failed
        return world.somebody("start") or world.after("DescribeInstances", starts)

    blind = partial(world.fault, "error_before", "DescribeInstances", status=502, lasts=100)
    world.after(world.site.reset, lambda: (blind(), starts()))
    call = world.call("reset", force=True)
    assert world.fleet.history(world.ids[0])[1].kind == "start"
    assert outcomes(call) != ["reset"] or world.wipes() == 2


@PROVIDERS
def test_a_lost_answer_is_waited_for_although_nothing_shows_for_a_while(stage, provider):
    world = stage(provider, status="stopped", durations={"register": 25.0, "reset": 60.0})
    world.fault("drop_after", world.site.reset, count=1)
    call = world.reset()
    assert (outcomes(call), wipes(world)) == (["reset"], [1])


def flicker(world, times):
    """Every other look misses the instance, as often as that."""
    hidden = times % 2 == 0
    world.fleet.amend(world.ids[0], account="nobody" if hidden else "main")
    if times > 1:
        world.after("DescribeInstances", partial(flicker, world, times - 1))


@PROVIDERS
def test_an_instance_that_one_look_misses_is_there(stage, provider):
    world = stage(provider, status="stopped", durations={"reset": 60.0})
    world.somebody("install")
    world.after("DescribeInstances", partial(flicker, world, 6), skip=1)  # while somebody's is waited for
    world.after(world.site.reset, partial(flicker, world, 1000))  # while ours is
    call = world.reset()
    assert (outcomes(call), wipes(world)) == (["reset"], [2])


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_no_history_of_a_short_run_shows_a_defect(first):
    defects = {seed: play(history_for(seed)) for seed in range(first, first + 10)}
    assert {seed: problems for seed, problems in defects.items() if problems} == {}


# The first seeds by which random play notices; the others are noticed by the histories above (see README.md).
NOTICED = {
    "the strongest fact about a request wins": 92,
    "what is done under a run id stays done": 118,
    "since counts reboots that succeeded": 188,
    "what was not seen is still open": 313,
    "runs hear of each other": 542,
    "a run id stands for one image": 225,
    "what is open is resolved first": 250,
}


@pytest.mark.parametrize("protection", NOTICED)
def test_a_missing_protection_is_noticed_and_shown_in_its_shortest_form(monkeypatch, protection):
    assert play(history_for(NOTICED[protection])) == []
    PROTECTIONS[protection](monkeypatch)
    history = shortest(history_for(NOTICED[protection]))
    assert play(history) and len(history.steps) <= 4


@PROVIDERS
def test_a_wrong_option_of_one_instance_refuses_that_one_and_not_the_others(stage, provider):
    world = stage(provider, 2)
    own = [{"instance_id": instance_id, "image_id": world.site.new} for instance_id in world.ids]
    own[0]["instance_name"] = ""
    call = world.call("reset", instance_ids=None, instances=own, on_refusal="skip")
    assert (outcomes(call), reasons(call)[0]) == (["refused", "reset"], "wrong_option")


@PROVIDERS
def test_one_instance_that_the_key_may_not_read_keeps_none_of_the_others_back(stage, provider):
    world = stage(provider, 5, status="stopped")
    world.fault("revoke", "DescribeInstances", ids=[world.ids[2]], count=0)
    call = world.reset(on_refusal="skip")
    assert outcomes(call) == ["reset", "reset", "refused", "reset", "reset"]
    assert reasons(call)[2] == "not_permitted"


@PROVIDERS
def test_an_instance_that_the_key_may_no_longer_read_is_not_seen_and_resolved_later(stage, provider):
    world = stage(provider, 3, status="stopped")
    hidden = world.ids[1]
    world.after(world.site.reset, lambda: world.fault("revoke", "DescribeInstances", ids=[hidden], count=0))
    first = world.reset(run_id="night")
    world.calm()
    again = world.reset(run_id="night")
    assert (outcomes(first)[1], reasons(first)[1]) in (("unknown", "not_seen"), ("failed", "not_permitted"))
    assert [outcomes(first)[0], outcomes(first)[2]] == ["reset", "reset"]
    assert {world.fleet.look(instance_id).image_id for instance_id in world.ids} == {world.site.new}
    assert [world.wipes(instance_id) for instance_id in world.ids] == [1, 1, 1] and again.rows[hidden][
        "outcome"
    ] != "failed"


def test_a_machine_with_two_ids_is_acted_on_under_the_one_that_the_ledger_knows(stage):
    world = stage("tencent_cvm_v2")
    older = world.ids[0].replace("ins-", "qcvm")
    world.reset(run_id="night")
    call = world.call("reset", ids=[older], image_id=world.site.new, run_id="night", force=True)
    assert (outcomes(call), reasons(call)) == (["unchanged"], ["done_in_run"]) and list(call.rows) == [older]
    assert world.wipes() == 1
    both = world.call("reset", ids=[older, *world.ids], image_id=world.site.new, run_id="day", force=True)
    assert "are the same instance" in both.error and world.wipes() == 1
