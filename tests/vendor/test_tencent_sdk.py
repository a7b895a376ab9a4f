# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The vendor's own SDK for API 3.0 works unchanged against the emulator; errors arrive with the vendor's
codes.
"""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from emulator.client import Emulator

pytest.importorskip("tencentcloud")
from tencentcloud.common import abstract_client
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

# The SDK asks for the date of a signature in a way that Python 3.12 and later warn about.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")
# service -> (module, client, prefix of instances, of images, of keys)
SERVICES = {
    "ecm": ("tencentcloud.ecm.v20190719", "ecm_client.EcmClient", "ein", "img", "key"),
    "lighthouse": (
        "tencentcloud.lighthouse.v20200324",
        "lighthouse_client.LighthouseClient",
        "lhins",
        "lhbp",
        "lhkp",
    ),
    "cvm": ("tencentcloud.cvm.v20170312", "cvm_client.CvmClient", "ins", "img", "skey"),
}
STATES = {"running1": "running", "running2": "running", "stopped1": "stopped", "creating": "creating"}
LATE = 600


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(server: Emulator) -> Emulator:
    fleet: dict[str, Any] = {
        "accounts": [],
        "zones": [],
        "images": [],
        "keys": [],
        "instances": [],
        "settings": {},
    }
    for service, (_module, _client, instance, image, key) in SERVICES.items():
        own = {"provider": f"tencent_{service}"}
        fleet["settings"][own["provider"]] = {"rates": {"*": 0}}
        fleet["accounts"] += [
            {"name": "main", "access_key": "AK", "secret_key": "SECRET", **own},
            {"name": "temporary", "access_key": "AK2", "secret_key": "SECRET2", "token": "TOKEN", **own},
        ]
        fleet["zones"].append({"id": "ap-guangzhou-1", "region": "ap-guangzhou", **own})
        fleet["images"] += [
            {"id": f"{image}-ubuntu01", "name": "Ubuntu", "category": "Ubuntu", **own},
            {"id": f"{image}-custom01", "kind": "custom", "account": "main", **own},
        ]
        fleet["keys"].append(
            {
                "id": f"{key}-first001",
                "account": "main",
                "name": "first",
                "public_key": "ssh-ed25519 AAAA",
                **own,
            }
        )
        fleet["instances"] += [
            {
                "id": f"{instance}-{name}",
                "name": name,
                "account": "main",
                "zone": "ap-guangzhou-1",
                "status": status,
                "image_id": f"{image}-ubuntu01",
                "tags": {"role": "web"},
                "system_disk": 50,
                "denied": [{"action": "TerminateInstances", "code": "X", "message": "no"}],
                **own,
            }
            for name, status in STATES.items()
        ]
    server.seed(fleet)
    return server


def call(
    emulator: Emulator,
    service: str,
    action: str,
    given: dict[str, Any],
    *,
    credential: Any = None,
    region: str = "ap-guangzhou",
    unsigned: bool = False,
    method: str = "POST",
) -> Any:
    """One call through the SDK: its request model, its client, its response model."""
    package, client, *_prefixes = SERVICES[service]
    module, name = client.split(".")
    request = getattr(importlib.import_module(f"{package}.models"), f"{action}Request")()
    request.from_json_string(json.dumps(given))
    profile = ClientProfile(
        httpProfile=HttpProfile(
            protocol="http", endpoint=emulator.endpoint.removeprefix("http://"), reqMethod=method
        )
    )
    profile.unsignedPayload = unsigned
    made = getattr(importlib.import_module(f"{package}.{module}"), name)(
        credential or Credential("AK", "SECRET"), region, profile
    )
    return getattr(made, action)(request)


def code(emulator: Emulator, service: str, action: str, given: dict[str, Any], **more: Any) -> str:
    with pytest.raises(TencentCloudSDKException) as caught:
        call(emulator, service, action, given, **more)
    assert caught.value.get_request_id()
    return str(caught.value.get_code())


READS = [
    (
        "ecm",
        "DescribeInstances",
        {"Filters": [{"Name": "instance-id", "Values": ["ein-stopped1"]}]},
        lambda answer: (
            (answer.InstanceSet[0].InstanceState, answer.InstanceSet[0].TagSet[0].Value) == ("STOPPED", "web")
        ),
    ),
    (
        "ecm",
        "DescribeImage",
        {"Filters": [{"Name": "image-type", "Values": ["PRIVATE_IMAGE"]}]},
        lambda answer: answer.ImageSet[0].ImageId == "img-custom01",
    ),
    (
        "ecm",
        "DescribeInstancesDeniedActions",
        {"InstanceIdSet": ["ein-running1"]},
        lambda answer: answer.InstanceOperatorSet[0].DeniedActions[0].Code == "X",
    ),
    (
        "lighthouse",
        "DescribeInstances",
        {"InstanceIds": ["lhins-running1"]},
        lambda answer: (
            (answer.InstanceSet[0].PlatformType, answer.InstanceSet[0].SystemDisk.DiskSize)
            == ("LINUX_UNIX", 50)
        ),
    ),
    (
        "lighthouse",
        "DescribeInstancesDeniedActions",
        {"InstanceIds": ["lhins-running1"]},
        lambda answer: (
            [row.Action for row in answer.InstanceDeniedActionSet[0].DeniedActions]
            == ["TerminateInstances", "StartInstances"]
        ),
    ),
    (
        "lighthouse",
        "DescribeBlueprints",
        {"Limit": 1},
        lambda answer: answer.TotalCount == 2 and len(answer.BlueprintSet) == 1,
    ),
    (
        "lighthouse",
        "DescribeResetInstanceBlueprints",
        {"InstanceId": "lhins-running1"},
        lambda answer: answer.ResetInstanceBlueprintSet[0].IsResettable is True,
    ),
    (
        "lighthouse",
        "DescribeKeyPairs",
        {"KeyIds": ["lhkp-first001"]},
        lambda answer: answer.KeyPairSet[0].PublicKey == "ssh-ed25519 AAAA",
    ),
    ("lighthouse", "DescribeRegions", {}, lambda answer: answer.RegionSet[0].IsChinaMainland is True),
    (
        "cvm",
        "DescribeInstances",
        {"Filters": [{"Name": "tag:role", "Values": ["web"]}], "Limit": 2},
        lambda answer: (answer.TotalCount, answer.InstanceSet[1].Placement.Zone) == (4, "ap-guangzhou-1"),
    ),
    (
        "cvm",
        "DescribeInstancesStatus",
        {"InstanceIds": ["ins-stopped1"]},
        lambda answer: answer.InstanceStatusSet[0].InstanceState == "STOPPED",
    ),
    (
        "cvm",
        "DescribeImages",
        {"ImageIds": ["img-ubuntu01"]},
        lambda answer: answer.ImageSet[0].Platform == "Ubuntu",
    ),
    (
        "cvm",
        "DescribeKeyPairs",
        {"Filters": [{"Name": "key-name", "Values": ["first"]}]},
        lambda answer: answer.KeyPairSet[0].KeyId == "skey-first001",
    ),
    ("cvm", "DescribeRegions", {}, lambda answer: answer.RegionSet[0].RegionState == "AVAILABLE"),
    ("cvm", "DescribeZones", {}, lambda answer: answer.ZoneSet[0].Zone == "ap-guangzhou-1"),
]


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("service, action, given, found", READS)
def test_every_read_comes_back_as_the_sdk_expects_it(emulator, service, action, given, found, method):
    answer = call(emulator, service, action, given, method=method)
    assert found(answer) and answer.RequestId == emulator.journal()[-1]["request_id"]


@pytest.mark.parametrize(
    "service, action, given, meanwhile, after",
    [
        (
            "ecm",
            "ResetInstances",
            {
                "InstanceIdSet": ["ein-running1"],
                "ImageId": "img-custom01",
                "KeepImageLogin": "TRUE",
                "KeepData": "true",
                "EnhancedService": {"MonitorService": {"Enabled": False}},
            },
            "resetting",
            "running",
        ),
        (
            "ecm",
            "ResetInstances",
            {"InstanceIdSet": ["ein-stopped1"], "Password": "hpjtfgnb3nwa"},
            "resetting",
            "running",
        ),
        (
            "ecm",
            "RebootInstances",
            {"InstanceIdSet": ["ein-running1"], "ForceReboot": True},
            "rebooting",
            "running",
        ),
        ("ecm", "StartInstances", {"InstanceIdSet": ["ein-stopped1"]}, "starting", "running"),
        (
            "ecm",
            "ResetInstancesPassword",
            {"InstanceIdSet": ["ein-running1"], "Password": "hpjtfgnb3nwa", "ForceStop": True},
            "setting_password",
            "running",
        ),
        (
            "ecm",
            "StopInstances",
            {"InstanceIdSet": ["ein-running1"], "StopType": "HARD"},
            "stopping",
            "stopped",
        ),
        (
            "lighthouse",
            "ResetInstance",
            {
                "InstanceId": "lhins-running1",
                "BlueprintId": "lhbp-custom01",
                "LoginConfiguration": {"KeyIds": ["lhkp-first001"]},
            },
            "resetting",
            "running",
        ),
        ("lighthouse", "RebootInstances", {"InstanceIds": ["lhins-running1"]}, "rebooting", "running"),
        ("lighthouse", "StartInstances", {"InstanceIds": ["lhins-stopped1"]}, "starting", "running"),
        (
            "lighthouse",
            "ResetInstancesPassword",
            {"InstanceIds": ["lhins-running1"], "Password": "Aa1_aaaa", "UserName": "root"},
            "setting_password",
            "running",
        ),
        ("lighthouse", "StopInstances", {"InstanceIds": ["lhins-running1"]}, "stopping", "stopped"),
        (
            "cvm",
            "ResetInstance",
            {
                "InstanceId": "ins-running1",
                "SystemDisk": {"DiskSize": 60},
                "HostName": "web-1",
                "UserData": "aGVsbG8=",
                "LoginSettings": {"KeyIds": ["skey-first001"]},
                "EnhancedService": {"SecurityService": {"Enabled": True}},
            },
            "resetting",
            "running",
        ),
        (
            "cvm",
            "RebootInstances",
            {"InstanceIds": ["ins-running1"], "StopType": "SOFT"},
            "rebooting",
            "running",
        ),
        ("cvm", "StartInstances", {"InstanceIds": ["ins-stopped1"]}, "starting", "running"),
        (
            "cvm",
            "ResetInstancesPassword",
            {"InstanceIds": ["ins-stopped1"], "Password": "Aa1_aaaa"},
            "setting_password",
            "stopped",
        ),
        (
            "cvm",
            "StopInstances",
            {"InstanceIds": ["ins-running1"], "StoppedMode": "STOP_CHARGING"},
            "stopping",
            "stopped",
        ),
    ],
)
def test_every_write_is_taken_on_and_ends(emulator, service, action, given, meanwhile, after):
    answer = call(emulator, service, action, given)
    name = given.get("InstanceId") or (given.get("InstanceIds") or given["InstanceIdSet"])[0]
    truth = emulator.instance(name)
    assert (truth["status"], truth["history"][-1]["request_id"]) == (meanwhile, answer.RequestId)
    emulator.advance(LATE)
    assert (emulator.instance(name)["status"], emulator.wipes(name)) == (
        after,
        int(meanwhile == "resetting"),
    )


BAD_FILTER = {"Filters": [{"Name": "colour", "Values": ["red"]}]}


@pytest.mark.parametrize(
    "service, action, given, expected",
    [
        (
            "ecm",
            "ResetInstances",
            {"InstanceIdSet": ["ein-running1"], "KeepImageLogin": "TRUE", "Password": "x"},
            "InvalidParameter.ParameterConflict",
        ),
        (
            "ecm",
            "RebootInstances",
            {"InstanceIdSet": ["ein-creating"]},
            "UnsupportedOperation.InvalidInstanceState",
        ),
        (
            "ecm",
            "StartInstances",
            {"InstanceIdSet": ["ein-running1"]},
            "UnsupportedOperation.InvalidInstanceState",
        ),
        ("ecm", "StopInstances", {"InstanceIdSet": ["ein-nothere1"]}, "ResourceNotFound.InstanceNotExist"),
        ("ecm", "DescribeInstances", BAD_FILTER, "InvalidParameterValue.InvalidFilter"),
        ("ecm", "DescribeImage", {"Limit": 101}, "InvalidParameterValue.InvaildPageParam"),
        (
            "ecm",
            "DescribeInstancesDeniedActions",
            {"InstanceIdSet": ["x"]},
            "InvalidParameterValue.InvalidInstanceID",
        ),
        ("lighthouse", "ResetInstance", {"InstanceId": "lhins-creating"}, "OperationDenied.InstanceCreating"),
        (
            "lighthouse",
            "RebootInstances",
            {"InstanceIds": ["lhins-stopped1"]},
            "UnsupportedOperation.InvalidInstanceState",
        ),
        (
            "lighthouse",
            "StartInstances",
            {"InstanceIds": ["lhins-nothere1"]},
            "ResourceNotFound.InstanceIdNotFound",
        ),
        ("lighthouse", "StopInstances", {"InstanceIds": ["x"]}, "InvalidParameterValue.InstanceIdMalformed"),
        (
            "lighthouse",
            "DescribeInstances",
            {"InstanceIds": ["lhins-nothere1"]},
            "ResourceNotFound.InstanceIdNotFound",
        ),
        ("lighthouse", "DescribeInstancesDeniedActions", {}, "MissingParameter"),
        ("lighthouse", "DescribeBlueprints", BAD_FILTER, "InvalidParameter.InvalidFilterNotSupportedName"),
        ("lighthouse", "DescribeResetInstanceBlueprints", {}, "MissingParameter"),
        ("lighthouse", "DescribeKeyPairs", {"Limit": 0}, "InvalidParameterValue.OutOfRange"),
        (
            "cvm",
            "ResetInstance",
            {"InstanceId": "ins-running1", "ImageId": "img-nothere1"},
            "InvalidImageId.NotFound",
        ),
        (
            "cvm",
            "RebootInstances",
            {"InstanceIds": ["ins-stopped1"]},
            "UnsupportedOperation.InstanceStateStopped",
        ),
        (
            "cvm",
            "StartInstances",
            {"InstanceIds": ["ins-running1"]},
            "UnsupportedOperation.InstanceStateRunning",
        ),
        ("cvm", "StopInstances", {"InstanceIds": ["ins-nothere1"]}, "InvalidInstanceId.NotFound"),
        ("cvm", "DescribeInstances", BAD_FILTER, "InvalidFilter"),
        ("cvm", "DescribeInstancesStatus", {"InstanceIds": ["x"]}, "InvalidInstanceId.Malformed"),
        ("cvm", "DescribeImages", {"Limit": 101}, "InvalidParameterValue.InvalidParameterValueLimit"),
        ("cvm", "DescribeKeyPairs", {"KeyIds": ["x"]}, "InvalidKeyPairId.Malformed"),
    ],
)
def test_an_error_reaches_the_caller_with_the_vendors_code(emulator, service, action, given, expected):
    assert code(emulator, service, action, given) == expected


@pytest.mark.parametrize(
    "service, region, expected",
    [
        ("lighthouse", "ap-nowhere", "UnsupportedRegion"),
        ("cvm", "", "MissingParameter"),
        ("cvm", "ap-nowhere", "UnsupportedRegion"),
    ],
)
def test_a_wrong_region_is_refused(emulator, service, region, expected):
    assert code(emulator, service, "DescribeInstances", {}, region=region) == expected


@pytest.mark.parametrize("service", ["cvm", "lighthouse"])
def test_regions_and_zones_need_nothing_but_a_good_signature(emulator, service):
    assert call(emulator, service, "DescribeRegions", {}, region="").RegionSet
    assert code(emulator, service, "DescribeRegions", {}, credential=Credential("AK", "SECREU")) == (
        "AuthFailure.SignatureFailure"
    )


def test_zones_are_asked_for_with_a_region(emulator):
    assert code(emulator, "cvm", "DescribeZones", {}, region="") == "MissingParameter"


def test_edge_instances_need_no_region(emulator):
    assert call(emulator, "ecm", "DescribeInstances", {}, region="").TotalCount == 4


@pytest.mark.parametrize(
    "credential, expected",
    [
        (Credential("AK", "SECREU"), "AuthFailure.SignatureFailure"),
        (Credential("AL", "SECRET"), "AuthFailure.SecretIdNotFound"),
        (Credential("AK2", "SECRET2"), "AuthFailure.TokenFailure"),
        (Credential("AK2", "SECRET2", "TOKEM"), "AuthFailure.TokenFailure"),
    ],
)
def test_a_wrong_credential_is_refused(emulator, credential, expected):
    assert code(emulator, "ecm", "DescribeInstances", {}, credential=credential) == expected


def test_a_temporary_key_works_with_its_token(emulator):
    credential = Credential("AK2", "SECRET2", "TOKEN")
    assert call(emulator, "ecm", "DescribeInstances", {}, credential=credential).TotalCount == 0


def test_an_unsigned_payload_is_taken(emulator):
    assert call(emulator, "cvm", "DescribeInstances", {"Limit": 1}, unsigned=True).TotalCount == 4


def test_a_throttled_call_is_told_so(emulator):
    emulator.faults({"effect": "throttle", "count": 1})
    assert code(emulator, "cvm", "DescribeInstances", {}) == "RequestLimitExceeded"


@pytest.mark.parametrize("offset", [-310, 310])
def test_a_clock_that_is_off_is_told_so(emulator, monkeypatch, offset):
    now = time.time()
    monkeypatch.setattr(abstract_client.time, "time", lambda: now + offset)
    assert code(emulator, "ecm", "DescribeInstances", {}) == "AuthFailure.SignatureExpire"


@pytest.mark.parametrize(
    "change, expected",
    [
        (lambda body, headers: body.replace("running1", "running2"), "SignatureFailure"),
        (
            lambda body, headers: headers.update({"X-TC-Timestamp": str(int(headers["X-TC-Timestamp"]) - 1)}),
            "SignatureFailure",
        ),
        (
            lambda body, headers: headers.update({"Content-Type": "application/json; charset=utf-8"}),
            "SignatureFailure",
        ),
        (lambda body, headers: None, ""),
        (lambda body, headers: _edit(headers, "Credential=AK", "Credential=AL"), "SecretIdNotFound"),
        (lambda body, headers: _edit(headers, "content-type;host", "content-type"), "InvalidAuthorization"),
        (
            lambda body, headers: _edit(headers, "content-type;host", "content-type;host;x-tc-version"),
            "SignatureFailure",
        ),
        (lambda body, headers: _edit(headers, "/ecm/", "/cvm/"), "SignatureFailure"),
    ],
)
def test_one_changed_byte_of_a_signed_request_is_noticed(emulator, monkeypatch, change, expected):
    send = requests.Session.request

    def tamper(
        session: Any, method: str, url: str, data: Any = None, headers: Any = None, **more: Any
    ) -> Any:
        body = change(data, headers) or data
        return send(session, method, url, data=body, headers=headers, **more)

    monkeypatch.setattr(requests.Session, "request", tamper)
    given = {"InstanceIdSet": ["ein-running1"]}
    if not expected:
        assert call(emulator, "ecm", "DescribeInstancesDeniedActions", given)
    else:
        assert code(emulator, "ecm", "DescribeInstancesDeniedActions", given) == f"AuthFailure.{expected}"


def _edit(headers: dict[str, str], old: str, new: str) -> None:
    headers["Authorization"] = headers["Authorization"].replace(old, new)


def test_a_dropped_connection_is_a_network_error_and_the_journal_knows_what_was_done(emulator):
    emulator.faults({"effect": "drop_after", "actions": ["ResetInstance"]})
    with pytest.raises(TencentCloudSDKException) as caught:
        call(emulator, "cvm", "ResetInstance", {"InstanceId": "ins-running1"})
    assert caught.value.get_code() == "ClientNetworkError"
    entry = emulator.journal(action="ResetInstance")[-1]
    assert (entry["outcome"], entry["status"], emulator.wipes("ins-running1")) == ("accepted", 0, 1)
