# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""instance_reset on bad days. All troubles happen at the same time, each to an instance of its own.

What the provider's record may hide for some seconds is waited out in real time, so one round of all takes a
minute.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

RESET, STOP, LIST = "ResetInstances", "StopInstances", "DescribeInstances"
OFF = {"status": "stopped"}
PAGE = {"status": 502, "body": "<html><title>Bad Gateway</title></html>"}


@dataclass(frozen=True)
class Trouble:
    """What happens to one instance, and what the call that resets it should come to."""

    outcome: str
    wipes: int
    faults: tuple[dict[str, Any], ...] = ()
    instance: Any = None
    options: Any = None
    code: str = ""
    sent: int = 1  # requests for a reset
    status: str = "running"


def fault(effect: str, *actions: str, **more: Any) -> dict[str, Any]:
    return {"effect": effect, "actions": list(actions), "count": 1, **more}


EARLY = ("busy", "raced", "begun")
TROUBLES = {
    # What someone else does takes 45 seconds here, and the calls that are to meet it look before the others
    # begin.
    "busy": Trouble("reset", 1, instance={"durations": {"reboot": 2700}}),
    "raced": Trouble("reset", 1, instance={**OFF, "durations": {"reset": 2700}}, sent=0),
    "begun": Trouble("reset", 1, instance={**OFF, "durations": {"reset": 2700}}),
    "none": Trouble("reset", 1),
    "same-image": Trouble("reset", 1, instance={"image_id": "new"}, options={"force": True}),
    "lost-before": Trouble("failed", 0, (fault("drop_before", RESET),), code="NOT_STARTED"),
    "lost-after": Trouble("reset", 1, (fault("drop_after", RESET),)),
    "lost-after-same": Trouble(
        "reset", 1, (fault("drop_after", RESET),), {**OFF, "image_id": "new"}, {"force": True}
    ),
    "broken-after": Trouble("reset", 1, (fault("error_after", RESET),)),
    "broken-before": Trouble(
        "failed", 0, (fault("error_before", RESET),), OFF, code="NOT_STARTED", status="stopped"
    ),
    "proxy-after": Trouble("reset", 1, (fault("error_after", RESET, **PAGE),)),
    "proxy-before": Trouble("failed", 0, (fault("error_before", RESET, **PAGE),), code="NOT_STARTED"),
    "empty-after": Trouble("reset", 1, (fault("error_after", RESET, status=200, body=""),)),
    "slow-answer": Trouble("reset", 1, (fault("delay", RESET, seconds=3),), options={"request_timeout": 1}),
    "storm-writes": Trouble(
        "reset", 1, (fault("throttle", RESET, count=3), fault("throttle", STOP, count=2)), sent=4
    ),
    "storm-reads": Trouble("reset", 1, (fault("throttle", LIST, skip=1, count=4),)),
    "lost-reads": Trouble("reset", 1, (fault("drop_before", LIST, skip=2, count=4),)),
    "stale": Trouble("reset", 1, (fault("stale", LIST, skip=1, count=0, seconds=600),), sent=0),
    "stale-same": Trouble(
        "reset",
        1,
        (fault("stale", LIST, skip=1, count=0, seconds=600),),
        {"image_id": "new"},
        {"force": True},
        sent=0,
    ),
    "late-record": Trouble("reset", 1, (fault("late_record", RESET, seconds=300),), OFF),
    "lost-stop": Trouble("reset", 1, (fault("drop_after", STOP),)),
    "lost-stop-before": Trouble("reset", 1, (fault("drop_before", STOP),)),
    "fails": Trouble(
        "failed", 1, (fault("fail_install", RESET),), code="REINSTALL_FAILED", status="reset_failed"
    ),
    "listed": Trouble("failed", 0, (fault("list_failed", RESET),), code="LISTED_AS_FAILED"),
    "turned-down": Trouble(
        "failed",
        0,
        (fault("deny", RESET, code="INVALID_PARAMETER_VALUE", status=400),),
        code="INVALID_PARAMETER_VALUE",
    ),
    "failed-before": Trouble(
        "failed",
        0,
        instance={"status": "reset_failed"},
        sent=1,
        status="reset_failed",
        code="OPERATION_DENIED_INSTANCE_NOT_STOPPED",
    ),
    "endless": Trouble(
        "timeout",
        1,
        (fault("endless_install", RESET),),
        OFF,
        {"wait_timeout": 8},
        code="TIMEOUT",
        status="resetting",
    ),
}


@pytest.fixture(scope="module")
def cloud(emulator, make_cloud, tmp_path_factory):
    made = make_cloud(emulator, tmp_path_factory.mktemp("trouble"))
    made.seed({**{name: trouble.instance or {} for name, trouble in TROUBLES.items()}, "twin": {}})
    for name, trouble in TROUBLES.items():
        emulator.faults(*({**each, "ids": [name]} for each in trouble.faults))
    return made


def wait_for_looks(cloud: Any, ids: Iterable[str]) -> None:
    """Until each of these instances was looked at by a call."""
    deadline, waiting = time.monotonic() + 60, set(ids)
    number = len(cloud.emulator.journal())
    while waiting:
        assert time.monotonic() < deadline, f"{waiting} were not looked at"
        time.sleep(0.2)
        looks = [entry["ids"] for entry in cloud.emulator.journal()[number:] if entry["action"] == LIST]
        waiting -= {instance_id for ids in looks for instance_id in ids}


@pytest.fixture(scope="module")
def first(cloud, reset):
    """The results of all calls; for one instance there are two at the same time."""
    begun = cloud.run(reset("begun", wait=False))
    assert (begun["accepted_ids"], begun["changed"]) == (["begun"], True)
    cloud.emulator.interfere("reboot", "busy")
    cloud.emulator.interfere("reset", "raced", image_id="new")
    calls = {name: reset(name, **(trouble.options or {})) for name, trouble in TROUBLES.items()}
    early = cloud.start(*cloud.book_of({name: calls.pop(name) for name in EARLY}))
    wait_for_looks(cloud, EARLY)
    later = cloud.run_all({**calls, "twin-1": reset("twin"), "twin-2": reset("twin")})
    return {**later, **cloud.result_of(early)}


@pytest.fixture(scope="module")
def truth(first, cloud):
    """How each instance was when all calls had ended."""
    return cloud.emulator.fleet()


@pytest.mark.parametrize("name", TROUBLES)
def test_the_outcome_is_what_became_of_the_instance(first, truth, rows, name):
    trouble, row = TROUBLES[name], rows(first[name])[name]
    assert (row["outcome"], (row["error"] or {}).get("code", "")) == (trouble.outcome, trouble.code), row
    assert (truth[name]["wipes"], truth[name]["status"]) == (trouble.wipes, trouble.status)
    assert first[name]["failed"] is (trouble.outcome != "reset")


@pytest.mark.parametrize("name", [name for name, trouble in TROUBLES.items() if trouble.sent])
def test_no_reset_is_sent_more_often_than_it_was_turned_down(first, cloud, name):
    assert len(cloud.sent_for(name)) == TROUBLES[name].sent


@pytest.mark.parametrize("name", [name for name, trouble in TROUBLES.items() if trouble.outcome == "reset"])
def test_what_was_reset_runs_the_image(first, truth, rows, name):
    assert truth[name]["image_id"] == "new" and rows(first[name])[name]["after"]["image"] == "new"


def test_a_failure_names_the_request_and_what_can_be_done(first, rows):
    error = rows(first["fails"])["fails"]["error"]
    assert error["request_id"].startswith("T") and "support" in error["advice"]
    assert "REINSTALL_FAILED" in first["fails"]["msg"] and "name-fails" in first["fails"]["msg"]


def test_a_reset_that_someone_else_began_is_waited_for_and_not_repeated(first, rows, cloud):
    assert rows(first["raced"])["raced"]["reason"] == "attached" and cloud.sent_for("raced") == []


def test_a_reset_that_an_earlier_call_did_not_wait_for_is_waited_for_and_not_repeated(first, rows):
    assert rows(first["begun"])["begun"]["reason"] == "attached"


def test_two_calls_at_the_same_time_wipe_an_instance_once(first, truth, rows):
    outcomes = {rows(first[name])["twin"]["outcome"] for name in ("twin-1", "twin-2")}
    assert truth["twin"]["wipes"] == 1 and outcomes <= {"reset", "unchanged"} and "reset" in outcomes


def test_the_reboot_of_someone_else_is_waited_for_first(first, rows):
    assert rows(first["busy"])["busy"]["verdict"] == "settle"


def test_what_came_to_its_time_limit_is_taken_up_by_the_next_call(first, cloud, reset, rows):
    ledger = str(cloud.folder / "ledger")
    cloud.emulator.faults({"effect": "slow_install", "ids": ["none"], "factor": 8})
    late = cloud.run_all(
        {
            "none": reset("none", image_id="old", wait_timeout=5, ledger=ledger),
            "endless": reset("endless", wait_timeout=5),
        }
    )
    assert [late[name]["timeout_ids"] for name in ("none", "endless")] == [["none"], ["endless"]]
    done = cloud.run(reset("none", image_id="old", ledger=ledger))
    assert done["reset_ids"] == ["none"], rows(done)["none"]
    assert rows(done)["none"]["reason"] in ("unfinished", "continued")
    assert (cloud.emulator.wipes("none"), cloud.emulator.wipes("endless")) == (2, 1)
    assert len(cloud.sent_for("none")) == 2 and len(cloud.sent_for("endless")) == 1


DENIED = {
    "wrong-secret": ({"secret_key": "WRONG"}, ["AUTHFAILURE_SIGNATURE_FAILURE", "Check secret_key"]),
    "wrong-key": ({"access_key": "NOBODY"}, ["AUTHFAILURE_SIGNATURE_FAILURE"]),
    "wrong-token": ({"token": "OLD"}, ["AUTHFAILURE_INVALID_AUTHORIZATION", "token"]),
    "clock": ({"instance_ids": ["clock"]}, ["AUTHFAILURE_SIGNATURE_EXPIRED", "clock of this machine"]),
    "no-right": ({"instance_ids": ["no-right"]}, ["AUTHFAILURE_UNAUTHORIZED_OPERATION", "permission"]),
    "blocked": ({"instance_ids": ["blocked"]}, ["REQUEST_BLOCKED"]),
    "nobody-there": ({"endpoint": "closed"}, ["got no answer", "refused"]),
}


@pytest.fixture(scope="module")
def denied(emulator, make_cloud, tmp_path_factory, reset):
    cloud = make_cloud(emulator, tmp_path_factory.mktemp("denied"))
    cloud.seed(list(DENIED))
    for name, code, status in (
        ("clock", "AUTHFAILURE_SIGNATURE_EXPIRED", 401),
        ("blocked", "", 451),
        ("no-right", "AUTHFAILURE_UNAUTHORIZED_OPERATION", 403),
    ):
        body = {"body": "<html>"} if status == 451 else {}
        cloud.fault("error_before", name, actions=[LIST], code=code, status=status, **body)
    with socket.socket() as closed:  # bound and not listening: nobody else gets this port meanwhile
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        calls = {
            name: reset(
                options.get("instance_ids", ["clock"])[0],
                **{**options, **({"endpoint": nowhere} if "endpoint" in options else {})},
            )
            for name, (options, _words) in DENIED.items()
        }
        return cloud.run_all(calls), cloud.writes()


@pytest.mark.parametrize("name", DENIED)
def test_what_is_wrong_with_the_account_is_said_in_the_vendors_code_with_what_to_do(denied, name):
    result = denied[0][name]
    assert result["failed"] and [word for word in DENIED[name][1] if word not in result["msg"]] == [], result[
        "msg"
    ]
    assert denied[1] == []


def test_a_bearer_token_signs_in_without_a_key(emulator, make_cloud, tmp_path, call):
    cloud = make_cloud(emulator, tmp_path)
    cloud.seed(["i-1"])
    result = cloud.run(call("instance_info", access_key=None, secret_key=None, token="TOKEN"))
    assert [row["instance_id"] for row in result["instances"]] == ["i-1"]
