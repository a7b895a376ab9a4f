# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small Zenlayer world, in one process and under a clock that only the test moves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.clock import VirtualClock
from emulator.dispatch import Answer, Emulation
from emulator.loading import load
from emulator.wire import Request
from emulator.wires import WIRES
from emulator.wires.zenlayer.signature import signature

PROVIDER = "zenlayer_zec"


def fleet(provider: str = PROVIDER) -> dict[str, Any]:
    """Two running and two stopped instances, and images that fit and that do not."""
    instances = {
        "run-1": {},
        "run-2": {},
        "off-1": {"status": "stopped"},
        "off-2": {"status": "stopped"},
        "off-win": {"status": "stopped", "image_id": "windows", "key_ids": []},
        "bin-1": {"status": "recycled"},
        "bad-1": {"status": "reset_failed"},
        "fails-1": {"status": "stopped", "fail_install": True},
    }
    return {
        "accounts": [
            {
                "name": "main",
                "provider": provider,
                "access_key": "AK",
                "secret_key": "SK",
                "bearer_tokens": ["TOKEN"],
            },
            {"name": "other", "provider": provider, "access_key": "AK2", "secret_key": "SK2"},
        ],
        "zones": [
            {"id": "zone-1", "provider": provider, "region": "region-1"},
            {"id": "zone-2", "provider": provider, "region": "region-2"},
        ],
        "images": [
            {"provider": provider, **image}
            for image in (
                {"id": "ubuntu", "name": "Ubuntu 24.04", "category": "Ubuntu"},
                {"id": "debian", "name": "Debian 12", "category": "Debian"},
                {"id": "huge", "category": "Debian", "min_disk": 500},
                {"id": "elsewhere", "category": "Debian", "zones": ["zone-2"]},
                {"id": "delisted", "category": "Debian", "status": "offline"},
                {"id": "windows", "category": "Windows", "os_type": "windows"},
                {"id": "generic", "category": "Generic"},
                {"id": "own", "category": "Ubuntu", "kind": "custom", "account": "main", "zones": ["zone-1"]},
            )
        ],
        "keys": [
            {"id": "key-1", "provider": provider, "account": "main", "public_key": "ssh-ed25519 AAAA"},
            {"id": "key-2", "provider": provider, "account": "main", "public_key": "ssh-ed25519 BBBB"},
        ],
        "instances": [
            {
                "id": name,
                "name": f"name-{name}",
                "provider": provider,
                "account": "main",
                "zone": "zone-1",
                "image_id": "ubuntu",
                "key_ids": ["key-1"],
                "tags": {"role": "web"},
                **more,
            }
            for name, more in instances.items()
        ],
    }


class Cloud:
    """The emulation with a caller: ``call`` signs and sends, ``refusal`` gives the code of an error."""

    def __init__(self, provider: str = PROVIDER, service: str = "zec", version: str = "2025-09-01") -> None:
        self.service, self.version = service, version
        self.clock = VirtualClock()
        self.emulation = Emulation(self.clock, self.clock, WIRES)
        self.emulation.fleet.seed(load(fleet(provider), self.clock()))

    def send(
        self,
        action: str,
        *,
        service: str = "",
        key: str = "AK",
        secret: str = "SK",
        version: str = "",
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
        **body: Any,
    ) -> Answer:
        data = json.dumps(body).encode() if raw is None else raw
        stamp = str(int(self.clock()))
        made = signature(secret, "application/json", "cloud.test", stamp, data)
        return self.emulation.handle(
            Request(
                "POST",
                f"/api/v2/{service or self.service}",
                headers={
                    "host": "cloud.test",
                    "content-type": "application/json",
                    "x-zc-action": action,
                    "x-zc-version": version or self.version,
                    "x-zc-timestamp": stamp,
                    "x-zc-signature-method": "ZC2-HMAC-SHA256",
                    "authorization": f"ZC2-HMAC-SHA256 Credential={key}, SignedHeaders=content-type;host, "
                    f"Signature={made}",
                    **(headers or {}),
                },
                body=data,
            )
        )

    def call(self, action: str, **body: Any) -> dict[str, Any]:
        reply = self.send(action, **body).reply
        assert reply and reply.status == 200, reply
        return json.loads(reply.body)["response"]

    def refusal(self, action: str, **body: Any) -> tuple[int, str]:
        reply = self.send(action, **body).reply
        assert reply
        return reply.status, json.loads(reply.body).get("code", "accepted")

    def status(self, name: str) -> str:
        (row,) = self.call("DescribeInstances", instanceIds=[name])["dataSet"]
        return row["status"] if self.service == "zec" else row["instanceStatus"]

    def wipes(self, name: str) -> int:
        found = self.emulation.fleet.look(name)
        assert found
        return found.wipes


@pytest.fixture
def document() -> dict[str, Any]:
    return fleet()


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def bmc() -> Cloud:
    return Cloud("zenlayer_bmc", "bmc", "2026-02-01")


@pytest.fixture
def vm() -> Cloud:
    return Cloud("zenlayer_vm", "vm", "2026-04-01")
