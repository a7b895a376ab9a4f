# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Zenlayer Virtual Machine: its records, its requests, its errors."""

from __future__ import annotations

import json

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import ApiError, Kind
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Disk, Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import ResetOptions
from ansible_collections.reforge.cloud.plugins.module_utils.providers.zenlayer_vm import PROVIDER as VM

# With the fields of the vendor's page on DescribeInstances.
VM_RECORD = {
    "instanceId": "1234567891",
    "zoneId": "FRA-A",
    "instanceName": "web-1",
    "cpuCount": 2,
    "memory": 4,
    "imageId": "img-1",
    "imageName": "Ubuntu 24.04",
    "publicIpAddresses": ["203.0.113.3"],
    "publicIpv6Addresses": ["2400:cb00::2"],
    "privateIpAddresses": ["10.0.0.2"],
    "instanceStatus": "STOPPED",
    "systemDisk": {"diskId": "disk-1", "diskSize": 40},
    "dataDisks": [{"diskId": "disk-2", "diskSize": 100}],
    "keyId": None,
}


def test_a_record_of_a_virtual_machine_becomes_an_instance():
    instance = VM.to_instance(VM_RECORD, "")
    assert (instance.status, instance.region, instance.cpu, instance.memory) == (Status.STOPPED, "FRA", 2, 4)
    assert instance.public_ips == ("203.0.113.3", "2400:cb00::2")
    assert (instance.system_disk, instance.data_disks) == (Disk("disk-1", 40), (Disk("disk-2", 100),))
    assert (instance.key_ids, instance.tags) == ((), {})


@pytest.mark.parametrize("gone", [None, "absent", [], {}, "word", 7])
def test_a_record_in_which_nothing_is_as_documented_is_still_an_instance(gone):
    for name in set(VM_RECORD) - {"instanceId"}:
        rest = {key: value for key, value in VM_RECORD.items() if key != name}
        instance = VM.to_instance({**rest, **({} if gone == "absent" else {name: gone})}, "")
        assert instance.id == VM_RECORD["instanceId"]


@pytest.mark.parametrize(
    "word, status",
    [
        ("REBUILDING", Status.RESETTING),
        ("DEPLOYING", Status.CREATING),
        ("REBOOT", Status.REBOOTING),
        ("IMAGING", Status.UNKNOWN),
        ("RECYCLING", Status.RECYCLED),
        (None, Status.UNKNOWN),
    ],
)
def test_its_words_become_states(word, status):
    assert VM.to_instance({"instanceId": "i", "instanceStatus": word}, "").status is status


def test_images_are_asked_for_by_zone():
    assert VM.image_scope(VM.to_instance(VM_RECORD, "")) == {"zoneId": "FRA-A"}
    assert VM.image_scope(VM.to_instance({"instanceId": "i"}, "")) is None


def test_an_image_can_be_installed_when_it_is_available():
    image = VM.to_image({"imageId": "i", "imageStatus": "CREATING", "imageSize": "30"})
    assert (image.available, image.size) == (False, 30)


def test_only_what_was_asked_for_is_in_the_body():
    given = ResetOptions(image_id="new", password="Aa1~aaaa", user_data="#!/bin/sh", instance_name="web")
    assert VM.reset_fields(given, None, None) == {
        "imageId": "new",
        "password": "Aa1~aaaa",
        "instanceName": "web",
        "initScript": "#!/bin/sh",
    }


@pytest.mark.parametrize(
    "code, kind",
    [
        ("UNSUPPORTED_OPERATION_DISK_MAKING_IMAGE", Kind.IN_PROGRESS),
        ("OPERATION_DENIED_INSTANCE_NOT_STOPPED", Kind.WRONG_STATE),
        ("A_NEW_WORD", Kind.REJECTED),
    ],
)
def test_a_code_is_classified(code, kind):
    reply = Reply(400, {}, json.dumps({"requestId": "T1", "code": code, "message": "no"}).encode())
    with pytest.raises(ApiError) as caught:
        VM.api.unwrap(VM.writes[Verb.RESET], reply)
    assert caught.value.kind is kind
