# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hosts that differ in their options, beside as many that are equal: both go by one call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmark.figures import Row
from benchmark.playing import Played, play
from benchmark.worlds import KEYS, PROVIDER, fleet_of, role_inventory
from emulator.client import Emulator

HOSTS, SECONDS, LATENCY = 40, 10, 0.05
EQUAL = {
    "rebuild_user_data": "#!/bin/sh\necho hello\n",
    "rebuild_password": "Aa1~aaaaaaaa",
}
OWN = {
    "rebuild_instance_name": "new-{{ inventory_hostname }}",
    "rebuild_user_data": "#!/bin/sh\necho {{ inventory_hostname }}\n",
    "rebuild_password": "Aa1~{{ inventory_hostname }}",
}


def differing(emulator: Emulator) -> Iterator[Row]:
    """The role for 40 hosts with a name, user data and a password of their own; the floor has equal ones."""
    floor = _rebuild(emulator, EQUAL)
    played = _rebuild(emulator, OWN)
    times = played.seconds / floor.seconds
    requests = sum(emulator.counters()["requests"].values())
    goal = f"1.3 x the floor; it is {times:.2f} x"
    yield Row(
        f"role, {HOSTS} hosts with options of their own, {PROVIDER}",
        played.seconds,
        goal,
        floor.seconds,
        requests,
        played.processor,
        played.megabytes,
    )


def _rebuild(emulator: Emulator, options: dict[str, Any]) -> Played:
    emulator.speed(1.0)
    emulator.seed(fleet_of(HOSTS, PROVIDER, seconds=SECONDS))
    emulator.faults({"effect": "delay", "seconds": LATENCY, "count": 0})
    played = play(
        "reforge.cloud.rebuild", inventory=role_inventory(emulator, HOSTS, PROVIDER, **options), **KEYS
    )
    if played.status:
        raise RuntimeError(played.output[-3000:])
    return played
