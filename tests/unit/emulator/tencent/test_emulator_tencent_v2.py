# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the legacy API of CVM accepts, refuses and does, rule by rule."""

from __future__ import annotations

import json

import pytest

from emulator.wire import Request
from emulator.wires.tencent.legacy import signature

STATUS = "OperationConstraints.InvaildInstanceStatus"
# The key pair of the vendor's pages. The first two examples are published
# (cloud.tencent.com/document/api/213/11650), the others were computed with the vendor's own Python SDK.
ID, SECRET = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3gnPhESA", "Gu5t9xGARNpq86cd98joQYCN3Cozk1qA"
COMMON = {"Nonce": "11886", "SecretId": ID, "Timestamp": "1465185768"}
PUBLISHED = {
    **COMMON,
    "Action": "DescribeInstances",
    "InstanceIds.0": "ins-09dx96dg",
    "Region": "ap-guangzhou",
}
RESET = {
    **COMMON,
    "Action": "ResetInstances",
    "Region": "gz",
    "SignatureMethod": "HmacSHA256",
    "imageType": "2",
    "imageId": "img-pmqg1cw7",
    "instanceId": "ins-r8hr2upy",
}
RESTART = {
    **COMMON,
    "Action": "RestartInstances",
    "Region": "gz",
    "SignatureMethod": "HmacSHA256",
    "forceStop": "0",
    "instanceIds.0": "ins-r8hr2upy",
    "instanceIds.1": "ins-5d8a23rs",
}


@pytest.mark.parametrize(
    "method, given, made",
    [
        (
            "GET",
            {**PUBLISHED, "SignatureMethod": "HmacSHA256"},
            "0EEm/HtGRr/VJXTAD9tYMth1Bzm3lLHz5RCDv1GdM8s=",
        ),
        ("GET", {**PUBLISHED, "SignatureMethod": "HmacSHA1"}, "nPVnY6njQmwQ8ciqbPl5Qe+Oru4="),
        ("GET", RESET, "CfniNC1Mt0dXeaZoCLcboTrTQ19euxRQYXkjbh5HIeE="),
        ("POST", RESET, "38+XnAKQk25BE76pE4x0xdO9QpCIKOEFyeBsjhRqG7U="),
        ("POST", {**RESET, "password": "Abc123!@#&= +"}, "NjeSfrRoErkJvR5iTWY6B3tgHacMM79oLZLDp8apv6M="),
        ("GET", RESTART, "vjrZZEzYMiiw/qP/O4J2nzgQVJR/UVytIjvBCUpW/gw="),
    ],
)
def test_the_known_signatures_come_out(method, given, made):
    assert signature.signature(method, "cvm.api.qcloud.com", "/v2/index.php", given, SECRET) == made


def test_without_a_method_it_is_sha1_and_underscores_in_names_are_dots():
    plain = {"Action": "DescribeInstances", "a.b": "1"}
    values = {
        signature.signature("GET", "h", "/", given, "s")
        for given in (plain, {"Action": "DescribeInstances", "a_b": "1"}, {**plain, "Signature": "x"})
    }
    assert len(values) == 1 and len(values.pop()) == 28


def reset(cloud, name, **more):
    return cloud.flat("ResetInstances", **{"instanceId": cloud.id(name), **more})


def status(cloud, name):
    return cloud.flat("DescribeInstances", **{"instanceIds.0": cloud.id(name)})["instanceSet"][0]["status"]


@pytest.fixture
def cloud(legacy_cvm):
    return legacy_cvm


@pytest.mark.parametrize(
    "change, number",
    [
        ({"secret": "SKK"}, 4100),
        ({"key": "nobody"}, 4104),
        ({"tamper": {"Region": "sh"}}, 4100),
        ({"tamper": {"Signature": ""}}, 4100),
        ({"tamper": {"Nonce": "7"}}, 4100),
        ({"key": "AK3", "secret": "SK3"}, 4105),
        ({"parameters": {"Timestamp": "1"}}, 4200),
        ({"parameters": {"Timestamp": "soon"}}, 4000),
        ({"parameters": {"Nonce": "-1"}}, 4000),
        ({"parameters": {"Token": "any"}}, 4105),
        ({"parameters": {"Version": "2017-03-12"}}, 6100),
        ({"parameters": {"Region": ""}}, 4000),
        ({"parameters": {"Region": "ap-nowhere"}}, 4000),
        ({"parameters": {"colour": "red"}}, 4000),
        ({"parameters": {"SignatureMethod": "HmacSHA1"}}, 0),
        ({"parameters": {"Region": "ap-guangzhou"}}, 0),
        ({"key": "AK3", "secret": "SK3", "parameters": {"Token": "TOKEN"}}, 0),
        ({"method": "GET"}, 0),
    ],
)
def test_whoever_is_not_who_they_say_is_refused_with_a_number(cloud, change, number):
    given = {"parameters": {}, **change}
    answer = json.loads(cloud.form("DescribeInstances", **given).body)
    assert answer["code"] == number and {"code", "message", "codeDesc"} <= set(answer)


def test_an_unknown_action_and_the_names_of_the_newer_dialect_are_refused(cloud):
    assert [cloud.flat(action)["code"] for action in ("RebootInstances", "ResetInstance", "")] == [6100] * 3


def test_a_nonce_is_accepted_only_once(cloud):
    first = [json.loads(cloud.form("DescribeInstances", {"Nonce": "5"}).body)["code"] for turn in range(2)]
    assert first == [0, 4500]
    cloud.clock.advance(1)
    assert json.loads(cloud.form("DescribeInstances", {"Nonce": "5"}).body)["code"] == 0


@pytest.mark.parametrize(
    "request_",
    [
        Request("PUT", "/v2/index.php"),
        Request("POST", "/v2/index.php", headers={"content-type": "application/json"}),
        Request("GET", "/v2/index.php", "Action"),
        Request("GET", "/v2/index.php", "Nonce=1&Nonce=2"),
    ],
)
def test_what_is_no_form_is_refused(cloud, request_):
    assert json.loads(cloud.emulation.handle(request_).reply.body)["code"] == 4000


def test_a_reset_is_a_status_of_its_own(cloud):
    answer = reset(
        cloud, "stopped1", imageId="img-debian01", imageType=2, password="hpjtfgnb3nwa", needMonitorAgent=0
    )
    assert answer["code"] == 0 and isinstance(answer["requestId"], int) and answer["codeDesc"] == "Success"
    assert status(cloud, "stopped1") == 14
    cloud.clock.advance(121)
    row = cloud.flat("DescribeInstances", **{"instanceIds.0": cloud.id("stopped1")})["instanceSet"][0]
    assert (row["status"], row["unImgId"], cloud.truth("stopped1").agent) == (2, "img-debian01", False)


def test_the_status_before_is_shown_until_the_reset_is_registered(cloud):
    reset(cloud, "slow0001")
    assert status(cloud, "slow0001") == 2
    cloud.clock.advance(5)
    assert status(cloud, "slow0001") == 14


def test_a_failed_reset_is_a_fault_and_can_be_repeated(cloud):
    reset(cloud, "fails001")
    cloud.clock.advance(121)
    assert (status(cloud, "fails001"), reset(cloud, "fails001")["code"]) == (1, 0)


@pytest.mark.parametrize(
    "name, more, number, word",
    [
        ("running1", {"instanceId": None}, 4000, "InvalidParameter"),
        ("nothere1", {}, 5000, "ResourceNotFound"),
        ("windows2", {}, 5000, "ResourceNotFound"),
        ("booting1", {}, 5100, STATUS),
        ("building", {}, 5100, STATUS),
        ("recycled", {}, 5100, STATUS),
        ("rescue01", {}, 5100, STATUS),
        ("expired1", {}, 5100, STATUS),
        ("denied01", {}, 5100, "FailedOperation.Denied"),
        ("running1", {"imageId": "img-debian01"}, 4000, "InvalidParameter"),
        ("running1", {"imageType": 2}, 4000, "InvalidParameter"),
        ("running1", {"imageId": "img-debian01", "imageType": 5}, 4000, "InvalidParameter"),
        ("running1", {"imageId": "img-debian01", "imageType": 1}, 5000, "ResourceNotFound"),
        ("running1", {"imageId": "img-nothere1", "imageType": 2}, 5000, "ResourceNotFound"),
        ("running1", {"imageId": "img-creating", "imageType": 2}, 5000, "ResourceNotFound"),
        ("running1", {"imageId": "img-larger01", "imageType": 2}, 4000, "InvalidParameter"),
        ("running1", {"rootSize": 39}, 4000, "InvalidParameter"),
        ("running1", {"rootSize": "big"}, 4000, "InvalidParameter"),
        ("running1", {"needSecurityAgent": 2}, 4000, "InvalidParameter"),
        ("running1", {"instanceIds.0": "ins-x"}, 4000, "InvalidParameter"),
        ("running1", {"KeyIds.0": "skey-x"}, 4000, "InvalidParameter"),
        ("running1", {"password": "aaaaaaaa"}, 4000, "InvalidParameter"),
        ("running1", {"password": "a" * 16 + "1"}, 4000, "InvalidParameter"),
        ("windows1", {"password": "Aaaaaaaaaaa|"}, 4000, "InvalidParameter"),
    ],
)
def test_a_reset_that_breaks_a_rule_is_refused(cloud, name, more, number, word):
    answer = reset(cloud, name, **more)
    assert (answer["code"], answer["codeDesc"], cloud.wiped()) == (number, word, 0)


@pytest.mark.parametrize(
    "name, more",
    [
        ("running1", {}),
        ("running1", {"imageId": "img-larger01", "imageType": 2, "rootSize": 500}),
        ("running1", {"imageId": "img-custom01", "imageType": 1}),
        ("running1", {"imageId": "img-shared01", "imageType": 4}),
        ("running1", {"imageId": "img-windows1", "imageType": 2, "password": "Aaaaaaaaaaa1"}),
        ("running1", {"password": "@aaaaaaa1"}),
    ],
)
def test_a_reset_that_keeps_the_rules_is_taken_on(cloud, name, more):
    assert (reset(cloud, name, **more)["code"], cloud.wiped()) == (0, 1)


@pytest.mark.parametrize(
    "action, name, more, meanwhile, after",
    [
        ("RestartInstances", "running1", {}, 7, 2),
        ("StartInstances", "stopped1", {}, 8, 2),
        ("StopInstances", "running1", {"forceStop": 1}, 9, 4),
    ],
)
def test_power_actions_pass_through_their_status(cloud, action, name, more, meanwhile, after):
    answer = cloud.flat(action, **{"instanceIds.0": cloud.id(name), **more})
    assert answer["code"] == 0 and answer["detail"][cloud.id(name)]["code"] == 0
    assert status(cloud, name) == meanwhile
    cloud.clock.advance(31)
    assert status(cloud, name) == after


@pytest.mark.parametrize(
    "names, number, details",
    [
        (["running1", "running2"], 0, [0, 0]),
        (["running1", "stopped1", "nothere1"], 5400, [0, 5100, 5000]),
        (["stopped1", "nothere1"], 5100, [5100, 5000]),
    ],
)
def test_a_batch_tells_of_each_id_what_became_of_it(cloud, names, number, details):
    ids = {f"instanceIds.{index}": cloud.id(name) for index, name in enumerate(names, 1)}
    answer = cloud.flat("RestartInstances", **ids)
    assert (answer["code"], [row["code"] for row in answer["detail"].values()]) == (number, details)
    entry = cloud.emulation.journal.listed()[-1]
    assert (len(entry["failed_ids"]), entry["outcome"]) == (
        len([each for each in details if each]),
        "5100" if number == 5100 else "accepted",
    )


def test_an_id_that_a_fault_wants_failed_is_told(cloud):
    cloud.emulation.faults.add({"effect": "list_failed", "ids": [cloud.id("running2")]})
    both = {f"instanceIds.{index}": cloud.id(f"running{index}") for index in (1, 2)}
    answer = cloud.flat("StopInstances", **both)
    assert (answer["code"], answer["detail"][cloud.id("running2")]["code"]) == (5400, 5100)
    assert reset(cloud, "running2")["code"] == 5100


@pytest.mark.parametrize(
    "fault, number, word",
    [
        ({"effect": "throttle"}, 4400, "RequestLimitExceeded"),
        ({"effect": "revoke"}, 4104, "AuthFailure.SecretIdNotFound"),
        (
            {"effect": "deny", "code": "OperationFail.SystemBusy", "status": 200},
            5100,
            "OperationFail.SystemBusy",
        ),
        ({"effect": "error_before", "code": "6200", "status": 200}, 6200, ""),
    ],
)
def test_a_fault_speaks_the_vendors_numbers(cloud, fault, number, word):
    cloud.emulation.faults.add(fault)
    answer = reset(cloud, "running1")
    assert (answer["code"], answer["codeDesc"], cloud.wiped()) == (number, word, 0)


@pytest.mark.parametrize(
    "parameters, count",
    [
        ({}, 16),
        ({"limit": 2}, 16),
        ({"status": 4}, 1),
        ({"searchWord": "RUNNING"}, 2),
        ({"zoneId": 100001}, 16),
        ({"instanceIds.0": "ins-nothere1"}, 0),
        ({"Region": "sg"}, 1),
        ({"lanIps.0": "10.0.0.1"}, 0),
        ({"projectId": 7}, 0),
    ],
)
def test_instances_are_found_by_parameters(cloud, parameters, count):
    answer = cloud.flat("DescribeInstances", **parameters)
    assert (answer["totalCount"], len(answer["instanceSet"])) == (
        count,
        min(count, parameters.get("limit", 20)),
    )


@pytest.mark.parametrize(
    "action, parameters",
    [
        ("DescribeInstances", {"limit": 101}),
        ("DescribeInstances", {"offset": -1}),
        ("DescribeInstances", {"status": "on"}),
        ("DescribeInstances", {"instanceIds": "x"}),
        ("DescribeInstances", {"status.0": 1}),
        ("DescribeImages", {f"imageIds.{index}": "x" for index in range(11)}),
        ("StopInstances", {}),
    ],
)
def test_parameters_are_checked(cloud, action, parameters):
    assert cloud.flat(action, **parameters)["code"] == 4000


@pytest.mark.parametrize(
    "parameters, count",
    [
        ({}, 12),
        ({"imageType": 1}, 3),
        ({"imageIds.0": "img-debian01"}, 1),
        ({"status": 1}, 1),
        ({"imageType": 4}, 1),
    ],
)
def test_images_are_found_by_parameters(cloud, parameters, count):
    assert cloud.flat("DescribeImages", **parameters)["totalCount"] == count


def test_another_account_sees_and_touches_nothing(cloud):
    other = {"key": "AK2", "secret": "SK2"}
    assert json.loads(cloud.form("DescribeInstances", {}, **other).body)["totalCount"] == 0
    found = cloud.form("ResetInstances", {"instanceId": cloud.id("running1")}, **other)
    assert json.loads(found.body)["code"] == 5000


def test_an_instance_is_accepted_by_its_older_id(legacy_cvm):
    rows = legacy_cvm.flat("DescribeInstances", **{"instanceIds.0": "qcvmrunning1"})["instanceSet"]
    assert [(row["unInstanceId"], row["instanceId"]) for row in rows] == [("ins-running1", "qcvmrunning1")]
    stopped = legacy_cvm.flat("StopInstances", **{"instanceIds.0": "qcvmrunning2"})
    assert stopped["detail"]["qcvmrunning2"]["code"] == 0
    assert legacy_cvm.flat("ResetInstances", instanceId="qcvmrunning1")["code"] == 0
    assert legacy_cvm.wiped() == 1
