# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How images are asked for where a vendor lists them by instance or by type: what is sent, and what is
seen.
"""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.lookups import (
    denials,
    images_for,
    known_keys,
    list_images,
    read_instances,
)
from ansible_collections.reforge.cloud.plugins.module_utils.api.client import Client
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import Pacer
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import InputError
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Account, Secrets


class Vendor:
    """Answers each request by a function of its fields, and keeps the fields."""

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def send(self, request):
        body = request.body.decode()
        fields = json.loads(body) if body.startswith("{") else dict(parse_qsl(body))
        self.asked.append((request.action, fields))
        content = self.answer(request.action, fields)
        return Reply(200, {}, json.dumps(content).encode())


@pytest.fixture
def connect(clock):
    def client(name, answer):
        vendor = Vendor(answer)
        account = Account(Secrets("AK", "SK"), "ap-guangzhou")
        return Client(PROVIDERS[name], account, vendor, Pacer(clock), clock, workers=1), vendor

    return client


def blueprint(name, **more):
    return {"BlueprintId": name, "BlueprintState": "NORMAL", "PlatformType": "LINUX_UNIX", **more}


def lighthouse(action, fields):
    if action == "DescribeInstances":
        unknown = [instance_id for instance_id in fields["InstanceIds"] if instance_id.startswith("lhins-x")]
        if unknown:
            return {
                "Response": {"Error": {"Code": "ResourceNotFound.InstanceIdNotFound", "Message": unknown[0]}}
            }
        ids = fields["InstanceIds"]
        rows = [
            {"InstanceId": instance_id, "BlueprintId": "lhbp-old", "BundleId": f"of-{instance_id}"}
            for instance_id in ids
        ]
        return {"Response": {"TotalCount": len(rows), "InstanceSet": rows}}
    if action == "DescribeBlueprints":
        return {"Response": {"TotalCount": 1, "BlueprintSet": [blueprint("lhbp-all")]}}
    allowed = fields["InstanceId"] != "lhins-2"
    names = fields["Filters"][0]["Values"] if "Filters" in fields else ["lhbp-new"]
    rows = [
        {"BlueprintInfo": blueprint(name), "IsResettable": allowed, "NonResettableMessage": "no"}
        for name in names
    ]
    return {"Response": {"TotalCount": len(rows), "ResetInstanceBlueprintSet": rows}}


def test_each_instance_is_asked_which_blueprints_it_takes(connect):
    client, vendor = connect("tencent_lighthouse", lighthouse)
    found = read_instances(client, ["lhins-1", "lhins-2"])
    images = images_for(client, [(instance, ("lhbp-new", instance.image_id)) for instance in found.values()])
    assert {name: {image.id: image.blocked for image in seen.values()} for name, seen in images.items()} == {
        "lhins-1": {"lhbp-new": "", "lhbp-old": ""},
        "lhins-2": {"lhbp-new": "no", "lhbp-old": "no"},
    }
    assert vendor.asked[1] == (
        "DescribeResetInstanceBlueprints",
        {
            "Filters": [{"Name": "blueprint-id", "Values": ["lhbp-new", "lhbp-old"]}],
            "InstanceId": "lhins-1",
            "Offset": 0,
            "Limit": 100,
        },
    )


def test_instances_that_are_alike_share_one_look_at_the_blueprints_that_they_take(connect):
    client, vendor = connect("tencent_lighthouse", lighthouse)
    kinds = {"small": {"CPU": 1, "SystemDisk": {"DiskId": "lhdisk-1", "DiskSize": 40}}, "big": {"CPU": 8}}
    record = {"InstanceState": "RUNNING", "BlueprintId": "lhbp-old"}
    instances = [
        client.provider.to_instance({**record, **kinds[kind], "InstanceId": f"lhins-{number}"}, "")
        for number, kind in enumerate(["small", "big", "small", "small", "big"])
    ]
    seen = images_for(client, [(instance, ("lhbp-new", instance.image_id)) for instance in instances])
    assert list(seen) == ["lhins-0", "lhins-2", "lhins-3", "lhins-1", "lhins-4"]
    assert [fields["InstanceId"] for _action, fields in vendor.asked] == ["lhins-0", "lhins-1"]


def test_an_instance_of_the_game_zone_is_asked_without_filters(connect):
    def game_zone(action, fields):
        if fields.get("InstanceId") == "lhins-1" and "Filters" in fields:
            return {"Response": {"Error": {"Code": "InvalidParameter.InvalidFilter", "Message": "no"}}}
        return lighthouse(action, fields)

    client, vendor = connect("tencent_lighthouse", game_zone)
    instances = list(read_instances(client, ["lhins-1", "lhins-3"]).values())
    seen = images_for(client, [(instance, ["lhbp-new"]) for instance in instances])
    assert {name: list(images) for name, images in seen.items()} == {
        "lhins-1": ["lhbp-new"],
        "lhins-3": ["lhbp-new"],
    }
    assert len(vendor.asked) == 4


def test_without_an_instance_all_blueprints_are_listed(connect):
    client, vendor = connect("tencent_lighthouse", lighthouse)
    assert [image.id for image in list_images(client)] == ["lhbp-all"]
    (instance,) = read_instances(client, ["lhins-1"]).values()
    assert [image.id for image in list_images(client, instance)] == ["lhbp-new"]
    assert [action for action, _fields in vendor.asked] == [
        "DescribeBlueprints",
        "DescribeInstances",
        "DescribeResetInstanceBlueprints",
    ]


def test_an_unknown_instance_does_not_hide_the_others(connect):
    client, _vendor = connect("tencent_lighthouse", lighthouse)
    assert list(read_instances(client, ["lhins-1", "lhins-x", "lhins-2"])) == ["lhins-1", "lhins-2"]


def legacy(action, fields):
    if action == "DescribeInstances":
        return {
            "code": 0,
            "totalCount": 1,
            "instanceSet": [{"unInstanceId": "ins-1", "status": 2, "unImgId": "img-a"}],
        }
    known = {"img-a": 1, "img-b": 2, "img-c": 4}
    wanted = {value for name, value in fields.items() if name.startswith("imageIds.")} or set(known)
    rows = [
        {"unImgId": name, "imageType": known[name], "status": 2}
        for name in sorted(wanted & set(known))
        if known[name] == int(fields["imageType"])
    ]
    return {"code": 0, "totalCount": len(rows), "imageSet": rows}


def test_images_that_are_listed_by_type_are_found_whatever_their_type(connect):
    client, vendor = connect("tencent_cvm_v2", legacy)
    (instance,) = read_instances(client, ["ins-1"]).values()
    seen = images_for(client, [(instance, ("img-c", "img-a"))])["ins-1"]
    assert {image.id: image.type for image in seen.values()} == {"img-a": "private", "img-c": "shared"}
    asked = [fields for action, fields in vendor.asked if action == "DescribeImages"]
    assert [(request["imageType"], request["imageIds.0"], request["imageIds.1"]) for request in asked] == [
        (str(number), "img-a", "img-c") for number in (1, 2, 3, 4)
    ]


def test_all_types_of_images_are_listed(connect):
    client, _vendor = connect("tencent_cvm_v2", legacy)
    assert sorted(image.id for image in list_images(client)) == ["img-a", "img-b", "img-c"]


def test_no_version_and_a_new_number_go_with_each_form(connect):
    client, vendor = connect("tencent_cvm_v2", legacy)
    list_images(client)
    assert not [fields for _action, fields in vendor.asked if "Version" in fields]
    assert len({fields["Nonce"] for _action, fields in vendor.asked}) == 4


OLD_AND_NEW = [{"unInstanceId": f"ins-{name}", "instanceId": f"qcvm{name}", "status": 2} for name in "ab"]


def test_an_instance_can_be_named_by_its_older_id(connect):
    client, _vendor = connect(
        "tencent_cvm_v2", lambda action, fields: {"code": 0, "totalCount": 2, "instanceSet": OLD_AND_NEW}
    )
    assert {name: instance.id for name, instance in read_instances(client, ["qcvma", "ins-b"]).items()} == {
        "qcvma": "qcvma",
        "ins-b": "ins-b",
    }
    with pytest.raises(InputError, match="ins-a and qcvma are the same instance"):
        read_instances(client, ["qcvma", "ins-a"])


def edge(action, fields):
    if action == "DescribeInstancesDeniedActions":
        return {"Response": {"InstanceOperatorSet": None, "RequestId": "r"}}
    wanted = (
        fields["Filters"][0]["Values"] if "Filters" in fields else [f"ein-{number}" for number in range(7)]
    )
    return {
        "Response": {
            "TotalCount": len(wanted),
            "InstanceSet": [{"InstanceId": instance_id} for instance_id in wanted],
        }
    }


def test_more_ids_than_a_filter_takes_are_read_by_one_list(connect):
    client, vendor = connect("tencent_ecm", edge)
    assert len(read_instances(client, [f"ein-{number}" for number in range(5)])) == 5
    assert len(read_instances(client, [f"ein-{number}" for number in range(7)])) == 7
    page = {"Offset": 0, "Limit": 100}
    five = {"Name": "instance-id", "Values": [f"ein-{number}" for number in range(5)]}
    assert [fields for _action, fields in vendor.asked] == [{"Filters": [five], **page}, page]


def test_nothing_is_denied_where_the_answer_has_no_list(connect):
    client, vendor = connect("tencent_ecm", edge)
    assert denials(client, ["ein-1"]) == {}
    assert vendor.asked == [("DescribeInstancesDeniedActions", {"InstanceIdSet": ["ein-1"]})]


def machines(action, fields):
    if action == "DescribeKeyPairs":
        missing = [key_id for key_id in fields["KeyIds"] if key_id == "skey-x"]
        if missing:
            return {"Response": {"Error": {"Code": "InvalidKeyPairId.NotFound", "Message": "m"}}}
        return {
            "Response": {"TotalCount": 1, "KeyPairSet": [{"KeyId": key_id} for key_id in fields["KeyIds"]]}
        }
    if action == "DescribeImages":
        rows = [
            {"ImageId": image_id, "ImageState": "NORMAL", "Platform": "Windows"}
            for image_id in fields["ImageIds"]
        ]
        return {"Response": {"TotalCount": len(rows), "ImageSet": rows}}
    rows = [
        {
            "InstanceId": instance_id,
            "OsName": "Debian",
            "SystemDisk": {"DiskType": disk, "DiskId": "d", "DiskSize": 50},
        }
        for instance_id, disk in zip(fields["InstanceIds"], ("CLOUD_SSD", "LOCAL_SSD"))
    ]
    return {"Response": {"TotalCount": len(rows), "InstanceSet": rows}}


def test_one_list_of_images_looks_different_to_instances_with_other_disks(connect):
    client, vendor = connect("tencent_cvm", machines)
    found = read_instances(client, ["ins-1", "ins-2"])
    images = images_for(client, [(instance, ("img-1",)) for instance in found.values()])
    assert {name: bool(seen["img-1"].blocked) for name, seen in images.items()} == {
        "ins-1": False,
        "ins-2": True,
    }
    assert len([action for action, _fields in vendor.asked if action == "DescribeImages"]) == 1


def test_keys_that_do_not_exist_are_left_out(connect):
    client, _vendor = connect("tencent_cvm", machines)
    assert known_keys(client, ["skey-1", "skey-x"]) == {"skey-1"}


@pytest.mark.parametrize(
    "name, sent",
    [
        ("tencent_ecm", {"InstanceIdSet": ["i"], "StopType": "SOFT"}),
        ("tencent_cvm", {"InstanceIds": ["i"], "StopType": "SOFT"}),
        ("tencent_lighthouse", {"InstanceIds": ["i"], "StopType": "SOFT"}),
    ],
)
def test_a_soft_reboot_says_so(connect, name, sent):
    client, vendor = connect(name, lambda action, fields: {"Response": {"RequestId": "r-1"}})
    answer = client.write(
        PROVIDERS[name].writes[Verb.REBOOT], ["i"], PROVIDERS[name].modes[Verb.REBOOT]["soft"]
    )
    assert vendor.asked == [("RebootInstances", sent)] and answer.request_id == "r-1"
