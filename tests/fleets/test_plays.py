# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The role in plays of users: what they say around it holds, or is refused before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from emulated_site import Site


def play(
    site: Site,
    hosts: str,
    around: dict[str, Any] | None = None,
    role: dict[str, Any] | None = None,
    **given: Any,
) -> dict[str, Any]:
    """A play with the role: what it says itself, what it says at the role, and variables."""
    use = {
        "name": "Rebuild",
        "ansible.builtin.import_role": {"name": "reforge.cloud.rebuild", "rolespec_validate": False},
        **(role or {}),
    }
    return {
        "hosts": hosts,
        "gather_facts": False,
        "tasks": [use],
        "vars": {"rebuild_ssh": False, **given},
        **(around or {}),
    }


def run(site: Site, *plays: dict[str, Any]) -> tuple[int, str]:
    """The exit status, and all that was printed in one line."""
    (site.folder / "play.yml").write_text(yaml.safe_dump(list(plays)), encoding="utf-8")
    done = site.play(playbook=str(site.folder / "play.yml"))
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def wiped(site: Site) -> set[str]:
    return {host for host, count in site.wipes().items() if count}


@pytest.mark.smoke
def test_a_condition_on_the_role_leaves_hosts_out_of_the_plan_and_alone(site: Site) -> None:
    role = {"when": 'inventory_hostname in ["edge-01", "edge-05"]'}
    status, out = run(site, play(site, "edge-01,edge-02,edge-05,edge-06", role=role, rebuild_confirm=2))
    assert status == 0 and "2 of 2 hosts will be wiped" in out, out
    assert wiped(site) == {"edge-01", "edge-05"}


@pytest.mark.smoke
def test_a_condition_on_an_included_role_does_so_too(site: Site) -> None:
    role = {"when": 'inventory_hostname != "edge-01"'}
    book = play(site, "edge-01,edge-05", role=role, rebuild_confirm=1)
    book["tasks"][0]["ansible.builtin.include_role"] = book["tasks"][0].pop("ansible.builtin.import_role")
    status, out = run(site, book)
    assert status == 0 and wiped(site) == {"edge-05"}, out


@pytest.mark.parametrize(
    "around, role, given, sentence",
    [
        ({}, {"run_once": True}, {}, "run_once: remove it from the role"),
        (
            {},
            {},
            {"rebuild_image_id": "{{ not_there }}", "rebuild_force": True},
            "host edge-05: rebuild_image_id: ",
        ),
        ({}, {}, {"rebuild_protect_tags": "{{ not_there }}"}, "host edge-05: rebuild_protect_tags: "),
        (
            {},
            {},
            {"rebuild_expect_plan": "0000"},
            "expect_plan: '0000' is not accepted here: set rebuild_confirm to the plan id instead",
        ),
        (
            {"connection": "local"},
            {},
            {"rebuild_ssh": True},
            "host edge-05: ansible_connection: 'local' would log in to this machine",
        ),
        (
            {},
            {},
            {"rebuild_ssh": True, "ansible_connection": "ansible.builtin.local"},
            "would log in to this machine",
        ),
        (
            {},
            {"delegate_to": "localhost"},
            {"rebuild_ssh": True},
            "delegate_to: 'localhost' would be logged in to",
        ),
        (
            {"module_defaults": {"group/reforge.cloud.instances": {"max_instances": 1}}},
            {},
            {},
            "max_instances: the call would act on 2",
        ),
        (
            {"module_defaults": {"group/reforge.cloud.all": {"max_instances": 1}}},
            {},
            {},
            "max_instances: the call would act on 2",
        ),
        (
            {},
            {},
            {"rebuild_ssh": True, "rebuild_host_keys": "scan"},
            "host edge-05: value of host_keys must be one of: accept, bring, leave, got: scan",
        ),
        (
            {},
            {},
            {"rebuild_report": "x.limit", "rebuild_limit_file": "x.limit"},
            "is also a file of rebuild_report",
        ),
    ],
)
def test_options_that_cannot_hold_are_refused_before_anything_is_sent(
    site: Site, around: dict[str, Any], role: dict[str, Any], given: dict[str, Any], sentence: str
) -> None:
    book = play(site, "edge-05,edge-06", around, role, rebuild_confirm=2, **given)
    if "rebuild_report" in given:  # from where the play is started, and so in no other test's way
        book["vars"]["rebuild_report"] = book["vars"]["rebuild_limit_file"] = str(site.folder / "x.limit")
    status, out = run(site, book)
    assert status != 0 and site.writes() == 0 and sentence in out, out


def test_each_play_keeps_what_another_one_left_to_do(site: Site) -> None:
    status, out = run(
        site, play(site, "edge-06,edge-07", rebuild_confirm=2), play(site, "edge-08", rebuild_confirm=1)
    )
    assert status != 0 and wiped(site) == {"edge-06", "edge-07", "edge-08"}, out
    assert site.again() == ["edge-07"]


def test_a_role_in_check_mode_foretells_and_leaves_the_files_alone(site: Site) -> None:
    (site.folder / "rebuild.limit").write_text("edge-11\n", encoding="utf-8")
    status, out = run(site, play(site, "edge-05,edge-06", role={"check_mode": True}))
    assert status == 0 and site.writes() == 0 and out.count("Plan ") == 1 and "changed: [edge-06]" in out
    assert site.again() == ["edge-11"] and not (site.folder / "report.json").exists()


def test_a_host_is_held_back_also_in_a_play_that_ignores_errors(site: Site) -> None:
    (site.folder / "drain.yml").write_text(
        '- name: Drain\n  ansible.builtin.fail: {msg: "it is busy"}\n', encoding="utf-8"
    )
    run(
        site,
        play(
            site,
            "edge-05",
            {"ignore_errors": True},
            rebuild_confirm=1,
            rebuild_before_tasks=str(site.folder / "drain.yml"),
        ),
    )
    assert site.writes() == 0 and site.again() == ["edge-05"]
