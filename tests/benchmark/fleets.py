# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whole plays: the role with few and with many hosts, and what one module call for each host would cost."""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.figures import Figure
from benchmark.playing import Played, play
from benchmark.worlds import KEYS, fleet_of, inventory_of, reset_of
from emulator.client import Emulator

FEW, MANY, NAIVE = 100, 1000, 50
BOOK = """
- name: Call the module for each host
  hosts: all
  gather_facts: false
  tasks:
    - name: Reset
      reforge.cloud.instance_reset: "{{ options }}"
      delegate_to: localhost
"""


def growing(emulator: Emulator) -> Iterator[Figure]:
    """The role with 100 and with 1,000 hosts."""
    few, many = _role(emulator, FEW), _role(emulator, MANY)
    for count, played in ((FEW, few), (MANY, many)):
        yield Figure(f"{count:,} hosts: tasks", played.tasks)
        yield Figure(
            f"{count:,} hosts: results of single hosts, for each host", round(played.results / count)
        )
        yield Figure(f"{count:,} hosts: time", played.seconds, "s")
    yield Figure(
        f"{MANY:,} hosts: time of a host to that with {FEW} hosts",
        many.seconds / MANY * FEW / few.seconds,
        "x",
    )


def naive(emulator: Emulator) -> Iterator[Figure]:
    """One module call for each host, as a loop over hosts does it, to the role: the same hosts and forks."""
    role = _role(emulator, NAIVE)
    asked = sum(emulator.counters()["requests"].values())
    emulator.seed(fleet_of(NAIVE))
    inventory = inventory_of(emulator, NAIVE)
    inventory["fleet"]["vars"]["options"] = reset_of(emulator, ["{{ instance_id }}"])
    loop = _done(play(book=BOOK, inventory=inventory, **KEYS))
    yield Figure(
        f"{NAIVE} hosts: time of one call for each host to the role's", loop.seconds / role.seconds, "x"
    )
    yield Figure(f"{NAIVE} hosts: processor time of that to the role's", loop.processor / role.processor, "x")
    yield Figure(
        f"{NAIVE} hosts: requests of that to the role's",
        sum(emulator.counters()["requests"].values()) / asked,
        "x",
    )
    yield Figure(f"{NAIVE} hosts: module processes of that; the role has none", len(loop.processes))


def _role(emulator: Emulator, hosts: int) -> Played:
    emulator.seed(fleet_of(hosts))
    return _done(play("reforge.cloud.rebuild", inventory=inventory_of(emulator, hosts), **KEYS))


def _done(played: Played) -> Played:
    if played.status:
        raise RuntimeError(played.output)
    return played
