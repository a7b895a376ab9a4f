# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Some hundred hosts in one play: what does not grow with them.

They have no SSH, so that the play itself is what costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from benchmark.playing import Played, play
from benchmark.worlds import KEYS, fleet_of, ids_of, inventory_of
from emulator.client import Emulator

FEW, MANY = 40, 400
OWN = {
    "rebuild_instance_name": "new-{{ inventory_hostname }}",
    "rebuild_user_data": "#!/bin/sh\necho {{ inventory_hostname }}\n",
    "rebuild_password": "Aa1~{{ inventory_hostname }}",
}


def rebuild(emulator: Emulator, hosts: int, **more: Any) -> tuple[Played, Mapping[str, int]]:
    """One rebuild of a fleet of so many hosts, each of which is wiped once, and how often what was asked."""
    emulator.seed(fleet_of(hosts))
    inventory = inventory_of(emulator, hosts)
    inventory["fleet"]["vars"].update(more)
    played = play("reforge.cloud.rebuild", inventory=inventory, **KEYS)
    assert played.status == 0, played.output[-5000:]
    assert list(emulator.wipes().values()) == [1] * hosts
    return played, emulator.counters()["requests"]


@pytest.fixture(scope="module", name="few")
def few_hosts(emulator: Emulator) -> tuple[Played, Mapping[str, int]]:
    return rebuild(emulator, FEW)


def test_hosts_with_options_of_their_own_go_by_one_call_and_are_looked_at_together(
    emulator: Emulator, few: tuple[Played, Mapping[str, int]]
) -> None:
    equal, requests = few
    own, theirs = rebuild(emulator, FEW, **OWN, rebuild_key_ids=[])
    assert own.tasks == equal.tasks and own.modules == equal.modules == []
    assert f"{FEW} of {FEW} hosts will be wiped, by 1 call" in own.output
    names = {instance["name"] for instance in emulator.fleet().values()}
    assert names == {f"new-{instance_id}" for instance_id in ids_of(FEW)}
    looks = ("zenlayer_zec.DescribeInstances", "zenlayer_zec.DescribeImages")
    assert [theirs[action] <= requests[action] + 2 for action in looks] == [True, True], (theirs, requests)
    assert theirs["zenlayer_zec.ResetInstances"] == FEW


def test_four_hundred_hosts_take_no_more_tasks_than_forty_and_no_module_process(
    emulator: Emulator, few: tuple[Played, Mapping[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    (least, _requests), (many, _more) = few, rebuild(emulator, MANY)
    assert many.tasks == least.tasks > 0
    assert many.modules == least.modules == []
    per_host = (many.results - least.results) / (MANY - FEW)
    with capsys.disabled():
        print(
            f"\nfigures: {MANY} hosts: {many.tasks} tasks, {per_host:.1f} of them for each host, "
            f"{many.seconds:.0f} s, {many.processor:.1f} s of processor time "
            f"({FEW} hosts: {least.processor:.1f} s)"
        )
