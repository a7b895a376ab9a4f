# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The role through ansible-playbook: a fleet on the emulator, reinstalled and logged in to over SSH."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import demo
from emulated_site import Site

FAILS, RECYCLED = "edge-07", "edge-12"
DONE = [f"edge-{number:02}" for number in range(1, 12) if number != 7]


def addresses(site: Site) -> dict[str, str]:
    return {instance["name"]: instance["address"] for instance in site.emulator.fleet().values()}


@pytest.mark.smoke
def test_a_fleet_is_planned_confirmed_rebuilt_and_proven_new(site: Site) -> None:
    plan = site.play("--check")
    assert "11 of 12 hosts will be wiped" in plan.stdout and site.writes() == 0
    assert (
        plan.returncode != 0 and f"fatal: [{RECYCLED}]" in plan.stdout + plan.stderr
    )  # refused, as it will be
    assert all(f"changed: [{host}]" in plan.stdout for host in [*DONE, FAILS])

    unconfirmed = site.play()
    assert unconfirmed.returncode != 0 and site.writes() == 0
    assert "does not confirm this plan, which wipes 11 hosts" in unconfirmed.stdout + unconfirmed.stderr

    before, old = site.emulator.fleet(), site.known()
    run = site.play("-e", "rebuild_confirm=11")
    assert run.returncode != 0, "two hosts did not get there"
    report = json.loads((site.folder / "report.json").read_text(encoding="utf-8"))
    assert {host: row["outcome"] for host, row in report["hosts"].items()} == {
        **dict.fromkeys(DONE, "reset"),
        FAILS: "failed",
        RECYCLED: "refused",
    }, run.stdout
    assert report["hosts"][FAILS]["error"]["code"] == "REINSTALL_FAILED" and report["again"] == [FAILS]
    assert (site.folder / "rebuild.limit").read_text(encoding="utf-8") == f"{FAILS}\n"
    after = site.emulator.fleet()
    assert {instance["wipes"] for instance in after.values() if instance["name"] != RECYCLED} == {1}
    assert all(
        after[host]["installation"] != before[host]["installation"]
        for host in after
        if after[host]["name"] in DONE
    )
    assert "a new installation" in run.stdout and "newly installed" in run.stdout
    known = {line.split()[0] for line in site.known()}
    assert known == {f"[{addresses(site)[host]}]:{demo.SSH_PORT}" for host in DONE}
    assert not set(old).intersection(site.known())

    writes = site.writes()
    again = site.play("-e", "rebuild_confirm=0", "--limit", ",".join(DONE))
    assert again.returncode == 0 and site.writes() == writes and "changed=1" not in again.stdout


def test_a_reset_that_was_turned_down_for_the_state_is_sent_once_more(site: Site) -> None:
    denial = {"code": "OPERATION_DENIED_INSTANCE_STATUS", "status": 403, "message": "not now"}
    site.emulator.faults({"effect": "deny", "actions": ["ResetInstances"], "count": 1, **denial})
    first = site.play("-e", "rebuild_confirm=1", "--limit", "edge-01")
    assert first.returncode == 0, (
        first.stdout + first.stderr
    )  # the state was looked at again, and it was sent once more
    assert site.emulator.wipes("zec-demo01") == 1


def test_a_host_that_was_not_reset_and_shows_another_key_is_not_accepted(site: Site) -> None:
    assert site.play("-e", "rebuild_confirm=1", "--limit", "edge-01").returncode == 0
    line = [text for text in site.known() if addresses(site)["edge-02"] in text]
    site.emulator.interfere(
        "reset", "zec-demo02", image_id=demo.NEW
    )  # behind our back: its key is another one now
    site.emulator.wait_for("zec-demo02", "running", 30)
    run = site.play("-e", "rebuild_confirm=0", "--limit", "edge-01,edge-02")
    assert (
        run.returncode == 0 and [text for text in site.known() if addresses(site)["edge-02"] in text] == line
    )
    ping = [
        str(Path(sys.executable).with_name("ansible")),
        "edge-02",
        "-i",
        str(site.folder / "inventory.json"),
    ]
    ping += ["-m", "ansible.builtin.raw", "-a", "true"]
    refused = subprocess.run(ping, capture_output=True, text=True, check=False)
    assert refused.returncode != 0 and "REMOTE HOST IDENTIFICATION HAS CHANGED" in refused.stdout


def test_hosts_with_options_of_their_own_go_in_calls_of_their_own(site: Site) -> None:
    choice = f"{{{{ '{demo.OLD}' if inventory_hostname == 'edge-05' else '{demo.NEW}' }}}}"
    run = site.play(
        "-e", json.dumps({"rebuild_image_id": choice, "rebuild_confirm": 1}), "--limit", "edge-05,edge-06"
    )
    assert run.returncode == 0, run.stdout + run.stderr
    images = {instance["name"]: instance["image_id"] for instance in site.emulator.fleet().values()}
    assert images["edge-05"] == demo.OLD and images["edge-06"] == demo.NEW
    assert site.emulator.wipes("zec-demo05") == 0 and site.emulator.wipes("zec-demo06") == 1


def test_a_group_whose_plan_could_not_be_made_is_not_sent_and_says_why_once(site: Site) -> None:
    wrong = "rebuild_access_key=demo rebuild_secret_key=wrong rebuild_confirm=3"
    run = site.play("-e", wrong, "--limit", "edge-05,edge-06,edge-08")
    rows = [line for line in (run.stdout + run.stderr).splitlines() if line.startswith("fatal: ")]
    assert run.returncode != 0 and site.writes() == 0 and len(rows) == 3, run.stdout
    (whole,) = (row for row in rows if "(3 hosts: edge-05, edge-06, edge-08)" in row)
    short = [row for row in rows if ": see host edge-05" in row and len(row) < 350]
    assert "AUTHFAILURE" in whole and len(short) == 2, rows


def test_hosts_are_rebooted_and_prove_it_by_their_boot_id(site: Site) -> None:
    place = [
        "-e",
        f"reboot_provider=zenlayer_zec reboot_endpoint={site.emulator.endpoint}",
        "--limit",
        "edge-01,edge-02,edge-05",
    ]
    before = site.emulator.fleet()
    assert (
        site.play(*place, "--check", playbook="reforge.cloud.reboot").returncode != 0 and site.writes() == 0
    )
    run = site.play(*place, playbook="reforge.cloud.reboot")
    assert run.returncode != 0 and "it is stopped; set if_stopped to start or skip" in run.stdout + run.stderr
    assert run.stdout.count("changed: [edge-01]") == run.stdout.count("changed: [edge-02]") == 1
    after = site.emulator.fleet()
    assert all(after[host]["boot"] != before[host]["boot"] for host in ("zec-demo01", "zec-demo02"))
    assert sum(site.emulator.wipes().values()) == 0


def test_two_hosts_that_are_the_same_instance_stop_the_play(site: Site) -> None:
    run = site.play("-e", "instance_id=zec-demo05", "--limit", "edge-05,edge-06", "-e", "rebuild_confirm=1")
    assert run.returncode != 0 and site.writes() == 0
    assert "edge-05 and edge-06 are the same instance, zec-demo05" in run.stdout + run.stderr
