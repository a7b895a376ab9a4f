# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tencent Cloud CVM by API 3.0: its records, its errors and what a reset sends."""

from __future__ import annotations

import base64
import re

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.commands.validate import check_reset
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import InputError, Kind
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import (
    Disk,
    Operation,
    Phase,
    Status,
    Verb,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import ResetOptions
from ansible_collections.reforge.cloud.plugins.module_utils.providers import tencent_cvm as cvm
from ansible_collections.reforge.cloud.plugins.module_utils.providers.tencent.errors import kind_of

PROVIDER = cvm.PROVIDER
RECORD = {
    "InstanceId": "ins-r8hr2upy",
    "InstanceName": "web",
    "InstanceState": "RUNNING",
    "RestrictState": "NORMAL",
    "ImageId": "img-1",
    "OsName": "CentOS 7.6 64bit",
    "Placement": {"Zone": "ap-guangzhou-3"},
    "CPU": 2,
    "Memory": 4,
    "PrivateIpAddresses": ["10.0.0.2"],
    "PublicIpAddresses": None,
    "LoginSettings": {"KeyIds": ["skey-1"]},
    "SystemDisk": {"DiskType": "CLOUD_PREMIUM", "DiskId": "disk-1", "DiskSize": 50},
    "DataDisks": [{"DiskId": "disk-2", "DiskType": "CLOUD_SSD", "DiskSize": 100}],
    "Tags": [{"Key": "a", "Value": "b"}],
    "LatestOperation": "ResetInstance",
    "LatestOperationState": "SUCCESS",
    "LatestOperationRequestId": "r-1",
    "LatestOperationErrorMsg": None,
    "CreatedTime": "2020-09-22T00:00:00Z",
}
IMAGE = {
    "ImageId": "img-9",
    "ImageName": "CentOS 7.6",
    "OsName": "CentOS 7.6 64bit",
    "ImageSize": 50,
    "ImageType": "PUBLIC_IMAGE",
    "ImageState": "NORMAL",
    "Platform": "CentOS",
    "Architecture": "x86_64",
}

# Codes that tencentcloud-sdk-go lists for ResetInstance and its siblings, with their kinds here.
ERRORS = {
    Kind.IN_PROGRESS: """OperationDenied.InstanceOperationInProgress MutexOperation.TaskRunning ResourceInUse
        ResourceInUse.DiskRollbacking UnsupportedOperation.InstanceStateRebooting
        UnsupportedOperation.InstanceStateStarting UnsupportedOperation.InstanceStateStopping
        UnsupportedOperation.InstanceStatePending UnsupportedOperation.InstanceStateEnterRescueMode
        UnsupportedOperation.InstanceStateExitRescueMode
        UnsupportedOperation.InstanceStateEnterServiceLiveMigrate
        UnsupportedOperation.InstanceStateServiceLiveMigrate
        UnsupportedOperation.InstanceStateExitServiceLiveMigrate""",
    Kind.WRONG_STATE: """InvalidInstance.NotSupported UnsupportedOperation.InstanceStateRunning
        UnsupportedOperation.InstanceStateStopped InvalidParameterValue.InvalidImageState
        FailedOperation.InvalidImageState""",
    Kind.UNKNOWN: "InternalServerError InternalError InternalError.TradeUnknownError",
    Kind.NOT_FOUND: """InvalidInstanceId.NotFound InvalidImageId.NotFound
        InvalidParameterValue.KeyPairNotFound
        ResourceNotFound.KeyPairNotFound
        InvalidInstanceId.Malformed InvalidParameterValue.InstanceIdMalformed
        InvalidImageId.Malformed InvalidKeyPairId.Malformed""",
    Kind.REJECTED: """InvalidParameterValue.InvalidImageId
        InvalidParameterValue.InvalidImageIdForRetsetInstance
        InvalidParameterValue.InvalidImageIdForResetInstance
        InvalidParameterValue.InvalidImageForGivenInstanceType
        InvalidParameterValue.InvalidImageFormat InvalidParameterValue.RequiredLocationImage
        InvalidParameterValue.InvalidPassword InvalidPassword InvalidParameterValue.IllegalHostName
        InvalidParameter.HostNameIllegal InvalidParameterValue.InvalidUserDataFormat
        InvalidParameter.ParameterConflict
        MissingParameter MissingParameter.MonitorService UnsupportedOperation.InstanceStateShutdown
        UnsupportedOperation.InstanceStateTerminating UnsupportedOperation.InstanceStateTerminated
        UnsupportedOperation.InstanceStateIsolating UnsupportedOperation.InstanceStateFreezing
        UnsupportedOperation.InstanceStateCorrupted UnsupportedOperation.InstanceStateRescueMode
        UnsupportedOperation.InstanceStateBanning UnsupportedOperation.StoppedModeStopCharging
        UnsupportedOperation.InstanceChargeType UnsupportedOperation.InvalidImageLicenseTypeForReset
        UnsupportedOperation.KeyPairUnsupportedWindows UnsupportedOperation.ModifyEncryptionNotSupported
        UnsupportedOperation.RawLocalDiskInsReinstalltoQcow2 UnsupportedOperation.InstanceReinstallFailed
        InvalidAccount.InsufficientBalance InvalidAccount.UnpaidOrder ResourceInsufficient.CloudDiskSoldOut
        ResourcesSoldOut.SpecifiedInstanceType""",
    Kind.DENIED: """UnauthorizedOperation.InvalidToken UnauthorizedOperation.MFAExpired
        UnauthorizedOperation.MFANotFound UnauthorizedOperation.PermissionDenied AuthFailure""",
}


def instance(**changes):
    return cvm.to_instance({**RECORD, **changes}, "ap-guangzhou")


def asked(**params):
    return check_reset(PROVIDER, {"image_id": "img-9", **params})


def test_an_instance_has_everything_that_its_record_tells():
    machine = instance()
    assert (machine.id, machine.name, machine.status, machine.image_id) == (
        "ins-r8hr2upy",
        "web",
        Status.RUNNING,
        "img-1",
    )
    assert (machine.os_type, machine.region, machine.zone) == ("linux", "ap-guangzhou", "ap-guangzhou-3")
    assert (machine.public_ips, machine.private_ips, machine.key_ids, machine.tags) == (
        (),
        ("10.0.0.2",),
        ("skey-1",),
        {"a": "b"},
    )
    assert (machine.system_disk, machine.data_disks) == (Disk("disk-1", 50), (Disk("disk-2", 100),))
    assert (machine.cpu, machine.memory, machine.created_at) == (2, 4, "2020-09-22T00:00:00Z")
    assert machine.operation == Operation(Verb.RESET, Phase.SUCCEEDED, "ResetInstance", "r-1")


def test_an_instance_of_nulls_is_still_one():
    empty = cvm.to_instance({**dict.fromkeys(RECORD), "InstanceId": "ins-1"}, "r")
    assert (empty.status, empty.image_id, empty.os_type, empty.data_disks) == (Status.UNKNOWN, "", None, None)


@pytest.mark.parametrize(
    "changes, status",
    [
        ({"LatestOperationState": "OPERATING"}, Status.RESETTING),
        ({"LatestOperationState": "FAILED"}, Status.RESET_FAILED),
        ({"InstanceState": "STARTING"}, Status.STARTING),
        ({"InstanceState": "TERMINATING"}, Status.TERMINATING),
        ({"InstanceState": "SERVICE_LIVE_MIGRATE"}, Status.UNKNOWN),
    ],
)
def test_the_record_of_the_last_operation_tells_of_a_reset(changes, status):
    assert instance(**changes).status is status


def test_ipv6_addresses_are_public_where_the_record_says_so():
    machine = instance(PublicIPv6Addresses=["2402::1"], IPv6Addresses=["2402::1", "2402::2"])
    assert machine.public_ips == ("2402::1",) and machine.private_ips == ("10.0.0.2", "2402::2")


@pytest.mark.parametrize("state, barred", [("STOPPED", True), ("RUNNING", False)])
def test_what_was_stopped_without_being_charged_cannot_be_reset(state, barred):
    assert bool(instance(InstanceState=state, StopChargingMode="STOP_CHARGING").reset_barred) is barred
    assert instance(InstanceState=state, StopChargingMode="KEEP_CHARGING").reset_barred == ""


@pytest.mark.parametrize(
    "own, other, blocked", [("BYOL", "TencentCloud", True), (None, "BYOL", False), ("A", "A", False)]
)
def test_an_image_of_another_licence_is_blocked(own, other, blocked):
    image = PROVIDER.to_image({**IMAGE, "LicenseType": other})
    assert bool(PROVIDER.image_for(image, instance(LicenseType=own)).blocked) is blocked


def test_a_switch_of_systems_says_what_becomes_of_the_disk():
    image = PROVIDER.to_image({**IMAGE, "Platform": "Windows"})
    assert "snapshots" in PROVIDER.image_for(image, instance()).note
    assert PROVIDER.image_for(PROVIDER.to_image(IMAGE), instance()).note == ""


def test_images_are_listed_for_the_instances_model():
    assert PROVIDER.image_scope(instance(InstanceType="SR1.MEDIUM4")) == {"InstanceType": "SR1.MEDIUM4"}
    assert PROVIDER.image_scope(instance()) == {}


@pytest.mark.parametrize(
    "name, passes", [("web-1", True), ("w" * 16, False), ("web.1", False), ("12345", False)]
)
def test_a_host_name_of_windows_is_shorter_and_has_no_periods(name, passes):
    assert bool(re.fullmatch(PROVIDER.rules.names["windows"].pattern, name)) is passes


def test_a_failed_operation_tells_why():
    shown = instance(LatestOperationState="FAILED", LatestOperationErrorMsg="no disk")
    assert (shown.operation.error, shown.vendor_status) == ("no disk", "RUNNING, ResetInstance FAILED")


def test_an_image_has_everything_that_its_record_tells():
    image = cvm.to_image(IMAGE)
    assert (image.id, image.name, image.os_type, image.size) == ("img-9", "CentOS 7.6", "linux", 50)
    assert (image.type, image.available) == ("public", True)


@pytest.mark.parametrize("state", ["CREATING", "CREATEFAILED", "SYNCING", "IMPORTING", "IMPORTFAILED"])
def test_only_a_normal_image_is_available(state):
    assert not cvm.to_image({**IMAGE, "ImageState": state}).available


@pytest.mark.parametrize(
    "platform, disk, blocked",
    [
        ("Windows", "CLOUD_PREMIUM", False),
        ("Windows", "CLOUD_BASIC", False),
        ("Windows", "CLOUD_SSD", False),
        ("Windows", "CLOUD_BSSD", False),
        ("Windows", "CLOUD_HSSD", True),
        ("Windows", "LOCAL_BASIC", True),
        ("Windows", None, True),
        ("Ubuntu", "LOCAL_BASIC", False),
    ],
)
def test_the_type_of_system_changes_on_some_system_disks_only(platform, disk, blocked):
    image = cvm.to_image({**IMAGE, "Platform": platform})
    machine = instance(SystemDisk={"DiskId": "d", "DiskSize": 50, "DiskType": disk})
    assert bool(cvm.image_for(image, machine).blocked) is blocked


@pytest.mark.parametrize(
    "code, kind", [(code, kind) for kind, codes in ERRORS.items() for code in codes.split()]
)
def test_the_codes_of_the_vendors_lists_are_known_by_themselves(code, kind):
    assert code in cvm.ERRORS and kind_of(code, cvm.ERRORS) is kind


@pytest.mark.parametrize(
    "options, fields",
    [
        (ResetOptions(force=True), {}),
        (ResetOptions("img-9", password="pw"), {"ImageId": "img-9", "LoginSettings": {"Password": "pw"}}),
        (
            ResetOptions("img-9", key_ids=("skey-1",)),
            {"ImageId": "img-9", "LoginSettings": {"KeyIds": ["skey-1"]}},
        ),
        (
            ResetOptions("img-9", keep_image_login=True),
            {"ImageId": "img-9", "LoginSettings": {"KeepImageLogin": "TRUE"}},
        ),
        (
            ResetOptions("img-9", password="pw", keep_image_login=False),
            {"ImageId": "img-9", "LoginSettings": {"Password": "pw"}},
        ),
        (ResetOptions("img-9", system_disk_size=60), {"ImageId": "img-9", "SystemDisk": {"DiskSize": 60}}),
        (ResetOptions("img-9", instance_name="web-1"), {"ImageId": "img-9", "HostName": "web-1"}),
        (
            ResetOptions("img-9", monitoring_agent=True),
            {"ImageId": "img-9", "EnhancedService": {"MonitorService": {"Enabled": True}}},
        ),
    ],
)
def test_a_reset_sends_what_was_asked_for_and_nothing_else(options, fields):
    assert cvm.reset_fields(options, instance(), None) == fields


def test_user_data_is_sent_in_base64():
    fields = cvm.reset_fields(ResetOptions("img-9", user_data="#!/bin/sh\n\u00e9"), instance(), None)
    assert base64.b64decode(fields["UserData"]).decode() == "#!/bin/sh\n\u00e9"


def test_user_data_has_a_limit_before_it_is_encoded():
    assert asked(user_data="x" * 16384).user_data
    with pytest.raises(InputError, match="16385 bytes .* 16384"):
        asked(user_data="x" * 16385)


@pytest.mark.parametrize(
    "name, passes",
    [
        ("web-1", True),
        ("a.b-c.d", True),
        ("ab", True),
        ("a" * 60, True),
        ("a", False),
        ("a" * 61, False),
        ("-ab", False),
        ("ab.", False),
        ("a..b", False),
        ("a--b", False),
        ("a.-b", False),
        ("a_b", False),
    ],
)
def test_a_host_name_has_letters_and_single_periods_and_hyphens(name, passes):
    assert bool(re.fullmatch(PROVIDER.rules.names[""].pattern, name)) is passes


def test_only_one_way_to_log_in_can_be_given():
    with pytest.raises(InputError, match="password and key_ids exclude each other"):
        asked(password="abcdefg1", key_ids=["skey-1"])


def test_a_reset_is_for_one_instance_and_its_siblings_for_many():
    reset, read = PROVIDER.writes[Verb.RESET], PROVIDER.instances
    assert reset.encode_ids(reset.id_field, ["a"]) == {"InstanceId": "a"}
    assert read.encode_ids(read.id_field, ["a", "b"]) == {"InstanceIds": ["a", "b"]}
    assert (reset.at_once, reset.per_second, read.at_once, read.per_second) == (1, 10, 100, 40)
    assert reset.states == {Status.RUNNING, Status.STOPPED, Status.RESET_FAILED}


def test_the_proof_is_the_request_id_in_the_record_which_has_no_time():
    proof = PROVIDER.proof
    assert (proof.by_operation, proof.by_request_id, proof.records_start) == (True, True, False)
    assert PROVIDER.denials is None
