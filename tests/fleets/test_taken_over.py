# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A rebuild that is killed after the reset is taken over by another user, from another home and inventory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import demo
from emulated_site import Site
from process_trees import kill_all

RELAY = Path(__file__).with_name("relay.py")


def ledger(site: Site) -> tuple[str, str]:
    """What both users have in common."""
    return "-e", f"rebuild_ledger={site.folder / 'shared' / 'ledger.jsonl'}"


def kill_after_reset(site: Site, hosts: str, count: int) -> None:
    """A rebuild by the first user, whose way to the hosts is closed once they are reset, and who is then
    killed.
    """
    gate, known = site.folder / "gate", site.folder / "known_hosts"
    gate.touch()
    (site.folder / "shared").mkdir()
    relay = f"{sys.executable} {RELAY} %h %p {gate}"
    way = f"-o UserKnownHostsFile={known} -o StrictHostKeyChecking=yes -o ProxyCommand='{relay}'"
    given = {"rebuild_confirm": count, "rebuild_ssh_timeout": 60, "ansible_ssh_common_args": way}
    command = site.command("-l", hosts, *ledger(site), "-e", json.dumps(given))
    with subprocess.Popen(
        command, cwd=site.folder, env=site.environment(), stdout=subprocess.DEVNULL, start_new_session=True
    ) as run:
        until = time.monotonic() + 60
        while not site.emulator.journal(action="ResetInstances") and time.monotonic() < until:
            time.sleep(0.05)
        gate.unlink()
        while sum(site.wipes().values()) < count and time.monotonic() < until:
            time.sleep(0.05)
        kill_all(run)
    for host in hosts.split(","):
        site.emulator.wait_for(f"zec-demo{host[-2:]}", "running", 30)


def other_user(site: Site) -> Site:
    """Somebody with a home of their own, the same keys and ledger, and other names for the hosts."""
    home = site.folder / "other"
    home.mkdir()
    shutil.copy(site.folder / "id_demo", home / "id_demo")
    shutil.copy(site.folder / "known_hosts", home / "known_hosts")  # with the keys of the old systems
    inventory = demo.inventory(site.emulator, home)
    zec = inventory["fleet"]["children"]["zenlayer_zec"]
    zec["hosts"] = {f"theirs-{host}": place for host, place in zec["hosts"].items()}
    (home / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    return Site(site.emulator, home)


@pytest.mark.smoke
def test_another_user_proves_what_a_killed_run_has_reset_and_wipes_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_after_reset(site, "edge-01,edge-05", 2)
    other = other_user(site)
    monkeypatch.setenv("HOME", str(other.folder))
    chosen = ("-l", "theirs-edge-01,theirs-edge-05", *ledger(site))
    healed = other.play(*chosen, "-e", "rebuild_confirm=0")
    assert healed.returncode == 0 and "0 of 2 hosts will be wiped" in healed.stdout, healed.stdout
    assert "Log in to the new systems" in healed.stdout and other.again() == []
    assert set(site.wipes().values()) == {0, 1} and sum(site.wipes().values()) == 2
    assert {row["proof"] for row in other.report()["hosts"].values()} <= {"identity", "age"}, healed.stdout
    assert len(set(other.known()) - set(site.known())) == 2, "the new keys are theirs"
    once_more = other.play(*chosen)
    assert once_more.returncode == 0 and "Log in to the new systems" not in once_more.stdout
