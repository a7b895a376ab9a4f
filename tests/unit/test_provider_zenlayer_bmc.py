# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Zenlayer Bare Metal: its records, its requests, its errors."""

from __future__ import annotations

import json

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import ApiError, Kind
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Account, Secrets
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import ResetOptions
from ansible_collections.reforge.cloud.plugins.module_utils.providers import (
    zenlayer_bmc,
    zenlayer_vm,
    zenlayer_zec,
)

BMC, VM, ZEC = zenlayer_bmc.PROVIDER, zenlayer_vm.PROVIDER, zenlayer_zec.PROVIDER
ACCOUNT = Account(Secrets("AK", "SK"))

# With the fields of the vendor's page on DescribeInstances.
BMC_RECORD = {
    "instanceId": "1234567890",
    "zoneId": "SEL-A",
    "instanceName": "db-1",
    "instanceTypeId": "S9I",
    "instanceType": {"instanceTypeId": "S9I", "cpuCores": 32, "memorySize": 128},
    "imageId": "bd5faa16",
    "imageName": "Windows Server 2022",
    "primaryPublicIpAddress": "203.0.113.1",
    "publicIpAddresses": ["203.0.113.1", "203.0.113.2"],
    "privateIpAddresses": ["10.0.0.1"],
    "ipv6Addresses": ["2400:cb00::1", "fd00::1"],
    "createTime": "2026-01-31T12:00:00Z",
    "instanceStatus": "RUNNING",
    "keyId": "key-1",
    "tags": {"tags": [{"key": "role", "value": "db"}]},
}


def test_a_record_of_bare_metal_becomes_an_instance():
    instance = BMC.to_instance(BMC_RECORD, "")
    assert (instance.id, instance.name, instance.status, instance.image_id) == (
        "1234567890",
        "db-1",
        Status.RUNNING,
        "bd5faa16",
    )
    assert (instance.region, instance.zone, instance.os_type, instance.cpu, instance.memory) == (
        "SEL",
        "SEL-A",
        "windows",
        32,
        128,
    )
    assert instance.public_ips == ("203.0.113.1", "203.0.113.2", "2400:cb00::1")
    assert instance.private_ips == ("10.0.0.1", "fd00::1")
    assert (instance.tags, instance.key_ids, instance.system_disk, instance.data_disks) == (
        {"role": "db"},
        ("key-1",),
        None,
        None,
    )


@pytest.mark.parametrize("gone", [None, "absent", [], {}, "word", 7])
def test_a_record_in_which_nothing_is_as_documented_is_still_an_instance(gone):
    for name in set(BMC_RECORD) - {"instanceId"}:
        rest = {key: value for key, value in BMC_RECORD.items() if key != name}
        instance = BMC.to_instance({**rest, **({} if gone == "absent" else {name: gone})}, "")
        assert instance.id == BMC_RECORD["instanceId"]


@pytest.mark.parametrize(
    "provider, word, status",
    [
        (BMC, "INSTALLING", Status.RESETTING),
        (BMC, "INSTALL_FAILED", Status.RESET_FAILED),
        (BMC, "CREATING", Status.CREATING),
        (BMC, "BOOTING", Status.STARTING),
        (BMC, "REBUILDING", Status.UNKNOWN),
        (BMC, None, Status.UNKNOWN),
    ],
)
def test_each_service_has_its_own_words_for_states(provider, word, status):
    assert provider.to_instance({"instanceId": "i", "instanceStatus": word}, "").status is status


def test_images_are_asked_for_by_model():
    assert BMC.image_scope(BMC.to_instance(BMC_RECORD, "")) == {"instanceTypeId": "S9I"}
    assert BMC.image_scope(BMC.to_instance({"instanceId": "i"}, "")) is None


def test_an_image_of_bare_metal_has_no_status_and_can_be_installed():
    image = BMC.to_image({"imageId": "i", "osType": "Linux", "imageType": "CUSTOM_IMAGE", "catalog": None})
    assert (image.available, image.os_type, image.type, image.size) == (True, "linux", "private", 0)


def test_only_what_was_asked_for_is_in_the_body():
    asked = ResetOptions(image_id="new", password="Aa1~aaaa", user_data="#!/bin/sh", instance_name="web")
    assert BMC.reset_fields(asked, None, None) == {
        "imageId": "new",
        "password": "Aa1~aaaa",
        "userData": "#!/bin/sh",
    }
    assert BMC.reset_fields(ResetOptions(force=True, key_ids=("k",)), None, None) == {"keyId": "k"}


@pytest.mark.parametrize(
    "provider, path, version",
    [(BMC, "bmc", "2026-02-01"), (VM, "vm", "2026-04-01"), (ZEC, "zec", "2025-09-01")],
)
def test_each_service_has_its_path_and_version_and_key_pairs_have_their_own(provider, path, version):
    for action, its_path, its_version in (
        (provider.writes[Verb.RESET], path, version),
        (provider.keys, "ccs", "2025-09-01"),
    ):
        request = provider.api.build(ACCOUNT, action, {})
        assert request.url == f"https://console.zenlayer.com/api/v2/{its_path}"
        headers = request.headers
        assert (headers["X-ZC-Version"], headers["X-ZC-Service"]) == (its_version, its_path)


@pytest.mark.parametrize(
    "provider, code, kind",
    [
        (BMC, "OPERATION_DENIED_INSTANCE_STATUS_INSTALLING", Kind.IN_PROGRESS),
        (BMC, "Invalid.Partition.No.Type", Kind.REJECTED),
        (BMC, "INVALID_INSTANCE_NOT_FOUND", Kind.NOT_FOUND),
    ],
)
def test_a_code_is_classified_by_its_own_service(provider, code, kind):
    reply = Reply(400, {}, json.dumps({"requestId": "T1", "code": code, "message": "no"}).encode())
    with pytest.raises(ApiError) as caught:
        provider.api.unwrap(provider.writes[Verb.RESET], reply)
    assert caught.value.kind is kind


def test_what_one_service_calls_an_operation_under_way_is_unknown_to_the_others():
    code = "OPERATION_DENIED_INSTANCE_STATUS_INSTALLING"
    assert code in BMC.errors and code not in VM.errors and code not in ZEC.errors
