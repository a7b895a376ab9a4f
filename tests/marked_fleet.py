# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fleet at all providers, each of whose secrets is marked, and the variables of its hosts, in which they
stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import demo
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS

# Every secret holds one of these; the second is in those that the user puts into the environment.
MARK, SURROUNDING = "ZqxMark", "ZqxEnvir"
PASSWORD, USER_DATA, SESSION, BEARER = (
    f"Aa1~{MARK}",
    f"export TOKEN={MARK}-data",
    f"{MARK}-session",
    f"{MARK}-bearer",
)
LOGIN = {"rebuild_password": PASSWORD}
ZEC = "zenlayer_zec"
PREFIXES = {ZEC: "zec-", **{name: site.prefix for name, site in demo.SITES.items()}}
IMAGES = {ZEC: (demo.OLD, demo.NEW), **{name: site.images for name, site in demo.SITES.items()}}
RUNNING = {"status": "running", "durations": {"reboot": 150}}


def key_of(provider: str, mark: str = MARK) -> str:
    """The secret key of an account; those at Tencent's services are one account."""
    return f"{mark}-key-{provider.split('_')[0]}"


def keys(provider: str) -> dict[str, Any]:
    """The first account's credentials as variables, with a token where it is a temporary one."""
    token = {"rebuild_token": SESSION} if provider == "tencent_cvm" else {}
    return {"rebuild_access_key": "AK", "rebuild_secret_key": key_of(provider), **token}


def accounts() -> Iterator[dict[str, Any]]:
    """Three at each provider.

    The second one's keys are in the environment, and the third one's in a profile.
    """
    for provider in PROVIDERS:
        tokens = {ZEC: {"bearer_tokens": [BEARER]}, "tencent_cvm": {"token": SESSION}}.get(provider, {})
        yield {
            "name": "first",
            "provider": provider,
            "access_key": "AK",
            "secret_key": key_of(provider),
            **tokens,
        }
        yield {
            "name": "second",
            "provider": provider,
            "access_key": "AK2",
            "secret_key": key_of(provider, SURROUNDING),
        }
        yield {"name": "third", "provider": provider, "access_key": "AK3", "secret_key": key_of(provider)}


@dataclass
class Fleet:
    """Instances, and the groups of hosts that they are."""

    instances: list[dict[str, Any]] = field(default_factory=list)
    groups: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def add(
        self,
        group: str,
        name: str,
        own: Mapping[str, Any],
        provider: str = ZEC,
        account: str = "first",
        **more: Any,
    ) -> None:
        """An instance on the old image with ``more`` fields, and its host with its ``own`` variables."""
        made = f"{PREFIXES[provider]}{len(self.instances):08}"
        self.instances.append(
            {
                "id": made,
                "name": name,
                "provider": provider,
                "account": account,
                "zone": f"zone-{provider}",
                "image_id": IMAGES[provider][0],
                "status": "stopped",
                **more,
            }
        )
        place = {"instance_id": made, "instance_provider": provider, "rebuild_image_id": IMAGES[provider][1]}
        region = {} if provider == "tencent_ecm" else {"instance_region": "ap-test"}
        self.groups.setdefault(group, {})[name] = {
            **place,
            **region,
            "rebuild_ssh": False,
            "reboot_ssh": False,
            **own,
        }

    def id_of(self, name: str) -> str:
        return next(instance["id"] for instance in self.instances if instance["name"] == name)

    def world(self, public_key: str) -> dict[str, Any]:
        """The emulator's document."""
        return {
            "accounts": list(accounts()),
            "zones": [
                {"id": f"zone-{provider}", "provider": provider, "region": "ap-test"}
                for provider in PROVIDERS
            ],
            "images": [
                {"id": image, "provider": provider, "category": "Debian"}
                for provider in PROVIDERS
                for image in IMAGES[provider]
            ],
            "keys": [{"id": "key-1", "provider": ZEC, "account": "first", "public_key": public_key}],
            "instances": self.instances,
        }


def marked_fleet() -> Fleet:
    """What is rebuilt with secrets in the inventory, rebuilt with secrets of the vault, and rebooted."""
    fleet, zec = Fleet(), keys(ZEC)
    by_key = {"rebuild_key_ids": ["key-1"], "rebuild_user_data": USER_DATA, "rebuild_ssh": True}
    fleet.add("variables", "keyed", {**zec, **by_key}, ssh=True)
    fleet.add("variables", "token", {**LOGIN, "rebuild_token": BEARER})
    fleet.add("variables", "fails", {**zec, **LOGIN}, fail_install=True)
    fleet.add("variables", "gone", {**zec, **LOGIN}, status="recycled")
    fleet.add("variables", "repeated", {**zec, **LOGIN, "rebuild_guest_agent": True})
    fleet.add("variables", "wrong-key", {**zec, **LOGIN, "rebuild_secret_key": f"{MARK}-wrong"})
    fleet.add("variables", "wrong-password", {**zec, "rebuild_password": PASSWORD * 3})
    fleet.add("variables", "wrong-option", {**zec, **LOGIN, "rebuild_security_agent": True})
    for provider in demo.SITES:
        data = {"rebuild_user_data": USER_DATA} if provider == "tencent_cvm" else {}
        fleet.add("variables", provider, {**keys(provider), **LOGIN, **data}, provider)
    fleet.add("vars_of_roles", "vaulted", {})
    fleet.add("vars_of_roles", "wrong-type", {"rebuild_wait_timeout": "soon"})
    fleet.add("reboot", "environment", {}, account="second", **RUNNING)
    fleet.add("reboot", "revoked", {}, "tencent_lighthouse", account="second", **RUNNING)
    fleet.add("reboot", "profile", {"reboot_profile": "third"}, "tencent_ecm", account="third", **RUNNING)
    fleet.add("reboot", "no-profile", {"reboot_profile": "nobody"}, "tencent_ecm", account="third", **RUNNING)
    return fleet
