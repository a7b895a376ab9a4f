# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a fleet costs beside the floor measured in the same run, where a reset takes 10 s, a request 50 ms."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping
from typing import Any

from benchmark.figures import Row
from benchmark.playing import HERE, Played, list_hosts, play
from benchmark.straight import straight
from benchmark.worlds import KEYS, OLD, SITES, TARGETS, fleet_of, ids_of, role_inventory
from emulator.client import Emulator

SECONDS, LATENCY, PASSWORD = 10, 0.05, "Aa1~aaaaaaaa"
CALL = """
- hosts: controller
  gather_facts: false
  tasks:
    - reforge.cloud.instance_reset:
      args: "{{ options }}"
"""
CALLS = """
- hosts: controller
  gather_facts: false
  tasks:
    - ansible.builtin.ping:
      loop: "{{ range(times) | list }}"
    - reforge.cloud.instance_reset:
      args: "{{ options }}"
      loop: "{{ range(times) | list }}"
"""
LARGE_RESULT = "- {hosts: all, gather_facts: false, tasks: [{large_result: }]}"
SET_FACT = "- {hosts: all, gather_facts: false, tasks: [{ansible.builtin.set_fact: {done: true}}]}"


def module(emulator: Emulator) -> Iterator[Row]:
    """One call for 1,000 instances; and what it costs for 10,000."""
    used = {}
    for provider, count, goal in (("zenlayer_zec", 1000, "12.5 s"), ("tencent_ecm", 1000, "14 s")):
        _seed(emulator, count, provider)
        floor = straight(provider, emulator.endpoint, count, TARGETS[provider])
        _seed(emulator, count, provider)
        played = _call(emulator, count, provider)
        used[provider] = played.processes[0].processor
        yield _row(emulator, f"module, {count:,} instances, {provider}", played, goal, floor)
    _seed(emulator, 10_000, "zenlayer_zec")
    played = _call(emulator, 10_000, "zenlayer_zec")
    (process,) = played.processes
    times = process.processor / used["zenlayer_zec"]
    goal = f"11 x the CPU of 1,000; it is {times:.1f} x"
    yield _row(emulator, "module, 10,000 instances, zenlayer_zec", played, goal, None)
    goal = "200 MB in the module's own process; the floor is a play with as large a result"
    library = str(HERE / "library")
    floor = _done(play(inventory=_controller(), book=LARGE_RESULT, ANSIBLE_LIBRARY=library))
    own = (process.seconds, goal, None, 0, process.processor, process.megabytes)
    yield Row("... its own process", *own)
    yield Row("... the floor", floor.seconds, "", None, 0, floor.processor, floor.megabytes)


def role(emulator: Emulator) -> Iterator[Row]:
    """The role for 100 hosts that are not logged in to."""
    floor = _done(play(inventory=_hosts(100), book=SET_FACT, **KEYS))
    for provider, goal in (
        ("tencent_ecm", "14 s, 0.03 s CPU per host, 100 MB"),
        ("zenlayer_zec", "14 s"),
        ("tencent_lighthouse", "25 s"),
        ("tencent_cvm", "24 s"),
    ):
        _seed(emulator, 100, provider)
        least = straight(provider, emulator.endpoint, 100, TARGETS[provider])
        _seed(emulator, 100, provider)
        played = _rebuild(emulator, 100, provider)
        yield _row(emulator, f"role, 100 hosts, {provider}", played, goal, least)
    before = _requests(emulator)
    again = _rebuild(emulator, 100, provider)
    yield _row(emulator, "role, the same again, nothing to do", again, "3.5 s", floor.seconds, before)
    yield Row("... set_fact for 100 hosts", floor.seconds, "", None, 0, floor.processor, floor.megabytes)


def large(emulator: Emulator) -> Iterator[Row]:
    """The role for 1,000 hosts."""
    floor = _done(play(inventory=_hosts(1000), book=SET_FACT, **KEYS))
    _seed(emulator, 1000, "tencent_ecm")
    played = _rebuild(emulator, 1000, "tencent_ecm")
    goal = "35 s, 40 s CPU, 250 MB"
    yield _row(emulator, "role, 1,000 hosts, tencent_ecm", played, goal, SECONDS + 1 + floor.seconds)
    yield Row("... set_fact for 1,000 hosts", floor.seconds, "", None, 0, floor.processor, floor.megabytes)


def unchanged(emulator: Emulator) -> Iterator[Row]:
    """A call that changes nothing beside a ping, as processes of modules; the middle of some of each."""
    times, (instance_id,) = 9, ids_of(1)
    _seed(emulator, 1, "zenlayer_zec", "running")
    options = _options(emulator, "zenlayer_zec", instance_ids=[instance_id], image_id=OLD, password=PASSWORD)
    played = _done(play(inventory=_controller(times=times, options=options), book=CALLS, **KEYS))
    spans = {
        name: [process for process in played.processes if process.module == name]
        for name in ("ping", "instance_reset")
    }
    ping, call = (statistics.median(span.seconds for span in spans[name]) for name in spans)
    used, cost = (statistics.median(span.processor for span in spans[name]) for name in spans)
    requests = _requests(emulator) / times
    goal = f"1.5 x ping + {LATENCY * requests:.2f} s; it is {(call - LATENCY * requests) / ping:.1f} x"
    goal += f" (CPU {cost / used:.1f} x)"
    yield Row("module, unchanged, zenlayer_zec", call, goal, ping, requests, cost, None)


def inventory(emulator: Emulator) -> Iterator[Row]:
    """10,000 instances at five providers."""
    each = 2000
    emulator.seed(fleet_of(each, *SITES, status="running"))
    _slow(emulator)
    own = {
        "plugin": "reforge.cloud.instances",
        "endpoint": emulator.endpoint,
        "sources": [{"provider": name, "regions": [site.region]} for name, site in SITES.items()],
    }
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": "cache"}
    constructed = {
        "compose": {"site": "instance_provider ~ '-' ~ instance_region"},
        "groups": {"stopped": "instance_status == 'stopped'", "old": "instance_image_id.startswith('old')"},
        "keyed_groups": [
            {"key": "instance_zone", "prefix": "zone"},
            {"key": "instance_provider", "prefix": ""},
        ],
    }
    hosts = {
        host: {"ansible_host": "198.51.100.1"} for host in map("host-{}".format, range(each * len(SITES)))
    }
    with list_hosts({"fleet": {"hosts": hosts}}, KEYS) as (written, _again):
        pass
    outputs = []
    for what, goal, more in (("cold", "9 s", {}), ("constructed", "25 s", constructed)):
        before = _requests(emulator)
        with list_hosts({**own, **more}, KEYS) as (listed, _again):
            asked = _requests(emulator) - before
        outputs.append(listed.output)
        yield _listing(f"inventory, 10,000 hosts, {what}", goal, listed, written, asked)
    with list_hosts({**own, **cache}, KEYS) as (_listed, again):
        yield _listing("inventory, 10,000 hosts, cache", "9 s", again(), written, 0)
    with list_hosts(outputs[0], KEYS) as (printed, _again):
        yield _listing("... the same hosts and variables, printed by a script", "", printed, written, 0)


def _listing(work: str, goal: str, listed: Any, floor: Any, requests: int) -> Row:
    if listed.hosts != floor.hosts:
        raise RuntimeError(f"{listed.hosts} hosts were listed: {listed.errors}")
    return Row(work, listed.seconds, goal, floor.seconds, requests, listed.processor, listed.megabytes)


def _seed(emulator: Emulator, count: int, provider: str, status: str = "stopped") -> None:
    emulator.speed(1.0)
    emulator.seed(fleet_of(count, provider, seconds=SECONDS, status=status))
    _slow(emulator)


def _slow(emulator: Emulator) -> None:
    emulator.faults({"effect": "delay", "seconds": LATENCY, "count": 0})


def _options(emulator: Emulator, provider: str, **more: Any) -> dict[str, Any]:
    return {"provider": provider, "region": SITES[provider].region, "endpoint": emulator.endpoint, **more}


def _controller(**variables: Any) -> dict[str, Any]:
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return {"fleet": {"hosts": {"controller": {**variables, **local}}}}


def _hosts(count: int) -> Mapping[str, Any]:
    return {"fleet": {"hosts": {instance_id: {} for instance_id in ids_of(count)}}}


def _call(emulator: Emulator, count: int, provider: str) -> Played:
    ids = ids_of(count, provider)
    more = {"instance_ids": ids, "image_id": TARGETS[provider], "password": PASSWORD}
    return _done(play(inventory=_controller(options=_options(emulator, provider, **more)), book=CALL, **KEYS))


def _rebuild(emulator: Emulator, count: int, provider: str) -> Played:
    inventory = role_inventory(emulator, count, provider, rebuild_password=PASSWORD)
    return _done(play("reforge.cloud.rebuild", inventory=inventory, **KEYS))


def _requests(emulator: Emulator) -> int:
    return sum(emulator.counters()["requests"].values())


def _row(
    emulator: Emulator, work: str, played: Played, goal: str, floor: float | None, before: int = 0
) -> Row:
    """``before``: the requests of earlier runs in the same world."""
    sent = _requests(emulator) - before
    return Row(work, played.seconds, goal, floor, sent, played.processor, played.megabytes)


def _done(played: Played) -> Played:
    if played.status:
        raise RuntimeError(json.dumps(played.output)[-3000:])
    return played
