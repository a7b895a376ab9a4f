# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Virtual Machine accepts, refuses and does, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest

RESET: dict[str, Any] = {"instanceId": "off-1", "imageId": "debian", "keyId": "key-1"}
PASSWORD = {"instanceIds": ["off-1", "off-2"], "password": "Aa1%aaaa"}


def test_a_reset_goes_through_rebuilding_to_running_with_the_new_image(vm):
    assert set(vm.call("ResetInstance", **RESET, instanceName="new.name", initScript="#!/bin/sh")) == {
        "requestId"
    }
    assert vm.status("off-1") == "REBUILDING"
    vm.clock.advance(121)
    (row,) = vm.call("DescribeInstances", instanceIds=["off-1"])["dataSet"]
    assert (row["instanceStatus"], row["imageId"], row["instanceName"]) == ("RUNNING", "debian", "new.name")
    assert vm.wipes("off-1") == 1


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"instanceId": "run-1"}, (403, "OPERATION_DENIED_INSTANCE_NOT_STOPPED")),
        ({"instanceId": "bin-1"}, (403, "OPERATION_DENIED_INSTANCE_RECYCLED")),
        ({"instanceId": "none"}, (404, "INVALID_INSTANCE_NOT_FOUND")),
        ({"imageId": "none"}, (404, "INVALID_IMAGE_NOT_FOUND")),
        ({"imageId": "elsewhere"}, (404, "INVALID_IMAGE_NOT_FOUND")),
        ({"imageId": "delisted"}, (400, "INVALID_IMAGE_STATUS")),
        ({"imageId": "windows"}, (400, "INVALID_PARAMETER_VALUE")),
        ({"password": "Aa1%aaaa"}, (400, "INVALID_PARAMETER_VALUE")),
        ({"keyId": None}, (400, "MISSING_PARAMETER")),
        ({"keyId": None, "password": "Aa1%aaa"}, (400, "INVALID_PASSWORD_MALFORMED")),
        ({"keyId": None, "password": "Aa1_aaaa"}, (400, "INVALID_PASSWORD_MALFORMED")),
        ({"keyId": "none"}, (404, "OPERATION_FAILED_RESOURCE_NOT_FOUND")),
        ({"instanceName": "a" * 65}, (400, "INVALID_PARAMETER_EXCEED_LENGTH")),
        ({"wanName": "Eth0"}, (400, "INVALID_PARAMETER_PATTERN_ERROR")),
        ({"initScript": "a" * 32769}, (400, "INVALID_PARAMETER_EXCEED_LENGTH")),
        ({"version": "2023-03-13"}, (403, "AUTHFAILURE_UNAUTHORIZED_OPERATION")),
    ],
)
def test_a_reset_that_breaks_a_rule_is_refused_and_wipes_nothing(vm, change, expected):
    assert vm.refusal("ResetInstance", **{**RESET, **change}) == expected
    assert sum(instance.wipes for instance in vm.emulation.fleet.everything()) == 0


def test_a_windows_system_is_reset_with_a_password(vm):
    vm.call("ResetInstance", instanceId="off-win", password="Aa1%aaaa")
    vm.clock.advance(121)
    assert vm.status("off-win") == "RUNNING"


@pytest.mark.parametrize(
    "action, body, meanwhile, after",
    [
        ("StopInstances", {"instanceIds": ["run-1"]}, "STOPPING", "STOPPED"),
        ("StopInstances", {"instanceIds": ["run-1"], "forceShutdown": False}, "STOPPING", "STOPPED"),
        ("RebootInstances", {"instanceIds": ["run-1"]}, "REBOOT", "RUNNING"),
        ("StartInstances", {"instanceIds": ["off-1"]}, "BOOTING", "RUNNING"),
    ],
)
def test_power_actions_pass_through_their_state(vm, action, body, meanwhile, after):
    name = body["instanceIds"][0]
    vm.call(action, **body)
    assert vm.status(name) == meanwhile
    vm.clock.advance(31)
    assert vm.status(name) == after


@pytest.mark.parametrize(
    "action, body, expected",
    [
        ("RebootInstances", {"instanceIds": ["run-1", "off-1"]}, "OPERATION_DENIED_INSTANCE_STATUS"),
        ("StopInstances", {"instanceIds": ["run-1", "off-1"]}, "OPERATION_DENIED_INSTANCE_NOT_RUNNING"),
        (
            "ResetInstancesPassword",
            {**PASSWORD, "instanceIds": ["off-1", "run-1"]},
            "OPERATION_DENIED_INSTANCE_NOT_STOPPED",
        ),
        ("ResetInstancesPassword", {**PASSWORD, "password": "Aa1~aaaa"}, "INVALID_PASSWORD_MALFORMED"),
    ],
)
def test_one_invalid_instance_fails_the_whole_batch(vm, action, body, expected):
    assert vm.refusal(action, **body)[1] == expected
    assert (vm.status("run-1"), vm.status("off-1")) == ("RUNNING", "STOPPED")


def test_a_new_password_starts_the_instances_and_keeps_their_keys(vm):
    vm.call("ResetInstancesPassword", **PASSWORD)
    assert vm.status("off-1") == "BOOTING"
    vm.clock.advance(31)
    login = vm.emulation.fleet.look("off-2").login
    assert vm.status("off-2") == "RUNNING" and login.password == "Aa1%aaaa" and login.public_keys


def test_images_are_those_of_the_zone(vm):
    assert vm.refusal("DescribeImages")[1] == "MISSING_PARAMETER"
    listed = {
        zone: {row["imageId"] for row in vm.call("DescribeImages", zoneId=zone)["dataSet"]}
        for zone in ("zone-1", "zone-2", "zone-3")
    }
    assert "elsewhere" in listed["zone-2"] - listed["zone-1"] and listed["zone-3"] == set()


def test_instances_are_found_by_the_beginning_of_their_name(vm):
    found = vm.call("DescribeInstances", instanceName="name-off*", pageSize=2)
    assert (len(found["dataSet"]), found["totalCount"]) == (2, 3)
    assert vm.call("DescribeInstances", instanceName="name-off")["totalCount"] == 0
