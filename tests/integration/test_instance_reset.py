# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""instance_reset: missing parameter, check mode, run, run again, error."""

from __future__ import annotations

import json
from itertools import chain

import pytest

IDS = [f"i-{number:03}" for number in range(250)]
VERDICTS = ("instance_id", "name", "verdict", "before", "changed", "erases")


def verdicts(result):
    return [{name: row[name] for name in VERDICTS} for row in result["instances"]]


@pytest.mark.smoke
def test_without_an_image_there_is_nothing_to_converge_to_and_nothing_is_sent(cloud, reset):
    cloud.seed(["i-1"])
    result = cloud.run(reset("i-1", image_id=None))
    assert result["failed"] and "image_id is missing" in result["msg"] and "force=true" in result["msg"]
    assert cloud.emulator.journal() == []


@pytest.mark.smoke
def test_250_instances_are_planned_reset_in_three_requests_and_left_alone_the_next_time(cloud, reset):
    cloud.seed(IDS)
    plan = cloud.run(reset(*IDS), "--check")
    assert plan["changed"] and not plan["failed"] and plan["reset_ids"] == IDS
    assert cloud.writes() == []

    done = cloud.run(reset(*IDS, expect_plan=plan["plan_id"]))
    assert (
        done["reset_ids"] == IDS and done["plan_id"] == plan["plan_id"] and verdicts(done) == verdicts(plan)
    )
    sent = [entry["ids"] for entry in cloud.writes("ResetInstances")]
    assert sorted(map(len, sent)) == [50, 100, 100] and sorted(chain.from_iterable(sent)) == IDS
    assert set(cloud.emulator.wipes().values()) == {1}
    assert {(instance["status"], instance["image_id"]) for instance in cloud.emulator.fleet().values()} == {
        ("running", "new")
    }

    cloud.emulator.control("DELETE", "journal")
    again = cloud.run(reset(*IDS))
    assert not again["changed"] and again["unchanged_ids"] == IDS and cloud.writes() == []


@pytest.mark.smoke
def test_a_plan_that_was_expected_is_refused_after_the_world_has_changed(cloud, reset):
    cloud.seed(["i-1", "i-2"])
    plan = cloud.run(reset("i-1", "i-2"), "--check")
    cloud.emulator.interfere("change", "i-2", changes={"image_id": "new"})
    result = cloud.run(reset("i-1", "i-2", expect_plan=plan["plan_id"]))
    assert result["failed"] and result["error"]["code"] == "plan_changed" and "expect_plan" in result["msg"]
    assert cloud.writes() == []


def test_a_check_tells_what_the_run_will_do_for_each_kind_of_instance(cloud, reset, rows):
    cloud.seed(
        {
            "off": {"status": "stopped"},
            "same": {"image_id": "new"},
            "bin": {"status": "recycled"},
            "kept": {"tags": {"reforge-protect": "yes"}},
            "busy": {},
        }
    )
    cloud.emulator.interfere("reboot", "busy")
    ids = ["off", "same", "bin", "kept", "busy", "none"]
    plan = cloud.run(reset(*ids, on_refusal="skip"), "--check")
    assert cloud.writes() == []
    cloud.emulator.interfere("reboot", "busy")
    done = cloud.run(reset(*ids, on_refusal="skip"))
    assert verdicts(done) == verdicts(plan) and done["plan_id"] == plan["plan_id"]
    assert {
        instance_id: (row["outcome"], row["reason"])
        for instance_id, row in rows(done).items()
        if instance_id not in ("off", "busy")
    } == {
        "same": ("unchanged", "image_matches"),
        "bin": ("refused", "recycled"),
        "kept": ("refused", "protected"),
        "none": ("refused", "not_found"),
    }
    assert done["reset_ids"] == ["off", "busy"] == plan["reset_ids"] and done["failed"] and plan["failed"]


MIXED = {
    "good": {},
    "listed": {},
    "bin": {"status": "recycled"},
    "win": {"image_id": "windows", "status": "stopped"},
    "same": {"image_id": "new"},
}


@pytest.mark.smoke
def test_one_refusal_stops_the_call_and_each_instance_has_its_own_row_and_reason(cloud, reset, rows):
    cloud.seed(MIXED)
    result = cloud.run(reset(*MIXED, "none"))
    assert result["failed"] and "Nothing was sent for any instance" in result["msg"]
    assert {instance_id: row["reason"] for instance_id, row in rows(result).items()} == {
        "good": "image_differs",
        "listed": "image_differs",
        "bin": "recycled",
        "win": "os_type_differs",
        "same": "image_matches",
        "none": "not_found",
    }
    assert result["refused_ids"] == ["bin", "win", "none"] and not result["changed"] and cloud.writes() == []


def test_skipping_what_is_refused_the_others_are_reset_and_what_the_vendor_lists_as_failed_is_named(
    cloud, reset, rows
):
    cloud.seed(MIXED)
    cloud.fault("list_failed", "listed", actions=["ResetInstances"])
    result = cloud.run(reset(*MIXED, "none", on_refusal="skip"))
    assert result["failed"] and result["changed"]
    assert {instance_id: row["outcome"] for instance_id, row in rows(result).items()} == {
        "good": "reset",
        "listed": "failed",
        "bin": "refused",
        "win": "refused",
        "same": "unchanged",
        "none": "refused",
    }
    error = rows(result)["listed"]["error"]
    assert error["code"] == "LISTED_AS_FAILED" and error["request_id"].startswith("T") and error["advice"]
    assert cloud.emulator.wipes() == {"good": 1, "listed": 0, "bin": 0, "win": 0, "same": 0}
    assert cloud.emulator.instance("listed")["status"] == "running"  # it is not left stopped


def test_a_password_for_windows_is_refused_and_without_one_it_is_reset(cloud, reset, rows):
    cloud.seed({"win": {"image_id": "windows"}, "lin": {}})
    own = {"image_id": "windows-2", "key_ids": None}
    results = cloud.run_all(
        {"with": reset("win", **{**own, "password": "Aa1~aaaa"}), "key": reset("win", image_id="windows-2")}
    )
    assert {rows(result)["win"]["reason"] for result in results.values()} == {"login_not_supported"}
    assert cloud.writes() == []
    result = cloud.run(reset("win", **own))
    assert result["reset_ids"] == ["win"] and "password" not in str(result.get("warnings"))


REFUSED = {
    "windows": ({"image_id": "windows", "key_ids": None}, "os_type_differs", "windows"),
    "elsewhere": ({"image_id": "elsewhere"}, "image_not_found", "asia-east-1a"),
    "offline": ({"image_id": "offline"}, "image_unavailable", "UNAVAILABLE"),
    "huge": ({"image_id": "huge"}, "disk_too_small", "500 GiB"),
    "missing": ({"image_id": "missing"}, "image_not_found", "missing"),
    "no login": ({"key_ids": None}, "login_missing", "password, key_ids"),
    "generic": ({"image_id": "generic"}, "login_not_supported", "generic"),
    "key": ({"key_ids": ["key-9"]}, "key_not_found", "key-9"),
    "region": ({"region": "europe-1"}, "not_found", "asia-east-1"),
    "running": ({"stop_first": False}, "running", "stop_first"),
    "tag": ({"protect_tags": ["role=db"]}, "protected", "role=db"),
}


def test_each_rule_refuses_with_its_own_reason_and_nothing_is_sent(cloud, reset, rows):
    cloud.seed({"i-1": {"tags": {"role": "db"}}})
    results = cloud.run_all({name: reset("i-1", **options) for name, (options, *_more) in REFUSED.items()})
    assert {name: rows(result)["i-1"]["reason"] for name, result in results.items()} == {
        name: reason for name, (_options, reason, _word) in REFUSED.items()
    }
    assert [name for name, (*_more, word) in REFUSED.items() if word not in results[name]["msg"]] == []
    assert all(result["failed"] for result in results.values()) and cloud.writes() == []


def test_too_many_instances_are_refused_as_a_whole(cloud, reset):
    cloud.seed(["i-1", "i-2"])
    for flags in (["--check"], []):
        result = cloud.run(reset("i-1", "i-2", max_instances=1), *flags)
        assert result["failed"] and "act on 2 instances; 1 are allowed" in result["msg"]
    assert cloud.writes() == []


def test_protection_can_be_lifted_by_naming_no_tag(cloud, reset):
    cloud.seed({"i-1": {"tags": {"reforge-protect": ""}}})
    assert cloud.run(reset("i-1"))["refused_ids"] == ["i-1"]
    assert cloud.run(reset("i-1", protect_tags=[]))["reset_ids"] == ["i-1"]


def test_the_body_says_what_was_asked_for_and_the_rest_stays_as_it_was(cloud, reset):
    cloud.seed(
        {
            "on": {"agent": True},
            "off": {"agent": False},
            "turn": {"agent": True},
            "full": {"status": "stopped"},
        }
    )
    results = cloud.run_all(
        {
            "both": reset("on", "off"),
            "turn": reset("turn", guest_agent=False),
            "full": reset(
                "full",
                key_ids=None,
                password="Aa1~aaaa",
                timezone="Asia/Tokyo",
                instance_name="fresh-1",
                guest_agent=True,
                user_data="echo hello",
            ),
        }
    )
    assert [name for name, result in results.items() if result["failed"]] == []
    fleet = cloud.emulator.fleet()
    assert [fleet[name]["agent"] for name in ("on", "off", "turn", "full")] == [True, False, False, True]
    assert (fleet["full"]["timezone"], fleet["full"]["name"], fleet["full"]["key_ids"]) == (
        "Asia/Tokyo",
        "fresh-1",
        [],
    )
    assert fleet["on"]["key_ids"] == ["key-1"]
    assert [entry["ids"] for entry in cloud.sent_for("on")] == [
        ["on"]
    ]  # another body goes in another request


def test_a_stopped_instance_ends_running_and_without_stop_first_needs_no_stop(cloud, reset):
    cloud.seed({"off": {"status": "stopped"}, "on": {}})
    results = cloud.run_all({"off": reset("off", stop_first=False), "on": reset("on", stop_mode="hard")})
    assert [result["changed"] for result in results.values()] == [True, True]
    assert {instance["status"] for instance in cloud.emulator.fleet().values()} == {"running"}
    assert [entry["ids"] for entry in cloud.writes("StopInstances")] == [["on"]]


def test_the_diff_shows_the_images_also_in_check_mode(cloud, reset):
    cloud.seed({"i-1": {}, "i-2": {"image_id": "new"}})
    for flags in (["--check", "--diff"], ["--diff"]):
        (diff,) = cloud.run(reset("i-1", "i-2"), *flags)["diff"]
        assert (diff["before"]["image"], diff["after"]["image"], diff["after"]["status"]) == (
            "old",
            "new",
            "running",
        )
        assert "i-1" in diff["before_header"] and '-    "image": "old"' in cloud.output


def test_a_run_is_done_once_under_its_name_also_with_force(cloud, reset, rows):
    cloud.seed({"i-1": {"status": "stopped"}})
    files = {"ledger": str(cloud.folder / "ledger"), "events": str(cloud.folder / "events")}
    assert cloud.run(reset("i-1", run_id="night-1", force=True, **files))["changed"]
    again = cloud.run(reset("i-1", run_id="night-1", force=True, **files))
    assert not again["changed"] and rows(again)["i-1"]["reason"] == "done_in_run"
    assert cloud.emulator.wipes("i-1") == 1
    events = [json.loads(line) for line in (cloud.folder / "events").read_text(encoding="utf-8").splitlines()]
    assert [event["verdict"] for event in events if event["event"] == "planned"] == ["reset", "unchanged"]
    assert [event["outcome"] for event in events if event["event"] == "ended"] == ["reset"]
