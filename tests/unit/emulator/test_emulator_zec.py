# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ZEC accepts, refuses and does, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.loading import load

RESET: dict[str, Any] = {"instanceIds": ["off-1"], "imageId": "debian", "keyId": "key-1"}


def test_a_reset_goes_through_rebuilding_to_running_with_the_new_image(cloud):
    assert cloud.call("ResetInstances", **RESET)["instanceIds"] == []
    assert cloud.status("off-1") == "REBUILDING"
    cloud.clock.advance(119)
    assert cloud.status("off-1") == "REBUILDING"
    cloud.clock.advance(2)
    row = cloud.call("DescribeInstances", instanceIds=["off-1"])["dataSet"][0]
    assert (row["status"], row["imageId"], row["enableAgent"]) == ("RUNNING", "debian", False)
    assert cloud.wipes("off-1") == 1


def test_a_failed_install_wipes_and_ends_in_its_own_state(cloud):
    cloud.call("ResetInstances", **{**RESET, "instanceIds": ["fails-1"]})
    cloud.clock.advance(121)
    assert (cloud.status("fails-1"), cloud.wipes("fails-1")) == ("REINSTALL_FAILED", 1)


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"instanceIds": ["run-1"]}, (403, "OPERATION_DENIED_INSTANCE_NOT_STOPPED")),
        ({"instanceIds": ["bad-1"]}, (403, "OPERATION_DENIED_INSTANCE_NOT_STOPPED")),
        ({"instanceIds": ["bin-1"]}, (403, "OPERATION_DENIED_INSTANCE_RECYCLED")),
        ({"instanceIds": ["off-1", "none"]}, (404, "INVALID_INSTANCE_NOT_FOUND")),
        ({"instanceIds": []}, (400, "INVALID_PARAMETER_LESS_MINIMUM")),
        ({"instanceIds": ["off-1"] * 101}, (400, "INVALID_PARAMETER_EXCEED_MAXIMUM")),
        ({"instanceIds": None}, (400, "MISSING_PARAMETER")),
        ({"instanceIds": "off-1"}, (400, "INVALID_PARAMETER_TYPE")),
        ({"enableAgent": "true"}, (400, "INVALID_PARAMETER_TYPE")),
        ({"imageID": "debian"}, (400, "INVALID_PARAMETER_VALUE")),
        ({"imageId": "none"}, (404, "INVALID_IMAGE_NOT_FOUND")),
        ({"imageId": "elsewhere"}, (404, "INVALID_IMAGE_NOT_FOUND")),
        ({"imageId": "delisted"}, (404, "INVALID_IMAGE_NOT_FOUND")),
        ({"imageId": "huge"}, (400, "INVALID_PARAMETER_VALUE")),
        ({"imageId": "windows"}, (400, "INVALID_PARAMETER_VALUE")),
        ({"imageId": "generic"}, (400, "INVALID_PARAMETER_VALUE")),
        ({"password": "Aa1~aaaa"}, (400, "INVALID_PARAMETER_VALUE")),
        ({"keyId": "none"}, (404, "OPERATION_FAILED_RESOURCE_NOT_FOUND")),
        ({"keyId": None}, (400, "MISSING_PARAMETER")),
        ({"keyId": None, "password": "Aa1~aaa"}, (400, "INVALID_PASSWORD_MALFORMED")),
        ({"keyId": None, "password": "aa1~aaaa"}, (400, "INVALID_PASSWORD_MALFORMED")),
        ({"keyId": None, "password": "Aa1%aaaa"}, (400, "INVALID_PASSWORD_MALFORMED")),
        *(
            ({"keyId": None, "password": f"Aa1~aaa{special}"}, (400, "INVALID_PASSWORD_MALFORMED"))
            for special in "|;:,.?`"
        ),
        ({"timezone": "Mars/Base"}, (400, "INVALID_PARAMETER_VALUE")),
        ({"instanceName": "a"}, (400, "INVALID_PARAMETER_LESS_LENGTH")),
        ({"instanceName": "a" * 64}, (400, "INVALID_PARAMETER_EXCEED_LENGTH")),
        ({"instanceName": "no_line"}, (400, "INVALID_PARAMETER_PATTERN_ERROR")),
        ({"version": "2024-04-01"}, (403, "AUTHFAILURE_UNAUTHORIZED_OPERATION")),
    ],
)
def test_a_reset_that_breaks_a_rule_is_refused_and_wipes_nothing(cloud, change, expected):
    assert cloud.refusal("ResetInstances", **{**RESET, **change}) == expected
    assert sum(instance.wipes for instance in cloud.emulation.fleet.everything()) == 0


@pytest.mark.parametrize(
    "body",
    [
        {"instanceIds": ["off-win"], "imageId": "windows"},
        {"instanceIds": ["off-1"], "imageId": "generic"},
        {"instanceIds": ["off-1"], "keyId": "key-2"},
        {"instanceIds": ["off-1"], "password": "Aa1~aaaa"},
        {
            "instanceIds": ["off-1", "off-2", "off-1"],
            "keyId": "key-1",
            "imageId": "own",
            "timezone": "Asia/Tokyo",
        },
    ],
)
def test_a_valid_reset_is_accepted_once_per_instance(cloud, body):
    assert cloud.call("ResetInstances", **body)["instanceIds"] == []
    assert {cloud.wipes(name) for name in body["instanceIds"]} == {1}


def test_a_reset_of_a_single_instance_accepts_more_special_characters(cloud):
    password = {"imageId": "debian", "password": "Aa1|;:,.?`"}
    assert cloud.refusal("ResetInstances", instanceIds=["off-1"], **password)[0] == 400
    cloud.call("ResetInstance", instanceId="off-1", **password)
    assert cloud.wipes("off-1") == 1


def test_a_fleet_can_say_that_a_reset_is_accepted_after_a_failed_one(cloud, document):
    document["settings"] = {"zenlayer_zec": {"resets_failed": True}}
    cloud.emulation.fleet.seed(load(document, cloud.clock()))
    assert cloud.call("ResetInstances", **{**RESET, "instanceIds": ["bad-1"]})["instanceIds"] == []
    assert cloud.wipes("bad-1") == 1


def test_ipv6_addresses_are_those_of_the_network_card_only(cloud, document):
    document["instances"][0]["public_ips"] = ["203.0.113.5", "2001:db8::5"]
    cloud.emulation.fleet.seed(load(document, cloud.clock()))
    row = cloud.call("DescribeInstances", instanceIds=["run-1"])["dataSet"][0]
    assert row["publicIpAddresses"] == row["nics"][0]["publicIpList"] == ["203.0.113.5"]
    assert row["nics"][0]["primaryIpv6"] == "2001:db8::5"


def test_in_a_mixed_batch_the_ids_in_a_wrong_state_are_listed_as_failed(cloud):
    assert cloud.call("ResetInstances", **{**RESET, "instanceIds": ["off-1", "run-1"]})["instanceIds"] == [
        "run-1"
    ]
    assert (cloud.wipes("off-1"), cloud.wipes("run-1")) == (1, 0)


@pytest.mark.parametrize(
    "action, body, meanwhile, after",
    [
        ("StopInstances", {"instanceIds": ["run-1"]}, "STOPPING", "STOPPED"),
        ("StopInstances", {"instanceIds": ["run-1"], "forceShutdown": False}, "STOPPING", "STOPPED"),
        ("RebootInstances", {"instanceIds": ["run-1"]}, "REBOOT", "RUNNING"),
        ("StartInstances", {"instanceIds": ["off-1"]}, "BOOTING", "RUNNING"),
    ],
)
def test_power_actions_pass_through_their_state(cloud, action, body, meanwhile, after):
    name = body["instanceIds"][0]
    assert cloud.call(action, **body)["instanceIds"] == []
    assert cloud.status(name) == meanwhile
    cloud.clock.advance(31)
    assert (cloud.status(name), cloud.wipes(name)) == (after, 0)


@pytest.mark.parametrize(
    "action, name, code",
    [
        ("StopInstances", "off-1", "OPERATION_DENIED_INSTANCE_NOT_RUNNING"),
        ("StartInstances", "run-1", "OPERATION_DENIED_INSTANCE_NOT_STOPPED"),
        ("RebootInstances", "off-1", "OPERATION_DENIED_INSTANCE_STATUS"),
        ("RebootInstances", "bin-1", "OPERATION_DENIED_INSTANCE_RECYCLED"),
    ],
)
def test_power_actions_need_their_state(cloud, action, name, code):
    assert cloud.refusal(action, instanceIds=[name]) == (403, code)


def test_a_soft_stop_takes_longer_and_can_be_forced_meanwhile(cloud):
    cloud.call("StopInstances", instanceIds=["run-1"], forceShutdown=False)
    assert cloud.refusal("StopInstances", instanceIds=["run-1"], forceShutdown=False)[0] == 403
    cloud.call("StopInstances", instanceIds=["run-1"])
    cloud.clock.advance(11)
    assert cloud.status("run-1") == "STOPPED"


def test_a_forced_reboot_is_possible_while_rebooting(cloud):
    cloud.call("RebootInstances", instanceIds=["run-1"])
    assert cloud.refusal("RebootInstances", instanceIds=["run-1"])[0] == 403
    assert cloud.call("RebootInstances", instanceIds=["run-1"], forceReboot=True)["instanceIds"] == []


def test_renaming_fails_as_a_whole_when_one_id_is_missing(cloud):
    assert (
        cloud.refusal("ModifyInstancesAttribute", instanceIds=["run-1", "none"], instanceName="new")[0] == 404
    )
    cloud.call("ModifyInstancesAttribute", instanceIds=["run-1"], instanceName="new")
    assert [row["instanceId"] for row in cloud.call("DescribeInstances", name="NEW")["dataSet"]] == ["run-1"]


def test_a_password_needs_a_running_system_with_its_agent(cloud):
    good = {"password": "Aa1~aaaa"}
    assert cloud.refusal("ResetInstancePassword", instanceId="off-1", **good)[1] == (
        "OPERATION_DENIED_INSTANCE_NOT_RUNNING"
    )
    cloud.call("ResetInstancePassword", instanceId="run-1", **good)
    cloud.call("ResetInstances", **RESET)
    cloud.clock.advance(121)
    assert (
        cloud.refusal("ResetInstancePassword", instanceId="off-1", **good)[1]
        == "OPERATION_DENIED_INSTANCE_STATUS"
    )


def test_a_password_set_after_a_reset_is_the_one_that_counts(cloud):
    cloud.call("ResetInstances", **{**RESET, "enableAgent": True})
    cloud.clock.advance(121)
    cloud.call("ResetInstancePassword", instanceId="off-1", password="Bb2~bbbb")
    assert cloud.emulation.fleet.look("off-1").login.password == "Bb2~bbbb"


@pytest.mark.parametrize(
    "body, rows, total",
    [
        ({"pageSize": 3}, 3, 8),
        ({"pageSize": 3, "pageNum": 3}, 2, 8),
        ({"pageNum": 2}, 0, 8),
        ({"status": "STOPPED"}, 4, 4),
        ({"instanceIds": ["run-1", "none"]}, 1, 1),
        ({"name": "NAME-OFF"}, 3, 3),
        ({"imageId": "windows"}, 1, 1),
        ({"tagKeys": ["role"]}, 8, 8),
        ({"tags": [{"key": "role", "value": "db"}]}, 0, 0),
        ({"zoneId": "zone-2"}, 0, 0),
    ],
)
def test_instances_are_paged_and_filtered(cloud, body, rows, total):
    answer = cloud.call("DescribeInstances", **body)
    assert (len(answer["dataSet"]), answer["totalCount"]) == (rows, total)


@pytest.mark.parametrize(
    "body, code",
    [
        ({"pageSize": 1001}, "INVALID_PARAMETER_EXCEED_MAXIMUM"),
        ({"pageSize": 0}, "INVALID_PARAMETER_LESS_MINIMUM"),
        ({"pageNum": "1"}, "INVALID_PARAMETER_TYPE"),
        ({"pageSize": True}, "INVALID_PARAMETER_TYPE"),
        ({"instanceIds": ["x"] * 101}, "INVALID_PARAMETER_EXCEED_MAXIMUM"),
        ({"tags": ["x"]}, "INVALID_PARAMETER_TYPE"),
    ],
)
def test_a_read_is_checked_like_a_write(cloud, body, code):
    assert cloud.refusal("DescribeInstances", **body) == (400, code)


def test_images_are_those_of_the_zone(cloud):
    assert cloud.refusal("DescribeImages")[1] == "MISSING_PARAMETER"
    listed = {
        zone: {row["imageId"] for row in cloud.call("DescribeImages", zoneId=zone)["dataSet"]}
        for zone in ("zone-1", "zone-2")
    }
    assert "elsewhere" in listed["zone-2"] - listed["zone-1"] and "own" in listed["zone-1"] - listed["zone-2"]
    custom = cloud.call("DescribeCustomImages")["dataSet"]
    assert [(row["imageId"], row["regionIdList"], row["imageSize"]) for row in custom] == [
        ("own", ["region-1"], "10")
    ]


def test_another_account_sees_and_touches_nothing(cloud):
    other = {"key": "AK2", "secret": "SK2"}
    assert cloud.call("DescribeInstances", **other)["totalCount"] == 0
    assert cloud.refusal("StopInstances", instanceIds=["run-1"], **other)[1] == "INVALID_INSTANCE_NOT_FOUND"
