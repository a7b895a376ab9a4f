# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records of every kind with any field absent, null or of a new word: they are read, and nothing is wiped
because of them.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, strategies as st

from ansible_collections.reforge.cloud.plugins.module_utils.act import lookups
from ansible_collections.reforge.cloud.plugins.module_utils.api.client import Client
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import Pacer
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import CloudError
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply, Request
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Decision, Image, Instance, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import (
    Account,
    Action,
    Provider,
    Secrets,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import ResetOptions
from ansible_collections.reforge.cloud.plugins.module_utils.decide.facts import Facts
from ansible_collections.reforge.cloud.plugins.module_utils.decide.verdicts import (
    decide_reset,
    refusal_for_any,
)
from emulator.clock import VirtualClock
from emulator.dispatch import Emulation
from emulator.loading import load
from emulator.wire import Request as Arrived
from emulator.wires import WIRES

GONE, NULL, NEW, NESTED = "gone", None, "NEW_WORD", {"new": "shape"}
CHANGES = (GONE, NULL, NEW, NESTED, [], -7)
# provider -> the beginnings of the ids of instances and images
PREFIXES = {"tencent_ecm": ("ein-", "img-"), "tencent_lighthouse": ("lhins-", "lhbp-")}
ZEC_OR_CVM = ("ins-", "img-")
Path = tuple[Any, ...]


class Wall:
    """A clock that moves only when somebody sleeps."""

    now = 1_760_000_000.0

    def time(self) -> float:
        return self.now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Sender:
    """Hands requests to an emulation in this process."""

    def __init__(self, emulation: Emulation) -> None:
        self.emulation = emulation

    def send(self, request: Request) -> Reply:
        headers = {name.lower(): value for name, value in request.headers.items()}
        path = urlsplit(request.url).path
        arrived = Arrived(request.method, path, "", {"host": request.host, **headers}, request.body)
        reply = self.emulation.handle(arrived).reply
        assert reply is not None
        return Reply(reply.status, {"content-type": reply.content_type}, reply.body)


def fleet(name: str) -> dict[str, Any]:
    """A running instance with everything, one that is being reset, and three images."""
    instance, image = PREFIXES.get(name, ZEC_OR_CVM)
    plain = {
        "provider": name,
        "zone": "ap-guangzhou-3",
        "image_id": f"{image}old00000",
        "tags": {"role": "web"},
        "key_ids": [],
        "data_disks": [{"id": "d-1", "size": 100}],
        "public_ips": ["203.0.113.5", "2001:db8::5"],
        "private_ips": ["10.0.0.5"],
    }
    return {
        "accounts": [{"name": "main", "provider": name, "access_key": "AK", "secret_key": "SK"}],
        "zones": [{"id": "ap-guangzhou-3", "provider": name, "region": "ap-guangzhou"}],
        "images": [
            {"id": f"{image}{word}00000", "provider": name, "name": word} for word in ("old", "new", "own")
        ],
        "instances": [
            {**plain, "id": f"{instance}running1"},
            {**plain, "id": f"{instance}reset001", "status": "resetting"},
        ],
    }


def read(provider: Provider) -> tuple[list[Any], list[Any]]:
    """The records of the instances and of the images."""
    wall = Wall()
    emulation = Emulation(VirtualClock(wall.now), wall.time, WIRES)
    emulation.fleet.seed(load(fleet(provider.name), wall.now))
    region = "ap-guangzhou" if provider.regional else ""
    client = Client(provider, Account(Secrets("AK", "SK"), region), Sender(emulation), Pacer(wall), wall, 1)
    instances = client.list(provider.instances)
    scope = provider.image_scope(provider.to_instance(instances[0], region)) or {}
    kinds = [{**scope, **kind} for kind in provider.image_queries(region)]
    return list(instances), [row for kind in kinds for row in client.list(provider.images, kind)]


# test_sixth_provider.py says of a provider that it is not emulated yet.
RECORDS = {wire.provider: read(PROVIDERS[wire.provider]) for wire in WIRES if wire.provider in PROVIDERS}
EVERY = pytest.mark.parametrize("name", RECORDS)


def paths(record: Any, above: Path = ()) -> Iterator[Path]:
    """Where there is a field, at any depth; of a list, the list and its first item."""
    items = record.items() if isinstance(record, dict) else list(enumerate(record))[:1]
    for key, value in items:
        yield (*above, key)
        if isinstance(value, (dict, list)):
            yield from paths(value, (*above, key))


def changed(record: Any, path: Path, change: Any) -> Any:
    """A copy of the record with another value there, or none; unchanged where an earlier change has taken the
    place.
    """
    result = copy.deepcopy(record)
    place = result
    for key in path[:-1]:
        try:
            place = place[key]
        except (KeyError, IndexError, TypeError):
            return result
    if not isinstance(place, (dict, list)) or (isinstance(place, list) and not place):
        return result
    if change == GONE and isinstance(place, dict):
        place.pop(path[-1], None)
    elif isinstance(place, dict) or path[-1] == 0:
        place[path[-1]] = None if change == GONE else change
    return result


def free_paths(provider: Provider, record: Any, id_of: Any) -> list[Path]:
    """All but the way to the id, without which there is no record."""
    own = id_of(record)
    return [
        path
        for path in paths(record)
        if own not in (leaf := value_at(record, path), str(leaf))
        and not (isinstance(leaf, dict) and own in map(str, leaf.values()))
    ]


def value_at(record: Any, path: Path) -> Any:
    for key in path:
        record = record[key]
    return record


def verdict(provider: Provider, instance: Instance, target: str) -> Decision:
    """What a reset to the image would do, by a login that is in order."""
    images = {name: Image(name, name, "linux", "NORMAL", True) for name in (target, instance.image_id)}
    options = ResetOptions(target, password="Aa1~aaaaaaaa")
    facts = Facts(images=images)
    barred = refusal_for_any(Verb.RESET, instance, facts, "", ())
    return (barred or decide_reset(provider, options, instance, facts)).decision


@EVERY
@pytest.mark.parametrize("change", CHANGES, ids=repr)
def test_an_instance_with_any_changed_field_is_read_and_what_runs_the_image_is_left_alone(name, change):
    provider, record = PROVIDERS[name], RECORDS[name][0][0]
    target = provider.to_instance(record, "r").image_id
    for path in free_paths(provider, record, lambda row: provider.to_instance(row, "r").id):
        instance = provider.to_instance(changed(record, path, change), "r")
        if instance.image_id in ("", target):
            assert verdict(provider, instance, target) is not Decision.ACT, path


@EVERY
@pytest.mark.parametrize("change", CHANGES, ids=repr)
def test_an_instance_that_is_busy_is_never_reset_whatever_field_is_changed(name, change):
    provider, record = PROVIDERS[name], RECORDS[name][0][1]
    assert verdict(provider, provider.to_instance(record, "r"), "img-other") is Decision.SETTLE
    for path in free_paths(provider, record, lambda row: provider.to_instance(row, "r").id):
        instance = provider.to_instance(changed(record, path, change), "r")
        assert verdict(provider, instance, "img-other") is not Decision.ACT, path


@EVERY
@pytest.mark.parametrize("change", CHANGES, ids=repr)
def test_an_image_with_any_changed_field_is_read(name, change):
    provider, record = PROVIDERS[name], RECORDS[name][1][0]
    instance = provider.to_instance(RECORDS[name][0][0], "r")
    for path in free_paths(provider, record, lambda row: provider.to_image(row).id):
        image = provider.to_image(changed(record, path, change))
        assert provider.image_for(image, instance).id == image.id


@EVERY
@given(data=st.data())
def test_an_instance_with_many_changed_fields_is_read_and_left_alone(name, data):
    provider, record = PROVIDERS[name], RECORDS[name][0][0]
    target = provider.to_instance(record, "r").image_id
    free = free_paths(provider, record, lambda row: provider.to_instance(row, "r").id)
    for path in data.draw(st.lists(st.sampled_from(free), max_size=12)):
        record = changed(record, path, data.draw(st.sampled_from(CHANGES)))
    instance = provider.to_instance(record, "r")
    if instance.image_id in ("", target):
        assert verdict(provider, instance, target) is not Decision.ACT


class Watched(dict[str, Any]):
    """A record that knows which of its fields were looked at."""

    def __init__(self, record: dict[str, Any]) -> None:
        super().__init__(record)
        self.seen: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.seen.add(name)
        return super().get(name, default)

    __getitem__ = get


@EVERY
def test_what_a_provider_looks_at_in_a_record_is_kept_in_calls_that_write(name):
    provider, (instances, images) = PROVIDERS[name], RECORDS[name]
    record = Watched({})
    for row, image, system in product(instances, map(provider.to_image, images), ("linux", "windows")):
        instance = replace(provider.to_instance(row, "r"), os_type="linux", raw=record)
        shown = provider.image_for(replace(image, os_type=system), instance)
        provider.reset_body(ResetOptions(image.id, password="Aa1~aaaaaaaa"), instance, shown)
        provider.image_scope(instance)
        provider.all_disks(instance)
        if provider.images_alike:
            provider.images_alike(instance)
    assert record.seen == provider.kept_fields


@EVERY
def test_a_writing_call_keeps_only_the_fields_of_a_record_that_its_provider_uses(name):
    provider, wall = PROVIDERS[name], Wall()
    emulation = Emulation(VirtualClock(wall.now), wall.time, WIRES)
    emulation.fleet.seed(load(fleet(name), wall.now))
    account = Account(Secrets("AK", "SK"), "ap-guangzhou" if provider.regional else "")
    client = Client(provider, account, Sender(emulation), Pacer(wall), wall, 1)
    record = RECORDS[name][0][0]
    (instance,) = lookups.read_instances(client, [record[provider.instances.row_id]]).values()
    assert instance.raw == {key: record[key] for key in provider.kept_fields if key in record}


class Twister(Sender):
    """Changes the ids in the answers to one action, wherever they stand."""

    def __init__(self, emulation: Emulation, action: Action, names: Collection[str], change: Any) -> None:
        super().__init__(emulation)
        self.action, self.names, self.change = action, names, change

    def send(self, request: Request) -> Reply:
        reply = super().send(request)
        if request.action != self.action.name:
            return reply
        return replace(reply, body=json.dumps(self._twisted(json.loads(reply.body))).encode())

    def _twisted(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: self.change if name in self.names else self._twisted(inner)
                for name, inner in value.items()
            }
        return [self._twisted(part) for part in value] if isinstance(value, list) else value


@EVERY
@pytest.mark.parametrize("kind", ["instances", "images", "keys", "zones", "denials"])
@pytest.mark.parametrize("change", [NULL, NESTED, []], ids=repr)
def test_an_id_that_is_none_is_an_error_of_the_provider_and_no_crash(name, kind, change):
    provider, wall = PROVIDERS[name], Wall()
    action = getattr(provider, kind) or provider.instances
    emulation = Emulation(VirtualClock(wall.now), wall.time, WIRES)
    emulation.fleet.seed(load(fleet(name), wall.now))
    account = Account(Secrets("AK", "SK"), "ap-guangzhou" if provider.regional else "")
    sender = Twister(emulation, action, {action.row_id, "BlueprintId", "DeniedActions"}, change)
    client = Client(provider, account, sender, Pacer(wall), wall, 1)
    for look in (lookups.list_instances, lookups.list_images, partial(lookups.known_keys, key_ids=["key-1"])):
        with suppress(CloudError):
            look(client)
