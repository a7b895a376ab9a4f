# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What goes wrong on purpose, and the clock, the history and the rates behind it."""

from __future__ import annotations

import pytest

from emulator.clock import ScaledClock, VirtualClock
from emulator.control import Control
from emulator.loading import BadFleet, load

RESET = {"instanceIds": ["off-1"], "imageId": "debian", "keyId": "key-1"}


@pytest.fixture
def control(cloud):
    return Control(cloud.emulation, ScaledClock(1.0, cloud.clock))


@pytest.mark.parametrize(
    "fault, answer, wipes",
    [
        ({"effect": "drop_before"}, None, 0),
        ({"effect": "drop_after"}, None, 1),
        ({"effect": "error_before", "status": 503}, (503, "INTERNAL_SERVER_ERROR"), 0),
        (
            {"effect": "error_after", "status": 500, "code": "REQUEST_TIMED_OUT"},
            (500, "REQUEST_TIMED_OUT"),
            1,
        ),
        ({"effect": "throttle"}, (429, "REQUEST_LIMIT_EXCEEDED"), 0),
        ({"effect": "deny", "code": "OPERATION_DENIED_X", "status": 403}, (403, "OPERATION_DENIED_X"), 0),
        ({"effect": "revoke"}, (401, "AUTHFAILURE_SIGNATURE_FAILURE"), 0),
    ],
)
def test_a_fault_strikes_before_or_after_the_disk_is_wiped(cloud, fault, answer, wipes):
    cloud.emulation.faults.add({**fault, "actions": ["ResetInstances"], "count": 1})
    if answer is None:
        assert cloud.send("ResetInstances", **RESET).reply is None
    else:
        assert cloud.refusal("ResetInstances", **RESET) == answer
    assert cloud.wipes("off-1") == wipes
    assert cloud.status("off-1") == ("REBUILDING" if wipes else "STOPPED")


@pytest.mark.parametrize("body", ["", "<html>gateway</html>"])
def test_a_body_can_be_anything(cloud, body):
    cloud.emulation.faults.add({"effect": "error_before", "status": 502, "body": body})
    reply = cloud.send("DescribeZones").reply
    assert (reply.status, reply.body.decode(), reply.content_type) == (502, body, "text/html")


def test_a_delay_is_handed_to_the_server(cloud):
    cloud.emulation.faults.add({"effect": "delay", "seconds": 1.5, "skip": 1, "count": 1})
    assert [cloud.send("DescribeZones").delay for turn in range(3)] == [0, 1.5, 0]


def test_a_stale_read_shows_the_world_before_the_write(cloud):
    cloud.emulation.faults.add({"effect": "stale", "seconds": 5, "lasts": 20})
    cloud.call("ResetInstances", **RESET)
    seen = []
    for _turn in range(2):
        seen.append(cloud.status("off-1"))
        cloud.clock.advance(6)
    assert seen == ["STOPPED", "REBUILDING"]


def test_a_late_record_hides_an_operation_that_already_acts(cloud):
    cloud.emulation.faults.add({"effect": "late_record", "seconds": 10})
    cloud.call("ResetInstances", **RESET)
    assert (cloud.status("off-1"), cloud.wipes("off-1")) == ("STOPPED", 1)
    assert cloud.refusal("ResetInstances", **RESET)[0] == 403
    cloud.clock.advance(11)
    assert cloud.status("off-1") == "REBUILDING"


@pytest.mark.parametrize(
    "fault, after_121_seconds, after_a_day",
    [
        ({"effect": "fail_install"}, "REINSTALL_FAILED", "REINSTALL_FAILED"),
        ({"effect": "slow_install", "factor": 2}, "REBUILDING", "RUNNING"),
        ({"effect": "endless_install"}, "REBUILDING", "REBUILDING"),
        ({"effect": "fail_install", "ids": ["off-2"]}, "RUNNING", "RUNNING"),
    ],
)
def test_an_install_can_go_wrong_in_several_ways(cloud, fault, after_121_seconds, after_a_day):
    cloud.emulation.faults.add(fault)
    cloud.call("ResetInstances", **RESET)
    seen = []
    for seconds in (121, 86400):
        cloud.clock.advance(seconds)
        seen.append(cloud.status("off-1"))
    assert seen == [after_121_seconds, after_a_day]


def test_an_id_listed_as_failed_is_not_acted_on(cloud):
    cloud.emulation.faults.add({"effect": "list_failed", "ids": ["off-2"], "count": 1})
    answer = cloud.call("ResetInstances", **{**RESET, "instanceIds": ["off-1", "off-2"]})
    assert (answer["instanceIds"], cloud.wipes("off-1"), cloud.wipes("off-2")) == (["off-2"], 1, 0)
    assert cloud.emulation.journal.listed()[-1]["failed_ids"] == ("off-2",)


def test_the_same_seed_gives_the_same_chances(cloud):
    def struck():
        cloud.emulation.faults.clear()
        cloud.emulation.faults.add({"effect": "throttle", "probability": 0.5, "seed": 7})
        return [cloud.refusal("DescribeZones")[0] for turn in range(20)]

    first = struck()
    assert first == struck() and set(first) == {200, 429}


def test_a_rate_counts_per_account_and_action_and_second(cloud, control, document):
    document["settings"] = {"zenlayer_zec": {"rates": {"DescribeZones": 2}}}
    assert control.answer("PUT", "fleet", document, {})[0] == 200
    assert [cloud.refusal("DescribeZones")[0] for turn in range(3)] == [200, 200, 429]
    assert cloud.refusal("DescribeRegions")[0] == 200
    assert cloud.refusal("DescribeZones", key="AK2", secret="SK2")[0] == 200
    cloud.clock.advance(1)
    assert cloud.refusal("DescribeZones")[0] == 200


@pytest.mark.parametrize(
    "settings, during, failed",
    [
        ({"image_changes": "end"}, "ubuntu", "ubuntu"),
        ({"image_changes": "begin"}, "debian", "debian"),
    ],
)
def test_a_fleet_says_when_the_new_image_shows(cloud, control, document, settings, during, failed):
    control.answer("PUT", "fleet", {**document, "settings": {"zenlayer_zec": settings}}, {})
    cloud.call("ResetInstances", **{**RESET, "instanceIds": ["fails-1"]})
    assert cloud.emulation.fleet.look("fails-1").image_id == during
    cloud.clock.advance(121)
    assert cloud.emulation.fleet.look("fails-1").image_id == failed


def test_a_fleet_says_which_words_are_shown(cloud, control, document):
    words = {"zenlayer_zec": {"status_words": {"resetting": "DEPLOYING"}}}
    control.answer("PUT", "fleet", {**document, "settings": words}, {})
    cloud.call("ResetInstances", **RESET)
    assert cloud.status("off-1") == "DEPLOYING"


@pytest.mark.parametrize(
    "order, status, wipes",
    [
        ({"do": "reset"}, "resetting", 1),
        ({"do": "stop"}, "stopping", 0),
        ({"do": "reboot"}, "rebooting", 0),
        ({"do": "start"}, "starting", 0),
        ({"do": "recycle"}, "recycled", 0),
        ({"do": "change", "changes": {"tags": {"reforge-protect": "true"}}}, "running", 0),
    ],
)
def test_someone_else_can_interfere(cloud, control, order, status, wipes):
    assert control.answer("POST", "interfere", {**order, "ids": ["run-1"]}, {}) == (200, {"done": 1})
    assert (cloud.emulation.fleet.look("run-1").status, cloud.wipes("run-1")) == (status, wipes)
    assert control.answer("GET", "journal", None, {"by": "someone else"})[1]["entries"][0]["ids"] == (
        "run-1",
    )


def test_a_removed_instance_is_gone(cloud, control):
    control.answer("POST", "interfere", {"do": "remove", "ids": ["run-1"]}, {})
    assert cloud.call("DescribeInstances", instanceIds=["run-1"])["totalCount"] == 0


def test_the_history_tells_every_operation_in_order(cloud, control):
    cloud.call("ResetInstances", **RESET)
    cloud.clock.advance(121)
    cloud.call("ModifyInstancesAttribute", instanceIds=["off-1"], instanceName="renamed")
    cloud.call("RebootInstances", instanceIds=["off-1"])
    rows = {row["id"]: row for row in control.answer("GET", "fleet", None, {})[1]["instances"]}
    assert [(each["kind"], each["state"]) for each in rows["off-1"]["history"]] == [
        ("reset", "success"),
        ("reboot", "operating"),
    ]


def test_counters_tell_wipes_requests_writes_and_refusals(cloud, control):
    cloud.call("ResetInstances", **RESET)
    cloud.refusal("ResetInstances", **RESET)
    counters = control.answer("GET", "counters", None, {})[1]
    assert counters["wipes"]["off-1"] == 1
    assert counters["requests"] == {"zenlayer_zec.ResetInstances": 2}
    assert counters["writes"] == {"zenlayer_zec.ResetInstances": 1}
    assert counters["refused"] == {"OPERATION_DENIED_INSTANCE_NOT_STOPPED": 1}


@pytest.mark.parametrize(
    "method, name, document, status",
    [
        ("GET", "nothing", None, 404),
        ("POST", "faults", {"effect": "no such"}, 400),
        ("POST", "faults", ["x"], 400),
        ("POST", "clock", {"speed": 0}, 400),
        ("POST", "clock", {}, 400),
        ("POST", "clock", {"advance": -1}, 400),
        ("POST", "interfere", {"do": "stop", "ids": ["none"]}, 400),
        ("POST", "interfere", {"do": "x"}, 400),
        ("PUT", "fleet", {"instances": [{"id": "x"}]}, 400),
        ("PUT", "fleet", [], 400),
    ],
)
def test_a_wrong_control_request_says_what_is_wrong(control, method, name, document, status):
    found, answer = control.answer(method, name, document, {})
    assert found == status and answer["error"]


@pytest.mark.parametrize(
    "change",
    [
        {"id": "off-1"},
        {"zone": "nowhere"},
        {"status": "RUNNING"},
        {"key_ids": ["none"]},
        {"colour": "red"},
        {"system_disk": "40"},
        {"account": "nobody"},
        {"tags": ["a"]},
        {"durations": {"reset": "long"}},
    ],
)
def test_a_wrong_fleet_is_refused(document, change):
    document["instances"][0].update(change)
    with pytest.raises(BadFleet):
        load(document, 0.0)


def test_a_change_of_speed_does_not_make_the_time_jump():
    wall = VirtualClock()
    clock = ScaledClock(60, wall)
    begin = clock()
    wall.advance(2)
    clock.speed = 1
    assert clock() - begin == 120
    wall.advance(2)
    clock.advance(8)
    assert clock() - begin == 130


@pytest.mark.parametrize("actions, status", [([], "RUNNING"), (["RebootInstances"], "REBOOT")])
def test_a_fault_of_installs_hits_a_reboot_only_when_it_names_it(cloud, actions, status):
    cloud.emulation.faults.add({"effect": "endless_install", "actions": actions})
    cloud.call("RebootInstances", instanceIds=["run-1"])
    cloud.clock.advance(3600)
    assert cloud.status("run-1") == status
