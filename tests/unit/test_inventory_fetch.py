# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which lists an inventory reads, and what comes of one that cannot be read whole."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.api.client import Client
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import Pacer
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply, Request
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import (
    Disk,
    Instance,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Provider
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.fetch import (
    Fetch,
    Listed,
    digest,
    doubt_of,
    fetch_all,
    opener,
    plan_fetches,
    plan_shares,
    problem_of,
    to_fetched,
    to_text,
)
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.settings import Source, read_settings

KEYS = {"access_key": "AK", "secret_key": "SK"}


class OneByOne:
    """The emulation takes one request at a time, as its own server does."""

    def __init__(self, sky: Any) -> None:
        self.sky, self.lock = sky, threading.Lock()

    def send(self, request: Request) -> Reply:
        with self.lock:
            return self.sky.send(request)


@pytest.fixture
def read(sky: Any, zec: Provider) -> Callable[[list[Fetch]], list[Listed]]:
    def open_client(fetch: Fetch) -> Client:
        return Client(zec, fetch.account, OneByOne(sky), Pacer(sky.clock), sky.clock, workers=1)

    return lambda fetches: fetch_all(fetches, open_client, raw=False)


@pytest.fixture
def sources(zec: Provider) -> Callable[..., tuple[Source, ...]]:
    def make(*entries: Mapping[str, Any], **top: Any) -> tuple[Source, ...]:
        return read_settings({"provider": zec.name, **KEYS, **top, "sources": list(entries)}).sources

    return make


def fetches_of(sources: tuple[Source, ...], **environment: str) -> list[Fetch]:
    return plan_fetches(plan_shares(sources, environment, "/nowhere"))


def test_a_global_api_is_read_once_for_all_regions_and_sources_of_an_account(sources: Any) -> None:
    (fetch,) = fetches_of(sources({"regions": ["a", "b"]}, {"region": "b"}, {"filters": {"name": ["x"]}}))
    assert (fetch.account.region, fetch.regions) == ("", ("a", "b"))


def test_a_regional_api_is_read_once_for_each_region(sources: Any, zec: Provider) -> None:
    regional = tuple(
        replace(source, provider=zec._replace(regional=True)) for source in sources({"regions": ["a", "b"]})
    )
    assert [fetch.account.region for fetch in fetches_of(regional)] == ["a", "b"]


@pytest.mark.parametrize(
    "other",
    [
        {"access_key": "AK2", "secret_key": "SK"},
        {"endpoint": "https://other.test"},
        {"validate_certs": False},
    ],
)
def test_another_account_endpoint_or_way_there_is_another_list(sources: Any, other: dict[str, Any]) -> None:
    assert len(fetches_of(sources({}, other))) == 2


def test_the_environment_gives_what_the_file_does_not(zec: Provider) -> None:
    (source,) = read_settings({"provider": zec.name}).sources
    names = zec.credentials.environment
    surroundings = {names["access_key"][0]: "AK", names["secret_key"][0]: "SK"}
    (share,) = plan_shares([source], surroundings, "/nowhere")
    assert share.fetch and share.fetch.account.secrets.access_key == "AK"
    (share,) = plan_shares([source], {}, "/nowhere")
    assert share.fetch is None and "access_key is missing" in problem_of(share, {})


def test_what_is_asked_for_decides_the_cache_and_nothing_can_be_read_from_it(sources: Any) -> None:
    questions = (({}, False), ({}, True), ({"region": "a"}, False), ({"token": "T"}, False))
    asked = [digest(fetches_of(sources(entry)), raw) for entry, raw in questions]
    assert len(set(asked)) == 4 and all(len(name) == 16 and "AK" not in name for name in asked)
    assert digest(fetches_of(sources({"filters": {"name": ["x"]}})), False) == asked[0]


def test_pages_are_read_whole(sky: Any, sources: Any, read: Any) -> None:
    sky.seed(**{f"i-{number}": {} for number in range(2001)})
    (listed,) = read(fetches_of(sources({})))
    assert (len(listed.instances), listed.problem, len(sky.requests("DescribeInstances"))) == (2001, "", 3)


def test_a_page_that_fails_fails_the_list(sky: Any, sources: Any, read: Any) -> None:
    sky.seed(**{f"i-{number}": {} for number in range(1001)})
    sky.fault(
        "deny", "DescribeInstances", skip=1, count=0, code="AUTHFAILURE_UNAUTHORIZED_OPERATION", status=403
    )
    (listed,) = read(fetches_of(sources({})))
    assert listed.instances == () and "AUTHFAILURE_UNAUTHORIZED_OPERATION" in listed.problem


def test_a_bad_key_spoils_its_own_list_only_and_comes_with_advice(sky: Any, sources: Any, read: Any) -> None:
    sky.seed(**{"i-1": {}})
    good, bad = read(fetches_of(sources({}, {"access_key": "AK", "secret_key": "wrong"})))
    assert [instance.id for instance in good.instances] == ["i-1"]
    assert "Check secret_key" in bad.problem and "wrong" not in bad.problem


def test_a_region_without_zone_and_instance_is_unknown_and_an_empty_one_is_not(
    sky: Any, sources: Any, read: Any
) -> None:
    sky.seed()
    known = plan_shares(sources({"regions": ["asia-east-1", "asia-east", "nowhere"]}), {}, "/nowhere")
    fetches = plan_fetches(known)
    listed = dict(zip((fetch.place for fetch in fetches), read(fetches)))
    problems = [problem_of(share, listed) for share in known]
    assert (
        problems[0] == ""
        and "'asia-east' is not known" in problems[1]
        and "'nowhere' is not known" in problems[2]
    )


def test_regions_with_instances_cost_no_further_request(sky: Any, sources: Any, read: Any) -> None:
    sky.seed(**{"i-1": {}})
    read(fetches_of(sources({"region": "asia-east-1"})))
    assert (len(sky.requests("DescribeZones")), len(sky.requests("DescribeInstances"))) == (0, 1)


def test_an_empty_region_is_doubted_where_the_provider_does_not_tell_its_regions(
    sources: Any, zec: Provider, make_instance: Any
) -> None:
    (source,) = (replace(source, provider=zec._replace(zones=None)) for source in sources({"region": "a"}))
    (share,) = plan_shares([source], {}, "/nowhere")
    assert share.fetch
    assert "'a'" in doubt_of(share, {share.fetch.place: Listed()})
    assert doubt_of(share, {share.fetch.place: Listed((make_instance(region="a"),))}) == ""


def test_instances_survive_a_cache(make_instance: Callable[..., Instance]) -> None:
    whole = make_instance(
        tags={"a": "b"},
        key_ids=("k",),
        data_disks=(Disk("d", 1),),
        public_ips=("1.2.3.4",),
        guest_agent=None,
        raw={"x": 1},
    )
    little = replace(whole, system_disk=None, data_disks=None, key_ids=None, tags=None, raw={})
    fetched = [Listed((whole, little)), Listed()]
    kept = to_fetched(to_text(fetched))
    assert kept == fetched and [instance.raw for instance in kept[0].instances] == [{"x": 1}, {}]


def test_the_vendors_record_is_kept_only_where_it_is_asked_for(sky: Any, sources: Any, zec: Provider) -> None:
    sky.seed(**{"i-1": {}})
    client = Client(zec, fetches_of(sources({}))[0].account, sky, Pacer(sky.clock), sky.clock, workers=1)
    for raw in (False, True):
        (listed,) = fetch_all(fetches_of(sources({})), lambda _fetch: client, raw)
        (instance,) = listed.instances
        assert (bool(instance.raw), instance.operation, instance.guest_agent) == (raw, None, None)


def test_one_account_has_one_pacer_and_no_write_passes(sources: Any) -> None:
    fetches = fetches_of(sources({}, {"validate_certs": False}, {"access_key": "B", "secret_key": "B"}))
    first, second, third = map(opener(), fetches)
    assert first.pacer is second.pacer is not third.pacer
    assert first._transport._read_only  # type: ignore[attr-defined]
