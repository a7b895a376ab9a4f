# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command that a rebuild prints, pasted as it is: it goes on with what is left, and wipes nothing
twice.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

import demo
from emulated_site import Site


def other_key(site: Site) -> str:
    """A key that no host accepts: what is reset cannot be logged in to."""
    key = site.folder / "id_other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    return f"ansible_ssh_private_key_file={key}"


def pasted(site: Site, output: str, **replaced: str) -> subprocess.CompletedProcess[str]:
    """Run the last command that was printed, in a shell of a folder whose files have the same names."""
    elsewhere = site.folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    (elsewhere / "rebuild.limit").write_text("edge-08\n", encoding="utf-8")
    text = re.findall(r"^  (cd .*(?:\n    .*)*)$", output, re.MULTILINE)[-1]
    for words, others in replaced.items():
        text = text.replace(words, others)
    surroundings = {**site.environment(), "PATH": f"{Path(site.command()[0]).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        ["sh", "-c", text], env=surroundings, cwd=elsewhere, capture_output=True, text=True, check=False
    )


def test_a_forced_rebuild_is_gone_on_with_by_its_command_which_leaves_alone_what_is_done(
    site: Site,
) -> None:
    key = other_key(site)
    extra = {"rebuild_force": True, "rebuild_confirm": 2, "rebuild_ssh_timeout": 5}
    given = json.dumps({**extra, "rebuild_limit_file": "rebuild.limit"})
    first = site.play("-l", "edge-05,edge-07", "-e", given, "-e", key)
    assert "1 not proven" in first.stdout and site.again() == ["edge-05", "edge-07"], first.stdout
    good = f"ansible_ssh_private_key_file={site.folder / 'id_demo'}"
    second = pasted(site, first.stdout, **{key: good})
    assert "1 of 2 hosts will be wiped" in second.stdout, second.stdout + second.stderr
    assert site.report()["hosts"]["edge-05"]["outcome"] == "unchanged" and site.wipes()["edge-05"] == 1
    assert site.wipes()["edge-08"] == 0


def test_the_command_installs_what_the_run_was_to_install_also_when_the_run_was_told_by_extra_variables(
    site: Site,
) -> None:
    key = other_key(site)
    place = ("-l", "edge-05", "-e", f"rebuild_image_id={demo.OLD}", "-e", "rebuild_force=true")
    first = site.play(*place, "-e", "rebuild_confirm=1", "-e", "rebuild_ssh_timeout=3", "-e", key)
    assert "1 not proven" in first.stdout, first.stdout
    second = pasted(site, first.stdout, **{key: "unused=1"})
    assert second.returncode == 0, second.stdout + second.stderr
    images = {instance["name"]: instance["image_id"] for instance in site.emulator.fleet().values()}
    assert images["edge-05"] == demo.OLD and site.wipes()["edge-05"] == 1


def test_what_is_not_proven_stays_so_whatever_other_runs_do_and_without_the_limit_file(site: Site) -> None:
    quick = ("-e", "rebuild_confirm=1", "-e", "rebuild_ssh_timeout=3")
    foreign = ["other-inventory-01", "fleet", "zenlayer_zec:!edge-05"]  # a host, a group and a pattern
    (site.folder / "rebuild.limit").write_text("\n".join(foreign), encoding="utf-8")
    first = site.play("-l", "edge-05", *quick, "-e", other_key(site))
    assert first.returncode != 0 and "--limit edge-05 " in first.stdout, first.stdout
    assert "1 not proven" in first.stdout and first.stdout.count("-e rebuild_confirm=0") == 1
    assert site.play("-l", "edge-06", *quick[:2]).returncode == 0
    assert site.again() == ["edge-05", *foreign]  # none of which is a host of that run
    (site.folder / "rebuild.limit").unlink()
    still = site.play("-l", "edge-05", "-e", "rebuild_ssh_timeout=3", "-e", "ansible_user=nobody")
    assert still.returncode != 0 and "1 not proven" in still.stdout, still.stdout
    healed = site.play("-l", "@rebuild.limit")
    assert healed.returncode == 0 and site.wipes()["edge-05"] == 1, healed.stdout


@pytest.mark.smoke
def test_a_plan_is_approved_in_parts_and_what_was_not_approved_is_refused(site: Site) -> None:
    hosts = "edge-05,edge-06,edge-08"
    shown = site.play("-l", "edge-05,edge-06", "--check", stats=True)
    planned = json.loads(re.search(r"RUN: (\{.*\})", shown.stdout, re.DOTALL)[1])["rebuild_planned"]
    assert planned["count"] == 2 and sorted(planned["digests"]) == ["edge-05", "edge-06"]
    (site.folder / "plan.json").write_text(json.dumps(planned["digests"]), encoding="utf-8")
    given = ("-e", "rebuild_approved=plan.json", "-e", "rebuild_ssh=false")
    part = site.play("-l", "edge-06", *given)
    assert part.returncode == 0 and site.wipes()["edge-06"] == 1, part.stdout + part.stderr
    rest = site.play("-l", hosts, *given)
    assert rest.returncode != 0 and "not approved to be wiped" in " ".join(rest.stdout.split())
    assert [site.wipes()[host] for host in hosts.split(",")] == [1, 1, 0]
    other = site.play("-l", "edge-05", *given, "-e", f"rebuild_image_id={demo.OLD}")
    assert "not what was approved" in " ".join(other.stdout.split()) and site.wipes()["edge-05"] == 1


def test_the_same_role_twice_in_a_play_works_in_batches(site: Site) -> None:
    use = """
    - ansible.builtin.include_role: {name: reforge.cloud.rebuild, rolespec_validate: false}
      vars: {rebuild_ssh: false, rebuild_confirm: 2}
      when: inventory_hostname in ["FIRST", "SECOND"]
"""
    text = "- hosts: edge-05,edge-06,edge-08,edge-09\n  gather_facts: false\n  serial: 2\n  tasks:"
    for first, second in (("edge-05", "edge-08"), ("edge-06", "edge-09")):
        text += use.replace("FIRST", first).replace("SECOND", second)
    (site.folder / "twice.yml").write_text(text, encoding="utf-8")
    run = site.play(playbook="twice.yml")
    assert run.returncode == 0 and run.stdout.count("\nPlan ") == 2, run.stdout + run.stderr
    assert [site.wipes()[f"edge-{number}"] for number in ("05", "06", "08", "09")] == [1, 1, 1, 1]
    assert site.again() == []
