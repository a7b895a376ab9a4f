# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever comes in the way of a call: each instance has a row, and the rows say how to go on."""

from __future__ import annotations

import os

import pytest

from histories.stage import Stage
from simulation.sites import SITES

PROVIDERS = pytest.mark.parametrize("provider", list(SITES))


@pytest.fixture
def stage(tmp_path):
    """An account with running instances at a provider."""

    def begin(provider, count=1, **instance):
        return Stage(provider, str(tmp_path / "ledger.jsonl"), count, **instance)

    return begin


def told(call):
    """What became of each instance, and why."""
    return [(row["outcome"], row["reason"]) for row in call.rows.values()]


def written(world):
    """The requests that were to change something."""
    return world.emulation.journal.listed(writes="True")


@PROVIDERS
@pytest.mark.parametrize("check", [True, False])
def test_too_many_instances_are_refused_with_all_rows_and_the_id_of_the_plan(stage, provider, check):
    world = stage(provider, 3)
    call = world.reset(max_instances=2, check=check)
    assert told(call) == [("refused", "max_instances")] * 3 and written(world) == []
    assert call.result["plan_id"] and "the call would act on 3 instances; 2 are allowed" in call.result["msg"]


@PROVIDERS
def test_a_plan_that_has_changed_is_refused_with_all_rows_and_what_is_not_as_it_was(stage, provider):
    world = stage(provider, 2)
    plan = world.reset(check=True).result["plan_id"]
    world.fleet.amend(world.ids[0], image_id=world.site.new)
    call = world.reset(expect_plan=plan)
    assert told(call) == [("unchanged", "image_matches"), ("refused", "plan_changed")]
    assert call.result["plan_id"] != plan and written(world) == []
    assert plan in call.result["msg"] and "differ)" in call.result["msg"]


@PROVIDERS
def test_a_time_limit_says_what_is_under_way_and_to_run_the_task_again(stage, provider):
    world = stage(provider, status="stopped", durations={"reset": 600.0})
    call = world.reset(wait_timeout=60)
    (row,) = call.rows.values()
    assert (row["outcome"], row["changed"]) == ("timeout", True)
    assert "after 60 s its reset is under way" in row["message"]
    assert "run the same task again to continue" in row["message"]


@PROVIDERS
def test_a_time_limit_says_what_was_stopped_and_is_left_off(stage, provider):
    world = stage(provider)
    world.fault("throttle", world.site.reset, count=0)
    call = world.reset(wait_timeout=60)
    (row,) = call.rows.values()
    stopped = world.fleet.look(world.ids[0]).status == "stopped"
    assert row["outcome"] == "timeout" and "nothing is under way" in row["message"]
    assert "the last answer was" in row["message"]
    assert ("it was stopped for this and is still off" in row["message"]) is stopped


@PROVIDERS
@pytest.mark.parametrize("run_id", [None, "night"])
def test_without_waiting_the_same_call_again_says_that_it_is_under_way_and_does_not_wait(
    stage, provider, run_id
):
    world = stage(provider, status="stopped", durations={"reset": 600.0})
    calls = [world.reset(force=True, wait=False, run_id=run_id) for _time in range(3)]
    assert [told(call) for call in calls] == [[("accepted", "not_waited")]] * 3
    assert all(call.ended - call.began < 60 for call in calls) and world.wipes() == 1


@PROVIDERS
@pytest.mark.parametrize("option", ["ledger", "events"])
@pytest.mark.parametrize("check", [True, False])
def test_a_folder_that_cannot_be_written_is_named_before_anything_is_asked(
    stage, provider, option, check, tmp_path
):
    world, folder = stage(provider), tmp_path / "missing"
    call = world.reset(check=check, **{option: str(folder / "file")})
    assert call.error.startswith(f"{option}: ") and str(folder) in call.error
    assert written(world) == [] and not os.path.exists(folder)


@PROVIDERS
def test_check_mode_makes_neither_a_ledger_nor_events(stage, provider, tmp_path):
    world = stage(provider)
    call = world.reset(check=True, events=str(tmp_path / "events"))
    assert not call.error and call.result["changed"] and os.listdir(tmp_path) == []


@PROVIDERS
def test_a_time_limit_is_kept_within_a_request_although_no_look_works(stage, provider):
    world = stage(provider, status="stopped", durations={"reset": 600.0})
    world.after(world.site.reset, lambda: world.fault("error_before", "DescribeInstances", status=502))
    call = world.reset(wait_timeout=40)
    assert told(call) == [("timeout", "timeout")]
    assert 40 <= call.ended - call.began < 40 + call.params["request_timeout"] / 10


@PROVIDERS
def test_a_reboot_of_which_nothing_shows_is_unknown_long_before_the_time_limit(stage, provider):
    world = stage(provider, durations={"reboot": 0.0})
    world.fault("late_record", world.site.reboot, seconds=5000.0)
    call = world.reboot(wait_timeout=3600)
    assert [outcome for outcome, _reason in told(call)] == ["unknown"]
    assert call.ended - call.began < 200
