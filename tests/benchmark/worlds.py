# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fleets on the emulator, and what Ansible knows of them."""

from __future__ import annotations

from typing import Any

from emulator.client import Emulator

PROVIDER = "zenlayer_zec"
OLD, NEW = "old", "new"
KEYS = {"ZENLAYER_ACCESS_KEY_ID": "AK", "ZENLAYER_ACCESS_KEY_SECRET": "SK"}


def ids_of(count: int) -> list[str]:
    """The ids of a fleet of so many."""
    return [f"zec-{number:05}" for number in range(count)]


def fleet_of(count: int) -> dict[str, Any]:
    """So many stopped instances without SSH, whose resets take a minute of the vendor's time."""
    return {
        "accounts": [{"name": "main", "provider": PROVIDER, "access_key": "AK", "secret_key": "SK"}],
        "zones": [{"id": "asia-east-1a", "provider": PROVIDER, "region": "asia-east-1"}],
        "images": [{"id": image, "provider": PROVIDER, "category": "Debian"} for image in (OLD, NEW)],
        "keys": [{"id": "key-1", "provider": PROVIDER, "account": "main", "public_key": "ssh-ed25519 AAAA"}],
        "instances": [
            {"id": one, "name": one, "provider": PROVIDER, "zone": "asia-east-1a", "image_id": OLD, "status": "stopped",
             "durations": {"reset": 60}} for one in ids_of(count)
        ],
    }


def inventory_of(emulator: Emulator, count: int) -> dict[str, Any]:
    """The inventory of such a fleet for the role: hosts that are not logged in to."""
    return {"fleet": {
        "hosts": {one: {"instance_id": one} for one in ids_of(count)},
        "vars": {
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "rebuild_provider": PROVIDER, "rebuild_endpoint": emulator.endpoint, "rebuild_image_id": NEW,
            "rebuild_key_ids": ["key-1"], "rebuild_confirm": count, "rebuild_ssh": False, "rebuild_known_hosts": "",
            "rebuild_limit_file": "",
        },
    }}
