# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Histories made up from the contract alone, without the code at hand, by several people, machines and
days.
"""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS as REGISTERED
from ansible_collections.reforge.cloud.plugins.module_utils.core.clock import iso
from emulator.model import Disk
from histories.controllers import Controller, Office
from simulation.sites import SITES

PROVIDERS = pytest.mark.parametrize("provider", list(SITES))
# Where the record tells of the last operation, whoever asked for it.
BY_RECORD = [name for name in SITES if REGISTERED[name].proof.by_operation]
UNDER_WAY = {"reset": 100.0}
REGIONAL = {
    "tencent_ecm": "https://ecm.ap-shanghai.tencentcloudapi.com",
    "tencent_lighthouse": "https://lighthouse.ap-hongkong.tencentcloudapi.com",
    "tencent_cvm": "https://cvm.ap-guangzhou.tencentcloudapi.com",
}


@pytest.fixture
def stage(tmp_path):
    """An account with running instances at a provider."""

    def begin(provider, count=1, **instance):
        return Office(provider, str(tmp_path / "ledger.jsonl"), count, **instance)

    return begin


def killed(world, action, side):
    """The next process that sends this is killed then."""
    world.kill = (action, side)


def outcomes(*calls):
    return [row["outcome"] for call in calls for row in call.rows.values()]


def reasons(*calls):
    return [row["reason"] for call in calls for row in call.rows.values()]


def wipes(world):
    return [world.wipes(instance_id) for instance_id in world.ids]


def approved(world, **params):
    """What a look in check mode shows, as the instances of a call that may do no more."""
    look = world.reset(check=True, **params)
    return [
        {"instance_id": instance_id, "expect_digest": row["digest"]} for instance_id, row in look.rows.items()
    ]


# what was approved


def test_a_data_disk_that_was_attached_after_the_approval_is_not_erased(stage):
    world = stage("tencent_ecm", data_disks=[{"id": "ldisk-1", "size": 100}])
    plan = approved(world, keep_data_disks=False)
    there = world.fleet.look(world.ids[0]).data_disks
    world.fleet.amend(world.ids[0], data_disks=(*there, Disk("ldisk-2", 100, "customers")))
    call = world.reset(instance_ids=None, instances=plan, keep_data_disks=False)
    assert (outcomes(call), reasons(call), wipes(world)) == (["refused"], ["plan_changed"], [0])


@PROVIDERS
def test_an_approved_plan_that_is_done_in_part_can_be_run_again(stage, provider):
    world = stage(provider, 3)
    plan = approved(world, run_id="night", force=True)
    world.reset(ids=world.ids[:1], run_id="night", force=True)
    call = world.reset(instance_ids=None, instances=plan, run_id="night", force=True)
    assert (outcomes(call), wipes(world)) == (["unchanged", "reset", "reset"], [1, 1, 1])


# one account, whoever calls


@PROVIDERS
def test_another_spelling_of_the_endpoint_is_the_same_account(stage, provider):
    world = stage(provider)
    for endpoint in ("https://api.example.com", "https://API.example.com:443/"):
        world.at = Controller(endpoint=endpoint)
        call = world.reset(run_id="night", force=True)
    assert (outcomes(call), reasons(call), wipes(world)) == (["unchanged"], ["done_in_run"], [1])


@pytest.mark.parametrize("provider", list(REGIONAL))
def test_the_vendors_host_of_a_region_is_the_same_account(stage, provider):
    world = stage(provider)
    world.reset(run_id="night", force=True)
    world.at = Controller(endpoint=REGIONAL[provider])
    assert (reasons(world.reset(run_id="night", force=True)), wipes(world)) == (["done_in_run"], [1])


# a run that was killed


@PROVIDERS
def test_what_somebody_installed_after_a_killed_reset_is_not_wiped_under_its_run_id(stage, provider):
    world = stage(provider, status="stopped")
    killed(world, world.site.reset, "after")
    world.reset(run_id="night")
    world.sleep(600)
    world.somebody("install")
    world.sleep(600)
    call = world.reset(run_id="night")
    assert (outcomes(call), wipes(world)) == (["unknown"], [2])


@PROVIDERS
def test_a_killed_reset_that_was_done_is_found_done_although_somebody_stopped_the_machine(stage, provider):
    world = stage(provider, status="stopped")
    killed(world, world.site.reset, "after")
    world.reset(run_id="night", force=True)
    world.sleep(600)
    world.somebody("stop")
    world.sleep(60)
    call = world.reset(run_id="night", force=True)
    assert (outcomes(call), reasons(call), wipes(world)) == (["reset"], ["continued"], [1])


# several machines, and what is under way


@PROVIDERS
@pytest.mark.parametrize("ahead", (240.0, -240.0))
def test_a_machine_with_another_clock_does_not_take_a_late_reset_for_one_that_never_began(
    stage, provider, ahead
):
    world = stage(provider, status="stopped", durations={"register": 20.0, "reset": 60.0})
    killed(world, world.site.reset, "after")
    world.reset(run_id="night", force=True)
    world.sleep(5)
    world.at = Controller("other", ahead)
    call = world.reset(run_id="night", force=True)
    assert (outcomes(call), reasons(call), wipes(world)) == (["reset"], ["continued"], [1])


@PROVIDERS
def test_a_reset_that_another_run_has_under_way_counts_for_a_run_that_wants_the_same(stage, provider):
    world = stage(provider, durations=UNDER_WAY)
    world.reset(run_id="one", force=True, wait=False)
    call = world.reset(run_id="two", force=True)
    assert (outcomes(call), reasons(call), wipes(world)) == (["reset"], ["attached"], [1])
    assert reasons(world.reset(run_id="one", force=True)) == ["done_in_run"]


@PROVIDERS
def test_a_reset_of_another_run_that_fails_counts_for_nobody(stage, provider):
    world = stage(provider, status="stopped", durations=UNDER_WAY)
    world.fault("fail_install", world.site.reset, count=1)
    world.reset(run_id="one", force=True, wait=False)
    call = world.reset(run_id="two", force=True)
    assert wipes(world) == [2] or outcomes(call) == ["failed"]


@PROVIDERS
def test_a_stopped_machine_that_a_reboot_starts_is_not_rebooted_by_the_same_task_again(stage, provider):
    world = stage(provider, status="stopped", durations={"start": 60.0})
    first = world.reboot(if_stopped="start", wait_timeout=20)
    again = world.reboot(if_stopped="start")
    assert outcomes(first, again) == ["timeout", "started"]
    assert [operation.kind for operation in world.fleet.history(world.ids[0])] == ["start"]


# what the ledger remembers


@pytest.mark.parametrize("provider", BY_RECORD)
def test_an_install_that_failed_is_mended_by_one_that_succeeded_from_the_console(stage, provider):
    world = stage(provider)
    world.fault("fail_install", world.site.reset, count=1)
    failed = world.reset()
    world.calm()
    order = {"action": world.site.reset, "request_id": "console", "changes": {}}
    world.fleet.reinstall(world.ids[0], image_id=world.site.new, **order)
    world.sleep(60)
    again = world.reset()
    assert (outcomes(failed, again), wipes(world)) == (["failed", "unchanged"], [2])


@PROVIDERS
def test_a_ledger_that_is_deleted_while_a_run_waits_knows_of_that_run_all_the_same(stage, provider):
    world = stage(provider)
    world.between.append((world.site.reset, world.close))
    first = world.reset(run_id="night", force=True)
    again = world.reset(run_id="night", force=True)
    assert (outcomes(first, again), wipes(world)) == (["reset", "unchanged"], [1])


@PROVIDERS
def test_a_machine_that_another_run_has_just_reset_is_not_stopped_on_an_older_look(stage, provider):
    world = stage(provider)
    world.between.append(("DescribeInstances", lambda: world.reset(run_id="night", force=True) and None))
    world.reset(run_id="night", force=True)
    kinds = [operation.kind for operation in world.fleet.history(world.ids[0])]
    assert (kinds.count("stop") <= 1, kinds.count("reset"), kinds[-1]) == (True, 1, "reset")


# two verbs


@PROVIDERS
def test_a_reboot_does_not_hide_the_end_of_a_reset_that_is_under_way(stage, provider):
    world = stage(provider, durations=UNDER_WAY)
    world.fleet.amend(world.ids[0], image_id=world.site.new)
    first = world.reset(force=True, wait_timeout=60)
    between = world.reboot()
    again = world.reset(force=True)
    assert outcomes(first, between, again) == ["timeout", "rebooted", "reset"]
    assert (reasons(again), wipes(world)) == (["continued"], [1])


@PROVIDERS
def test_a_reboot_does_not_hide_the_end_of_a_reset_that_nobody_saw(stage, provider):
    world = stage(provider)
    killed(world, world.site.reset, "after")
    world.reset(run_id="night", force=True)
    world.sleep(600)
    between = world.reboot()
    again = world.reset(run_id="night", force=True)
    assert (outcomes(between, again), wipes(world)) == (["rebooted", "reset"], [1])


@PROVIDERS
def test_a_reboot_waits_for_a_reset_that_a_killed_run_sent_and_that_does_not_show_yet(stage, provider):
    world = stage(provider, status="stopped", durations={"register": 20.0, "reset": 60.0})
    killed(world, world.site.reset, "after")
    world.reset(run_id="night", force=True)
    world.sleep(2)
    between = world.reboot(if_stopped="start")
    again = world.reset(run_id="night", force=True)
    assert (outcomes(between, again), wipes(world)) == (["rebooted", "reset"], [1])
    assert [operation.kind for operation in world.fleet.history(world.ids[0])] == ["reset", "reboot"]


@pytest.mark.parametrize("provider", BY_RECORD)
def test_a_reset_does_not_hide_the_end_of_a_reboot_that_nobody_saw(stage, provider):
    world = stage(provider)
    killed(world, world.site.reboot, "after")
    world.reboot(run_id="night")
    world.sleep(600)
    world.reset()
    again = world.reboot(run_id="night")
    kinds = [operation.kind for operation in world.fleet.history(world.ids[0])]
    assert (outcomes(again), kinds.count("reboot")) == (["rebooted"], 1)


@PROVIDERS
@pytest.mark.parametrize("once", ({"run_id": "night"}, {"since": "2025-10-09T08:53:20Z"}))
def test_a_machine_that_was_started_in_place_of_a_reboot_is_not_rebooted_for_it(stage, provider, once):
    world = stage(provider, status="stopped")
    world.sleep(5)
    first = world.reboot(if_stopped="start", **once)
    world.sleep(300)
    again = world.reboot(if_stopped="start", **once)
    assert outcomes(first, again) == ["started", "unchanged"]
    assert [operation.kind for operation in world.fleet.history(world.ids[0])] == ["start"]


@PROVIDERS
def test_a_reboot_of_before_is_none_since_because_a_machines_clock_is_ahead(stage, provider):
    world = stage(provider)
    world.at = Controller("other", ahead=240.0)
    first = world.reboot()
    world.sleep(60)
    since = iso(world.clock.now)
    world.sleep(5)
    again = world.reboot(since=since)
    world.at = Controller()
    once_more = world.reboot(since=since)
    assert outcomes(first, again, once_more)[:2] == ["rebooted"] * 2
    assert reasons(once_more) == ["rebooted_since"]


@PROVIDERS
def test_a_reboot_of_before_that_nobody_saw_end_is_not_continued_as_one_since(stage, provider):
    world = stage(provider, durations={"reboot": 60.0})
    first = world.reboot(wait_timeout=20)
    world.sleep(300)
    again = world.reboot(since=iso(world.clock.now))
    assert (outcomes(first, again), reasons(again)) == (["timeout", "rebooted"], ["asked"])
    assert [operation.kind for operation in world.fleet.history(world.ids[0])] == ["reboot", "reboot"]


@PROVIDERS
def test_what_somebody_installs_from_the_console_counts_once_for_a_run(stage, provider):
    world = stage(provider, durations=UNDER_WAY)
    world.somebody("install", image=world.site.new)
    own = [{"instance_id": world.ids[0], "awaits_proof": True}]
    began = world.clock.now
    first = world.reset(instance_ids=None, instances=own, run_id="night", force=True)
    again = world.reset(run_id="night", force=True)
    assert (reasons(first, again), wipes(world)) == (["attached", "done_in_run"], [1])
    row = again.rows[world.ids[0]]  # it is proven by a system that is no older than the wait for it
    assert (row["unproven"], row["unproven_since"]) == (True, iso(began))


# images and keys that are gone by now


@PROVIDERS
def test_what_is_done_under_a_run_id_stays_done_when_its_image_is_withdrawn(stage, provider):
    world = stage(provider)
    world.reset(run_id="night", force=True)
    world.withdraw(world.site.new)
    again = world.reset(run_id="night", force=True)
    assert (reasons(again), wipes(world)) == (["done_in_run"], [1])


@PROVIDERS
def test_a_killed_reset_that_was_done_is_found_done_when_its_image_is_withdrawn(stage, provider):
    world = stage(provider, status="stopped")
    killed(world, world.site.reset, "after")
    world.reset(run_id="night", force=True)
    world.sleep(600)
    world.withdraw(world.site.new)
    again = world.reset(run_id="night", force=True)
    assert (outcomes(again), reasons(again), wipes(world)) == (["reset"], ["continued"], [1])


@PROVIDERS
def test_a_malformed_image_id_refuses_its_instance_and_holds_back_no_other(stage, provider):
    world = stage(provider, 2)
    own = [{"instance_id": world.ids[0], "image_id": "latest"}, {"instance_id": world.ids[1]}]
    call = world.reset(instance_ids=None, instances=own, on_refusal="skip")
    assert (outcomes(call), wipes(world)) == (["refused", "reset"], [0, 1])
    assert reasons(call)[0] == "image_not_found" and "latest" in call.rows[world.ids[0]]["message"]


@pytest.mark.parametrize("provider", ("tencent_cvm", "tencent_lighthouse", "zenlayer_zec"))
def test_a_malformed_key_id_is_refused_by_its_name(stage, provider):
    call = stage(provider).reset(key_ids=["mykey"], password=None)
    assert (
        reasons(call) == ["key_not_found"] and "key_ids: mykey" in next(iter(call.rows.values()))["message"]
    )


# what nobody watched, and what is said of it


@PROVIDERS
def test_a_reset_that_was_not_waited_for_is_found_done_although_somebody_stops_the_machine(stage, provider):
    world = stage(provider)
    world.reset(run_id="night", force=True, wait=False)
    stop = world.call("power", state="stopped")
    again = world.reset(run_id="night", force=True)
    assert outcomes(stop, again) == ["stopped", "reset"]
    assert (reasons(again), wipes(world)) == (["continued"], [1])


@PROVIDERS
def test_a_timeout_says_what_is_under_way_and_that_nothing_could_be_read(stage, provider):
    world = stage(provider, status="stopped", durations=UNDER_WAY)
    world.after(world.site.reset, lambda: world.fault("error_before", "DescribeInstances", status=503))
    blind = world.reset(force=True, wait_timeout=60)
    world.calm()
    power = world.call("power", state="stopped", wait_timeout=5)
    messages = [next(iter(call.rows.values()))["message"] for call in (blind, power)]
    assert "as far as it could be read (DescribeInstances failed" in messages[0]
    assert "another operation is under way" in messages[1]


@pytest.mark.parametrize(
    ("provider", "option"), (("zenlayer_zec", "guest_agent"), ("tencent_cvm", "security_agent"))
)
def test_a_reset_that_is_continued_with_other_options_says_whose_hold(stage, provider, option):
    world = stage(provider, status="stopped")
    killed(world, world.site.reset, "after")
    world.reset(run_id="night", **{option: True})
    again = world.reset(run_id="night", **{option: False})
    assert reasons(again) == ["continued"]
    assert "with that call's options" in again.rows[world.ids[0]]["message"]
