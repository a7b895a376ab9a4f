# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a run ends that does not come to its end: by Ctrl-C, without hosts, without a place for its report."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

import demo
from emulated_site import Site

HOSTS = "edge-01,edge-05"
NOTHING = "The run was interrupted before anything was sent. To continue, run the same command again."
GO_ON = "The run was interrupted. Requests that were sent go on at the provider. To continue:"


def wait_until(true: Callable[[], object], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def processes(mark: str) -> list[str]:
    """The command lines of the processes whose environment has this mark, which all children inherit."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdecimal():
            try:
                if mark.encode() in (place / "environ").read_bytes():
                    found.append((place / "cmdline").read_text(errors="replace").replace("\0", " "))
            except OSError:
                continue
    return found


@contextmanager
def running(site: Site, command: Sequence[str]) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A run that is stopped at the end of the context, and the folder for all its temporary files."""
    folder = site.folder / "tmp"
    home = str(site.folder / "home")
    places = {"TMPDIR": str(folder.resolve()), "REFORGE_MARK": str(folder), "ANSIBLE_HOME": home}
    run = subprocess.Popen(
        command,
        cwd=site.folder,
        env={**site.environment(), **places},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    yield run, folder
    run.send_signal(signal.SIGINT)


@pytest.fixture(autouse=True)
def short_folder(site: Site) -> Iterator[None]:
    """The folder for temporary files has a short path: newer ansible-core puts sockets there."""
    with tempfile.TemporaryDirectory(prefix="rf-") as folder:
        (site.folder / "tmp").symlink_to(folder)
        yield


def is_clean(folder: Path) -> bool:
    """Whether neither a process nor a temporary file is left, but for the rates that all runs share."""
    left = [path for path in folder.iterdir() if not path.name.startswith("reforge-cloud-")]
    return not left and not processes(f"REFORGE_MARK={folder}")


def is_planning(site: Site) -> bool:
    return bool(site.emulator.journal(action="DescribeInstances"))


def is_reset(site: Site, *statuses: str) -> bool:
    """Whether all hosts were wiped once, and have one of these statuses."""
    instances = [
        instance for instance in site.emulator.fleet().values() if instance["name"] in HOSTS.split(",")
    ]
    return all(instance["wipes"] == 1 and instance["status"] in statuses for instance in instances)


def is_awaiting(site: Site) -> bool:
    """Whether hosts are logged in to that were reset."""
    return is_reset(site, "running") and any(
        "sleep 60" in process for process in processes(f"REFORGE_MARK={site.folder / 'tmp'}")
    )


def stopped(site: Site, reached: Callable[[], object], *command: str) -> str:
    """What a run has said that was stopped when this was reached, and that has left nothing behind."""
    with running(site, command) as (run, folder):
        wait_until(lambda: reached() or run.poll() is not None)
    output = run.communicate(timeout=20)[0]
    assert run.returncode == 99, output
    wait_until(lambda: is_clean(folder), 5)
    return output.partition("User interrupted execution")[2]


def test_ctrl_c_leaves_nothing_behind_in_any_phase_and_says_how_to_go_on(site: Site) -> None:
    first = site.command("-l", HOSTS, "-e", "rebuild_confirm=2")
    site.emulator.faults({"effect": "delay", "seconds": 5, "actions": ["DescribeInstances"], "count": 1})
    assert NOTHING in stopped(site, lambda: is_planning(site), *first) and site.writes() == 0
    output = stopped(site, lambda: is_reset(site, "resetting", "running"), *first)
    assert GO_ON in output and site.again() == HOSTS.split(",")
    words = [word for word in shlex.split(output.partition(GO_ON)[2]) if word.strip()]
    pasted = [first[0], *words[words.index("&&") + 2 :]]
    way = {"ansible_ssh_common_args": "-o ProxyCommand='sleep 60' -o UserKnownHostsFile=known_hosts"}
    output = stopped(site, lambda: is_awaiting(site), *pasted, "-e", json.dumps(way))
    # Whether it was still looking at the old systems or at the new ones already: it has sent nothing itself.
    assert NOTHING in output or (GO_ON in output and f"--limit @{site.folder}/rebuild.limit" in output)
    healed = site.play("--limit", "@rebuild.limit", "-e", "rebuild_confirm=0")
    assert healed.returncode == 0 and max(site.wipes().values()) == 1, healed.stdout + healed.stderr


def write(site: Site, name: str, *content: object) -> str:
    (site.folder / name).write_text(yaml.safe_dump(list(content)), encoding="utf-8")
    return str(site.folder / name)


def book(site: Site, hosts: str, *after: object, **variables: object) -> str:
    """A play with the role, before which each host has a fact, and tasks after it."""
    fact = {"name": "Learn", "ansible.builtin.set_fact": {"learnt": "before", "cacheable": True}}
    role = {"name": "Rebuild", "ansible.builtin.import_role": {"name": "reforge.cloud.rebuild"}}
    play = {"hosts": hosts, "gather_facts": False, "vars": variables, "tasks": [fact, role, *after]}
    return write(site, "play.yml", play)


@pytest.mark.smoke
def test_a_report_that_cannot_be_written_in_the_end_hides_nothing_and_facts_of_unchanged_hosts_stay(
    site: Site,
) -> None:
    site.emulator.interfere("change", "zec-demo06", changes={"image_id": demo.NEW})
    (site.folder / "reports").mkdir()
    remove = {"name": "Remove", "ansible.builtin.command": f"rm -rf {site.folder}/reports"}
    remove |= {"run_once": True, "delegate_to": "localhost", "vars": {"ansible_connection": "local"}}
    given = {"rebuild_report": f"{site.folder}/reports/r.html", "rebuild_confirm": 2}
    given["rebuild_before_tasks"] = write(site, "before.yml", remove)
    show = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ ansible_facts.learnt | default('gone') }}"}}
    playbook = book(site, "edge-05,edge-06,edge-07", show, rebuild_ssh_timeout=60, **given)
    run = site.play("-e", json.dumps(given), playbook=playbook, stats=True)
    output = " ".join((run.stdout + run.stderr).split())
    assert run.returncode == 2 and "r.html' cannot be written" in output, output
    assert "1 failed, 1 reset, 1 unchanged" in output and site.again() == ["edge-07"]
    assert '"again": [ "edge-07" ]' in output and "To run 1 host again" in output
    assert 'edge-05] => { "msg": "gone"' in output and 'edge-06] => { "msg": "before"' in output


def test_a_run_that_loses_all_hosts_in_the_tasks_that_come_after_sums_up(site: Site) -> None:
    gone = {"name": "Configure", "ansible.builtin.ping": {}, "vars": {"ansible_host": "127.80.0.250"}}
    after = write(site, "after.yml", gone)
    given = ("-l", HOSTS, "-e", f"rebuild_confirm=2 rebuild_after_tasks={after}")
    run = site.play(*given)
    last = run.stdout.partition("PLAY RECAP")[2]
    assert run.returncode == 4 and "2 not proven" in last and "To run 2 hosts again" in last, run.stdout
    assert "it left the play before the end" in " ".join(last.split())
    assert site.report()["again"] == site.again() == HOSTS.split(",")
    write(site, "after.yml")
    again = site.play(*given)
    assert again.returncode == 0 and site.again() == [] and max(site.wipes().values()) == 1, again.stdout


def test_the_old_system_is_not_taken_for_the_new_one_by_any_later_run(site: Site) -> None:
    site.emulator.faults({"effect": "idle_install", "count": 2})
    chosen = ("-l", "edge-01,edge-02", "-e", "rebuild_ssh_timeout=3")
    gate = site.folder / "gate"
    way = f"-o UserKnownHostsFile={site.folder}/known_hosts -o StrictHostKeyChecking=yes"
    relay = f"{sys.executable} {Path(__file__).with_name('relay.py')} %h %p {gate}"
    gate.touch()
    command = site.command(
        *chosen,
        "-e",
        "rebuild_confirm=2 rebuild_ssh_timeout=60",
        "-e",
        json.dumps({"ansible_ssh_common_args": f"{way} -o ProxyCommand='{relay}'"}),
    )
    output = stopped(site, lambda: is_reset_without(site, gate), *command)
    assert GO_ON in output
    later = site.play(*chosen, "-e", "rebuild_confirm=0")
    assert later.returncode != 0 and "2 not proven" in later.stdout, later.stdout
    assert "the same installation answers" in " ".join(later.stdout.split())
    forced = site.play("-l", "edge-01", "-e", "rebuild_confirm=1 rebuild_force=true")
    assert forced.returncode == 0 and site.wipes()["edge-01"] == 1, forced.stdout


def is_reset_without(site: Site, gate: Path) -> bool:
    """Whether the provider has begun; the way to the hosts is closed then."""
    begun = bool(site.emulator.journal(action="ResetInstances"))
    if begun:
        gate.unlink(missing_ok=True)
    states = {
        instance["status"]
        for instance in site.emulator.fleet().values()
        if instance["name"] in ("edge-01", "edge-02")
    }
    return begun and states == {"running"}
