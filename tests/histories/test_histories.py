# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Histories of calls, people and days, at every provider: what is said, and what the emulator knows to be
true.
"""

from __future__ import annotations

from functools import partial

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import Kind
from histories.machine import history_for, play, shortest
from histories.protections import PROTECTIONS
from histories.stage import Stage
from simulation.sites import SITES

PROVIDERS = pytest.mark.parametrize("provider", list(SITES))
DAY = 86400


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


def settled(stage):
    """The instance runs, whoever started it."""
    stage.somebody("start")
    stage.sleep(60)


@PROVIDERS
def test_a_throttled_reset_is_not_done_because_somebody_starts_the_machine(stage, provider):
    world = stage(provider, status="stopped")
    world.fault("throttle", world.site.reset, count=0)
    first = world.call("reset", force=True, wait_timeout=60)
    world.calm()
    settled(world)
    wiped = world.wipes()
    again = world.call("reset", force=True)
    assert outcomes(first) == ["timeout"] and wiped == 0
    assert (outcomes(again), world.wipes()) == (["reset"], 1)


@PROVIDERS
def test_a_reset_that_never_arrived_is_not_done_because_somebody_starts_the_machine(stage, provider):
    world = stage(provider, status="stopped")
    world.fault("drop_before", world.site.reset, count=1)
    world.between.append((world.site.reset, lambda: world.somebody("start")))
    call = world.call("reset", force=True)
    assert (outcomes(call)[0] in ("unknown", "failed"), world.wipes()) == (True, 0)


@PROVIDERS
def test_a_reboot_that_was_throttled_all_the_time_is_no_reboot_since(stage, provider):
    world = stage(provider)
    world.fault("throttle", world.site.reboot, count=0)
    since = "2025-10-09T00:00:00Z"
    first = world.reboot(since=since, wait_timeout=60)
    world.calm()
    again = world.reboot(since=since)
    assert (outcomes(first), outcomes(again)) == (["timeout"], ["rebooted"])


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
    again = world.reset()
    assert outcomes(failed) == ["failed"]
    assert (outcomes(again), again.rows[world.ids[0]]["verdict"]) == (["reset"], "reset")


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
    assert [world.wipes(one) for one in world.ids] == [1, 1]
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


@PROVIDERS
def test_one_refused_poll_ends_nothing(stage, provider):
    world = stage(provider, 3, status="stopped")
    world.between.append((world.site.reset, lambda: world.fault("revoke", "DescribeInstances", count=1)))
    call = world.reset()
    assert outcomes(call) == ["reset"] * 3


@PROVIDERS
def test_a_revoked_key_does_not_lead_to_a_second_wipe_with_a_new_one(stage, provider):
    world = stage(provider, status="stopped")
    world.between.append((world.site.reset, lambda: world.fault("revoke", count=0)))
    first = world.call("reset", force=True)
    world.calm()
    again = world.call("reset", force=True)
    assert (outcomes(first), reasons(first)) == (["unknown"], ["not_seen"])
    assert (outcomes(again)[0] in ("reset", "unknown"), world.wipes()) == (True, 1)


@PROVIDERS
def test_a_reboot_under_way_when_the_time_is_up_is_not_sent_again(stage, provider):
    world = stage(provider, durations={"reboot": 60.0})
    first = world.reboot(wait_timeout=20)
    again = world.reboot()
    assert (outcomes(first), outcomes(again)) == (["timeout"], ["rebooted"])
    assert len([one for one in world.fleet.history(world.ids[0]) if one.kind == "reboot"]) == 1


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
def test_two_runs_that_want_different_images_wipe_once(stage, provider):
    world = stage(provider, status="stopped")
    looks = "DescribeInstances"
    world.between.append((looks, lambda: world.reset(wait=False, run_id="one")))
    second = world.reset(world.other, run_id="two")
    assert (outcomes(second), reasons(second)) == (["refused"], ["other_run"])
    assert world.wipes() == 1


@PROVIDERS
def test_an_accepted_reset_that_fails_unseen_is_not_called_done_when_somebody_starts_the_machine(
    stage, provider
):
    world = stage(provider, status="stopped", image_id="")
    world.fleet.amend(world.ids[0], image_id=world.site.new)
    world.kill = (world.site.reset, "after")
    world.fault("fail_install", world.site.reset, count=1)
    world.call("reset", force=True, run_id="night")
    world.calm()
    world.sleep(600)
    world.fleet.amend(world.ids[0], status="running")
    again = world.call("reset", force=True, run_id="night")
    assert outcomes(again) != ["reset"] or world.wipes() == 2


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
    "runs hear of each other": 780,
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
    own = [{"instance_id": one, "image_id": world.site.new} for one in world.ids]
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
    assert {world.fleet.look(one).image_id for one in world.ids} == {world.site.new}
    assert [world.wipes(one) for one in world.ids] == [1, 1, 1] and again.rows[hidden]["outcome"] != "failed"


def test_a_machine_with_two_ids_is_acted_on_under_the_one_that_the_ledger_knows(stage):
    world = stage("tencent_cvm_v2")
    older = world.ids[0].replace("ins-", "qcvm")
    world.reset(run_id="night")
    call = world.call("reset", ids=[older], image_id=world.site.new, run_id="night", force=True)
    assert (outcomes(call), reasons(call)) == (["unchanged"], ["done_in_run"]) and list(call.rows) == [older]
    assert world.wipes() == 1
    both = world.call("reset", ids=[older, *world.ids], image_id=world.site.new, run_id="day", force=True)
    assert "are the same instance" in both.error and world.wipes() == 1
