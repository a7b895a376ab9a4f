# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that can be wrong is found before the first task of the user, the first login and the first write."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from emulated_site import Site

HOSTS = "edge-01,edge-05"
DRAIN = """
- name: Drain
  throttle: 1
  ansible.builtin.lineinfile:
    {path: "{{ drained }}", line: "{{ inventory_hostname }}", create: true, mode: "0600"}
  delegate_to: localhost
  vars: {ansible_connection: local}
"""


def run(site: Site, around: dict[str, Any], **given: Any) -> tuple[int, str]:
    """A play in a folder of its own, started from elsewhere, with a file of tasks beside it.

    Hosts can be logged in to.
    """
    folder = site.folder / "plays"
    folder.mkdir(exist_ok=True)
    (folder / "drain.yml").write_text(DRAIN, encoding="utf-8")
    use = {"name": "Rebuild", "ansible.builtin.import_role": {"name": "reforge.cloud.rebuild"}}
    variables = {"rebuild_before_tasks": "drain.yml", "drained": str(site.folder / "drained"), **given}
    book = {"hosts": HOSTS, "gather_facts": False, "tasks": [use], "vars": variables, **around}
    (folder / "play.yml").write_text(yaml.safe_dump([book]), encoding="utf-8")
    done = site.play(playbook=str(folder / "play.yml"))
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def drained(site: Site) -> list[str]:
    path = site.folder / "drained"
    return sorted(path.read_text(encoding="utf-8").split()) if path.exists() else []


@pytest.mark.smoke
@pytest.mark.parametrize(
    "around, given, reason",
    [
        ({}, {}, "'' does not confirm this plan, which wipes 2 hosts"),
        ({}, {"rebuild_confirm": 3}, "'3' does not confirm this plan"),
        ({"ignore_errors": True}, {"rebuild_confirm": 3}, "'3' does not confirm this plan"),
        (
            {},
            {"rebuild_confirm": 2, "rebuild_report": "/no/such/report.html"},
            "there is no folder '/no/such'",
        ),
        ({}, {"rebuild_confirm": 2, "rebuild_health_tasks": "no-such.yml"}, "there is no file 'no-such.yml'"),
    ],
    ids=["unconfirmed", "wrong", "wrong-and-ignored", "report", "task-file"],
)
def test_a_run_that_may_not_begin_runs_nothing_and_logs_in_nowhere(
    site: Site, around: dict[str, Any], given: dict[str, Any], reason: str
) -> None:
    (site.folder / "known_hosts").unlink()  # a login would fail, and say so
    status, out = run(site, around, **given)
    assert status != 0 and reason in out, out
    assert drained(site) == [] and site.writes() == 0
    assert "Ask the" not in out and "ignored=0" in out


def test_task_files_are_found_beside_the_playbook(site: Site) -> None:
    status, out = run(site, {}, rebuild_confirm=2, rebuild_ssh=False)
    assert status == 0, out
    assert drained(site) == ["edge-01", "edge-05"]
