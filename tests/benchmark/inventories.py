# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inventory plugin over five providers."""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.figures import Figure
from benchmark.playing import Listed, list_hosts
from benchmark.worlds import KEYS, SITES, fleet_of
from emulator.client import Emulator

EACH = 400


def reading(emulator: Emulator) -> Iterator[Figure]:
    """2,000 instances: as pages, from the cache, and as a file that was written by hand."""
    emulator.seed(fleet_of(EACH, *SITES, status="running"))
    sources = [{"provider": name, "regions": [site.region]} for name, site in SITES.items()]
    own = {
        "plugin": "reforge.cloud.instances",
        "endpoint": emulator.endpoint,
        "sources": sources,
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": "cache",
    }
    hosts = {f"host-{number}": {"ansible_host": "198.51.100.1"} for number in range(EACH * len(SITES))}
    with list_hosts(own, KEYS) as (listed, again):
        read, pages = listed, sum(emulator.counters()["requests"].values())
        cached, more = again(), sum(emulator.counters()["requests"].values()) - pages
    with list_hosts({"fleet": {"hosts": hosts}}, KEYS) as (written, _again):
        pass
    _expect(read, cached, written)
    yield Figure("2,000 instances: pages", sum(-(-EACH // site.page) for site in SITES.values()))
    yield Figure("2,000 instances: requests", pages)
    yield Figure("2,000 instances: requests with a full cache", more)
    yield Figure("2,000 instances: time without a cache to that with one", read.seconds / cached.seconds, "x")
    yield Figure(
        "2,000 instances: time with a cache to that of a static file", cached.seconds / written.seconds, "x"
    )


def _expect(*all_listed: Listed) -> None:
    for listed in all_listed:
        if listed.hosts != EACH * len(SITES):
            raise RuntimeError(f"{listed.hosts} hosts were listed: {listed.errors}")
