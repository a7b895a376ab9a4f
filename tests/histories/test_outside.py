# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Histories made up from the contract alone, without the code at hand, by several people, machines and
days.
"""

from __future__ import annotations

import pytest

from emulator.model import Disk
from histories.controllers import Controller, Office
from simulation.sites import SITES

PROVIDERS = pytest.mark.parametrize("provider", list(SITES))
DAY = 86400
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
    return [world.wipes(one) for one in world.ids]


def approved(world, **params):
    """What a look in check mode shows, as the instances of a call that may do no more."""
    look = world.reset(check=True, **params)
    return [{"instance_id": one, "expect_digest": row["digest"]} for one, row in look.rows.items()]


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
