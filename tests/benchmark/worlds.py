# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fleets on the emulator, and what Ansible knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emulator.client import Emulator

PROVIDER = "zenlayer_zec"
OLD, NEW = "old", "new"
TOKEN = "TOKEN"
ZONE = "asia-east-1-1"
KEYS = {
    "ZENLAYER_ACCESS_KEY_ID": "AK",
    "ZENLAYER_ACCESS_KEY_SECRET": "SK",
    "TENCENTCLOUD_SECRET_ID": "AK",
    "TENCENTCLOUD_SECRET_KEY": "SK",
}


# What is installed where time is measured.
TARGETS = {
    PROVIDER: NEW,
    "tencent_ecm": "img-edge0001",
    "tencent_lighthouse": "lhbp-new00000",
    "tencent_cvm": "img-cvm00001",
    "tencent_cvm_v2": "img-two00001",
}


@dataclass(frozen=True)
class Site:
    """What differs between the providers: how ids begin, where instances are, and how many are on a page."""

    prefix: str
    region: str
    image: str
    page: int = 100


SITES = {
    PROVIDER: Site("zec-", "asia-east-1", OLD, 1000),
    "tencent_ecm": Site("ein-", "ap-hangzhou-ecm", "img-edge0000"),
    "tencent_lighthouse": Site("lhins-", "ap-hongkong", "lhbp-old00000"),
    "tencent_cvm": Site("ins-", "ap-guangzhou", "img-cvm00000"),
    "tencent_cvm_v2": Site("ins-", "ap-shanghai", "img-two00000"),
}


def ids_of(count: int, provider: str = PROVIDER) -> list[str]:
    """The ids of a fleet of so many."""
    letter = "abcde"[list(SITES).index(provider)]
    return [f"{SITES[provider].prefix}{letter}{number:07}" for number in range(count)]


def fleet_of(count: int, *providers: str, seconds: float = 60, status: str = "stopped") -> dict[str, Any]:
    """So many instances without SSH at each provider, whose resets take so many seconds of the vendor's
    time.
    """
    names = providers or (PROVIDER,)
    return {
        "accounts": [
            {"name": name, "provider": name, "access_key": "AK", "secret_key": "SK", "bearer_tokens": [TOKEN]}
            for name in names
        ],
        "zones": [
            {"id": f"{SITES[name].region}-1", "provider": name, "region": SITES[name].region}
            for name in names
        ],
        "images": [
            {"id": image, "provider": name, "category": "Debian"}
            for name in names
            for image in (SITES[name].image, TARGETS[name])
        ],
        "keys": [
            {"id": "key-1", "provider": PROVIDER, "account": PROVIDER, "public_key": "ssh-ed25519 AAAA"}
        ],
        "instances": [
            {
                "id": instance_id,
                "name": f"{name.replace('_', '-')}-{number}",
                "provider": name,
                "zone": f"{SITES[name].region}-1",
                "image_id": SITES[name].image,
                "status": status,
                "durations": {"reset": seconds},
                "public_ips": [f"198.51.{number // 256}.{number % 256}"],
            }
            for name in names
            for number, instance_id in enumerate(ids_of(count, name))
        ],
    }


def reset_of(emulator: Emulator, ids: list[str] | str, **more: Any) -> dict[str, Any]:
    """The arguments of a reset of such instances."""
    return {
        "provider": PROVIDER,
        "endpoint": emulator.endpoint,
        "instance_ids": ids,
        "image_id": NEW,
        "key_ids": ["key-1"],
        **more,
    }


def role_inventory(emulator: Emulator, count: int, provider: str, **more: Any) -> dict[str, Any]:
    """The inventory of such a fleet of a provider, for the role: hosts that are not logged in to."""
    given = {
        "provider": provider,
        "region": SITES[provider].region,
        "endpoint": emulator.endpoint,
        "image_id": TARGETS[provider],
        "confirm": count,
        "ssh": False,
        "limit_file": "",
    }
    return {
        "fleet": {
            "hosts": {instance_id: {"instance_id": instance_id} for instance_id in ids_of(count, provider)},
            "vars": {
                "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                **{f"rebuild_{name}": value for name, value in given.items()},
                **more,
            },
        }
    }


def inventory_of(emulator: Emulator, count: int) -> dict[str, Any]:
    """The inventory of such a fleet for the role: hosts that are not logged in to."""
    return {
        "fleet": {
            "hosts": {instance_id: {"instance_id": instance_id} for instance_id in ids_of(count)},
            "vars": {
                "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                "rebuild_provider": PROVIDER,
                "rebuild_endpoint": emulator.endpoint,
                "rebuild_image_id": NEW,
                "rebuild_key_ids": ["key-1"],
                "rebuild_confirm": count,
                "rebuild_ssh": False,
                "rebuild_limit_file": "",
            },
        }
    }
