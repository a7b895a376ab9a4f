# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Logging in to a fleet: all new systems proven, next to bare ssh commands with as many side by side."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmark.figures import Figure
from benchmark.playing import play
from benchmark.worlds import fleet_of
from emulator.client import Emulator

COUNT, FORKS, PORT = 500, 50, 2299
COMMAND = (
    "cat /etc/machine-id; cat /etc/ssh/ssh_host_*_key.pub; date +%s; cat /proc/sys/kernel/random/boot_id"
)
BOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - name: Log in to all new systems
      reforge.cloud.fleet_systems:
        login_from: login
        rows_from: rows
        wants: installation
      run_once: true
      register: systems

    - name: Show what they said
      ansible.builtin.debug:
        msg: >-
          {{ systems.hosts | length }} asked, {{ systems.silent | length }} silent,
          proofs {{ systems.hosts.values() | map(attribute='proof') | unique }}
      run_once: true
"""


def proving(_shared: Emulator) -> Iterator[Figure]:
    """From the provider's word that all are done until all are proven."""
    with tempfile.TemporaryDirectory(prefix="reforge-log-in-") as name, Emulator(ssh_port=PORT) as emulator:
        folder = Path(name)
        key = folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        emulator.seed(_world(key.with_suffix(".pub").read_text(encoding="utf-8").strip()))
        addresses = {instance["id"]: instance["address"] for instance in emulator.fleet().values()}
        _wait(list(addresses.values()))
        bare = _bare(list(addresses.values()), folder)
        inventory = _inventory(addresses, folder)
        empty = play(
            inventory=inventory, book=BOOK.replace("wants: installation", "wants: boot"), forks=FORKS
        )
        proven = play(inventory=inventory, book=BOOK, forks=FORKS)
        if f"{COUNT} asked, 0 silent" not in proven.output:
            raise RuntimeError(proven.output)
    yield Figure(f"{COUNT} hosts, {FORKS} at a time: time of bare ssh", bare, "s")
    yield Figure(
        "time until all are proven, without the play's own, to that",
        (proven.seconds - empty.seconds) / bare,
        "x",
    )


def _world(public_key: str) -> dict[str, Any]:
    world = fleet_of(COUNT, "zenlayer_zec", status="running")
    world["keys"] = [
        {
            "id": "key-1",
            "provider": "zenlayer_zec",
            "account": world["accounts"][0]["name"],
            "public_key": public_key,
        }
    ]
    for instance in world["instances"]:
        instance.update(key_ids=["key-1"], ssh=True)
    return world


def _inventory(addresses: dict[str, str], folder: Path) -> dict[str, Any]:
    row = {"outcome": "reset", "ssh": True, "group": "zenlayer_zec"}
    rows = {host: {**row, "instance_id": host} for host in addresses}
    return {
        "all": {
            "hosts": {host: {"ansible_host": address} for host, address in addresses.items()},
            "vars": {
                "ansible_port": PORT,
                "ansible_user": "root",
                "ansible_ssh_private_key_file": str(folder / "key"),
                "ansible_ssh_common_args": f"-o UserKnownHostsFile={folder / 'known_hosts'}",
                "login": {"ssh_timeout": 120, "host_keys": "accept"},
                "rows": {"began_at": 0, "hosts": rows},
            },
        }
    }


def _wait(addresses: list[str]) -> None:
    """Until the last one listens."""
    until = time.monotonic() + 60
    for address in addresses:
        while (
            subprocess.run(
                ["ssh-keyscan", "-T", "2", "-p", str(PORT), address], capture_output=True, check=False
            ).stdout
            == b""
        ):
            if time.monotonic() > until:
                raise TimeoutError(address)


def _bare(addresses: list[str], folder: Path) -> float:
    """Seconds for one ssh command at each, FORKS side by side."""
    ssh = [
        "ssh",
        "-i",
        str(folder / "key"),
        "-p",
        str(PORT),
        "-l",
        "root",
        "-o",
        "StrictHostKeyChecking=accept-new",
    ]
    ssh += ["-o", f"UserKnownHostsFile={folder / 'bare'}", "-o", "BatchMode=yes", "{}", COMMAND]
    began = time.monotonic()
    subprocess.run(
        ["xargs", "-P", str(FORKS), "-I{}", *ssh],
        input="\n".join(addresses),
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.monotonic() - began
