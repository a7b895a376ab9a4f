# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The reads of Lighthouse: instances, denied actions, blueprints, key pairs, regions.

After the actions' pages (cloud.tencent.com/document/product/1207) and the data of the vendor's own command
line (tccli). An unknown id is an error here, not an empty list.

Not documented, and chosen here: instances are listed with the recycled ones first, then the newest
("instances to be recycled first, the others by creation time, descending"); DescribeInstancesDeniedActions
tells what the state forbids (as in the vendor's example) and what the fleet says;
DescribeResetInstanceBlueprints lists what DescribeBlueprints does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.model import Image, Instance
from emulator.wire import Context
from emulator.wires.tencent import acting
from emulator.wires.tencent.fields import Action, Field, refusal
from emulator.wires.tencent.lighthouse import records, rules
from emulator.wires.tencent.listing import Filters, Named, filters_field, forbid_both, page, page_fields
from emulator.wires.tencent.records import state

_TOO_LONG = "InvalidParameterValue.LimitExceeded"
_TWICE = "InvalidParameterValue.Duplicated"
_BOTH = "InvalidParameter.ParameterConflict"
_UNKNOWN = "InvalidParameter.InvalidFilterNotSupportedName"
_TOO_MANY = "InvalidParameter.FilterValueLimitExceeded"
_MALFORMED = "InvalidParameterValue.InstanceIdMalformed"
MISSING = "ResourceNotFound.InstanceIdNotFound"
_INSTANCE = r"lhins-[0-9a-z]{8}"
ID = Field(required=True, pattern=_INSTANCE, malformed=_MALFORMED)
IDS = Field("texts", maximum=100, pattern=_INSTANCE, excess=_TOO_LONG, repeated=_TWICE, malformed=_MALFORMED)
BLUEPRINT_ID = Field(pattern=r"lhbp-[0-9a-z]{8}", malformed="InvalidParameterValue.BlueprintIdMalformed")
_BLUEPRINT_IDS = Field(
    "texts",
    maximum=100,
    pattern=BLUEPRINT_ID.pattern,
    excess=_TOO_LONG,
    repeated=_TWICE,
    malformed=BLUEPRINT_ID.malformed,
)
KEY_IDS = Field(
    "texts",
    maximum=100,
    pattern=r"lhkp-[0-9a-z]{8}",
    excess=_TOO_LONG,
    repeated=_TWICE,
    malformed="InvalidParameterValue.KeyPairIdMalformed",
)
_PAGE = page_fields("InvalidParameterValue.OutOfRange", "InvalidParameterValue.Negative")
_FILTERS = filters_field(10, _TOO_LONG)


def _describe_instances(context: Context) -> Mapping[str, Any]:
    given, images = context.call.parameters, acting.images(context)
    forbid_both(given, "InstanceIds", _BOTH)
    if "Order" in given and "OrderField" not in given:
        raise refusal("MissingParameter.OrderFieldRequired", "Order needs OrderField.")
    found = _named(acting.shown(context), given.get("InstanceIds"), MISSING)
    found = _instance_filters(context).select(found, given.get("Filters", []))
    if "OrderField" in given:
        found.sort(key=lambda instance: instance.expires, reverse=given.get("Order") == "DESC")
    else:
        found.sort(key=lambda instance: instance.status != "recycled")
    rows = [records.instance(each, images.get(each.image_id), context) for each in page(found, given)]
    return {"TotalCount": len(found), "InstanceSet": rows}


def _instance_filters(context: Context) -> Filters:
    return Filters(
        exact={
            "instance-name": lambda instance: [instance.name],
            "private-ip-address": lambda instance: instance.private_ips[:1],
            "public-ip-address": lambda instance: instance.public_ips[:1],
            "zone": lambda instance: [instance.zone],
            "instance-state": lambda instance: [state(instance, context)],
            "bundle-id": lambda instance: [instance.extra.get("BundleId", "bundle_emulated")],
        },
        tags=lambda instance: instance.tags,
        unknown=_UNKNOWN,
        too_many=_TOO_MANY,
        values=100,
    )


def _describe_denied_actions(context: Context) -> Mapping[str, Any]:
    found = _named(acting.shown(context), context.call.ids, MISSING)
    return {
        "InstanceDeniedActionSet": [
            {"InstanceId": instance.id, "DeniedActions": _denied(context, instance)} for instance in found
        ]
    }


def _denied(context: Context, instance: Instance) -> list[dict[str, str]]:
    rows = [{"Action": each.action, "Code": each.code, "Message": each.message} for each in instance.denied]
    for action in rules.WRITES:
        error = rules.forbids(context, instance, action)
        if error:
            rows.append({"Action": action, "Code": error.code, "Message": error.message})
    return rows


def _describe_blueprints(context: Context) -> Mapping[str, Any]:
    given = context.call.parameters
    forbid_both(given, "BlueprintIds", _BOTH)
    found = _named(_blueprints(context), given.get("BlueprintIds"), "ResourceNotFound.BlueprintIdNotFound")
    found = _blueprint_filters(100, ("scene-id",)).select(found, given.get("Filters", []))
    return {
        "TotalCount": len(found),
        "BlueprintSet": [records.blueprint(image) for image in page(found, given)],
    }


def _describe_reset_blueprints(context: Context) -> Mapping[str, Any]:
    """Every blueprint, and whether this instance can be reset to it; for a game instance only its own."""
    given = context.call.parameters
    instance = _named(acting.shown(context), context.call.ids, MISSING)[0]
    current = context.fleet.image(context.call.account, instance.image_id)
    found = _blueprints(context)
    if current and current.kind == "game":
        if given.get("Filters"):
            raise refusal("InvalidParameter.InvalidFilter", "A game instance does not support Filters.")
        found = [current]
    found = _blueprint_filters(5).select(found, given.get("Filters", []))
    return {
        "TotalCount": len(found),
        "ResetInstanceBlueprintSet": [_resettable(context, instance, image) for image in page(found, given)],
    }


def _resettable(context: Context, instance: Instance, image: Image) -> dict[str, Any]:
    error = rules.why_not(context, instance, image)
    return {
        "BlueprintInfo": records.blueprint(image),
        "IsResettable": error is None,
        "NonResettableMessage": error.message if error else "",
    }


def _blueprints(context: Context) -> list[Image]:
    return [
        image for image in context.fleet.images(context.call.account) if acting.image_in(context, image.id)
    ]


def _blueprint_filters(values: int, without_effect: tuple[str, ...] = ()) -> Filters:
    """``without_effect`` are filters on something that no emulated blueprint has."""
    return Filters(
        exact={
            "blueprint-id": lambda image: [image.id],
            "blueprint-type": lambda image: [records.blueprint_type(image)],
            "platform-type": lambda image: [records.platform_type(image)],
            "blueprint-name": lambda image: [records.blueprint(image)["BlueprintName"]],
            "blueprint-state": lambda image: [records.blueprint(image)["BlueprintState"]],
            **{name: lambda image: [] for name in without_effect},
        },
        tags=(lambda image: image.tags) if without_effect else None,
        unknown=_UNKNOWN,
        too_many=_TOO_MANY,
        values=values,
    )


_KEY_FILTERS = Filters(
    exact={"key-id": lambda key: [key.id]},
    fuzzy={"key-name": lambda key: [key.name]},
    tags=lambda key: {},
    unknown=_UNKNOWN,
    too_many=_TOO_MANY,
)


def _describe_key_pairs(context: Context) -> Mapping[str, Any]:
    given, account = context.call.parameters, context.call.account
    forbid_both(given, "KeyIds", _BOTH)
    found = _named(context.fleet.keys(account), given.get("KeyIds"), "ResourceNotFound.KeyIdNotFound")
    found = _KEY_FILTERS.select(found, given.get("Filters", []))
    bound = acting.shown(context)
    return {
        "TotalCount": len(found),
        "KeyPairSet": [
            records.key_pair(key, [each.id for each in bound if key.id in each.key_ids])
            for key in page(found, given)
        ],
    }


def _describe_regions(context: Context) -> Mapping[str, Any]:
    regions = list(dict.fromkeys(zone.region for zone in context.fleet.zones(context.call.account.provider)))
    return {"TotalCount": len(regions), "RegionSet": [records.region(name) for name in regions]}


def _named(items: Iterable[Named], ids: Iterable[str] | None, missing: str) -> list[Named]:
    """Those with these ids, or all when no ids are given; an id that is not there is an error."""
    known: dict[str, Named] = {item.id: item for item in items}
    if not ids:
        return list(known.values())
    for name in ids:
        if name not in known:
            raise refusal(missing, f"`{name}` does not exist.")
    return [known[name] for name in ids]


ACTIONS = (
    Action(
        "DescribeInstances",
        {
            "InstanceIds": IDS,
            "Filters": _FILTERS,
            **_PAGE,
            "OrderField": Field(choices=("EXPIRED_TIME",)),
            "Order": Field(choices=("ASC", "DESC")),
        },
        _describe_instances,
    ),
    Action("DescribeInstancesDeniedActions", {"InstanceIds": IDS.needed()}, _describe_denied_actions),
    Action(
        "DescribeBlueprints",
        {"BlueprintIds": _BLUEPRINT_IDS, "Filters": _FILTERS, **_PAGE},
        _describe_blueprints,
    ),
    Action(
        "DescribeResetInstanceBlueprints",
        {"InstanceId": ID, "Filters": _FILTERS, **_PAGE},
        _describe_reset_blueprints,
    ),
    Action("DescribeKeyPairs", {"KeyIds": KEY_IDS, "Filters": _FILTERS, **_PAGE}, _describe_key_pairs),
    Action("DescribeRegions", {}, _describe_regions, regional=False),
)
