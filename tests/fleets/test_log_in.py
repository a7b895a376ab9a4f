# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hosts are logged in to by their own connections: behind bastions, by aliases, without Python, late or
never.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import demo
from emulated_site import Site

RELAY = Path(__file__).with_name("relay.py")
STRANGER = (
    "github.com,192.0.2.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
)


def address(site: Site, host: str) -> str:
    return next(one["address"] for one in site.emulator.fleet().values() if one["name"] == host)


def equip(site: Site, **hosts: dict[str, Any]) -> None:
    """Give hosts connection variables of their own; the usual address and port are taken from those that get
    some.
    """
    path = site.folder / "inventory.json"
    inventory = json.loads(path.read_text(encoding="utf-8"))
    shared = inventory["fleet"]["vars"]
    known = inventory["fleet"]["children"]["zenlayer_zec"]["hosts"]
    port = shared.pop("ansible_port", None)
    for name, variables in known.items():
        mine = hosts.get(name.replace("-", "_"))
        if mine is not None:
            variables.pop("ansible_host")
            variables.update(mine)
        elif port:
            variables["ansible_port"] = port
    shared["rebuild_ssh_timeout"] = 30
    path.write_text(json.dumps(inventory), encoding="utf-8")


def rows(site: Site) -> dict[str, dict[str, Any]]:
    return dict(site.report()["hosts"])


def names(site: Site) -> set[str]:
    return {line.split()[0] for line in site.known()}


def own_ways(site: Site) -> dict[str, dict[str, Any]]:
    """Hosts that no address and no port in the usual variables leads to."""
    config = site.folder / "ssh_config"
    alias = (
        f"Host third\n Hostname {address(site, 'edge-03')}\n Port {demo.SSH_PORT}\n HostKeyAlias edge-three\n"
    )
    config.write_text(alias, encoding="utf-8")
    common = f"-o UserKnownHostsFile={site.folder / 'known_hosts'} -o StrictHostKeyChecking=yes"
    relay = f"{sys.executable} {RELAY} {address(site, 'edge-02')} {demo.SSH_PORT}"
    return {
        "edge_02": {
            "ansible_host": "second.internal",
            "ansible_ssh_common_args": f"{common} -o ProxyCommand='{relay}'",
        },
        "edge_03": {"ansible_host": "third", "ansible_ssh_common_args": f"-F {config} {common}"},
        "edge_05": {
            "ansible_ssh_host": address(site, "edge-05"),
            "ansible_ssh_port": demo.SSH_PORT,
            "ansible_python_interpreter": "/does/not/exist",
        },
        "edge_06": {"ansible_host": address(site, "edge-06")},
    }


@pytest.mark.smoke
def test_each_host_is_proven_by_its_own_way_and_its_key_kept_under_the_name_that_ssh_uses(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    equip(site, **own_ways(site))
    with (site.folder / "known_hosts").open("a", encoding="utf-8") as file:
        file.write(f"{STRANGER}\n")
    monkeypatch.setenv("ANSIBLE_REMOTE_PORT", str(demo.SSH_PORT))  # the port of edge-06
    chosen = "edge-01,edge-02,edge-03,edge-05,edge-06"
    run = site.play("-e", "rebuild_confirm=5", "--limit", chosen)
    assert run.returncode == 0, run.stdout + run.stderr
    assert {row["proof"] for row in rows(site).values()} <= {"identity", "age"} and len(rows(site)) == 5
    own = {host: f"[{address(site, host)}]:{demo.SSH_PORT}" for host in ("edge-01", "edge-05", "edge-06")}
    aliases = {f"[second.internal]:{demo.SSH_PORT}", "edge-three"}
    assert names(site) >= {*own.values(), *aliases} and STRANGER in site.known()
    again = site.play("-e", "rebuild_confirm=0", "--limit", chosen)
    assert again.returncode == 0 and set(site.wipes().values()) == {0, 1}


def test_a_host_that_was_not_proven_is_logged_in_to_by_the_next_run(site: Site) -> None:
    broken = {"edge_05": {"ansible_host": "127.80.0.250", "ansible_port": demo.SSH_PORT}}
    equip(site, **broken)
    first = site.play("-e", "rebuild_confirm=1 rebuild_ssh_timeout=3", "--limit", "edge-05")
    assert first.returncode != 0 and "Connection refused" in first.stdout, first.stdout
    mended = f"ansible_host={address(site, 'edge-05')}"
    again = site.play("-e", f"rebuild_confirm=0 {mended}", "--limit", "edge-05")
    assert again.returncode == 0 and site.wipes()["edge-05"] == 1, again.stdout + again.stderr
    assert f"[{address(site, 'edge-05')}]:{demo.SSH_PORT}" in names(site)
