# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What is read besides the instances: images, keys, time zones, and what the provider denies."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..api.client import Client, shaped
from ..core.errors import CloudError, InputError
from ..core.model import Image, Instance, Verb
from ..core.provider import Action, Fields
from .plan_facts import PlanFacts

NOTHING: Fields = {}


def read_instances(client: Client, ids: Sequence[str], whole: bool = False) -> dict[str, Instance]:
    """The instances by the ids as given; those that do not exist are left out.

    They hold the provider's record only where it is wanted ``whole``, else what the provider's own functions
    look at: ten thousand records take 40 MB. Raises InputError where two of the ids are the same instance: it
    would be acted on twice.
    """
    client.denied_ids.clear()
    listed = _instances(client, client.by_id(client.provider.instances, ids))
    by_id = {instance.id: instance for instance in listed}
    instances = _by_given_id(by_id, client.provider.instances.older_id, ids)
    if whole:
        return instances
    names = client.provider.kept_fields
    return {
        name: replace(instance, raw=_excerpt(instance.raw, names)) for name, instance in instances.items()
    }


def _by_given_id(instances: dict[str, Instance], older_id: str, ids: Sequence[str]) -> dict[str, Instance]:
    if not older_id:
        return instances
    by_given_id: dict[str, Instance] = {}
    for instance in instances.values():
        names = sorted({instance.id, str(instance.raw.get(older_id))}.intersection(ids))
        if len(names) > 1:
            raise InputError(f"{' and '.join(names)} are the same instance: give one of the two ids")
        by_given_id.update({name: replace(instance, id=name) for name in names})
    return by_given_id


def _excerpt(record: Fields, names: Collection[str]) -> Fields:
    return {name: record[name] for name in names if name in record} if names else NOTHING


def list_instances(client: Client) -> list[Instance]:
    """All instances of the account, in its region where it has one."""
    region = client.account.region
    instances = _instances(client, client.list(client.provider.instances))
    return list(
        {
            instance.id: instance for instance in instances if not region or instance.region in (region, None)
        }.values()
    )


def _instances(client: Client, rows: Iterable[Fields]) -> list[Instance]:
    provider, region = client.provider, client.account.region
    return shaped(provider.instances, lambda row: provider.to_instance(row, region), rows)


def _ids(action: Action, rows: Iterable[Fields]) -> list[str]:
    return shaped(action, lambda row: str(row[action.row_id]), rows)


def _images(client: Client, rows: Iterable[Fields]) -> list[Image]:
    images = shaped(client.provider.images, client.provider.to_image, rows)
    shaped(client.provider.images, lambda image: hash(image.id), images)  # it may stand in a part of a record
    return images


@dataclass(frozen=True)
class _Scope:
    """Instances that see the same images, with the fields of a query for one of them."""

    name: str
    fields: Fields
    ids: set[str] = field(default_factory=set)
    instances: list[Instance] = field(default_factory=list)


def images_for(
    client: Client, wanted: Iterable[tuple[Instance, Sequence[str]]], facts: PlanFacts | None = None
) -> dict[str, dict[str, Image]]:
    """For each instance id, which of the wanted images it can see, and maybe others.

    One query for all that see the same images; none for what the facts of the plan tell.
    """
    facts, action = facts or PlanFacts(client.clock), client.provider.images
    kinds = client.provider.image_queries(client.account.region)
    queries = [(scope, kind) for scope in _scopes(client, wanted) for kind in kinds]

    def records(scope: _Scope, kind: Fields) -> Sequence[Any]:
        name = json.dumps([action.name, scope.name, kind], sort_keys=True)
        read = partial(client.by_id, action, sorted(scope.ids), {**scope.fields, **kind})
        return facts.records("images", name, scope.ids, read)

    lists = client.side_by_side(lambda query: _images(client, records(*query)), queries)
    images_by_instance: dict[str, dict[str, Image]] = defaultdict(dict)
    for (scope, _kind), images in zip(queries, lists):
        for instance in scope.instances:
            images_by_instance[instance.id].update(
                {image.id: client.provider.image_for(image, instance) for image in images}
            )
    return images_by_instance


def _scopes(client: Client, wanted: Iterable[tuple[Instance, Sequence[str]]]) -> list[_Scope]:
    """Leaves out instances whose record does not tell which images they see."""
    scopes: dict[str, _Scope] = {}
    provider = client.provider
    for instance, image_ids in wanted:
        fields = provider.image_scope(instance)
        if fields is not None:
            alike = provider.images_alike(instance) if provider.images_alike else fields
            name = json.dumps(alike, sort_keys=True)
            scope = scopes.setdefault(name, _Scope(name, fields))
            scope.ids.update(filter(None, image_ids))
            scope.instances.append(instance)
    return list(scopes.values())


def _listed(client: Client, action: Action, fields: Fields) -> list[Image]:
    """Every image once, of all kinds that have to be asked for."""
    kinds = client.provider.image_queries(client.account.region)
    lists = [_images(client, client.list(action, {**fields, **kind})) for kind in kinds]
    return list({image.id: image for images in lists for image in images}.values())


def list_images(client: Client, instance: Instance | None = None) -> list[Image]:
    """All images, or those that an instance can see.

    Where images are listed by zone, each one names its zones.
    """
    provider = client.provider
    if instance:
        images = _listed(client, provider.images, _scope(client, instance))
        return [provider.image_for(image, instance) for image in images]
    if provider.zones is None:
        return _listed(client, provider.image_catalogue or provider.images, {})
    return _by_zone(client, provider.zones)


def _by_zone(client: Client, action: Action) -> list[Image]:
    """All images of the zones in the account's region, each with its zones."""
    provider, region = client.provider, client.account.region
    rows = [row for row in client.list(action) if not region or provider.zone_region(row) == region]
    zones = _ids(action, rows)
    lists = client.side_by_side(lambda zone: client.list(provider.images, {action.row_id: zone}), zones)
    images: dict[str, Image] = {}
    places: dict[str, list[str]] = defaultdict(list)
    for zone, listed in zip(zones, lists):
        for image in _images(client, listed):
            images[image.id] = image
            places[image.id].append(zone)
    return [replace(image, zones=tuple(places[image.id])) for image in images.values()]


def _scope(client: Client, instance: Instance) -> Fields:
    """Raises CloudError where the instance's record does not tell which images it can see."""
    scope = client.provider.image_scope(instance)
    if scope is None:
        raise CloudError(f"the record of {instance.id} lacks the zone or model by which images are listed")
    return scope


def known_keys(
    client: Client, key_ids: Sequence[str], facts: PlanFacts | None = None
) -> frozenset[str] | None:
    """Which of these key pairs exist, and maybe others; None where the provider has no list of them."""
    action = client.provider.keys
    if action is None or not key_ids:
        return None
    facts = facts or PlanFacts(client.clock)
    records = facts.records("key_pairs", action.name, key_ids, partial(client.by_id, action, key_ids))
    return frozenset(shaped(action, client.provider.key_id, records))


def known_timezones(client: Client, facts: PlanFacts | None = None) -> frozenset[str] | None:
    """The names of time zones that a reset takes, or None where the provider has no list of them."""
    action = client.provider.timezones
    if action is None:
        return None
    facts = facts or PlanFacts(client.clock)
    return frozenset(map(str, facts.records("timezones", action.name, (), partial(client.list, action))))


def denials(client: Client, ids: Sequence[str]) -> dict[str, Mapping[Verb, tuple[str, str]]]:
    """What the provider denies for each instance: the verb with a code and a sentence."""
    action, shape = client.provider.denials, client.provider.to_denials
    if action is None or shape is None:
        return {}
    return dict(shaped(action, lambda row: (row[action.row_id], shape(row)), client.by_id(action, ids)))
