# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The modules call the actions that the guide on security says a key needs, each of them and no other, at every provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

import demo
from ansible_collections.reforge.cloud.plugins.module_utils.api.client import Client
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import Pacer
from ansible_collections.reforge.cloud.plugins.module_utils.commands import info, power, reset as resetting
from ansible_collections.reforge.cloud.plugins.module_utils.commands.options import (
    GUARDS,
    POWER,
    REBOOT,
    RESET,
    WAITING,
)
from ansible_collections.reforge.cloud.plugins.module_utils.commands.read_options import (
    IMAGE_INFO,
    INSTANCE_INFO,
)
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Account, Secrets
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.fetch import Fetch, fetch_all
from emulator.clock import VirtualClock
from emulator.dispatch import Emulation
from emulator.loading import load
from emulator.wire import Request as Arrived
from emulator.wires import WIRES
from tools.needed_actions import USES, needed_actions

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
    for group in (INSTANCE_INFO, IMAGE_INFO, RESET, REBOOT, POWER, GUARDS, WAITING)
    for name, option in group.items()
}
DEFAULTS |= {"instance_ids": None, "instances": None, "ledger": "", "request_timeout": 60}


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
        self.emulation.fleet.seed(load(self._world(), self.emulation.fleet.clock()))
        self.account = Account(Secrets("AK", "SK"), REGION if provider.regional else "")
        self.client = Client(provider, self.account, self, Pacer(clock), clock, workers=1)

    def _world(self):
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
                    "id": one,
                    "name": status,
                    "zone": f"{REGION}-1",
                    "status": status,
                    "image_id": IMAGES[self.provider.name][0],
                }
                for status, one in self.ids.items()
            ],
        }

    def send(self, request):
        self.called.add(request.action)
        self.clock.sleep(0.05)
        headers = {"host": request.host, **{name.lower(): value for name, value in request.headers.items()}}
        arrived = Arrived(request.method, urlsplit(request.url).path, headers=headers, body=request.body)
        reply = self.emulation.handle(arrived).reply
        return Reply(reply.status, {"content-type": reply.content_type}, reply.body)

    def run(self, body, **params):
        return body(Call({**DEFAULTS, **params}), self.client)

    def deny_resets(self):
        action = self.provider.writes[Verb.RESET].name
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


def inventory(site):
    fetch = Fetch(site.provider, site.account, 10, True, () if site.provider.regional else ("elsewhere",))
    (listed,) = fetch_all([fetch], lambda fetch: site.client, raw=False)
    assert len(listed.records) == 2


def reset(site):
    """One that runs and one that does not; then one that is stopped in vain."""
    name = site.provider.name
    login = {"key_ids": [KEYS[name]]} if name in KEYS else {"password": "Aa1~aaaaaaaa"}
    zone = {"timezone": "UTC"} if "timezone" in site.provider.options else {}
    result = site.run(
        resetting.reset, instance_ids=list(site.ids.values()), image_id=IMAGES[name][1], **login, **zone
    )
    assert result["reset_ids"] == list(site.ids.values()), result
    site.deny_resets()
    result = site.run(resetting.reset, instance_ids=[site.ids["running"]], image_id=IMAGES[name][0], **login)
    assert result["failed_ids"] == [site.ids["running"]], result


def reboot(site):
    result = site.run(power.reboot, instance_ids=list(site.ids.values()), if_stopped="start")
    assert not result.get("failed"), result


def switch(site):
    assert not site.run(power.power, instance_ids=[site.ids["running"]], state="stopped").get("failed")
    assert not site.run(power.power, instance_ids=[site.ids["stopped"]], state="started").get("failed")


def images(site):
    assert len(site.run(info.list_images)["images"]) == 2
    assert len(site.run(info.list_images, instance_id=site.ids["running"])["images"]) >= 1


PLAYED = {
    "instance_info": lambda site: site.run(info.list_instances),
    "inventory": inventory,
    "image_info": images,
    "instance_reset": reset,
    "instance_reboot": reboot,
    "instance_power": switch,
}


@pytest.mark.parametrize("module", USES)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_module_calls_just_the_actions_that_are_told(clock, provider, module):
    site = Site(PROVIDERS[provider], clock)
    PLAYED[module](site)
    assert site.called == set(needed_actions(site.provider)[module])
