# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tencent Cloud Lighthouse: its records, its errors and what a reset sends."""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import Kind
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import (
    Disk,
    Operation,
    Phase,
    Status,
    Verb,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import ResetOptions
from ansible_collections.reforge.cloud.plugins.module_utils.providers import tencent_lighthouse as lighthouse
from ansible_collections.reforge.cloud.plugins.module_utils.providers.tencent.errors import kind_of

PROVIDER = lighthouse.PROVIDER

# After the example of the vendor's page on DescribeInstances.
RECORD = {
    "InstanceId": "lhins-ruy9d2tw",
    "BlueprintId": "lhbp-5e8807lo",
    "Zone": "ap-guangzhou-3",
    "CPU": 1,
    "Memory": 2,
    "InstanceName": "lighthouse-test",
    "PlatformType": "LINUX_UNIX",
    "SystemDisk": {"DiskType": "CLOUD_PREMIUM", "DiskSize": 50, "DiskId": "lhdisk-gayq6kyd"},
    "PrivateAddresses": ["10.0.0.5"],
    "PublicAddresses": ["170.106.15.201"],
    "LoginSettings": {"KeyIds": ["lhkp-1"]},
    "Tags": [{"Key": "lighthouse", "Value": "great"}],
    "InstanceState": "RUNNING",
    "InstanceRestrictState": "NORMAL",
    "LatestOperation": "ResetInstance",
    "LatestOperationState": "SUCCESS",
    "LatestOperationRequestId": "r-1",
    "LatestOperationStartedTime": "2020-04-28T03:46:09Z",
    "CreatedTime": "2020-04-28T03:46:09Z",
}
BLUEPRINT = {
    "BlueprintId": "lhbp-m1",
    "BlueprintName": "debian",
    "BlueprintState": "NORMAL",
    "BlueprintType": "PURE_OS",
    "PlatformType": "LINUX_UNIX",
    "RequiredMemorySize": 2,
    "RequiredSystemDiskSize": 50,
}
ENTRY = {"BlueprintInfo": BLUEPRINT, "IsResettable": True, "NonResettableMessage": ""}
WINDOWS = {"BlueprintInfo": {**BLUEPRINT, "PlatformType": "WINDOWS"}}

# The vendor's table of error codes of ResetInstance, with their kinds here.
RESET_ERRORS = [
    ("FailedOperation", Kind.UNKNOWN),
    ("FailedOperation.DescribeInstanceStatus", Kind.UNKNOWN),
    ("FailedOperation.InstanceOperationFailed", Kind.UNKNOWN),
    ("InternalError.DescribeInstanceStatus", Kind.UNKNOWN),
    ("InternalError.InvalidCommandNotFound", Kind.UNKNOWN),
    ("InvalidParameterValue.BlueprintConfigNotMatch", Kind.REJECTED),
    ("InvalidParameterValue.BlueprintId", Kind.REJECTED),
    ("InvalidParameterValue.BlueprintIdMalformed", Kind.NOT_FOUND),
    ("InvalidParameterValue.Duplicated", Kind.REJECTED),
    ("InvalidParameterValue.InstanceIdMalformed", Kind.NOT_FOUND),
    ("InvalidParameterValue.InvalidParameterCombination", Kind.REJECTED),
    ("InvalidParameterValue.InvalidPassword", Kind.REJECTED),
    ("InvalidParameterValue.LimitExceeded", Kind.REJECTED),
    ("InvalidParameterValue.NotAllowToChangePlatformType", Kind.REJECTED),
    ("InvalidParameterValue.OutOfRange", Kind.REJECTED),
    ("InvalidParameterValue.TooLong", Kind.REJECTED),
    ("OperationDenied.InstanceCreating", Kind.IN_PROGRESS),
    ("OperationDenied.InstanceOperationInProgress", Kind.IN_PROGRESS),
    ("ResourceNotFound.BlueprintIdNotFound", Kind.NOT_FOUND),
    ("ResourceNotFound.InstanceIdNotFound", Kind.NOT_FOUND),
    ("ResourceNotFound.InstanceNotFound", Kind.NOT_FOUND),
    ("ResourceNotFound.KeyPairNotFound", Kind.NOT_FOUND),
    ("ResourceUnavailable.BlueprintUnavailable", Kind.REJECTED),
    ("UnauthorizedOperation.MFANotFound", Kind.DENIED),
    ("UnauthorizedOperation.NoPermission", Kind.DENIED),
    ("UnsupportedOperation.InvalidInstanceState", Kind.WRONG_STATE),
    ("UnsupportedOperation.LatestOperationUnfinished", Kind.IN_PROGRESS),
    ("UnsupportedOperation.SystemBusy", Kind.IN_PROGRESS),
]
OTHER_ERRORS = [
    ("InvalidParameter.GamePortalInstanceOnlySupportCurrentBlueprint", Kind.REJECTED),
    ("UnsupportedOperation.InstanceExpired", Kind.REJECTED),
    ("UnsupportedOperation.OperationNotSupportedInIntlSite", Kind.REJECTED),
    ("UnauthorizedOperation.MFAExpired", Kind.DENIED),
    ("UnauthorizedOperation.TokenInvalid", Kind.DENIED),
    ("ResourceNotFound.KeyIdNotFound", Kind.NOT_FOUND),
    ("InvalidParameter.ParameterConflict", Kind.REJECTED),
]


def instance(**changes):
    return lighthouse.to_instance({**RECORD, **changes}, "ap-guangzhou")


def test_an_instance_has_everything_that_its_record_tells():
    machine = instance()
    assert (machine.id, machine.name, machine.status) == ("lhins-ruy9d2tw", "lighthouse-test", Status.RUNNING)
    assert (machine.image_id, machine.os_type, machine.cpu, machine.memory) == (
        "lhbp-5e8807lo",
        "linux",
        1,
        2,
    )
    assert (machine.region, machine.zone, machine.tags) == (
        "ap-guangzhou",
        "ap-guangzhou-3",
        {"lighthouse": "great"},
    )
    assert (machine.public_ips, machine.private_ips, machine.key_ids) == (
        ("170.106.15.201",),
        ("10.0.0.5",),
        ("lhkp-1",),
    )
    assert (machine.system_disk, machine.data_disks) == (Disk("lhdisk-gayq6kyd", 50), None)
    assert machine.operation == Operation(
        Verb.RESET, Phase.SUCCEEDED, "ResetInstance", "r-1", started_at="2020-04-28T03:46:09Z"
    )


def test_an_instance_of_nulls_is_still_one():
    empty = lighthouse.to_instance({**dict.fromkeys(RECORD), "InstanceId": "lhins-1"}, "r")
    assert (empty.status, empty.image_id, empty.os_type, empty.key_ids) == (Status.UNKNOWN, "", None, None)


@pytest.mark.parametrize(
    "changes, status",
    [
        ({"LatestOperationState": "OPERATING"}, Status.RESETTING),
        ({"LatestOperationState": "FAILED"}, Status.RESET_FAILED),
        ({"InstanceState": "DELETING"}, Status.TERMINATING),
        ({"InstanceState": "SHUTDOWN"}, Status.TERMINATING),
        ({"InstanceState": "STOPPED"}, Status.STOPPED),
        ({"InstanceState": "EXIT_RESCUE_MODE"}, Status.UNKNOWN),
    ],
)
def test_the_record_of_the_last_operation_tells_of_a_reset(changes, status):
    assert instance(**changes).status is status


def test_a_restricted_network_holds_no_reset_back_but_rescue_mode_does():
    assert instance(InstanceRestrictState="NETWORK_RESTRICT").restriction == ""
    assert (
        instance(InstanceState="RESCUE_MODE").restriction and instance(InstanceState="FREEZING").restriction
    )


@pytest.mark.parametrize("entry", [ENTRY, BLUEPRINT])
def test_a_blueprint_has_everything_that_its_record_tells_in_both_lists(entry):
    image = lighthouse.to_image(entry)
    assert (image.id, image.name, image.os_type, image.type) == ("lhbp-m1", "debian", "linux", "public")
    assert (image.size, image.memory, image.available, image.blocked) == (50, 2, True, "")


@pytest.mark.parametrize(
    "changes, blocked",
    [
        ({"IsResettable": False, "NonResettableMessage": "no conversion"}, "no conversion"),
        ({"IsResettable": False, "NonResettableMessage": None}, "the provider gives no reason"),
        ({"IsResettable": True}, ""),
        ({"IsResettable": None}, ""),
    ],
)
def test_a_blueprint_that_cannot_be_installed_says_why(changes, blocked):
    assert lighthouse.to_image({**ENTRY, **changes}).blocked == blocked


@pytest.mark.parametrize("state", ["SYNCING", "OFFLINE", "CREATEFAILED", "ISOLATED", "DELETING", None])
def test_only_a_normal_blueprint_is_available(state):
    assert not lighthouse.to_image({**BLUEPRINT, "BlueprintState": state}).available


@pytest.mark.parametrize(
    "entry, blocked",
    [
        ({**WINDOWS, "IsResettable": True}, False),
        ({**WINDOWS, "IsResettable": False}, True),
        (WINDOWS, True),
        (ENTRY, False),
        ({"BlueprintInfo": BLUEPRINT}, False),
    ],
)
def test_another_type_of_system_needs_the_providers_yes(entry, blocked):
    assert bool(lighthouse.image_for(lighthouse.to_image(entry), instance()).blocked) is blocked


@pytest.mark.parametrize("code, kind", [*RESET_ERRORS, *OTHER_ERRORS])
def test_the_codes_of_the_vendors_tables_are_known_by_themselves(code, kind):
    assert code in lighthouse.ERRORS and kind_of(code, lighthouse.ERRORS) is kind


@pytest.mark.parametrize(
    "options, fields",
    [
        (ResetOptions(force=True), {}),
        (ResetOptions("lhbp-2"), {"BlueprintId": "lhbp-2"}),
        (
            ResetOptions("lhbp-2", password="pw"),
            {"BlueprintId": "lhbp-2", "LoginConfiguration": {"AutoGeneratePassword": "NO", "Password": "pw"}},
        ),
        (
            ResetOptions("lhbp-2", key_ids=("lhkp-1",)),
            {"BlueprintId": "lhbp-2", "LoginConfiguration": {"KeyIds": ["lhkp-1"]}},
        ),
    ],
)
def test_a_reset_sends_a_login_only_when_one_is_asked_for(options, fields):
    assert lighthouse.reset_fields(options, instance(), None) == fields


def test_a_reset_is_for_one_instance_and_its_siblings_for_many():
    reset, reboot = PROVIDER.writes[Verb.RESET], PROVIDER.writes[Verb.REBOOT]
    assert reset.encode_ids(reset.id_field, ["a"]) == {"InstanceId": "a"}
    assert reboot.encode_ids(reboot.id_field, ["a", "b"]) == {"InstanceIds": ["a", "b"]}
    assert (reset.at_once, reset.per_second, reboot.at_once, PROVIDER.instances.per_second) == (
        1,
        10,
        100,
        100,
    )


def test_a_stop_and_a_reboot_always_say_how():
    assert PROVIDER.modes[Verb.STOP]["soft"] == {"StopType": "SOFT"}
    assert PROVIDER.modes[Verb.REBOOT]["soft_then_hard"] == {"StopType": "SOFT_FIRST"}


def test_the_proof_is_the_request_id_in_the_record_which_has_a_time():
    assert PROVIDER.proof.by_operation and PROVIDER.proof.by_request_id and PROVIDER.proof.records_start
