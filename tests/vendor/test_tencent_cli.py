# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The vendor's own command line, tccli, works unchanged against the emulator.

Its --endpoint is used as it is when it has a scheme, so it is given the emulator's http://127.0.0.1:PORT. (It
then sends, and signs, just that as its Host.)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.client import Emulator

pytest.importorskip("tccli")
TCCLI = Path(sys.executable).with_name("tccli")
# service -> prefixes of instances, of images, of keys
PREFIXES = {
    "ecm": ("ein", "img", "key"),
    "lighthouse": ("lhins", "lhbp", "lhkp"),
    "cvm": ("ins", "img", "skey"),
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    fleet: dict[str, Any] = {"accounts": [], "zones": [], "images": [], "keys": [], "instances": []}
    for service, (instance, image, key) in PREFIXES.items():
        own = {"provider": f"tencent_{service}"}
        fleet["accounts"].append({"name": "main", "access_key": "AK", "secret_key": "SECRET", **own})
        fleet["zones"].append({"id": "ap-guangzhou-1", "region": "ap-guangzhou", **own})
        fleet["images"].append({"id": f"{image}-ubuntu01", **own})
        fleet["keys"].append({"id": f"{key}-first001", "public_key": "ssh-ed25519 AAAA", **own})
        fleet["instances"] += [
            {
                "id": f"{instance}-{name}",
                "zone": "ap-guangzhou-1",
                "status": name[:-1],
                "image_id": f"{image}-ubuntu01",
                **own,
            }
            for name in ("running1", "running2", "running3", "stopped1")
        ]
    with Emulator(fleet=fleet) as running:
        yield running


@pytest.fixture
def tccli(emulator: Emulator, tmp_path: Path) -> Any:
    """Run it for a user who has nothing but credentials in the environment."""

    def run(*arguments: str, secret: str = "SECRET") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(TCCLI), *arguments, "--endpoint", emulator.endpoint],
            text=True,
            capture_output=True,
            check=False,
            timeout=60,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "TENCENTCLOUD_SECRET_ID": "AK",
                "TENCENTCLOUD_SECRET_KEY": secret,
                "TENCENTCLOUD_REGION": "ap-guangzhou",
            },
        )

    return run


@pytest.mark.parametrize(
    "service, action, arguments, count",
    [
        ("ecm", "DescribeInstances", ["--Filters", '[{"Name": "instance-state", "Values": ["STOPPED"]}]'], 1),
        ("ecm", "DescribeImage", ["--Limit", "1"], 1),
        ("lighthouse", "DescribeInstances", ["--InstanceIds", '["lhins-running1"]'], 1),
        ("lighthouse", "DescribeBlueprints", [], 1),
        ("lighthouse", "DescribeResetInstanceBlueprints", ["--InstanceId", "lhins-running1"], 1),
        ("lighthouse", "DescribeKeyPairs", [], 1),
        ("lighthouse", "DescribeRegions", [], 1),
        (
            "cvm",
            "DescribeInstances",
            ["--cli-unfold-argument", "--InstanceIds", "ins-running1", "ins-stopped1"],
            2,
        ),
        ("cvm", "DescribeInstancesStatus", [], 4),
        ("cvm", "DescribeImages", [], 1),
        ("cvm", "DescribeKeyPairs", [], 1),
        ("cvm", "DescribeRegions", [], 1),
        ("cvm", "DescribeZones", [], 1),
    ],
)
def test_every_read_is_printed(tccli, service, action, arguments, count):
    done = tccli(service, action, *arguments)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["TotalCount"] == count


@pytest.mark.parametrize(
    "service, action, arguments, status",
    [
        ("ecm", "ResetInstances", ["--InstanceIdSet", '["ein-running1"]', "--KeepData", "true"], "resetting"),
        (
            "ecm",
            "RebootInstances",
            ["--InstanceIdSet", '["ein-running2"]', "--ForceReboot", "True"],
            "rebooting",
        ),
        ("ecm", "StopInstances", ["--InstanceIdSet", '["ein-running3"]'], "stopping"),
        ("ecm", "StartInstances", ["--InstanceIdSet", '["ein-stopped1"]'], "starting"),
        (
            "lighthouse",
            "ResetInstance",
            ["--InstanceId", "lhins-running1", "--BlueprintId", "lhbp-ubuntu01"],
            "resetting",
        ),
        ("lighthouse", "RebootInstances", ["--InstanceIds", '["lhins-running2"]'], "rebooting"),
        ("lighthouse", "StopInstances", ["--InstanceIds", '["lhins-running3"]'], "stopping"),
        ("lighthouse", "StartInstances", ["--InstanceIds", '["lhins-stopped1"]'], "starting"),
        (
            "cvm",
            "ResetInstance",
            ["--InstanceId", "ins-running1", "--LoginSettings", '{"KeyIds": ["skey-first001"]}'],
            "resetting",
        ),
        ("cvm", "RebootInstances", ["--InstanceIds", '["ins-running2"]', "--StopType", "HARD"], "rebooting"),
        ("cvm", "StopInstances", ["--InstanceIds", '["ins-running3"]'], "stopping"),
        ("cvm", "StartInstances", ["--InstanceIds", '["ins-stopped1"]'], "starting"),
    ],
)
def test_every_write_is_accepted(tccli, emulator, service, action, arguments, status):
    done = tccli(service, action, *arguments)
    assert done.returncode == 0, done.stderr
    entry = emulator.journal(action=action)[-1]
    instance = emulator.instance(entry["ids"][0])
    assert (instance["status"], instance["history"][-1]["request_id"]) == (status, entry["request_id"])
    assert json.loads(done.stdout) == {"RequestId": entry["request_id"]}


@pytest.mark.parametrize(
    "service, ids",
    [
        ("ecm", ["--InstanceIdSet", '["ein-running1"]']),
        ("lighthouse", ["--InstanceIds", '["lhins-running1"]']),
    ],
)
def test_what_is_denied_is_printed(tccli, service, ids):
    assert tccli(service, "DescribeInstancesDeniedActions", *ids).returncode == 0


@pytest.mark.parametrize(
    "service, action, arguments, secret, expected",
    [
        (
            "ecm",
            "ResetInstances",
            ["--InstanceIdSet", '["ein-nothere1"]'],
            "SECRET",
            "ResourceNotFound.InstanceNotExist",
        ),
        (
            "lighthouse",
            "ResetInstance",
            ["--InstanceId", "lhins-nothere1"],
            "SECRET",
            "ResourceNotFound.InstanceIdNotFound",
        ),
        ("cvm", "ResetInstance", ["--InstanceId", "ins-nothere1"], "SECRET", "InvalidInstanceId.NotFound"),
        ("cvm", "DescribeZones", [], "SECREU", "AuthFailure.SignatureFailure"),
    ],
)
def test_an_error_is_printed_with_the_vendors_code(tccli, service, action, arguments, secret, expected):
    done = tccli(service, action, *arguments, secret=secret)
    assert done.returncode != 0 and f"code:{expected} " in done.stdout + done.stderr
