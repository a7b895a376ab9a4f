# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rebuilds in batches: one plan for all, a gate between them, task files, and what an end half-way leaves
behind.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from emulated_site import Site
from process_trees import kill_all

CANARY = [1, "40%", "100%"]
ALL = [f"edge-{number:02}" for number in range(1, 12)]  # without the one in the recycle bin
SICK = """
- name: Look whether it is well
  ansible.builtin.assert:
    that: inventory_hostname != "edge-03"
    fail_msg: "{{ inventory_hostname }} is not well"
"""
NOTE = """
- name: Note who was here
  ansible.builtin.shell: echo {{ inventory_hostname }} >> {{ playbook_dir_of_test }}/WHAT
  delegate_to: localhost
  vars:
    ansible_connection: local
"""


def options(**given: Any) -> tuple[str, str]:
    """Extra variables; the hosts are not logged in to, unless they say so."""
    return "-e", json.dumps({"rebuild_ssh": False, **given})


def tasks(site: Site, name: str, text: str) -> str:
    """A file of tasks, by its path from the folder that the playbook is started in."""
    (site.folder / name).write_text(text, encoding="utf-8")
    return name


@pytest.mark.smoke
def test_a_canary_that_is_not_well_stops_the_rest_which_the_limit_file_names(site: Site) -> None:
    gate = tasks(site, "health.yml", SICK)
    extra = {"rebuild_serial": CANARY, "rebuild_max_fail_percentage": 0, "rebuild_health_tasks": gate}
    run = site.play(*options(**extra, rebuild_ssh=True, rebuild_confirm=11))
    assert (
        run.returncode != 0
        and run.stdout.count("Plan ") == 1
        and "11 of 12 hosts will be wiped" in run.stdout
    )
    assert site.wipes() == {host: int(host <= "edge-05") for host in [*ALL, "edge-12"]}
    assert site.again() == ["edge-03", *ALL[5:]] and "edge-03 is not well" in run.stdout
    report = site.report()
    assert {host: row["outcome"] for host, row in report["hosts"].items()} == {
        **dict.fromkeys(ALL[:5], "reset"),
        "edge-03": "not proven",
    }
    assert set(report["again"]) == set(site.again())

    rest = site.play("--limit", "@rebuild.limit", *options(rebuild_serial=CANARY, rebuild_confirm=6))
    assert site.wipes() == {host: int(host != "edge-12") for host in [*ALL, "edge-12"]}
    assert site.again() == ["edge-07"] and rest.returncode != 0, "it cannot be installed"
    assert site.report()["hosts"]["edge-03"]["outcome"] == "unchanged" and len(site.report()["hosts"]) == 7


def test_a_batch_that_no_longer_matches_the_plan_is_not_sent(site: Site) -> None:
    body = {"do": "change", "ids": ["zec-demo09"], "changes": {"image_id": "somebody-elses"}}
    meddle = f"""
- name: Somebody else has installed something else on another host meanwhile
  ansible.builtin.uri:
    url: "{site.emulator.endpoint}/_emulator/interfere"
    method: POST
    body_format: json
    body: {json.dumps(body)}
  delegate_to: localhost
  vars: {{ansible_connection: local}}
  when: inventory_hostname == "edge-01"
"""
    gate = tasks(site, "health.yml", meddle)
    extra = {"rebuild_serial": [1, 2], "rebuild_health_tasks": gate, "rebuild_confirm": 5}
    run = site.play(*options(**extra), "--limit", "edge-01,edge-02,edge-05,edge-08,edge-09")
    assert run.returncode != 0
    assert "what would happen to zec-demo09 is not what was approved" in " ".join(run.stdout.split())
    assert site.wipes() == {**dict.fromkeys([*ALL, "edge-12"], 0), "edge-01": 1, "edge-02": 1, "edge-05": 1}
    assert site.again() == ["edge-08", "edge-09"]


def test_what_a_host_does_before_can_hold_it_back_and_what_it_does_after_is_done_by_the_others(
    site: Site,
) -> None:
    before = tasks(site, "before.yml", NOTE.replace("WHAT", "before") + SICK)
    after = tasks(site, "after.yml", NOTE.replace("WHAT", "after"))
    extra = {
        "rebuild_before_tasks": before,
        "rebuild_after_tasks": str(site.folder / after),
        "rebuild_confirm": 3,
    }
    extra["playbook_dir_of_test"] = str(site.folder)
    run = site.play(*options(**extra), "--limit", "edge-02,edge-03,edge-05")
    text = run.stdout + run.stderr
    assert (
        run.returncode != 0
        and "HELD_BACK" in text
        and "nothing was sent: rebuild_before_tasks: Look whether it is well" in text
    )
    assert {host for host, count in site.wipes().items() if count} == {
        "edge-02",
        "edge-05",
    } and site.again() == ["edge-03"]
    assert sorted((site.folder / "before").read_text().split()) == ["edge-02", "edge-03", "edge-05"]
    assert sorted((site.folder / "after").read_text().split()) == ["edge-02", "edge-05"]


def test_a_host_that_leaves_the_play_before_its_turn_is_named_and_run_again(site: Site) -> None:
    before = tasks(site, "before.yml", "- name: Reach it\n  ansible.builtin.ping:\n")
    run = site.play(*options(rebuild_before_tasks=before, rebuild_confirm=2), "--limit", "edge-01,edge-05")
    assert run.returncode != 0 and site.again() == ["edge-05"]  # it is stopped, and so cannot be reached
    row = site.report()["hosts"]["edge-05"]
    assert row["outcome"] == "failed" and "it left the play before" in row["message"]
    assert {host for host, count in site.wipes().items() if count} == {"edge-01"}


@pytest.mark.parametrize(
    "name, value, sentence",
    [
        ("rebuild_health_tasks", "no-such.yml", "rebuild_health_tasks: there is no file"),
        ("rebuild_ssh", "perhaps", "argument 'ssh' is of type str"),
        ("rebuild_ssh_timeout", "soon", "argument 'ssh_timeout' is of type str"),
        ("rebuild_ssh_timeout", 0, "ssh_timeout: 0 is not 1 or more"),
        ("ansible_port", 70000, "port: 70000 is not between 1 and 65535"),
        (
            "rebuild_report",
            "no/such/report.html",
            "rebuild_report: 'no/such/report.html' cannot be written: there is no folder",
        ),
        ("rebuild_limit_file", "/", "rebuild_limit_file: '/' is a folder"),
        ("rebuild_confirm", 10, "'10' does not confirm this plan, which wipes 11 hosts"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(
    site: Site, name: str, value: object, sentence: str
) -> None:
    run = site.play(*options(**{"rebuild_confirm": 11, name: value}))
    assert run.returncode != 0 and site.writes() == 0
    assert sentence in " ".join((run.stdout + run.stderr).split())


def test_host_keys_that_cannot_be_renewed_hide_nothing_of_what_was_done(site: Site) -> None:
    given = {
        "rebuild_ssh": True,
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={site.folder / ('k' * 252)}",
        "rebuild_ledger": "ledger",
    }
    run = site.play(
        *options(rebuild_confirm=2, **given), "--limit", "edge-05,edge-06"
    )  # no room for a lock beside such a name
    assert run.returncode == 0 and "so new host keys are not kept" in run.stdout + run.stderr
    assert {row["outcome"] for row in site.report()["hosts"].values()} == {"reset"} and site.again() == []
    assert (site.folder / "ledger").exists()  # from where the play was started


def wait_until(true: Callable[[], object], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_run_that_was_killed_leaves_a_limit_file_that_is_right_and_the_next_one_wipes_nothing_twice(
    site: Site,
) -> None:
    extra = options(rebuild_serial=[2, 20], rebuild_confirm=6)
    limit = ("--limit", "edge-01,edge-02,edge-03,edge-04,edge-05,edge-06")
    run = subprocess.Popen(
        site.command(*extra, *limit),
        cwd=site.folder,
        env=site.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_until(lambda: site.wipes()["edge-04"])
    kill_all(run)
    assert site.again() == ["edge-03", "edge-04", "edge-05", "edge-06"]
    wait_until(
        lambda: (
            {instance["status"] for instance in site.emulator.fleet().values()}
            <= {"running", "stopped", "recycled"}
        )
    )
    left = site.play("--limit", "@rebuild.limit", "--check", *options())
    count = left.stdout.split(" of 4 hosts")[0].split()[-1]
    again = site.play("--limit", "@rebuild.limit", *options(rebuild_confirm=count))
    assert again.returncode == 0, again.stdout + again.stderr
    assert {host for host, wiped in site.wipes().items() if wiped} == set(ALL[:6]) and max(
        site.wipes().values()
    ) == 1


def test_each_play_has_a_plan_of_its_own_and_a_tag_of_the_role_is_one_of_all_its_tasks(site: Site) -> None:
    play = """
- hosts: {hosts}
  gather_facts: false
  serial: 1
  roles:
    - role: reforge.cloud.rebuild
      tags: again
      vars: {{rebuild_ssh: false, rebuild_confirm: 2, ansible_python_interpreter: /of/the/hosts}}
"""
    book = tasks(site, "two.yml", play.format(hosts="edge-05,edge-06") + play.format(hosts="edge-08,edge-09"))
    run = site.play("--tags", "again", playbook=book)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("Plan ") == 2 and site.again() == []
    assert {host for host, count in site.wipes().items() if count} == {
        "edge-05",
        "edge-06",
        "edge-08",
        "edge-09",
    }
