# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bodies of modules called in this process, at an emulated provider and under a virtual clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import demo
from ansible_collections.reforge.cloud.plugins.module_utils.api.client import Client
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import Pacer
from ansible_collections.reforge.cloud.plugins.module_utils.commands.options import (
    GUARDS,
    PASSWORD,
    POWER,
    REBOOT,
    RESET,
    WAITING,
)
from ansible_collections.reforge.cloud.plugins.module_utils.commands.read_options import (
    IMAGE_INFO,
    INSTANCE_INFO,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import NetworkError
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Account, Secrets
from emulator.clock import VirtualClock
from emulator.dispatch import Emulation
from emulator.loading import load
from emulator.wire import Request as Arrived
from emulator.wires import WIRES

REGION = "ap-test"
KEYS = {
    **dict.fromkeys(("zenlayer_zec", "zenlayer_bmc", "zenlayer_vm"), "key-1"),
    "tencent_lighthouse": "lhkp-00000001",
    "tencent_cvm": "skey-00000001",
}
PREFIXES = {"zenlayer_zec": "zec-", **{name: site.prefix for name, site in demo.SITES.items()}}
IMAGES = {"zenlayer_zec": (demo.OLD, demo.NEW), **{name: site.images for name, site in demo.SITES.items()}}
DEFAULTS = {
    name: option.get("default")
    for group in (INSTANCE_INFO, IMAGE_INFO, PASSWORD, RESET, REBOOT, POWER, GUARDS, WAITING)
    for name, option in group.items()
}
DEFAULTS |= {"instance_ids": None, "instances": None, "facts": None, "ledger": "", "request_timeout": 60}


@dataclass
class Call:
    """A module's call, as its body sees it."""

    params: dict
    check_mode: bool = False
    warnings: list = field(default_factory=list)

    def warn(self, warning):
        self.warnings.append(warning)


class Site:
    """An emulated provider in this process with three instances, and the actions that arrived there."""

    def __init__(self, provider, clock):
        self.provider, self.clock, self.called = provider, clock, set()
        vendor = VirtualClock(clock.time())
        clock.also.append(vendor.advance)
        self.emulation = Emulation(vendor, clock.time, WIRES)
        self.ids = {
            status: f"{PREFIXES[provider.name]}0000000{number}"
            for number, status in enumerate(("running", "stopped"))
        }
        self.emulation.fleet.seed(load(self.world(), self.emulation.fleet.clock()))
        self.account = Account(Secrets("AK", "SK"), REGION if provider.regional else "")
        self.client = Client(provider, self.account, self, Pacer(clock), clock, workers=1)

    def world(self):
        """What it is seeded with."""
        here = {"provider": self.provider.name}
        key = {
            **here,
            "id": KEYS.get(self.provider.name),
            "account": "main",
            "public_key": "ssh-ed25519 AAAA",
        }
        return {
            "accounts": [{**here, "name": "main", "access_key": "AK", "secret_key": "SK"}],
            "zones": [{**here, "id": f"{REGION}-1", "region": REGION}],
            "images": [{**here, "id": image, "category": "Debian"} for image in IMAGES[self.provider.name]],
            "keys": [key] if key["id"] else [],
            "instances": [
                {
                    **here,
                    "id": instance_id,
                    "name": status,
                    "zone": f"{REGION}-1",
                    "status": status,
                    "image_id": IMAGES[self.provider.name][0],
                }
                for status, instance_id in self.ids.items()
            ],
        }

    def send(self, request):
        self.called.add(request.action)
        self.clock.sleep(0.05)
        headers = {"host": request.host, **{name.lower(): value for name, value in request.headers.items()}}
        arrived = Arrived(request.method, urlsplit(request.url).path, headers=headers, body=request.body)
        reply = self.emulation.handle(arrived).reply
        if reply is None:
            raise NetworkError(f"{request.action} got no answer", sent=True)
        return Reply(reply.status, {"content-type": reply.content_type}, reply.body)

    def run(self, body, **params):
        return body(Call({**DEFAULTS, **params}), self.client)

    def deny(self, verb):
        """Refuse the verb from now on."""
        action = self.provider.writes[verb].name
        self.emulation.faults.add(
            {
                "effect": "deny",
                "actions": [action],
                "count": 0,
                "code": "4000",
                "message": "no",
                "status": 400,
            }
        )
