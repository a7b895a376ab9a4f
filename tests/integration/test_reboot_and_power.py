# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""instance_reboot and instance_power: check mode, run, run again, error; all calls of a round at the same
time.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

OFF = {"status": "stopped"}
# Only a transition that lasts long enough to be seen is a proof.
LONG = {"durations": {"reboot": 900, "soft_stop": 900}}

# name: (instance, options, outcome, status at the end, boots that were made)
REBOOTS = {
    "soft": (LONG, {}, "rebooted", "running", 1),
    "hard": (LONG, {"mode": "hard"}, "rebooted", "running", 1),
    "refuse": (OFF, {}, "refused", "stopped", 0),
    "start": (OFF, {"if_stopped": "start"}, "started", "running", 1),
    "skip": (OFF, {"if_stopped": "skip"}, "unchanged", "stopped", 0),
    "quick": ({}, {"wait": False}, "accepted", "running", 1),
    "lost": (LONG, {}, "rebooted", "running", 1),
    "never": ({}, {}, "unknown", "running", 0),
    "bin": ({"status": "recycled"}, {}, "refused", "recycled", 0),
    "kept": ({"tags": {"reforge-protect": ""}}, {}, "refused", "running", 0),
    "failed": ({"status": "reset_failed"}, {}, "refused", "reset_failed", 0),
}
SLOW = {"durations": {"soft_stop": 100_000}}
# name: (instance, options, outcome, status at the end, requests that were made)
POWER = {
    "stop": ({}, {"state": "stopped"}, "stopped", "stopped", 1),
    "stop-hard": ({}, {"state": "stopped", "stop_mode": "hard"}, "stopped", "stopped", 1),
    "stop-both": ({}, {"state": "stopped", "stop_mode": "soft_then_hard"}, "stopped", "stopped", 1),
    "stopped": (OFF, {"state": "stopped"}, "unchanged", "stopped", 0),
    "start": (OFF, {"state": "started"}, "started", "running", 1),
    "started": ({}, {"state": "started"}, "unchanged", "running", 0),
    "quick": (OFF, {"state": "started", "wait": False}, "accepted", "running", 1),
    "late": (SLOW, {"state": "stopped", "wait_timeout": 3}, "timeout", "stopping", 1),
    "lost": (LONG, {"state": "stopped"}, "stopped", "stopped", 1),
    "never": (OFF, {"state": "started"}, "failed", "stopped", 1),
    "bin": ({"status": "recycled"}, {"state": "started"}, "refused", "recycled", 0),
    "kept": ({"tags": {"reforge-protect": ""}}, {"state": "stopped"}, "refused", "running", 0),
}


@dataclass(frozen=True)
class Round:
    """What a check said of all calls, what came of them, and how the instances were then."""

    plan: Any
    done: Any
    fleet: Any
    writes: Any


@pytest.fixture(scope="module")
def both(emulator, make_cloud, tmp_path_factory, call):
    """All calls of both modules; those of one wait while those of the other do."""
    cloud = make_cloud(emulator, tmp_path_factory.mktemp("both"))
    tables = {"instance_reboot": REBOOTS, "instance_power": POWER}
    cloud.seed(
        {
            f"{module}-{name}": example[0]
            for module, table in tables.items()
            for name, example in table.items()
        }
    )
    for effect, case, action in (
        ("drop_after", "reboot-lost", "Reboot"),
        ("drop_before", "reboot-never", "Reboot"),
        ("drop_after", "power-lost", "Stop"),
        ("drop_before", "power-never", "Start"),
    ):
        cloud.fault(effect, f"instance_{case}", actions=[f"{action}Instances"], count=1)
    calls = {
        module: {
            name: call(module, instance_ids=[f"{module}-{name}"], **example[1])
            for name, example in table.items()
        }
        for module, table in tables.items()
    }
    plan = {module: cloud.run_all(some, "--check") for module, some in calls.items()}
    assert cloud.writes() == []
    clouds = {module: make_cloud(emulator, tmp_path_factory.mktemp(module)) for module in calls}
    with ThreadPoolExecutor() as pool:
        done = dict(zip(calls, pool.map(lambda module: clouds[module].run_all(calls[module]), calls)))
    writes = Counter(instance_id for entry in cloud.writes() for instance_id in entry["ids"])
    return {module: Round(plan[module], done[module], emulator.fleet(), writes) for module in calls}


@pytest.fixture
def reboots(both):
    return both["instance_reboot"]


@pytest.fixture
def powers(both):
    return both["instance_power"]


@pytest.mark.parametrize("name", REBOOTS)
def test_a_reboot_comes_to_what_was_asked_for_and_leaves_the_system(reboots, rows, name):
    _instance, _options, outcome, status, done = REBOOTS[name]
    instance_id = f"instance_reboot-{name}"
    truth = reboots.fleet[instance_id]
    assert rows(reboots.done[name])[instance_id]["outcome"] == outcome
    assert (truth["status"], len(truth["history"]), truth["wipes"]) == (status, done, 0)
    assert reboots.done[name]["failed"] is (outcome in ("refused", "unknown"))


@pytest.mark.parametrize(
    "module, name",
    [*(("instance_reboot", name) for name in REBOOTS), *(("instance_power", name) for name in POWER)],
)
def test_a_check_gives_the_verdict_of_the_run(both, rows, module, name):
    plan, done = both[module].plan[name], both[module].done[name]
    instance_id = f"{module}-{name}"
    assert (plan["plan_id"], rows(plan)[instance_id]["verdict"]) == (
        done["plan_id"],
        rows(done)[instance_id]["verdict"],
    )
    assert plan["changed"] is (rows(plan)[instance_id]["verdict"] in ("reboot", "start", "stop"))


def test_one_that_was_started_instead_is_in_a_list_of_its_own(reboots):
    assert reboots.done["start"]["started_ids"] == ["instance_reboot-start"]
    assert reboots.done["start"]["rebooted_ids"] == []


def test_what_was_rebooted_since_a_time_by_the_ledger_is_left_alone(cloud, call, rows):
    cloud.seed(["i-1", "i-2"])
    since = {"since": "2020-01-01T00:00:00Z", "ledger": str(cloud.folder / "ledger")}
    first = cloud.run(call("instance_reboot", instance_ids=["i-1"], **since))
    assert first["rebooted_ids"] == ["i-1"]
    again = cloud.run(call("instance_reboot", instance_ids=["i-1", "i-2"], **since))
    assert (again["unchanged_ids"], again["rebooted_ids"]) == (["i-1"], ["i-2"])
    assert rows(again)["i-1"]["reason"] == "rebooted_since"
    since["since"] = "2199-01-01T00:00:00Z"
    later = cloud.run(call("instance_reboot", instance_ids=["i-1"], **since), "--check")
    assert later["rebooted_ids"] == ["i-1"]


@pytest.mark.parametrize("name", POWER)
def test_the_power_comes_to_what_was_asked_for(powers, rows, name):
    _instance, _options, outcome, status, requests = POWER[name]
    instance_id = f"instance_power-{name}"
    assert rows(powers.done[name])[instance_id]["outcome"] == outcome
    assert (powers.fleet[instance_id]["status"], powers.writes[instance_id]) == (status, requests)


def test_a_start_is_shown_as_a_difference(cloud, call):
    cloud.seed({"i-1": OFF})
    (diff,) = cloud.run(call("instance_power", instance_ids=["i-1"], state="started"), "--check", "--diff")[
        "diff"
    ]
    assert (diff["before"]["status"], diff["after"]["status"]) == ("stopped", "running")
    assert diff["before"]["image"] == diff["after"]["image"] == "old"
