# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The example fleet: twelve ZEC instances in two zones, and an Ansible inventory of those that can be logged
in to.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

from emulator.loading import load
from emulator.sandbox_sites import SITES, part

_PROVIDER = "zenlayer_zec"
_KEY_ID = "key-sandbox1"
KNOWN_HOSTS = "known_hosts"
ROLES = ("rebuild", "reboot")
NEW_IMAGE = "ubuntu2204_20250801"
_ZONES = {"asia-east-1a": "asia-east-1", "europe-central-1a": "europe-central-1"}
# name, zone, state, more. What runs can be logged in to; the rest can once it has been started.
_INSTANCES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("web-1", "asia-east-1a", "running", {"tags": {"role": "web"}}),
    ("web-2", "asia-east-1a", "running", {"tags": {"role": "web"}}),
    ("web-3", "europe-central-1a", "running", {"tags": {"role": "web"}}),
    ("web-4", "europe-central-1a", "running", {"tags": {"role": "web"}}),
    ("worker-1", "asia-east-1a", "stopped", {"tags": {"role": "worker"}}),
    ("worker-2", "asia-east-1a", "stopped", {"tags": {"role": "worker"}, "image_id": "debian12_20250801"}),
    ("worker-3", "europe-central-1a", "stopped", {"tags": {"role": "worker"}}),
    ("worker-4-fails", "europe-central-1a", "stopped", {"tags": {"role": "worker"}, "fail_install": True}),
    ("database-1", "asia-east-1a", "stopped", {"tags": {"reforge-protect": "true"}, "system_disk": 80}),
    ("broken-1", "europe-central-1a", "reset_failed", {}),
    ("old-1", "asia-east-1a", "recycled", {"ssh": False}),
    (
        "windows-1",
        "europe-central-1a",
        "stopped",
        {"image_id": "windows2022_20250801", "key_ids": [], "ssh": False},
    ),
)


@dataclass(frozen=True)
class Sandbox:
    """A fleet document, and what a person needs to use it."""

    fleet: dict[str, Any]
    access_key: str
    secret_key: str
    inventory: Path
    private_key: Path
    ssh_port: int

    def announce(self, endpoint: str) -> None:
        """Write the inventories, now that the endpoint is known, and print how to use it all."""
        self.inventory.write_text(self._inventory(endpoint), encoding="utf-8")
        source = self.inventory.with_name("fleet.reforge.yml")
        source.write_text(self._source(endpoint), encoding="utf-8")
        print(
            f"""endpoint    {endpoint}
access key  {self.access_key}
secret key  {self.secret_key}
inventory   {self.inventory}   (a group for each provider; its hosts can be logged in to)
            {source}   (the same by the inventory plugin)

In another terminal, plan a rebuild:

  ansible-playbook reforge.cloud.rebuild -i {self.inventory} -l "web-*" \\
    -e rebuild_image_id={NEW_IMAGE} --check

Carry it out, confirmed by the number of hosts that it wipes:

  ansible-playbook reforge.cloud.rebuild -i {self.inventory} -l "web-*" \\
    -e rebuild_image_id={NEW_IMAGE} -e rebuild_confirm=4

Reboot them:

  ansible-playbook reforge.cloud.reboot -i {self.inventory} -l "web-*"

The groups of the other providers have an image set: try -l tencent_lighthouse, without rebuild_image_id.
Stop with Ctrl-C.""",
            flush=True,
        )

    def _inventory(self, endpoint: str) -> str:
        """All values are of our own making; JSON is YAML, too."""
        groups: dict[str, dict[str, Any]] = {_PROVIDER: {"rebuild_key_ids": [_KEY_ID]}}
        groups |= {provider: site.variables for provider, site in SITES.items()}
        hosts: dict[str, dict[str, Any]] = {}
        for instance in load(self.fleet, 0.0).instances.values():
            if instance.address:
                place = {
                    "ansible_host": instance.address,
                    "instance_id": instance.id,
                    "instance_zone": instance.zone,
                }
                hosts.setdefault(instance.provider, {})[instance.name] = place
        known_hosts = self.inventory.with_name(KNOWN_HOSTS)
        ssh_options = f"-o UserKnownHostsFile={known_hosts} -o StrictHostKeyChecking=accept-new"
        variables = {
            "ansible_port": self.ssh_port,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self.private_key),
            # Throw-away hosts: their keys stay out of your own file.
            "ansible_ssh_common_args": ssh_options,
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "instance_endpoint": endpoint,
            **{f"{role}_{name}": value for role in ROLES for name, value in self._keys().items()},
            "rebuild_progress": 5,
        }
        children = {
            name: {"hosts": hosts[name], "vars": {"instance_provider": name, **more}}
            for name, more in groups.items()
        }
        fleet = {"fleet": {"vars": variables, "children": children}}
        return f"---\n{json.dumps(fleet, indent=2)}\n"

    def _keys(self) -> dict[str, str]:
        return {"access_key": self.access_key, "secret_key": self.secret_key}

    def _source(self, endpoint: str) -> str:
        """A file for the inventory plugin."""
        regions = {provider: {"regions": [site.region]} for provider, site in SITES.items()}
        content = {
            "plugin": "reforge.cloud.instances",
            "endpoint": endpoint,
            **self._keys(),
            "sources": [
                {"provider": _PROVIDER},
                *({"provider": name, **more} for name, more in regions.items()),
            ],
            "keyed_groups": [{"key": "instance_provider", "separator": ""}],
        }
        return f"---\n{json.dumps(content, indent=2)}\n"


def build(state_dir: Path, ssh_port: int) -> Sandbox:
    """An example with throw-away credentials; the private key for SSH is written into the state directory."""
    (state_dir / KNOWN_HOSTS).unlink(missing_ok=True)  # the hosts of an earlier sandbox had other keys
    key = asyncssh.generate_private_key("ssh-ed25519")
    private_key = state_dir / "id_sandbox"
    with os.fdopen(os.open(private_key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(key.export_private_key())
    account: dict[str, Any] = {
        "name": "sandbox",
        "provider": _PROVIDER,
        "access_key": f"sandbox{secrets.token_hex(6)}",
        "secret_key": secrets.token_urlsafe(18),
        "bearer_tokens": [secrets.token_urlsafe(24)],
    }
    public_key = key.export_public_key().decode("ascii").strip()
    fleet: dict[str, list[Any]] = {
        "accounts": [account],
        "zones": [{"id": zone, "provider": _PROVIDER, "region": region} for zone, region in _ZONES.items()],
        "images": [{"provider": _PROVIDER, **image} for image in _images()],
        "keys": [
            {
                "id": _KEY_ID,
                "provider": _PROVIDER,
                "name": "sandbox",
                "public_key": public_key,
            }
        ],
        "instances": [_instance(number, *row) for number, row in enumerate(_INSTANCES, 1)],
    }
    keys = {name: str(account[name]) for name in ("access_key", "secret_key")}
    for number, provider in enumerate(SITES, 1):
        for section, entries in part(provider, number, keys, public_key).items():
            fleet[section] = fleet[section] + entries
    return Sandbox(
        fleet,
        account["access_key"],
        account["secret_key"],
        state_dir / "inventory.yml",
        private_key,
        ssh_port,
    )


def _images() -> list[dict[str, Any]]:
    return [
        {
            "id": "ubuntu2404_20250801",
            "name": "Ubuntu Server 24.04 LTS",
            "category": "Ubuntu",
            "min_disk": 20,
        },
        {
            "id": "ubuntu2204_20250801",
            "name": "Ubuntu Server 22.04 LTS",
            "category": "Ubuntu",
            "min_disk": 20,
        },
        {"id": "debian12_20250801", "name": "Debian 12", "category": "Debian", "min_disk": 20},
        {"id": "rocky9_20250801", "name": "Rocky Linux 9", "category": "Rocky", "min_disk": 60},
        {
            "id": "freebsd14_20250801",
            "name": "FreeBSD 14",
            "category": "FreeBSD",
            "os_type": "bsd",
            "min_disk": 20,
        },
        {
            "id": "windows2022_20250801",
            "name": "Windows Server 2022",
            "category": "Windows",
            "os_type": "windows",
            "min_disk": 40,
        },
        {"id": "generic_linux", "name": "Generic appliance", "category": "Generic", "min_disk": 20},
        {
            "id": "img-sandbox1",
            "name": "our own image",
            "category": "Ubuntu",
            "kind": "custom",
            "account": "sandbox",
            "min_disk": 20,
            "zones": ["asia-east-1a"],
        },
    ]


def _instance(number: int, name: str, zone: str, status: str, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"zec-sandbox{number:02}",
        "provider": _PROVIDER,
        "name": name,
        "zone": zone,
        "status": status,
        "image_id": "ubuntu2404_20250801",
        "key_ids": [_KEY_ID],
        "ssh": True,
        "private_ips": [f"10.80.0.{number}"],
        **more,
    }
