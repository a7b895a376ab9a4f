# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The vendor's own SDK works unchanged against the emulated Bare Metal and Virtual Machine services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from emulator.client import Emulator

pytest.importorskip("zenlayercloud")
from zenlayercloud.bmc.v20221120 import bmc_client as old_bmc_client, models as old_bmc
from zenlayercloud.bmc.v20260201 import bmc_client, models as bmc
from zenlayercloud.ccs.v20250901 import ccs_client, models as ccs
from zenlayercloud.common.config import Config
from zenlayercloud.common.credential import Credential, TokenCredential
from zenlayercloud.common.excpetion.zenlayer_cloud_sdk_exception import ZenlayerCloudSdkException
from zenlayercloud.vm.v20260401 import models as vm, vm_client

LATE = 600
SERVICES = {
    "bmc": (bmc, bmc_client.BmcClient),
    "vm": (vm, vm_client.VmClient),
    "ccs": (ccs, ccs_client.CcsClient),
    "old bmc": (old_bmc, old_bmc_client.BmcClient),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


def world(provider: str) -> dict[str, list[dict[str, Any]]]:
    states = {"run": "running", "off-1": "stopped", "off-2": "stopped", "bin": "recycled"}
    here = {"provider": provider}
    return {
        "accounts": [
            {
                **here,
                "name": "main",
                "access_key": "AK",
                "secret_key": "SECRET",
                "bearer_tokens": ["TOKEN"],
            }
        ],
        "zones": [{**here, "id": "SEL-A", "region": "SEL"}],
        "images": [
            {**here, "id": "ubuntu", "name": "Ubuntu", "category": "Ubuntu"},
            {**here, "id": "own", "category": "Debian", "kind": "custom", "account": "main"},
        ],
        "keys": [{**here, "id": "key-1", "public_key": "ssh-ed25519 AAAA", "name": "first"}],
        "instances": [
            {
                **here,
                "id": f"{provider[9:]}-{name}",
                "name": name,
                "zone": "SEL-A",
                "image_id": "ubuntu",
                "status": status,
                "tags": {"role": "web"},
                "key_ids": ["key-1"],
                "data_disks": [{"id": "disk-2", "size": 100, "name": "data"}],
            }
            for name, status in states.items()
        ],
    }


@pytest.fixture
def emulator(server: Emulator) -> Emulator:
    parts = [world("zenlayer_bmc"), world("zenlayer_vm")]
    server.seed({name: [record for part in parts for record in part[name]] for name in parts[0]})
    return server


def call(emulator: Emulator, service: str, action: str, credential: Any = None, **given: Any) -> Any:
    """One call through the SDK: its request model, its client, its response model."""
    library, client = SERVICES[service]
    request = getattr(library, f"{action}Request")()
    request._deserialize(given)
    where = Config(scheme="http", domain=emulator.endpoint.removeprefix("http://"), rate_limit_max_retries=0)
    return getattr(client(credential or Credential("AK", "SECRET"), where), action)(request)


def code(emulator: Emulator, service: str, action: str, credential: Any = None, **given: Any) -> str:
    with pytest.raises(ZenlayerCloudSdkException) as caught:
        call(emulator, service, action, credential, **given)
    assert caught.value.request_id
    return caught.value.code


@pytest.mark.parametrize(
    "service, action, given, fits",
    [
        (
            "bmc",
            "DescribeInstances",
            {"instanceIds": ["bmc-run"], "tags": [{"key": "role", "value": "web"}]},
            lambda answer: (
                answer.dataSet[0].instanceStatus == "RUNNING"
                and answer.dataSet[0].tags.tags[0].value == "web"
                and answer.dataSet[0].instanceType.diskInfo.disks[0].diskCount == 4
                and answer.dataSet[0].nic.wanName == "wan0"
            ),
        ),
        ("bmc", "DescribeInstances", {"pageSize": 2, "pageNum": 2}, lambda answer: answer.totalCount == 4),
        (
            "bmc",
            "DescribeImages",
            {"instanceTypeId": "S9I", "catalog": "Ubuntu"},
            lambda answer: [image.imageId for image in answer.images] == ["ubuntu"],
        ),
        ("bmc", "DescribeZones", {}, lambda answer: answer.zoneSet[0].zoneId == "SEL-A"),
        (
            "vm",
            "DescribeInstances",
            {"instanceIds": ["vm-off-1"]},
            lambda answer: (
                answer.dataSet[0].instanceStatus == "STOPPED"
                and answer.dataSet[0].systemDisk.diskSize == 40
                and answer.dataSet[0].dataDisks[0].diskId == "disk-2"
                and answer.dataSet[0].nic.lanName == "eth1"
            ),
        ),
        (
            "vm",
            "DescribeInstancesStatus",
            {"instanceIds": ["vm-run"]},
            lambda answer: answer.dataSet[0].instanceStatus == "RUNNING",
        ),
        (
            "vm",
            "DescribeImages",
            {"zoneId": "SEL-A", "imageType": "CUSTOM_IMAGE"},
            lambda answer: [row.imageSize for row in answer.dataSet] == ["10"],
        ),
        ("vm", "DescribeZones", {"zoneIds": ["SEL-A"]}, lambda answer: answer.zoneSet[0].supportIpv6),
        (
            "ccs",
            "DescribeKeyPairs",
            {"keyIds": ["key-1"]},
            lambda answer: answer.dataSet[0].keyName == "first",
        ),
    ],
)
def test_every_read_comes_back_as_the_sdk_expects_it(emulator, service, action, given, fits):
    answer = call(emulator, service, action, **given)
    assert fits(answer) and answer.requestId == emulator.journal()[-1]["request_id"]


WRITES = [
    (
        "bmc",
        "ReinstallInstance",
        {
            "instanceId": "bmc-run",
            "imageId": "own",
            "password": "Aa1~aaaa",
            "hostname": "db-1",
            "userData": "#!/bin/sh",
            "raidConfig": {"customRaids": [{"raidType": 1, "diskSequence": [1, 2]}]},
            "partitions": [{"fsPath": "/", "fsType": "ext4", "size": 100}],
            "nic": {"wanName": "pub0", "lanName": "priv0"},
        },
        "resetting",
        "running",
    ),
    ("bmc", "ReinstallInstance", {"instanceId": "bmc-off-1", "ipxeUrl": "netboot"}, "resetting", "running"),
    ("bmc", "RebootInstances", {"instanceIds": ["bmc-run"]}, "rebooting", "running"),
    ("bmc", "StartInstances", {"instanceIds": ["bmc-off-1"]}, "starting", "running"),
    ("bmc", "StopInstances", {"instanceIds": ["bmc-run"]}, "stopping", "stopped"),
    (
        "vm",
        "ResetInstance",
        {
            "instanceId": "vm-off-1",
            "imageId": "own",
            "keyId": "key-1",
            "instanceName": "new.name",
            "wanName": "wan0",
            "lanName": "lan0",
            "initScript": "#!/bin/sh",
        },
        "resetting",
        "running",
    ),
    ("vm", "RebootInstances", {"instanceIds": ["vm-run"]}, "rebooting", "running"),
    ("vm", "StartInstances", {"instanceIds": ["vm-off-1"]}, "starting", "running"),
    ("vm", "StopInstances", {"instanceIds": ["vm-run"], "forceShutdown": False}, "stopping", "stopped"),
    (
        "vm",
        "ResetInstancesPassword",
        {"instanceIds": ["vm-off-1", "vm-off-2"], "password": "Aa1%aaaa"},
        "starting",
        "running",
    ),
]


@pytest.mark.parametrize("service, action, given, meanwhile, after", WRITES)
def test_every_write_is_taken_on_and_ends(emulator, service, action, given, meanwhile, after):
    call(emulator, service, action, **given)
    name = given.get("instanceId") or given["instanceIds"][0]
    assert emulator.instance(name)["status"] == meanwhile
    emulator.advance(LATE)
    assert emulator.instance(name)["status"] == after
    assert emulator.wipes(name) == (1 if meanwhile == "resetting" else 0)


@pytest.mark.parametrize(
    "service, action, given, expected",
    [
        ("bmc", "ReinstallInstance", {"instanceId": "none"}, "INVALID_INSTANCE_NOT_FOUND"),
        ("bmc", "ReinstallInstance", {"instanceId": "bmc-bin"}, "OPERATION_DENIED_INSTANCE_RECYCLED"),
        (
            "bmc",
            "ReinstallInstance",
            {"instanceId": "bmc-run", "password": "Aa1~aaaa", "keyId": "key-1"},
            "INVALID_PARAMETER_INSTANCE_LOGIN_CONFLICT",
        ),
        ("bmc", "StartInstances", {"instanceIds": ["bmc-run"]}, "OPERATION_DENIED_INSTANCE_NOT_STOPPED"),
        ("bmc", "StopInstances", {"instanceIds": ["bmc-off-1"]}, "OPERATION_DENIED_INSTANCE_NOT_RUNNING"),
        ("bmc", "RebootInstances", {"instanceIds": ["x"] * 101}, "INVALID_PARAMETER_EXCEED_MAXIMUM"),
        ("bmc", "DescribeInstances", {"pageSize": 1001}, "INVALID_PARAMETER_EXCEED_MAXIMUM"),
        ("bmc", "DescribeImages", {"osType": "plan9"}, "INVALID_PARAMETER_VALUE"),
        (
            "vm",
            "ResetInstance",
            {"instanceId": "vm-run", "keyId": "key-1"},
            "OPERATION_DENIED_INSTANCE_NOT_STOPPED",
        ),
        ("vm", "ResetInstance", {"instanceId": "vm-off-1"}, "MISSING_PARAMETER"),
        ("vm", "RebootInstances", {"instanceIds": ["vm-off-1"]}, "OPERATION_DENIED_INSTANCE_STATUS"),
        ("vm", "StopInstances", {"instanceIds": ["vm-off-1"]}, "OPERATION_DENIED_INSTANCE_NOT_RUNNING"),
        ("vm", "StartInstances", {"instanceIds": ["vm-run"]}, "OPERATION_DENIED_INSTANCE_NOT_STOPPED"),
        (
            "vm",
            "ResetInstancesPassword",
            {"instanceIds": ["vm-run"], "password": "Aa1%aaaa"},
            "OPERATION_DENIED_INSTANCE_NOT_STOPPED",
        ),
        ("vm", "DescribeImages", {}, "MISSING_PARAMETER"),
    ],
)
def test_an_error_reaches_the_caller_with_the_vendors_code(emulator, service, action, given, expected):
    assert code(emulator, service, action, **given) == expected


@pytest.mark.parametrize("service", ["bmc", "vm", "ccs"])
def test_a_bearer_token_works_and_a_wrong_credential_does_not(emulator, service):
    read = "DescribeKeyPairs" if service == "ccs" else "DescribeInstances"
    assert call(emulator, service, read, TokenCredential("TOKEN")).dataSet
    wrong = code(emulator, service, read, TokenCredential("TOKEM"))
    assert wrong == "AUTHFAILURE_INVALID_AUTHORIZATION"
    assert code(emulator, service, read, Credential("AK", "SECREU")) == "AUTHFAILURE_SIGNATURE_FAILURE"


def test_an_older_version_is_not_there(emulator):
    given = {"instanceId": "bmc-run"}
    assert code(emulator, "old bmc", "ReinstallInstance", **given) == "AUTHFAILURE_UNAUTHORIZED_OPERATION"
