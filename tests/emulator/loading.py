# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A whole world from one JSON document, checked field by field. The format is described in README.md."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from emulator.fleet import World
from emulator.model import (
    STATUSES,
    Account,
    Denial,
    Disk,
    Durations,
    Image,
    Instance,
    KeyPair,
    Login,
    Settings,
    Zone,
)

_FIRST_ADDRESS = ipaddress.IPv4Address("127.80.0.1")
_SECTIONS = ("accounts", "zones", "images", "keys", "instances", "settings")
_Record = TypeVar("_Record")


class BadFleet(ValueError):
    """The document cannot be used; the text names the record and the field."""


def load(document: Any, now: float) -> World:
    """Build a world; ``now`` (vendor's unix seconds) is when everything was created if the document does not
    say so.

    Raises BadFleet for an unknown section or field, a wrong type, a reference to nothing, and for duplicates.
    """
    sections = _object(document, "the fleet", _SECTIONS)
    accounts = [
        _build(Account, item, f"accounts[{index}]", bearer_tokens=_texts)
        for index, item in _items(sections, "accounts")
    ]
    zones = [_build(Zone, item, f"zones[{index}]") for index, item in _items(sections, "zones")]
    images = [
        _build(Image, {"created": now, **item}, f"images[{index}]", zones=_texts, tags=_texts_by_name)
        for index, item in _items(sections, "images")
    ]
    keys = [
        _build(KeyPair, _with_account({"created": now, **item}, accounts), f"keys[{index}]")
        for index, item in _items(sections, "keys")
    ]
    key_lines = {(key.provider, key.id): key.public_key for key in keys}
    addresses = _addresses()
    instances = [
        _instance(
            _with_account({"created": now, **item}, accounts),
            f"instances[{index}]",
            zones,
            key_lines,
            addresses,
        )
        for index, item in _items(sections, "instances")
    ]
    world = World(
        accounts=_unique(accounts, lambda account: (account.provider, account.name)),
        zones=_unique(zones, lambda zone: (zone.provider, zone.id)),
        images=_unique(images, lambda image: (image.provider, image.id)),
        keys=_unique(keys, lambda key: (key.provider, key.id)),
        instances=_unique(instances, lambda instance: instance.id),
        settings={
            provider: _build(Settings, item, f"settings.{provider}", rates=dict, status_words=dict)
            for provider, item in _object(sections.get("settings", {}), "settings").items()
        },
    )
    _check_references(world)
    return world


def _instance(
    item: dict[str, Any],
    where: str,
    zones: list[Zone],
    key_lines: Mapping[tuple[str, str], str],
    addresses: Iterator[str],
) -> Instance:
    """One instance: its region comes from its zone, its keys and password make its login, SSH gives it an
    address.
    """
    record = dict(item)
    regions = {(zone.provider, zone.id): zone.region for zone in zones}
    provider = str(record.get("provider", ""))
    record.setdefault("region", regions.get((provider, str(record.get("zone", ""))), ""))
    failing = record.pop("fail_install", 0)
    record["fail_installs"] = -1 if failing is True else int(failing)
    lines = [key_lines.get((provider, key_id), "") for key_id in record.get("key_ids", [])]
    record["login"] = Login(tuple(filter(None, lines)), str(record.pop("password", "") or ""))
    if record.pop("ssh", False):
        record["address"] = next(addresses)
        record.setdefault("public_ips", [record["address"]])
    if record.get("status", "running") not in STATUSES:
        raise BadFleet(f"{where}.status must be one of {', '.join(STATUSES)}")
    return _build(
        Instance,
        record,
        where,
        key_ids=_texts,
        public_ips=_texts,
        private_ips=_texts,
        tags=_texts_by_name,
        data_disks=lambda disks: tuple(_build(Disk, disk, f"{where}.data_disks") for disk in disks),
        denied=lambda denials: tuple(_build(Denial, denial, f"{where}.denied") for denial in denials),
        durations=lambda durations: _build(Durations, durations, f"{where}.durations"),
    )


PLAIN_TYPES: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
}


def _build(record: type[_Record], item: Any, where: str, **shapes: Callable[[Any], Any]) -> _Record:
    """One frozen record from one JSON object; ``shapes`` turn lists and objects into what the record
    holds.
    """
    known = {each.name: each for each in fields(record)}  # type: ignore[arg-type]
    values = _object(item, where, tuple(known))
    for name, value in values.items():
        plain = PLAIN_TYPES.get(str(known[name].type))
        if plain and (not isinstance(value, plain) or isinstance(value, bool) != (plain == (bool,))):
            raise BadFleet(f"{where}.{name} must be of type {known[name].type}")
    try:
        return record(**{name: shapes.get(name, _same)(value) for name, value in values.items()})
    except (TypeError, ValueError, AttributeError) as error:
        raise BadFleet(f"{where}: {error}") from error


def _check_references(world: World) -> None:
    for instance in world.instances.values():
        here, provider = f"instance {instance.id}", instance.provider
        if (provider, instance.account) not in world.accounts:
            raise BadFleet(f"{here}: there is no account {instance.account!r} of {provider}")
        if (provider, instance.zone) not in world.zones:
            raise BadFleet(f"{here}: there is no zone {instance.zone!r} of {provider}")
        for key_id in instance.key_ids:
            if (provider, key_id) not in world.keys:
                raise BadFleet(f"{here}: there is no key pair {key_id!r} of {provider}")


def _with_account(item: dict[str, Any], accounts: list[Account]) -> dict[str, Any]:
    """Fill in the account of a record where its provider has only one."""
    names = [account.name for account in accounts if account.provider == item.get("provider")]
    return {**({"account": names[0]} if len(names) == 1 else {}), **item}


def _items(sections: Mapping[str, Any], name: str) -> list[tuple[int, dict[str, Any]]]:
    items = sections.get(name, [])
    if not isinstance(items, list):
        raise BadFleet(f"{name} must be a list of objects")
    return [(index, _object(item, f"{name}[{index}]")) for index, item in enumerate(items)]


def _object(value: Any, where: str, known: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadFleet(f"{where} must be an object")
    unknown = sorted(set(value) - set(known)) if known else []
    if unknown:
        raise BadFleet(f"{where} has no field {unknown[0]!r}; it has {', '.join(known)}")
    return value


def _unique(records: list[_Record], identity: Callable[[_Record], Any]) -> dict[Any, _Record]:
    found: dict[Any, _Record] = {}
    for record in records:
        if identity(record) in found:
            raise BadFleet(f"{type(record).__name__} {identity(record)} is there twice")
        found[identity(record)] = record
    return found


def _addresses() -> Iterator[str]:
    """Loopback addresses for SSH, 127.80.0.1 upwards, without those ending in .0 and .255."""
    address = _FIRST_ADDRESS
    while True:
        if int(address) % 256 not in (0, 255):
            yield str(address)
        address += 1


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError("a list of strings is needed")
    return tuple(value)


def _texts_by_name(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValueError("an object with string values is needed")
    return dict(value)


def _same(value: Any) -> Any:
    return value
