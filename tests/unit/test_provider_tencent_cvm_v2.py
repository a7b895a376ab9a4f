# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tencent Cloud CVM by the legacy API 2.0: forms, flat answers, numbers for states."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import ApiError, Kind
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Disk, Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Account, Secrets
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import ResetOptions
from ansible_collections.reforge.cloud.plugins.module_utils.providers import tencent_cvm_v2 as v2
from ansible_collections.reforge.cloud.plugins.module_utils.providers.tencent import legacy

PROVIDER = v2.PROVIDER
RESET, REBOOT = PROVIDER.writes[Verb.RESET], PROVIDER.writes[Verb.REBOOT]

# After the examples of the vendor's pages on DescribeInstances and DescribeImages.
RECORD = {
    "lanIp": "10.104.249.153",
    "instanceId": "qcvm0c7d",
    "unImgId": "img-31tjrtph",
    "wanIpSet": ["123.207.115.47"],
    "diskInfo": {
        "rootId": "disk-hq2agvi8",
        "storageSize": 100,
        "rootType": 2,
        "storageType": 2,
        "storageId": "disk-fegdogdg",
        "rootSize": 50,
    },
    "zoneId": 100003,
    "instanceName": "jupyter",
    "status": 2,
    "mem": 16,
    "Region": "gz",
    "unInstanceId": "ins-r8hr2upy",
    "createTime": "2016-11-24 09:22:18",
    "zoneName": "Guangzhou Zone 3",
    "os": "centos7.2x86_64",
    "cpu": 8,
}
IMAGE = {
    "unImgId": "img-1234test",
    "imageName": "test",
    "osName": "Ubuntu 12.04 64bit",
    "imageType": 1,
    "status": 2,
}


def account(region="gz", endpoint=""):
    return Account(Secrets("AK", "SK"), region, endpoint)


def unwrap(content, action=RESET, status=200):
    return legacy.unwrap(action, Reply(status, {"content-type": "text/html"}, json.dumps(content).encode()))


def failing(content, action=RESET, status=200):
    with pytest.raises(ApiError) as error:
        unwrap(content, action, status)
    return error.value.code, error.value.kind


def instance(**changes):
    return v2.to_instance({**RECORD, **changes}, "ap-guangzhou")


def test_a_record_without_a_status_is_waited_out():
    machine = instance(status=None)
    assert (machine.status, machine.vendor_status) == (Status.UNKNOWN, "no status")


def test_a_switch_of_systems_says_what_becomes_of_the_disk():
    image = v2.to_image({**IMAGE, "osName": "Windows Server 2012"})
    assert "snapshots" in v2.image_for(image, instance()).note


@pytest.mark.parametrize(
    "action, endpoint, url",
    [
        (RESET, "", "https://cvm.api.qcloud.com/v2/index.php"),
        (PROVIDER.images, "", "https://image.api.qcloud.com/v2/index.php"),
        (PROVIDER.images, "http://127.0.0.1:1/x", "http://127.0.0.1:1/x/v2/index.php"),
    ],
)
def test_images_have_a_host_of_their_own_unless_an_endpoint_is_given(action, endpoint, url):
    assert legacy.build(account(endpoint=endpoint), action, {}).url == url


@pytest.mark.parametrize("region", ["gz", "ap-guangzhou"])
def test_a_request_is_a_form_with_the_region_as_given_and_never_a_version(region):
    request = legacy.build(account(region), REBOOT, {"instanceIds": ["ins-1", "ins-2"], "forceStop": 0})
    assert request.fields == {
        "Action": "RestartInstances",
        "Region": region,
        "RequestClient": "Ansible-reforge.cloud",
        "instanceIds.0": "ins-1",
        "instanceIds.1": "ins-2",
        "forceStop": "0",
    }
    assert request.writes and request.headers == {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("request_id", ["4711", 4711])
def test_an_accepted_reset_has_a_number_or_text_as_request_id(request_id):
    answer = unwrap({"code": 0, "message": "", "requestId": request_id})
    assert (answer.request_id, answer.failed_ids) == ("4711", ())


def detail(**codes):
    return {name.replace("_", "-"): {"code": code, "message": "m"} for name, code in codes.items()}


@pytest.mark.parametrize(
    "content, failed",
    [
        ({"code": 0, "detail": detail(ins_1=0, ins_2=0)}, ()),
        ({"code": 5400, "detail": detail(ins_1=0, ins_2=5000)}, ("ins-2",)),
        ({"code": "5400", "detail": detail(ins_1="0", ins_2="5000")}, ("ins-2",)),
        ({"code": 5100, "detail": detail(ins_1=5000, ins_2=5100)}, ("ins-1", "ins-2")),
    ],
)
def test_of_many_instances_the_detail_tells_which_failed(content, failed):
    assert unwrap(content, REBOOT).failed_ids == failed


@pytest.mark.parametrize(
    "number, words, kind",
    [
        (5100, "OperationConstraints.InvaildInstanceStatus", Kind.WRONG_STATE),
        (5100, "OperationFail.SystemBusy", Kind.IN_PROGRESS),
        (5000, "", Kind.NOT_FOUND),
        (5100, "OperationFail.AllResourceOpFailed", None),
    ],
)
def test_the_detail_says_why_an_instance_was_refused(number, words, kind):
    row = {"code": number, "message": "m", "codeDesc": words}
    refusals = unwrap({"code": 5400, "detail": {**detail(ins_1=0), "ins-2": row}}, REBOOT).refusals
    assert {instance_id: error.kind for instance_id, error in refusals.items()} == (
        {"ins-2": kind} if kind else {}
    )


@pytest.mark.parametrize(
    "content",
    [
        {"code": 5400},
        {"code": 5400, "detail": []},
        {"code": 5100, "detail": {}},
        {"code": 5100},
    ],
)
def test_where_no_detail_tells_nobody_knows_what_was_done(content):
    assert failing(content, REBOOT)[1] is Kind.UNKNOWN


# The common codes, and the table of business codes of ResetInstances, with their kinds here.
NUMBERS = {
    Kind.THROTTLED: [4400],
    Kind.NOT_FOUND: [5000],
    Kind.REJECTED: [4000, 4600, 5200, 5300, 5500, 6100],
    Kind.DENIED: [4100, 4101, 4102, 4103, 4104, 4105, 4106, 4110, 4200, 4300],
    Kind.UNKNOWN: [4500, 5100, 5400, 6000, 6200],
}
BUSINESS = [
    ("OperationConstraints.InvaildInstanceStatus", Kind.WRONG_STATE),
    ("OperationConstraints.InvalidInstanceStatus", Kind.WRONG_STATE),
    ("OperationFail.AllResourceOpFailed", Kind.UNKNOWN),
    ("OperationConstraints.AccountBalanceNotEnough", Kind.REJECTED),
    ("OperationFail.SystemBusy", Kind.IN_PROGRESS),
    ("EC_CVM_STATUS_ERROR", Kind.WRONG_STATE),
]


@pytest.mark.parametrize(
    "number, kind", [(number, kind) for kind, numbers in NUMBERS.items() for number in numbers]
)
def test_every_common_number_is_known(number, kind):
    assert str(number) in v2.ERRORS and failing({"code": number, "message": "(1)m"}) == (str(number), kind)


@pytest.mark.parametrize("word, kind", BUSINESS)
def test_a_business_code_in_either_field_says_more_than_the_number(word, kind):
    assert failing({"code": 5100, "codeDesc": word, "message": "m"}) == (word, kind)
    assert failing({"code": 5100, "codeDesc": "Failed", "message": f"(10001) {word}"}) == (word, kind)


def test_a_business_code_that_is_not_known_is_still_told():
    with pytest.raises(ApiError, match=r"failed with 5100: no \(New.Code\)"):
        unwrap({"code": 5100, "codeDesc": "New.Code", "message": "no"})


@pytest.mark.parametrize(
    "content, status, found",
    [
        ({"code": 7777, "codeDesc": "New.Code"}, 200, ("7777", Kind.UNKNOWN)),
        ({"code": 0}, 500, ("0", Kind.UNKNOWN)),
        ({"code": 4400}, 429, ("4400", Kind.THROTTLED)),
        ({"Response": {}}, 200, ("HTTP_200", Kind.UNKNOWN)),
        ({"message": "slow"}, 429, ("HTTP_429", Kind.THROTTLED)),
    ],
)
def test_an_answer_of_another_form_leaves_open_what_was_done(content, status, found):
    assert failing(content, RESET, status) == found


def test_an_instance_has_everything_that_its_record_tells():
    machine = instance()
    assert (machine.id, machine.name, machine.status, machine.vendor_status) == (
        "ins-r8hr2upy",
        "jupyter",
        Status.RUNNING,
        "2 running",
    )
    assert (machine.image_id, machine.os_type, machine.region) == ("img-31tjrtph", "linux", "ap-guangzhou")
    assert (machine.zone, machine.cpu, machine.memory) == ("Guangzhou Zone 3", 8, 16)
    assert (machine.public_ips, machine.private_ips) == (("123.207.115.47",), ("10.104.249.153",))
    assert (machine.system_disk, machine.data_disks) == (
        Disk("disk-hq2agvi8", 50),
        (Disk("disk-fegdogdg", 100),),
    )
    assert (machine.tags, machine.key_ids, machine.operation, machine.restriction) == (None, None, None, "")


def test_an_instance_of_little_is_still_one():
    little = v2.to_instance({"unInstanceId": "ins-1", "status": "4"}, "gz")
    assert (little.status, little.image_id, little.os_type, little.system_disk) == (
        Status.STOPPED,
        "",
        None,
        None,
    )
    assert (little.data_disks, little.zone, little.public_ips) == (None, None, ())


@pytest.mark.parametrize(
    "number, status",
    [
        (-1, Status.FAILED),
        (1, Status.RESET_FAILED),
        (2, Status.RUNNING),
        (3, Status.CREATING),
        (4, Status.STOPPED),
        (5, Status.TERMINATING),
        (6, Status.TERMINATING),
        (7, Status.REBOOTING),
        (8, Status.STARTING),
        (9, Status.STOPPING),
        (10, Status.SETTING_PASSWORD),
        (14, Status.RESETTING),
        *((number, Status.UNKNOWN) for number in (11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 99)),
    ],
)
def test_the_numbers_of_states_are_words_here(number, status):
    assert instance(status=number).status is status


@pytest.mark.parametrize(
    "name, os_type",
    [
        ("centos7.2x86_64", "linux"),
        ("Ubuntu 12.04 64bit", "linux"),
        ("Windows Server 2012", "windows"),
        ("win2008", "windows"),
        ("Xserver V8.1_64", "windows"),
        ("", ""),
        (None, ""),
    ],
)
def test_the_type_of_system_comes_from_its_name(name, os_type):
    assert v2.os_type_of(name) == os_type


@pytest.mark.parametrize(
    "disks, system, data",
    [
        ([{"rootId": "r", "rootSize": 20, "storageSize": 0}], Disk("r", 20), ()),
        ({"storageSize": 0, "storageId": 0}, None, ()),
    ],
)
def test_disks_come_as_a_record_or_as_a_list_of_one(disks, system, data):
    assert (instance(diskInfo=disks).system_disk, instance(diskInfo=disks).data_disks) == (system, data)


@pytest.mark.parametrize(
    "number, available", [(1, False), (2, True), (3, True), (4, False), (5, False), (None, True)]
)
def test_an_image_is_available_when_it_is_normal_or_in_use(number, available):
    image = v2.to_image({**IMAGE, "status": number})
    assert (image.id, image.name, image.os_type, image.type) == ("img-1234test", "test", "linux", "private")
    assert image.available is available


@pytest.mark.parametrize(
    "region, types",
    [
        ("gz", [1, 2, 3, 4]),
        ("ap-guangzhou", [1, 2, 3, 4]),
        ("usw", [1, 2, 4]),
        ("na-siliconvalley", [1, 2, 4]),
    ],
)
def test_images_are_asked_for_by_type_and_north_america_has_no_market(region, types):
    assert [fields["imageType"] for fields in v2.image_queries(region)] == types


@pytest.mark.parametrize("root_type, blocked", [(1, True), (3, True), (2, False), (4, False), (None, False)])
def test_a_local_disk_keeps_its_type_of_system(root_type, blocked):
    windows = v2.to_image({**IMAGE, "osName": "Windows 2012"})
    machine = instance(diskInfo={"rootSize": 50, "rootType": root_type})
    assert bool(v2.image_for(windows, machine).blocked) is blocked
    assert not v2.image_for(v2.to_image(IMAGE), machine).blocked


@pytest.mark.parametrize(
    "options, fields",
    [
        (ResetOptions(force=True), {}),
        (ResetOptions(force=True, image_type="public"), {}),
        (ResetOptions("img-1"), {"imageId": "img-1", "imageType": 1}),
        (ResetOptions("img-1", image_type="shared"), {"imageId": "img-1", "imageType": 4}),
        (
            ResetOptions("img-1", password="pw", system_disk_size=60),
            {"imageId": "img-1", "imageType": 1, "password": "pw", "rootSize": 60},
        ),
        (
            ResetOptions("img-1", security_agent=False, monitoring_agent=True),
            {"imageId": "img-1", "imageType": 1, "needSecurityAgent": 0, "needMonitorAgent": 1},
        ),
    ],
)
def test_a_reset_sends_the_image_with_its_type_or_neither(options, fields):
    assert v2.reset_fields(options, instance(), v2.to_image(IMAGE)) == fields


def test_an_image_whose_type_is_not_told_goes_as_the_public_one_that_the_page_takes_it_for():
    untold = replace(v2.to_image(IMAGE), raw={})
    assert v2.reset_fields(ResetOptions("img-1"), instance(), untold)["imageType"] == 2


def test_a_reset_is_for_one_instance_in_spite_of_its_name():
    assert (RESET.name, RESET.at_once) == ("ResetInstances", 1)
    assert RESET.encode_ids(RESET.id_field, ["a"]) == {"instanceId": "a"}
    assert REBOOT.encode_ids(REBOOT.id_field, ["a"]) == {"instanceIds": ["a"]}


def test_the_state_is_the_only_proof():
    assert not (PROVIDER.proof.by_operation or PROVIDER.proof.by_request_id or PROVIDER.proof.ends_running)
    assert not PROVIDER.tags and PROVIDER.denials is None and PROVIDER.keys is None
