# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hosts are logged in to by their own connections: behind bastions, by aliases, without Python, late or
never.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import demo
from emulated_site import Site

PLUGINS = Path(__file__).with_name("connection_plugins")
RELAY = Path(__file__).with_name("relay.py")
STRANGER = (
    "github.com,192.0.2.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
)


def address(site: Site, host: str) -> str:
    return next(
        instance["address"] for instance in site.emulator.fleet().values() if instance["name"] == host
    )


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


def change(site: Site, host: str, **variables: Any) -> None:
    """Give a host more variables."""
    path = site.folder / "inventory.json"
    inventory = json.loads(path.read_text(encoding="utf-8"))
    inventory["fleet"]["children"]["zenlayer_zec"]["hosts"][host].update(variables)
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
    raw = [{"name": "Install Python", "ansible.builtin.raw": "echo it is there"}]
    (site.folder / "bootstrap.yml").write_text(json.dumps(raw), encoding="utf-8")
    hook = f"rebuild_after_tasks={site.folder / 'bootstrap.yml'}"
    run = site.play("-e", "rebuild_confirm=5", "-e", hook, "--limit", chosen)
    assert run.returncode == 0 and run.stdout.count("changed: [edge-") == 2 * 5, run.stdout + run.stderr
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
    (site.folder / "rebuild.limit").unlink()  # as another run does
    second = site.play("-e", "rebuild_confirm=0 rebuild_ssh_timeout=3", "--limit", "edge-05")
    assert second.returncode != 0 and site.again() == ["edge-05"], second.stdout
    (site.folder / "rebuild.limit").unlink()
    mended = f"ansible_host={address(site, 'edge-05')}"
    again = site.play("-e", f"rebuild_confirm=0 {mended}", "--limit", "edge-05")
    assert again.returncode == 0 and site.wipes()["edge-05"] == 1, again.stdout + again.stderr
    assert site.again() == [] and "1 unchanged" in again.stdout, again.stdout
    once_more = site.play("-e", "rebuild_confirm=0", "--limit", "edge-05")
    assert once_more.returncode == 0 and "Log in to the new systems" not in once_more.stdout, once_more.stdout
    assert f"[{address(site, 'edge-05')}]:{demo.SSH_PORT}" in names(site)


def test_hosts_without_a_way_in_are_counted_and_named_before_the_wipe(site: Site) -> None:
    other = site.folder / "id_other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
    two_words = {"ansible_host": f"{address(site, 'edge-04')} github.com"}
    equip(site, edge_02={"ansible_host": "127.80.0.250", "ansible_port": demo.SSH_PORT}, edge_04=two_words)
    change(site, "edge-01", ansible_ssh_private_key_file=str(other))
    with (site.folder / "known_hosts").open("a", encoding="utf-8") as file:
        file.write(f"{STRANGER}\n")
    chosen = ("-e", "rebuild_confirm=4", "--limit", "edge-01,edge-02,edge-03,edge-04")
    refused = site.play(*chosen, "-e", "rebuild_unreachable=refuse")
    output = " ".join((refused.stdout + refused.stderr).split())
    assert refused.returncode != 0 and site.writes() == 0, output
    assert "3 of 4 hosts cannot be logged in to" in output and "Permission denied (publickey)" in output
    assert "edge-02: ssh: connect to host 127.80.0.250 port" in output and "edge-01" in output
    assert "Authorized use only" not in output  # of the banner, which comes before the reason
    gone_on = site.play(*chosen, "-e", "rebuild_ssh_timeout=2")
    output = " ".join((gone_on.stdout + gone_on.stderr).split())
    assert set(site.again()) == {"edge-01", "edge-02", "edge-04"} and "Authorized use only" not in output, (
        output
    )
    assert rows(site)["edge-03"]["outcome"] == "reset" and STRANGER in site.known()


def test_a_late_host_holds_up_neither_the_proof_nor_the_tasks_of_another(site: Site) -> None:
    relay = (
        f"{sys.executable} {RELAY} {address(site, 'edge-06')} {demo.SSH_PORT} {site.folder / 'edge-05.done'}"
    )
    common = f"-o UserKnownHostsFile={site.folder / 'known_hosts'} -o StrictHostKeyChecking=yes"
    late = {"ansible_host": "late.internal", "ansible_ssh_common_args": f"{common} -o ProxyCommand='{relay}'"}
    equip(site, edge_06=late)
    write_after_tasks(site)
    run = site.play(
        "-e",
        "rebuild_confirm=2",
        "-e",
        f"rebuild_after_tasks={site.folder / 'after.yml'}",
        "--limit",
        "edge-05,edge-06",
    )
    assert run.returncode == 0 and "Logging in: 1 of 2 done, " in run.stdout, run.stdout + run.stderr
    assert {host: row["outcome"] for host, row in rows(site).items()} == {
        "edge-05": "reset",
        "edge-06": "reset",
    }
    assert (site.folder / "edge-06.done").exists(), "its own tasks come, too"


def write_after_tasks(site: Site) -> None:
    """Each host leaves a file on the controller."""
    task = {
        "name": "Leave a file",
        "ansible.builtin.copy": {
            "content": "",
            "dest": f"{site.folder}/{{{{ inventory_hostname }}}}.done",
            "mode": "0600",
        },
        "delegate_to": "localhost",
        "vars": {"ansible_connection": "local"},
    }
    (site.folder / "after.yml").write_text(json.dumps([task]), encoding="utf-8")


@pytest.mark.smoke
def test_windows_hosts_are_proven_by_their_own_plugin_or_by_the_provider(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = demo.fleet("ssh-ed25519 AAAA")
    fleet["images"] += [
        {"id": image, "provider": "zenlayer_zec", "category": "Windows", "os_type": "windows", "size": 10}
        for image in ("win-1", "win-2")
    ]
    windows = {"image_id": "win-1", "status": "running", "ssh": False, "key_ids": []}
    fleet["instances"] = [demo.instance(number, **windows) for number in (1, 2)]
    site.emulator.seed(fleet)
    monkeypatch.setenv("FAKE_WINDOWS", site.emulator.endpoint)
    monkeypatch.setenv("ANSIBLE_CONNECTION_PLUGINS", str(PLUGINS))
    shared = {"instance_os_type": "windows", "rebuild_image_id": "win-2"}
    for host in ("edge-01", "edge-02"):
        change(site, host, **shared, rebuild_key_ids=[])
    change(site, "edge-01", ansible_connection="fake_windows")
    run = site.play("-e", "rebuild_confirm=2", "--limit", "edge-01,edge-02")
    assert run.returncode == 0, run.stdout + run.stderr
    assert {host: row["proof"] for host, row in rows(site).items()} == {
        "edge-01": "identity",
        "edge-02": "none",
    }


def test_a_reboot_is_seen_from_inside_by_each_hosts_own_way_and_a_broken_host_breaks_no_other(
    site: Site,
) -> None:
    ways = {**own_ways(site), "edge_04": {"ansible_host": "127.80.0.250", "ansible_port": demo.SSH_PORT}}
    equip(site, **{name: ways[name] for name in ("edge_02", "edge_03", "edge_04")})
    change(site, "edge-02", ansible_port=demo.SSH_PORT, ansible_python_interpreter="/does/not/exist")
    known = "\n".join(site.known())
    for host, name in (("edge-02", f"[second.internal]:{demo.SSH_PORT}"), ("edge-03", "edge-three")):
        known = known.replace(f"[{address(site, host)}]:{demo.SSH_PORT}", name)
    (site.folder / "known_hosts").write_text(f"{known}\n", encoding="utf-8")
    place = {"reboot_provider": "zenlayer_zec", "reboot_endpoint": site.emulator.endpoint}
    book = [
        {"hosts": "edge-02,edge-03,edge-04", "gather_facts": False, "any_errors_fatal": True, "vars": place}
    ]
    book[0]["tasks"] = [{"ansible.builtin.import_role": {"name": "reforge.cloud.reboot"}}]
    (site.folder / "play.yml").write_text(json.dumps(book), encoding="utf-8")
    run = site.play(playbook=str(site.folder / "play.yml"))
    output = run.stdout + run.stderr
    assert all(f"changed: [edge-0{number}]" in run.stdout for number in (2, 3, 4)), output
    assert "1 of 3 hosts cannot be logged in to" in " ".join(output.split())


@pytest.mark.smoke
def test_a_key_that_is_brought_is_trusted_before_the_first_login_and_no_other_one_is(site: Site) -> None:
    data = "#!/bin/sh\necho hello\n"
    brought = (
        "-e",
        json.dumps({"rebuild_host_keys": "bring", "rebuild_user_data": data, "rebuild_ssh_timeout": 15}),
    )
    run = site.play(*brought, "-e", "rebuild_confirm=2", "--limit", "edge-01,edge-05")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "PRIVATE KEY" not in run.stdout + run.stderr
    kept = "".join(
        path.read_text(errors="replace")
        for path in site.folder.rglob("*")
        if path.is_file() and path.name != "id_demo"
    )
    assert "PRIVATE KEY" not in kept
    lines = [line for line in site.known() if address(site, "edge-01") in line]
    assert len(lines) == 1, "the key of the old system is gone"


def test_another_host_in_the_place_of_one_that_was_brought_a_key_is_not_trusted(site: Site) -> None:
    relay = f"{sys.executable} {RELAY} {address(site, 'edge-01')} {demo.SSH_PORT}"
    common = f"-o UserKnownHostsFile={site.folder / 'known_hosts'} -o StrictHostKeyChecking=yes"
    equip(
        site,
        edge_05={"ansible_host": "fifth", "ansible_ssh_common_args": f"{common} -o ProxyCommand='{relay}'"},
    )
    given = json.dumps({"rebuild_host_keys": "bring", "rebuild_ssh_timeout": 3, "rebuild_confirm": 1})
    run = site.play("-e", given, "--limit", "edge-05")
    assert run.returncode != 0 and "Host key verification failed" in run.stdout, run.stdout
    assert rows(site)["edge-05"]["outcome"] == "not proven"


def test_another_machine_that_has_the_address_by_now_is_not_taken_for_the_new_system(site: Site) -> None:
    """The inventory is out of date, and the host was stopped, so that nobody has seen its old system."""
    change(site, "edge-05", ansible_host=address(site, "edge-04"), rebuild_ssh_timeout=3)
    for file in ("boot_id", "machine-id"):
        (path,) = site.emulator.state_dir.rglob(f"zec-demo04/{file}")
        os.utime(path, (0, path.stat().st_mtime - 4000))
    (site.folder / "after.yml").write_text("- ansible.builtin.raw: touch provisioned\n", encoding="utf-8")
    given = ("--limit", "edge-05", "-e", "rebuild_confirm=1 rebuild_after_tasks=after.yml")
    before, run = site.known(), site.play(*given)
    assert run.returncode != 0 and "1 not proven" in run.stdout, run.stdout
    assert "has been running since before it" in " ".join(run.stdout.split())
    assert not list(site.emulator.state_dir.rglob("provisioned")) and site.known() == before
