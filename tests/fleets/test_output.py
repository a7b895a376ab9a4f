# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a rebuild of a large fleet prints, read as somebody who sees it for the first time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmark.playing import play
from benchmark.worlds import KEYS, NEW, fleet_of, ids_of, inventory_of
from emulator.client import Emulator

HOSTS, CHANGED = 300, 10
# Lines that Ansible writes for each host and task, and its banners.
ANSIBLES = ("ok: [", "changed: [", "skipping: [", "included: ", "PLAY ", "TASK [", "...ignoring")


def rebuild(emulator: Emulator, **environment: str) -> list[str]:
    """The lines of a rebuild of ten of three hundred hosts, one of which fails."""
    world: dict[str, Any] = fleet_of(HOSTS)
    for number, instance in enumerate(world["instances"]):
        instance["image_id"] = NEW if number % 30 else instance["image_id"]
    world["instances"][60]["fail_install"] = True
    emulator.seed(world)
    inventory = inventory_of(emulator, HOSTS)
    inventory["fleet"]["vars"].update(rebuild_confirm=CHANGED, rebuild_limit_file="rebuild.limit")
    run = play("reforge.cloud.rebuild", inventory=inventory, **KEYS, **environment)
    assert run.status == 2, run.output
    return run.output.splitlines()


@pytest.fixture(scope="module", name="lines")
def printed_lines(emulator: Emulator) -> list[str]:
    return rebuild(emulator)


def own(lines: list[str]) -> list[str]:
    """The lines of this collection: tables, messages and errors, without empty ones."""
    recap = lines.index(next(line for line in lines if line.startswith("PLAY RECAP")))
    return [line for line in lines[:recap] if line and not line.startswith(ANSIBLES)]


def test_three_hundred_hosts_are_two_screens_of_our_own_lines(lines: list[str]) -> None:
    ours = own(lines)
    print("\n".join(ours), f"\n{len(ours)} of {len(lines)} lines are ours")
    assert len(ours) < 60 and len(lines) < 750
    assert any(line.startswith("unchanged") and f" {HOSTS - CHANGED} " in line for line in ours)
    assert max(len(line) for line in ours if not line.startswith(("fatal:", "[ERROR]"))) <= 120


def test_the_reason_of_the_host_that_failed_is_near_the_end(lines: list[str]) -> None:
    recap = lines.index(next(line for line in lines if line.startswith("PLAY RECAP")))
    end = "\n".join(lines[recap - 30 : recap])
    assert ids_of(HOSTS)[60] in end and "REINSTALL_FAILED" in end


@pytest.mark.smoke
def test_the_document_of_a_json_callback_is_not_interrupted(emulator: Emulator) -> None:
    emulator.seed(fleet_of(2))
    callback = {
        "ANSIBLE_STDOUT_CALLBACK": "json_document",
        "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).with_name("callbacks")),
    }
    run = play("reforge.cloud.rebuild", inventory=inventory_of(emulator, 2), **KEYS, **callback)
    document, _newline, errors = run.output.partition("\n")
    assert {row["host"] for row in json.loads(document)} == set(ids_of(2))
    assert "2 of 2 hosts will be wiped" in errors and "2 reset" in errors
