# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tencent Cloud ECM: its records, its errors and what a reset sends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import Kind
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Disk, Phase, Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import ResetOptions
from ansible_collections.reforge.cloud.plugins.module_utils.providers import tencent_ecm as ecm
from ansible_collections.reforge.cloud.plugins.module_utils.providers.tencent.errors import kind_of

PROVIDER = ecm.PROVIDER

# After the example of the vendor's page on DescribeInstances.
RECORD = {
    "InstanceId": "ein-bb0ab3pc",
    "InstanceName": "web",
    "InstanceState": "RUNNING",
    "RestrictState": "NORMAL",
    "ExpireState": "NORMAL",
    "CreateTime": "2020-08-27 16:13:51",
    "TagSet": None,
    "SystemDiskSize": 50,
    "SystemDisk": {"DiskType": "LOCAL_BASIC", "DiskId": "ldisk-91p8tj1p", "DiskSize": 50},
    "DataDisks": None,
    "LatestOperation": "ResetInstancesPassword",
    "LatestOperationState": "SUCCESS",
    "InstanceTypeConfig": {"Vcpu": 8, "Memory": 16},
    "Image": {"ImageId": "img-1", "ImageName": "CentOS 7", "OsType": "linux", "Platform": "CentOS"},
    "Position": {"ZoneInfo": {"Zone": "ap-bhmini-ecm-1"}, "RegionInfo": {"Region": "ap-bhmini-ecm"}},
    "Internet": {
        "PrivateIPAddressSet": [{"PrivateIPAddress": "10.11.12.6"}],
        "PublicIPAddressSet": [{"PublicIPAddress": "1.2.3.4"}],
    },
}
IMAGE = {
    "ImageId": "img-060ov1xz",
    "ImageName": "CentOS 6.9",
    "ImageState": "NORMAL",
    "ImageType": "PRIVATE_IMAGE",
    "ImageOsName": "CentOS 6.9",
    "Architecture": "i386",
    "OsType": "CentOS",
    "Platform": "",
    "ImageSize": 50,
}

# The vendor's table of error codes of ResetInstances, with their kinds here.
RESET_ERRORS = [
    ("FailedOperation.InternalOperationFailure", Kind.UNKNOWN),
    ("FailedOperation.OperationNotAllow", Kind.WRONG_STATE),
    ("InvalidParameter.InvalidDataFormat", Kind.REJECTED),
    ("InvalidParameter.ParameterConflict", Kind.REJECTED),
    ("InvalidParameterValue.InvaildPassword", Kind.REJECTED),
    ("InvalidParameterValue.InvalidPassword", Kind.REJECTED),
    ("InvalidParameterValue.InvalidImageArchitecture", Kind.REJECTED),
    ("InvalidParameterValue.InvalidImageID", Kind.REJECTED),
    ("InvalidParameterValue.InvalidInstanceID", Kind.NOT_FOUND),
    ("InvalidParameterValue.ParameterValueTooLarge", Kind.REJECTED),
    ("OperationDenied.InstanceOperationInProgress", Kind.IN_PROGRESS),
    ("ResourceNotFound.InstanceNotExist", Kind.NOT_FOUND),
    ("UnauthorizedOperation.ForbiddenOperation", Kind.DENIED),
]
OTHER_ERRORS = [
    ("FailedOperation.OperationConflict", Kind.IN_PROGRESS),
    ("FailedOperation.InvalidStatus", Kind.WRONG_STATE),
    ("UnsupportedOperation.MutexOperationTaskRunning", Kind.IN_PROGRESS),
    ("UnsupportedOperation.InvalidInstanceState", Kind.WRONG_STATE),
    ("UnsupportedOperation.InvalidState", Kind.WRONG_STATE),
    ("UnsupportedOperation.StatusNotPermit", Kind.WRONG_STATE),
    ("UnsupportedOperation.InstanceIdNotFound", Kind.NOT_FOUND),
    ("InvalidParameterValue.InvaildDescribeInstance", Kind.REJECTED),
    ("InvalidParameterValue.ImageSizeLargeThanSysDiskSize", Kind.REJECTED),
    ("FailedOperation.BlockBalance", Kind.REJECTED),
    ("UnauthorizedOperation.WindowsImage", Kind.DENIED),
    ("AuthFailure.UnauthorizedOperation", Kind.DENIED),
]


def instance(**changes):
    return ecm.to_instance({**RECORD, **changes}, "")


def test_an_instance_has_everything_that_its_record_tells():
    machine = instance()
    assert (machine.id, machine.name, machine.status, machine.vendor_status) == (
        "ein-bb0ab3pc",
        "web",
        Status.RUNNING,
        "RUNNING",
    )
    assert (machine.image_id, machine.image_name, machine.os_type) == ("img-1", "CentOS 7", "linux")
    assert (machine.region, machine.zone, machine.cpu, machine.memory) == (
        "ap-bhmini-ecm",
        "ap-bhmini-ecm-1",
        8,
        16,
    )
    assert (machine.public_ips, machine.private_ips, machine.tags) == (("1.2.3.4",), ("10.11.12.6",), {})
    assert (machine.system_disk, machine.data_disks, machine.key_ids) == (
        Disk("ldisk-91p8tj1p", 50),
        None,
        None,
    )
    assert (machine.restriction, machine.operation.verb, machine.operation.phase) == (
        "",
        Verb.PASSWORD,
        Phase.SUCCEEDED,
    )


def test_an_instance_of_nulls_is_still_one():
    empty = ecm.to_instance({**dict.fromkeys(RECORD), "InstanceId": "ein-1"}, "")
    assert (empty.id, empty.status, empty.image_id, empty.region, empty.system_disk) == (
        "ein-1",
        Status.UNKNOWN,
        "",
        None,
        None,
    )


@pytest.mark.parametrize(
    "changes, status",
    [
        ({"LatestOperation": "ResetInstances", "LatestOperationState": "OPERATING"}, Status.RESETTING),
        ({"LatestOperation": "ResetInstances", "LatestOperationState": "FAILED"}, Status.RESET_FAILED),
        ({"LatestOperation": "ResetInstances", "LatestOperationState": "SUCCESS"}, Status.RUNNING),
        ({"InstanceState": "REBOOTING"}, Status.REBOOTING),
        ({"InstanceState": "SHUTDOWN"}, Status.TERMINATING),
    ],
)
def test_the_record_of_the_last_operation_tells_of_a_reset(changes, status):
    assert instance(**changes).status is status


@pytest.mark.parametrize(
    "changes",
    [{"RestrictState": "EXPIRED"}, {"RestrictState": "PROTECTIVELY_ISOLATED"}, {"ExpireState": "EXPIRED"}],
)
def test_what_is_expired_or_isolated_is_held_back(changes):
    assert instance(**changes).restriction


def test_disks_are_told_by_record_or_by_size():
    assert instance(SystemDisk=None).system_disk == Disk("", 50)
    assert instance(DataDisks=[{"DiskId": "d", "DiskSize": 9}]).data_disks == (Disk("d", 9),)


def test_data_disks_are_told_by_their_size_where_there_is_no_list():
    assert instance(DataDisks=None, DataDiskSize=200).data_disks == (Disk("", 200),)
    assert instance(DataDisks=None, DataDiskSize=0).data_disks is None


def test_public_ipv6_addresses_come_from_the_network_cards():
    info = {"PublicIPv6AddressInfo": {"PublicIPAddress": "2402::1"}, "PublicIPAddressInfo": None}
    cards = {**RECORD["Internet"], "InstanceNetworkInfoSet": [{"AddressInfoSet": [info, None]}, None]}
    assert instance(Internet=cards).public_ips == ("1.2.3.4", "2402::1")


def test_tags_become_a_mapping():
    assert instance(TagSet=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": None}]).tags == {
        "a": "1",
        "b": "",
    }


def test_an_image_has_everything_that_its_record_tells():
    image = ecm.to_image(IMAGE)
    assert (image.id, image.name, image.os_type, image.size) == ("img-060ov1xz", "CentOS 6.9", "linux", 50)
    assert (image.available, image.type) == (True, "private")
    assert not ecm.to_image({**IMAGE, "ImageState": "CREATING"}).available
    assert ecm.to_image({**IMAGE, "ImageOsName": "Windows Server 2012"}).os_type == "windows"


@pytest.mark.parametrize(
    "architecture, memory, blocked",
    [
        ("i386", 16, True),
        ("i386", 4, True),
        ("i386", 2, False),
        ("x86_64", 16, False),
        ("i386", None, False),
    ],
)
def test_a_32_bit_system_does_not_go_onto_much_memory(architecture, memory, blocked):
    image = ecm.to_image({**IMAGE, "Architecture": architecture})
    assert bool(ecm.image_for(image, replace(instance(), memory=memory)).blocked) is blocked


@pytest.mark.parametrize("code, kind", [*RESET_ERRORS, *OTHER_ERRORS])
def test_the_codes_of_the_vendors_tables_are_known_by_themselves(code, kind):
    assert code in ecm.ERRORS and kind_of(code, ecm.ERRORS) is kind


@pytest.mark.parametrize(
    "options, fields",
    [
        (ResetOptions(force=True), {}),
        (ResetOptions("img-2"), {"ImageId": "img-2"}),
        (ResetOptions("img-2", password="pw"), {"ImageId": "img-2", "Password": "pw"}),
        (ResetOptions("img-2", keep_data_disks=False), {"ImageId": "img-2", "KeepData": "false"}),
        (ResetOptions("img-2", keep_data_disks=True), {"ImageId": "img-2", "KeepData": "true"}),
        (ResetOptions("img-2", keep_image_login=True), {"ImageId": "img-2", "KeepImageLogin": "TRUE"}),
        (ResetOptions("img-2", keep_image_login=False), {"ImageId": "img-2", "KeepImageLogin": "FALSE"}),
        (
            ResetOptions("img-2", password="pw", keep_image_login=False),
            {"ImageId": "img-2", "Password": "pw"},
        ),
        (
            ResetOptions("img-2", security_agent=False),
            {"ImageId": "img-2", "EnhancedService": {"SecurityService": {"Enabled": False}}},
        ),
    ],
)
def test_a_reset_sends_what_was_asked_for_and_nothing_else(options, fields):
    assert ecm.reset_fields(options, instance(), None) == fields


def test_instances_are_read_by_a_filter_of_five_ids_and_written_by_a_list():
    read, written = PROVIDER.instances, PROVIDER.writes[Verb.RESET]
    assert read.encode_ids(read.id_field, ["a", "b"]) == {
        "Filters": [{"Name": "instance-id", "Values": ["a", "b"]}]
    }
    assert written.encode_ids(written.id_field, ["a", "b"]) == {"InstanceIdSet": ["a", "b"]}
    assert (read.at_once, read.page, written.at_once, written.per_second) == (5, 100, 100, 20)


def test_the_proof_is_the_record_without_a_request_id():
    proof = PROVIDER.proof
    assert (proof.by_operation, proof.by_request_id, proof.records_start) == (True, False, False)
