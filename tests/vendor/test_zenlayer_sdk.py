# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The vendor's own SDK works unchanged against the emulator, and reports its errors with the vendor's
codes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from emulator.client import Emulator

pytest.importorskip("zenlayercloud")
from zenlayercloud.ccs.v20250901 import ccs_client, models as ccs
from zenlayercloud.common import abstract_client
from zenlayercloud.common.config import Config
from zenlayercloud.common.credential import Credential, TokenCredential
from zenlayercloud.common.excpetion.zenlayer_cloud_sdk_exception import ZenlayerCloudSdkException
from zenlayercloud.zec.v20240401 import models as old_zec, zec_client as old_client
from zenlayercloud.zec.v20250901 import models as zec, zec_client

# The SDK warns about a field of zones that it has marked as deprecated itself.
pytestmark = pytest.mark.filterwarnings("ignore:supportSecurityGroup:DeprecationWarning")
PROVIDER = "zenlayer_zec"
LATE = 600


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(server: Emulator) -> Emulator:
    states = {
        "run-1": "running",
        "run-2": "running",
        "off-1": "stopped",
        "off-2": "stopped",
        "bin-1": "recycled",
    }
    server.seed(
        {
            "accounts": [
                {
                    "name": "main",
                    "provider": PROVIDER,
                    "access_key": "AK",
                    "secret_key": "SECRET",
                    "bearer_tokens": ["TOKEN"],
                }
            ],
            "zones": [{"id": "zone-1", "provider": PROVIDER, "region": "region-1"}],
            "images": [
                {"id": "ubuntu", "provider": PROVIDER, "name": "Ubuntu", "category": "Ubuntu"},
                {
                    "id": "own",
                    "provider": PROVIDER,
                    "category": "Debian",
                    "kind": "custom",
                    "account": "main",
                },
            ],
            "keys": [
                {"id": "key-1", "provider": PROVIDER, "public_key": "ssh-ed25519 AAAA", "name": "first"}
            ],
            "instances": [
                {
                    "id": name,
                    "name": name,
                    "provider": PROVIDER,
                    "zone": "zone-1",
                    "image_id": "ubuntu",
                    "status": status,
                    "tags": {"role": "web"},
                    "key_ids": ["key-1"],
                }
                for name, status in states.items()
            ],
        }
    )
    return server


def configuration(emulator: Emulator) -> Config:
    return Config(scheme="http", domain=emulator.endpoint.removeprefix("http://"), rate_limit_max_retries=0)


def call(emulator: Emulator, action: str, credential: Any = None, **given: Any) -> Any:
    """One call through the SDK: its request model, its client, its response model."""
    library, client = (
        (ccs, ccs_client.CcsClient) if action == "DescribeKeyPairs" else (zec, zec_client.ZecClient)
    )
    request = getattr(library, f"{action}Request")()
    request._deserialize(given)
    return getattr(client(credential or Credential("AK", "SECRET"), configuration(emulator)), action)(request)


def code(emulator: Emulator, action: str, credential: Any = None, **given: Any) -> str:
    with pytest.raises(ZenlayerCloudSdkException) as caught:
        call(emulator, action, credential, **given)
    assert caught.value.request_id
    return caught.value.code


@pytest.mark.parametrize(
    "action, given, found",
    [
        (
            "DescribeInstances",
            {"instanceIds": ["run-1"]},
            lambda answer: answer.dataSet[0].tags.tags[0].value == "web",
        ),
        (
            "DescribeInstances",
            {"tags": [{"key": "role", "value": "web"}], "pageSize": 2},
            lambda answer: answer.totalCount == 5,
        ),
        (
            "DescribeInstancesStatus",
            {"instanceIds": ["off-1"]},
            lambda answer: answer.dataSet[0].instanceStatus == "STOPPED",
        ),
        (
            "DescribeImages",
            {"zoneId": "zone-1", "category": "Ubuntu"},
            lambda answer: answer.dataSet[0].imageSize == "10",
        ),
        ("DescribeCustomImages", {}, lambda answer: answer.dataSet[0].regionIdList == ["region-1"]),
        (
            "DescribeKeyPairs",
            {"keyIds": ["key-1"]},
            lambda answer: answer.dataSet[0].publicKey == "ssh-ed25519 AAAA",
        ),
        ("DescribeZones", {"zoneIds": ["zone-1"]}, lambda answer: answer.zoneSet[0].regionId == "region-1"),
        ("DescribeRegions", {}, lambda answer: answer.regionSet[0].regionId == "region-1"),
        ("DescribeTimeZones", {}, lambda answer: "Asia/Shanghai" in answer.timeZones),
    ],
)
def test_every_read_comes_back_as_the_sdk_expects_it(emulator, action, given, found):
    answer = call(emulator, action, **given)
    assert found(answer) and answer.requestId == emulator.journal()[-1]["request_id"]


@pytest.mark.parametrize(
    "action, given, meanwhile, after",
    [
        (
            "ResetInstances",
            {
                "instanceIds": ["off-1"],
                "imageId": "own",
                "keyId": "key-1",
                "enableAgent": True,
                "userData": "#!/bin/sh",
                "instanceName": "new.name",
                "timezone": "UTC",
            },
            "resetting",
            "running",
        ),
        ("ResetInstance", {"instanceId": "off-1", "password": "Aa1~aaaa"}, "resetting", "running"),
        ("RebootInstances", {"instanceIds": ["run-1"], "forceReboot": True}, "rebooting", "running"),
        ("StartInstances", {"instanceIds": ["off-1"]}, "starting", "running"),
        ("StopInstances", {"instanceIds": ["run-1"], "forceShutdown": False}, "stopping", "stopped"),
        (
            "ModifyInstancesAttribute",
            {"instanceIds": ["run-1"], "instanceName": "new.name"},
            "running",
            "running",
        ),
        ("ResetInstancePassword", {"instanceId": "run-1", "password": "Aa1~aaaa"}, "running", "running"),
    ],
)
def test_every_write_is_taken_on_and_ends(emulator, action, given, meanwhile, after):
    assert not getattr(call(emulator, action, **given), "instanceIds", None)
    name = given.get("instanceId") or given["instanceIds"][0]
    assert emulator.instance(name)["status"] == meanwhile
    emulator.advance(LATE)
    assert emulator.instance(name)["status"] == after
    assert emulator.wipes(name) == (
        1 if action.startswith("ResetInstance") and "Password" not in action else 0
    )


@pytest.mark.parametrize(
    "action, given, expected",
    [
        (
            "ResetInstances",
            {"instanceIds": ["run-1"], "keyId": "key-1"},
            "OPERATION_DENIED_INSTANCE_NOT_STOPPED",
        ),
        ("ResetInstance", {"instanceId": "none", "keyId": "key-1"}, "INVALID_INSTANCE_NOT_FOUND"),
        (
            "ResetInstance",
            {"instanceId": "off-1", "keyId": "key-1", "imageId": "none"},
            "INVALID_IMAGE_NOT_FOUND",
        ),
        ("ResetInstance", {"instanceId": "off-1", "password": "short"}, "INVALID_PASSWORD_MALFORMED"),
        ("RebootInstances", {"instanceIds": ["off-1"]}, "OPERATION_DENIED_INSTANCE_STATUS"),
        ("RebootInstances", {"instanceIds": ["bin-1"]}, "OPERATION_DENIED_INSTANCE_RECYCLED"),
        ("StartInstances", {"instanceIds": ["run-1"]}, "OPERATION_DENIED_INSTANCE_NOT_STOPPED"),
        ("StopInstances", {"instanceIds": ["off-1"]}, "OPERATION_DENIED_INSTANCE_NOT_RUNNING"),
        ("StopInstances", {"instanceIds": ["x"] * 101}, "INVALID_PARAMETER_EXCEED_MAXIMUM"),
        (
            "ModifyInstancesAttribute",
            {"instanceIds": ["none"], "instanceName": "ab"},
            "INVALID_INSTANCE_NOT_FOUND",
        ),
        (
            "ResetInstancePassword",
            {"instanceId": "off-1", "password": "Aa1~aaaa"},
            "OPERATION_DENIED_INSTANCE_NOT_RUNNING",
        ),
        ("DescribeInstances", {"pageSize": 1001}, "INVALID_PARAMETER_EXCEED_MAXIMUM"),
        ("DescribeInstancesStatus", {"pageNum": "1"}, "INVALID_PARAMETER_TYPE"),
        ("DescribeImages", {}, "MISSING_PARAMETER"),
        ("DescribeCustomImages", {"osType": "plan9"}, "INVALID_PARAMETER_VALUE"),
        ("DescribeKeyPairs", {"keyIds": "key-1"}, "INVALID_PARAMETER_TYPE"),
        ("DescribeZones", {"zoneIds": 1}, "INVALID_PARAMETER_TYPE"),
        ("DescribeRegions", {"regionIds": [1]}, "INVALID_PARAMETER_TYPE"),
    ],
)
def test_an_error_reaches_the_caller_with_the_vendors_code(emulator, action, given, expected):
    assert code(emulator, action, **given) == expected


def test_a_batch_that_failed_in_part_tells_which_ids_failed(emulator):
    emulator.faults({"effect": "list_failed", "ids": ["off-2"]})
    answer = call(emulator, "ResetInstances", instanceIds=["off-1", "off-2"], keyId="key-1")
    assert answer.instanceIds == ["off-2"]
    assert {name: times for name, times in emulator.wipes().items() if times} == {"off-1": 1}


def test_a_bearer_token_works_and_a_wrong_one_does_not(emulator):
    assert call(emulator, "DescribeZones", TokenCredential("TOKEN")).zoneSet
    assert code(emulator, "DescribeZones", TokenCredential("TOKEM")) == "AUTHFAILURE_INVALID_AUTHORIZATION"


def test_the_deprecated_version_is_not_there(emulator):
    request = old_zec.ResetInstanceRequest()
    request._deserialize({"instanceId": "off-1", "keyId": "key-1"})
    with pytest.raises(ZenlayerCloudSdkException) as caught:
        old_client.ZecClient(Credential("AK", "SECRET"), configuration(emulator)).ResetInstance(request)
    assert caught.value.code == "AUTHFAILURE_UNAUTHORIZED_OPERATION"


def test_a_throttled_call_is_told_so(emulator):
    emulator.faults({"effect": "throttle", "count": 1})
    assert code(emulator, "DescribeZones") == "REQUEST_LIMIT_EXCEEDED"


@pytest.mark.parametrize("wrong", [Credential("AK", "SECREU"), Credential("AL", "SECRET")])
def test_a_wrong_credential_is_refused(emulator, wrong):
    assert code(emulator, "DescribeZones", wrong) == "AUTHFAILURE_SIGNATURE_FAILURE"


@pytest.mark.parametrize(
    "offset, expected", [(-310, "AUTHFAILURE_SIGNATURE_EXPIRED"), (310, "AUTHFAILURE_SIGNATURE_EXPIRED")]
)
def test_a_clock_that_is_off_is_told_so(emulator, monkeypatch, offset, expected):
    now = time.time()
    monkeypatch.setattr(abstract_client.time, "time", lambda: now + offset)
    assert code(emulator, "DescribeZones") == expected


@pytest.mark.parametrize(
    "change, expected",
    [
        (
            lambda sent: sent.update(body=sent["body"].replace("zone-1", "zone-2")),
            "AUTHFAILURE_SIGNATURE_FAILURE",
        ),
        (lambda sent: _shift_time(sent["headers"]), "AUTHFAILURE_SIGNATURE_FAILURE"),
        (
            lambda sent: _edit(sent["headers"], "content-type;host", "content-type;hosu"),
            "AUTHFAILURE_INVALID_AUTHORIZATION",
        ),
        (
            lambda sent: _edit(sent["headers"], "Signature=", "signature="),
            "AUTHFAILURE_INVALID_AUTHORIZATION",
        ),
    ],
)
def test_one_changed_byte_of_a_signed_request_is_noticed(emulator, monkeypatch, change, expected):
    send = requests.request

    def tamper(**sent: Any) -> requests.Response:
        edited = {"body": sent.pop("data"), "headers": sent["headers"]}
        change(edited)
        return send(**sent, data=edited["body"])

    monkeypatch.setattr(requests, "request", tamper)
    assert code(emulator, "DescribeZones", zoneIds=["zone-1"]) == expected


def _shift_time(headers: dict[str, str]) -> None:
    headers["x-zc-timestamp"] = str(int(headers["x-zc-timestamp"]) - 1)


def _edit(headers: dict[str, str], old: str, new: str) -> None:
    headers["Authorization"] = headers["Authorization"].replace(old, new)


def test_a_dropped_connection_is_a_network_error_and_the_journal_knows_what_was_done(emulator):
    emulator.faults({"effect": "drop_after", "actions": ["ResetInstances"]})
    with pytest.raises(ZenlayerCloudSdkException) as caught:
        call(emulator, "ResetInstances", instanceIds=["off-1"], keyId="key-1")
    assert caught.value.code == "NETWORK_ERROR"
    entry = emulator.journal(action="ResetInstances")[-1]
    assert (entry["outcome"], entry["status"], emulator.wipes("off-1")) == ("accepted", 0, 1)
