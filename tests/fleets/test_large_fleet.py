# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Some hundred hosts in one play: what does not grow with them.

They have no SSH, so that the play itself is what costs.
"""

from __future__ import annotations

import pytest

from benchmark.playing import Played, play
from benchmark.worlds import KEYS, fleet_of, inventory_of
from emulator.client import Emulator

FEW, MANY = 20, 400


def rebuild(emulator: Emulator, hosts: int) -> Played:
    """One rebuild of a fleet of so many hosts, each of which is wiped once."""
    emulator.seed(fleet_of(hosts))
    played = play("reforge.cloud.rebuild", inventory=inventory_of(emulator, hosts), **KEYS)
    assert played.status == 0, played.output[-5000:]
    assert list(emulator.wipes().values()) == [1] * hosts
    return played


def test_four_hundred_hosts_take_no_more_tasks_than_twenty_and_no_module_process(
    emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    few, many = rebuild(emulator, FEW), rebuild(emulator, MANY)
    assert many.tasks == few.tasks > 0
    assert many.modules == few.modules == []
    per_host = (many.results - few.results) / (MANY - FEW)
    with capsys.disabled():
        print(
            f"\nfigures: {MANY} hosts: {many.tasks} tasks, {per_host:.1f} of them for each host, "
            f"{many.seconds:.0f} s, {many.processor:.1f} s of processor time "
            f"({FEW} hosts: {few.processor:.1f} s)"
        )
