# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Small worlds of the four Tencent APIs, in one process and under a clock that only the test moves."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

import pytest

from emulator.clock import VirtualClock
from emulator.dispatch import Emulation
from emulator.loading import load
from emulator.wire import Reply, Request
from emulator.wires import WIRES
from emulator.wires.tencent import tc3
from emulator.wires.tencent.legacy import signature as legacy

# provider -> (service, version, region, prefix of instances, of images, of keys)
NAMES = {
    "tencent_ecm": ("ecm", "2019-07-19", "ap-edge-ecm", "ein", "img", "key"),
    "tencent_lighthouse": ("lighthouse", "2020-03-24", "ap-guangzhou", "lhins", "lhbp", "lhkp"),
    "tencent_cvm": ("cvm", "2017-03-12", "ap-guangzhou", "ins", "img", "skey"),
    "tencent_cvm_v2": ("cvm", "", "ap-guangzhou", "ins", "img", "key"),
}
# The same machines everywhere. An id is a prefix and eight characters.
_INSTANCES: dict[str, dict[str, Any]] = {
    "running1": {"tags": {"role": "web"}},
    "running2": {},
    "stopped1": {"status": "stopped"},
    "windows1": {"image_id": "windows1"},
    "windows2": {"image_id": "windows1", "zone": "abroad"},
    "broken01": {"status": "reset_failed"},
    "fails001": {"fail_install": True},
    "building": {"status": "creating"},
    "recycled": {"status": "recycled"},
    "rescue01": {"status": "unknown"},
    "expired1": {"expires": 1.0},
    "booting1": {"status": "rebooting"},
    "gamebox1": {"image_id": "game0001"},
    "large001": {"memory": 16},
    "denied01": {
        "denied": [
            {"action": "ResetInstance", "code": "FailedOperation.Denied", "message": "no"},
            {"action": "ResetInstances", "code": "FailedOperation.Denied", "message": "no"},
        ]
    },
    "slow0001": {"durations": {"register": 5.0}},
    "localhdd": {"extra": {"SystemDisk": {"DiskType": "LOCAL_BASIC"}}},
}
_IMAGES: dict[str, dict[str, Any]] = {
    "ubuntu01": {"name": "Ubuntu 24.04", "category": "Ubuntu"},
    "debian01": {"name": "Debian 12", "category": "Debian"},
    "windows1": {"name": "Windows 2022", "os_type": "windows"},
    "custom01": {"kind": "custom", "account": "main"},
    "shared01": {"kind": "shared"},
    "larger01": {"min_disk": 500},
    "hungry01": {"min_memory": 64},
    "delisted": {"status": "offline"},
    "creating": {"status": "creating"},
    "oldi3861": {"architecture": "i386"},
    "armarm01": {"architecture": "arm"},
    "docker01": {"kind": "docker"},
    "game0001": {"kind": "game"},
    "faraway1": {"zones": ["abroad"]},
}


def fleet(provider: str) -> dict[str, Any]:
    """One account with everything, one with nothing, and one with a temporary key."""
    _service, _version, region, instance, image, key = NAMES[provider]
    return {
        "accounts": [
            {"name": "main", "provider": provider, "access_key": "AK", "secret_key": "SK"},
            {"name": "other", "provider": provider, "access_key": "AK2", "secret_key": "SK2"},
            {
                "name": "temporary",
                "provider": provider,
                "access_key": "AK3",
                "secret_key": "SK3",
                "token": "TOKEN",
            },
        ],
        "zones": [
            {"id": f"{region}-1", "provider": provider, "region": region},
            {"id": "abroad", "provider": provider, "region": "ap-singapore"},
        ],
        "images": [{"id": f"{image}-{name}", "provider": provider, **more} for name, more in _IMAGES.items()],
        "keys": [
            {
                "id": f"{key}-aaaaaaa{number}",
                "provider": provider,
                "account": "main",
                "name": f"key {number}",
                "public_key": f"ssh-ed25519 AAAA{number}",
            }
            for number in range(6)
        ],
        "instances": [
            {
                "provider": provider,
                "account": "main",
                "name": f"name-{name}",
                "zone": f"{region}-1",
                **more,
                "id": f"{instance}-{name}",
                "image_id": f"{image}-{more.get('image_id', 'ubuntu01')}",
            }
            for name, more in _INSTANCES.items()
        ],
    }


class Cloud:
    """The emulation with a caller for one provider.

    Names of instances and images are given without their prefix.
    """

    def __init__(self, provider: str, document: dict[str, Any] | None = None) -> None:
        self.provider = provider
        self.service, self.version, self.region, self.instance, self.image, self.key = NAMES[provider]
        self.clock = VirtualClock()
        self.emulation = Emulation(self.clock, self.clock, WIRES)
        self.emulation.fleet.seed(load(document or fleet(provider), self.clock()))
        self._nonce = 0

    def id(self, name: str) -> str:
        """The whole id of an instance."""
        return f"{self.instance}-{name}"

    def send(
        self,
        action: str,
        body: dict[str, Any] | bytes | None = None,
        *,
        method: str = "POST",
        query: str = "",
        key: str = "AK",
        secret: str = "SK",
        headers: dict[str, str] | None = None,
        signed: dict[str, str] | None = None,
    ) -> Reply | None:
        """A TC3 request; ``signed`` headers are changed before it is signed and ``headers`` afterwards."""
        data = (
            body if isinstance(body, bytes) else b"" if method == "GET" else json.dumps(body or {}).encode()
        )
        sent = {
            "host": f"{self.service}.tencentcloudapi.com",
            "content-type": "application/json" if method == "POST" else "application/x-www-form-urlencoded",
            "x-tc-action": action,
            "x-tc-version": self.version,
            "x-tc-region": self.region,
            "x-tc-timestamp": str(int(self.clock())),
            **(signed or {}),
        }
        date = tc3.datetime.datetime.fromtimestamp(
            int(sent["x-tc-timestamp"]), tc3.datetime.timezone.utc
        ).strftime("%Y-%m-%d")
        names = ("content-type", "host")
        given = tc3.Authorization(key, date, self.service, names, "")
        made = tc3.signature(Request(method, "/", query, sent, data), given, sent["x-tc-timestamp"], secret)
        sent["authorization"] = (
            f"TC3-HMAC-SHA256 Credential={key}/{date}/{self.service}/tc3_request, "
            f"SignedHeaders={';'.join(names)}, Signature={made}"
        )
        return self.emulation.handle(Request(method, "/", query, {**sent, **(headers or {})}, data)).reply

    def form(
        self,
        action: str,
        parameters: dict[str, Any],
        *,
        method: str = "POST",
        key: str = "AK",
        secret: str = "SK",
        tamper: dict[str, str] | None = None,
    ) -> Reply | None:
        """A request of the legacy API; ``tamper`` changes parameters after they are signed."""
        self._nonce += 1
        given = {
            "Action": action,
            "Region": "gz",
            "Timestamp": str(int(self.clock())),
            "Nonce": str(self._nonce),
            "SecretId": key,
            "SignatureMethod": "HmacSHA256",
            **{name: str(value) for name, value in parameters.items() if value is not None},
        }
        given = {name: value for name, value in given.items() if value != ""}
        given["Signature"] = legacy.signature(method, "cvm.api.qcloud.com", "/v2/index.php", given, secret)
        text = urllib.parse.urlencode({**given, **(tamper or {})})
        headers = {"host": "cvm.api.qcloud.com", "content-type": "application/x-www-form-urlencoded"}
        query, data = ("", text.encode()) if method == "POST" else (text, b"")
        return self.emulation.handle(Request(method, "/v2/index.php", query, headers, data)).reply

    def call(self, action: str, **body: Any) -> dict[str, Any]:
        """The Response of a request that must be accepted."""
        reply = self.send(action, body)
        assert reply and reply.status == 200 and reply.content_type == "application/json"
        response = json.loads(reply.body)["Response"]
        assert "Error" not in response, response
        return response

    def refusal(self, action: str, _region: str = "", **body: Any) -> str:
        """The code of a request, ``accepted`` if there is none. The HTTP status is 200 in any case."""
        reply = self.send(action, body, signed={"x-tc-region": _region or self.region})
        return code(reply)

    def flat(self, action: str, **parameters: Any) -> dict[str, Any]:
        """The answer of the legacy API."""
        reply = self.form(action, parameters)
        assert reply and reply.status == 200
        return json.loads(reply.body)

    def latest(self, name: str) -> tuple[Any, Any, Any]:
        """State, latest operation and its state, as a reader is shown them."""
        ids = {"Filters": [{"Name": "instance-id", "Values": [self.id(name)]}]}
        row = self.call(
            "DescribeInstances", **(ids if self.service == "ecm" else {"InstanceIds": [self.id(name)]})
        )["InstanceSet"][0]
        return row["InstanceState"], row["LatestOperation"], row["LatestOperationState"]

    def truth(self, name: str) -> Any:
        """The instance as it is."""
        return self.emulation.fleet.look(self.id(name))

    def wiped(self) -> int:
        """How many resets have acted on a disk."""
        return sum(instance.wipes for instance in self.emulation.fleet.everything())


def code(reply: Reply | None) -> str:
    """The code in an envelope of API 3.0."""
    assert reply and reply.status == 200
    return json.loads(reply.body)["Response"].get("Error", {}).get("Code", "accepted")


@pytest.fixture
def read_code() -> Any:
    return code


@pytest.fixture
def ecm() -> Cloud:
    return Cloud("tencent_ecm")


@pytest.fixture
def lighthouse() -> Cloud:
    return Cloud("tencent_lighthouse")


@pytest.fixture
def cvm() -> Cloud:
    return Cloud("tencent_cvm")


@pytest.fixture
def legacy_cvm() -> Cloud:
    return Cloud("tencent_cvm_v2")


@pytest.fixture
def cloud_of() -> Any:
    return Cloud


@pytest.fixture
def world_of() -> Any:
    return fleet
