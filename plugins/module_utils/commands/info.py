# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The bodies of instance_info and image_info."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from fnmatch import fnmatchcase
from typing import Any

from ..act import lookups
from ..api.client import Client
from ..core.errors import InputError
from ..core.model import Image, Instance
from ..core.provider import Provider
from ..decide.installable import image_problem
from .run_module import Call
from .validate import check_ids

InstanceTest = Callable[[Instance, Any], bool]

# The same for every provider, so applied here: the vendors' own filters differ in what they match.
INSTANCE_TESTS: Mapping[str, InstanceTest] = {
    "name": lambda instance, values: any(fnmatchcase(instance.name, pattern) for pattern in values),
    "status": lambda instance, values: instance.status.value in values,
    "image_id": lambda instance, values: instance.image_id in values,
    "zone": lambda instance, values: instance.zone in values,
    "tags": lambda instance, values: all(
        (instance.tags or {}).get(key) == str(value) for key, value in values.items()
    ),
    "ip": lambda instance, values: bool({*instance.public_ips, *instance.private_ips}.intersection(values)),
}
IMAGE_TESTS: Mapping[str, Callable[[Image, Any], bool]] = {
    "name": lambda image, values: any(fnmatchcase(image.name, pattern) for pattern in values),
    "os_type": lambda image, values: image.os_type in values,
    "zone": lambda image, values: bool(set(image.zones).intersection(values)),
    "available": lambda image, value: image.available is value,
}


def matching(
    records: list[Any], filters: Mapping[str, Any] | None, tests: Mapping[str, Callable[..., bool]]
) -> list[Any]:
    """The records that pass every filter that is given, by name and id."""
    criteria = {name: value for name, value in (filters or {}).items() if value is not None}
    passed = [
        record for record in records if all(tests[name](record, value) for name, value in criteria.items())
    ]
    return sorted(passed, key=lambda record: (record.name, record.id))


def check_filters(provider: Provider, filters: Mapping[str, Any] | None) -> None:
    """Raises InputError for a filter that could never match, because the provider does not tell what it looks
    at.
    """
    if filters and filters.get("tags") and not provider.tags:
        raise InputError(f"filters.tags is not supported by provider {provider.name}: its API has no tags")


def list_instances(call: Call, client: Client) -> dict[str, Any]:
    """The result of instance_info. Raises CloudError."""
    provider, params = client.provider, call.params
    filters = params["filters"]
    check_filters(provider, filters)
    ids = None if params["instance_ids"] is None else check_ids(provider, params["instance_ids"])
    if ids is None:
        instances = lookups.list_instances(client)
    else:
        instances = list(lookups.read_instances(client, ids, whole=True).values())
        if client.denied_ids:
            call.warn(f"this key may not read {', '.join(sorted(client.denied_ids))}: omitted from the list")
    rows = [_instance(instance) for instance in matching(instances, filters, INSTANCE_TESTS)]
    return {"instances": rows, "missing_ids": _missing(ids, instances)}


def list_images(call: Call, client: Client) -> dict[str, Any]:
    """The result of image_info. Raises CloudError."""
    params, instance_id = call.params, call.params["instance_id"]
    images = lookups.list_images(client) if instance_id is None else _images_for(client, instance_id)
    ids = params["image_ids"]
    chosen = [image for image in images if ids is None or image.id in ids]
    rows = [_named(asdict(image), "image_id") for image in matching(chosen, params["filters"], IMAGE_TESTS)]
    return {"images": rows, "missing_ids": _missing(ids, chosen)}


def _missing(ids: Sequence[str] | None, records: Iterable[Image] | Iterable[Instance]) -> list[str]:
    """The ids that were asked for and are not there, in order."""
    there = {record.id for record in records}
    return [instance_id for instance_id in ids or () if instance_id not in there]


def _images_for(client: Client, instance_id: str) -> list[Image]:
    """The images that an instance can be reset to. Raises InputError where there is no such instance."""
    provider = client.provider
    check_ids(provider, [instance_id], "instance_id")
    instance = lookups.read_instances(client, [instance_id]).get(instance_id)
    if instance is None:
        raise InputError(f"instance_id: {instance_id!r} does not exist in this account and region")
    images = lookups.list_images(client, instance)
    by_id = {image.id: image for image in images}
    usable = [image for image in images if not image_problem(provider, instance, image.id, by_id)]
    if instance.zone and provider.zones:
        return [replace(image, zones=(instance.zone,)) for image in usable]
    return [replace(image, zones=()) for image in usable]


def _instance(instance: Instance) -> dict[str, Any]:
    return _named(asdict(instance), "instance_id")


def _named(record: dict[str, Any], name: str) -> dict[str, Any]:
    """The record with its id under the name by which options call it, and the raw record last."""
    raw = record.pop("raw")
    return {name: record.pop("id"), **record, "raw": raw}
