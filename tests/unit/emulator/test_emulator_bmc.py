# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Bare Metal accepts, refuses and does, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.loading import load

RESET: dict[str, Any] = {"instanceId": "run-1", "imageId": "debian", "keyId": "key-1"}


def row(cloud, name):
    (found,) = cloud.call("DescribeInstances", instanceIds=[name])["dataSet"]
    return found


@pytest.mark.parametrize("name", ["run-1", "off-1", "bad-1"])
def test_a_reinstallation_needs_no_stop_and_goes_through_installing_to_running(bmc, name):
    assert set(bmc.call("ReinstallInstance", **{**RESET, "instanceId": name})) == {"requestId"}
    assert bmc.status(name) == "INSTALLING"
    bmc.clock.advance(121)
    shown = row(bmc, name)
    assert (shown["instanceStatus"], shown["imageId"], bmc.wipes(name)) == ("RUNNING", "debian", 1)


def test_a_failed_installation_wipes_and_ends_in_its_own_state(bmc):
    bmc.call("ReinstallInstance", **{**RESET, "instanceId": "fails-1"})
    bmc.clock.advance(121)
    assert (bmc.status("fails-1"), bmc.wipes("fails-1")) == ("INSTALL_FAILED", 1)


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"instanceId": "none"}, (404, "INVALID_INSTANCE_NOT_FOUND")),
        ({"instanceId": "bin-1"}, (403, "OPERATION_DENIED_INSTANCE_RECYCLED")),
        ({"instanceId": None}, (400, "MISSING_PARAMETER")),
        ({"instanceName": "new"}, (400, "INVALID_PARAMETER_VALUE")),
        ({"imageId": "none"}, (404, "INVALID_IMAGE_NOT_FOUND")),
        ({"imageId": "delisted"}, (404, "INVALID_IMAGE_NOT_FOUND")),
        ({"imageId": "windows"}, (400, "INVALID_PARAMETER_VALUE")),
        ({"password": "Aa1~aaaa"}, (400, "INVALID_PARAMETER_INSTANCE_LOGIN_CONFLICT")),
        ({"keyId": None, "password": "Aa1~aaa"}, (400, "INVALID_PARAMETER_VALUE_PASSWORD_MALFORMED")),
        ({"keyId": None, "password": "Aa1%aaaa"}, (400, "INVALID_PARAMETER_VALUE_PASSWORD_MALFORMED")),
        ({"keyId": "none"}, (404, "OPERATION_FAILED_RESOURCE_NOT_FOUND")),
        ({"hostname": "a" * 65}, (400, "INVALID_PARAMETER_HOSTNAME_EXCEED")),
        ({"hostname": "no_line"}, (400, "INVALID_PARAMETER_HOSTNAME_MALFORMED")),
        ({"userData": "a" * 32769}, (400, "INVALID_PARAMETER_EXCEED_LENGTH")),
        ({"ipxeUrl": "netboot"}, (400, "INVALID_PARAMETER_VALUE")),
        ({"raidConfig": {"raidType": 7}}, (400, "INVALID_PARAMETER_VALUE")),
        ({"raidConfig": {"raid": 1}}, (400, "INVALID_PARAMETER_VALUE")),
        ({"raidConfig": "1"}, (400, "INVALID_PARAMETER_TYPE")),
        (
            {"raidConfig": {"raidType": 1, "customRaids": []}},
            (400, "INVALID_RAID_CONFIG_FAST_CUSTOM_CONFLICT"),
        ),
        (
            {"raidConfig": {"customRaids": [{"raidType": 1, "diskSequence": [1, 3]}]}},
            (400, "INVALID_PARAMETER_VALUE_RAID_DISK_DISORDER"),
        ),
        (
            {"raidConfig": {"customRaids": [{"raidType": 0, "diskSequence": [1]}] * 2}},
            (400, "INVALID_PARAMETER_VALUE_RAID_DISK_SEQUENCE_DUPLICATE"),
        ),
        (
            {"raidConfig": {"customRaids": [{"raidType": 1, "diskSequence": [4, 5]}]}},
            (400, "INVALID_PARAMETER_VALUE_RAID_DISK_SEQUENCE_RANGE"),
        ),
        ({"nic": {"wanName": "lan0"}}, (400, "INVALID_PARAMETER_NIC_NAME_MALFORMED")),
        ({"nic": {"wanName": "bond0", "lanName": "bond0"}}, (400, "INVALID_PARAMETER_NIC_NAME_CONFLICT")),
        ({"partitions": [{"fsPath": "/"}]}, (400, "INVALID_PARTITION_NO_TYPE")),
        ({"partitions": [{"fsPath": "x"}]}, (400, "INVALID_PARTITION_MISSING_REQUIRED_FILE_PATH")),
        ({"partitions": [{"fsPath": "/"}] * 2}, (400, "INVALID_PARTITION_DUPLICATE_FILE_PATH")),
        (
            {"imageId": None, "ipxeUrl": "netboot", "partitions": [{"fsPath": "/", "fsType": "ext4"}]},
            (400, "INVALID_PARTITION_IMAGE_NOT_SET"),
        ),
        ({"version": "2022-11-20"}, (403, "AUTHFAILURE_UNAUTHORIZED_OPERATION")),
    ],
)
def test_a_reinstallation_that_breaks_a_rule_is_refused_and_wipes_nothing(bmc, change, expected):
    assert bmc.refusal("ReinstallInstance", **{**RESET, **change}) == expected
    assert sum(instance.wipes for instance in bmc.emulation.fleet.everything()) == 0


def test_a_second_reinstallation_is_refused_while_one_is_running(bmc):
    bmc.call("ReinstallInstance", **RESET)
    assert bmc.refusal("ReinstallInstance", **RESET) == (403, "OPERATION_DENIED_INSTANCE_STATUS_INSTALLING")


def test_host_name_raid_partitions_and_nics_show_in_the_record(bmc):
    given = {
        "hostname": "db-1.example",
        "raidConfig": {"customRaids": [{"raidType": 1, "diskSequence": [1, 2]}]},
        "partitions": [{"fsPath": "/", "fsType": "ext4", "size": 100}],
        "nic": {"wanName": "pub0", "lanName": "priv0"},
    }
    bmc.call("ReinstallInstance", **RESET, **given)
    bmc.clock.advance(121)
    assert {name: row(bmc, "run-1")[name] for name in given} == given


def test_what_ipxe_installs_has_a_url_and_no_image(bmc):
    bmc.call("ReinstallInstance", instanceId="run-1", ipxeUrl="netboot")
    bmc.clock.advance(121)
    assert (row(bmc, "run-1")["imageId"], row(bmc, "run-1")["ipxeUrl"]) == (None, "netboot")
    assert bmc.refusal("ReinstallInstance", instanceId="run-1")[1] == "INVALID_IMAGE_NOT_FOUND"


@pytest.mark.parametrize(
    "action, name, meanwhile, after",
    [
        ("StopInstances", "run-1", "STOPPING", "STOPPED"),
        ("RebootInstances", "run-1", "BOOTING", "RUNNING"),
        ("RebootInstances", "off-1", "BOOTING", "RUNNING"),
        ("StartInstances", "off-1", "BOOTING", "RUNNING"),
    ],
)
def test_power_actions_pass_through_their_state(bmc, action, name, meanwhile, after):
    bmc.call(action, instanceIds=[name])
    assert bmc.status(name) == meanwhile
    bmc.clock.advance(31)
    assert (bmc.status(name), bmc.wipes(name)) == (after, 0)


@pytest.mark.parametrize(
    "action, body, expected",
    [
        ("StopInstances", {"instanceIds": ["run-1", "off-1"]}, "OPERATION_DENIED_INSTANCE_NOT_RUNNING"),
        ("StartInstances", {"instanceIds": ["run-1"]}, "OPERATION_DENIED_INSTANCE_NOT_STOPPED"),
        ("RebootInstances", {"instanceIds": ["bad-1"]}, "OPERATION_DENIED_INSTANCE_STATUS"),
        ("RebootInstances", {"instanceIds": ["run-1", "none"]}, "INVALID_INSTANCE_NOT_FOUND"),
        ("StopInstances", {"instanceIds": ["run-1"], "forceShutdown": True}, "INVALID_PARAMETER_VALUE"),
        ("RebootInstances", {"instanceIds": ["run-1"], "forceReboot": True}, "INVALID_PARAMETER_VALUE"),
        ("ResetInstancePassword", {"instanceId": "run-1"}, "AUTHFAILURE_UNAUTHORIZED_OPERATION"),
    ],
)
def test_one_invalid_instance_fails_the_whole_batch(bmc, action, body, expected):
    assert bmc.refusal(action, **body)[1] == expected
    assert bmc.status("run-1") == "RUNNING"


def test_what_a_fault_wants_failed_is_left_out_of_a_batch_and_refused_alone(bmc):
    bmc.emulation.faults.add({"effect": "list_failed", "ids": ["run-2"]})
    assert set(bmc.call("RebootInstances", instanceIds=["run-1", "run-2"])) == {"requestId"}
    assert (bmc.status("run-1"), bmc.status("run-2")) == ("BOOTING", "RUNNING")
    assert bmc.refusal("ReinstallInstance", **{**RESET, "instanceId": "run-2"})[0] == 403


def test_images_are_those_of_the_model(bmc):
    images = [
        {"id": image["id"], "provider": "zenlayer_bmc", **more}
        for image, more in (({"id": "all"}, {}), ({"id": "gpu"}, {"extra": {"instanceTypeIds": ["G1"]}}))
    ]
    bmc.emulation.fleet.seed(load({**_world(), "images": images}, bmc.clock()))
    listed = {
        model: {image["imageId"] for image in bmc.call("DescribeImages", instanceTypeId=model)["images"]}
        for model in ("S9I", "G1")
    }
    assert listed == {"S9I": {"all"}, "G1": {"all", "gpu"}}


def _world():
    return {
        "accounts": [{"name": "main", "provider": "zenlayer_bmc", "access_key": "AK", "secret_key": "SK"}]
    }


def test_the_key_pairs_of_the_account_are_read_from_their_own_service(bmc):
    answer = bmc.call("DescribeKeyPairs", service="ccs", version="2025-09-01")
    assert [key["keyId"] for key in answer["dataSet"]] == ["key-1", "key-2"]
