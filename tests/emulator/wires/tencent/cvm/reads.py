# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The reads of CVM: instances, their states, images, key pairs, regions, zones.

After the actions' pages (cloud.tencent.com/document/api/213/15728 and its siblings) and the data of the
vendor's own command line (tccli). An unknown id of the right form is left out of the answer, no error; a
malformed one is an error.

Not documented, and chosen here: instances are listed by their age, the newest first; ids and filters together
are InvalidParameterCombination where the page names no code; an image that has been taken off the list
(``offline``) is not listed at all, as there is no state for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.model import Image
from emulator.wire import Context
from emulator.wires.tencent import acting
from emulator.wires.tencent.cvm import records
from emulator.wires.tencent.fields import Action, Field
from emulator.wires.tencent.listing import Filters, Named, filters_field, forbid_both, page, page_fields
from emulator.wires.tencent.records import iso, platform, state

_TOO_LONG = "InvalidParameterValue.LimitExceeded"
_TWICE = "InvalidParameterValue.Duplicate"
_BOTH = "InvalidParameterCombination"
_UNKNOWN = "InvalidFilter"
_TOO_MANY = "InvalidFilterValue.LimitExceeded"
_INSTANCE = r"ins-[0-9a-z]{8}"
ID = Field(required=True, pattern=_INSTANCE, malformed="InvalidInstanceId.Malformed")
IDS = Field(
    "texts", maximum=100, pattern=_INSTANCE, excess=_TOO_LONG, repeated=_TWICE, malformed=ID.malformed
)
IMAGE_ID = Field(pattern=r"img-[0-9a-z]{8}", malformed="InvalidImageId.Malformed")
_IMAGE_IDS = Field(
    "texts", maximum=100, pattern=IMAGE_ID.pattern, excess=_TOO_LONG, malformed=IMAGE_ID.malformed
)
KEY_IDS = Field(
    "texts",
    maximum=100,
    pattern=r"skey-[0-9a-z]{8}",
    excess=_TOO_LONG,
    malformed="InvalidKeyPairId.Malformed",
)
_PAGE = page_fields("InvalidParameterValueLimit", "InvalidParameterValueOffset")
_BAD_IMAGE_PAGE = "InvalidParameterValue.InvalidParameterValueLimit"
_FILTERS = filters_field(10, _TOO_LONG)


def _describe_instances(context: Context) -> Mapping[str, Any]:
    given, images = context.call.parameters, acting.images(context)
    forbid_both(given, "InstanceIds", _BOTH)
    found = _instance_filters(context).select(
        _named(acting.shown(context), given.get("InstanceIds")), given.get("Filters", [])
    )
    rows = [records.instance(each, images.get(each.image_id), context) for each in page(found, given)]
    return {"TotalCount": len(found), "InstanceSet": rows}


def _instance_filters(context: Context) -> Filters:
    def field(*path: str) -> Any:
        def values(instance: Any) -> list[str]:
            value = records.instance(instance, None, context)
            for name in path:
                value = value.get(name, "")
            return [str(value)]

        return values

    return Filters(
        exact={
            "zone": lambda instance: [instance.zone],
            "instance-id": lambda instance: [instance.id],
            "instance-name": lambda instance: [instance.name],
            "instance-state": lambda instance: [state(instance, context)],
            "private-ip-address": lambda instance: instance.private_ips,
            "public-ip-address": lambda instance: instance.public_ips,
            "ipv6-address": lambda instance: [],
            "uuid": field("Uuid"),
            "instance-charge-type": field("InstanceChargeType"),
            "project-id": field("Placement", "ProjectId"),
            "host-id": field("Placement", "HostId"),
            "dedicated-cluster-id": field("DedicatedClusterId"),
            "vpc-id": field("VirtualPrivateCloud", "VpcId"),
            "subnet-id": field("VirtualPrivateCloud", "SubnetId"),
            "security-group-id": lambda instance: instance.extra.get("SecurityGroupIds", []),
        },
        # Texts in ISO 8601 can be compared as they are.
        compared={
            "creation-start-time": lambda instance, moment: (iso(instance.created) or "") >= moment,
            "creation-end-time": lambda instance, moment: (iso(instance.created) or "") <= moment,
        },
        tags=lambda instance: instance.tags,
        unknown=_UNKNOWN,
        too_many=_TOO_MANY,
    )


def _describe_instances_status(context: Context) -> Mapping[str, Any]:
    given = context.call.parameters
    found = _named(acting.shown(context), given.get("InstanceIds"))
    return {
        "TotalCount": len(found),
        "InstanceStatusSet": [
            {"InstanceId": each.id, "InstanceState": state(each, context)} for each in page(found, given)
        ],
    }


_IMAGE_FILTERS = Filters(
    exact={
        "image-id": lambda image: [image.id],
        "image-type": lambda image: [records.image(image)["ImageType"]],
        "dedicated-cluster-id": lambda image: [],
        "cdc-cache-status": lambda image: [],
    },
    fuzzy={"image-name": lambda image: [image.name], "platform": lambda image: [platform(image)]},
    tags=lambda image: image.tags,
    unknown=_UNKNOWN,
    too_many=_TOO_MANY,
)


def usable_image(context: Context, image_id: str, zone: str = "") -> Image | None:
    """An image that is on the list here, in whatever other state; else None."""
    image = acting.image_in(context, image_id, zone)
    return image if image and image.status != "offline" else None


def _describe_images(context: Context) -> Mapping[str, Any]:
    """With InstanceType, only images that the model takes: those of its architecture."""
    given = context.call.parameters
    forbid_both(given, "ImageIds", "InvalidParameter.InvalidParameterCoexistImageIdsFilters")
    listed = [
        image for image in context.fleet.images(context.call.account) if usable_image(context, image.id)
    ]
    found = _IMAGE_FILTERS.select(_named(listed, given.get("ImageIds")), given.get("Filters", []))
    if "InstanceType" in given:
        found = [image for image in found if records.fits(image, given["InstanceType"])]
    return {"TotalCount": len(found), "ImageSet": [records.image(image) for image in page(found, given)]}


_KEY_FILTERS = Filters(
    exact={"project-id": lambda key: ["0"], "key-name": lambda key: [key.name]},
    tags=lambda key: {},
    unknown=_UNKNOWN,
    too_many=_TOO_MANY,
)


def _describe_key_pairs(context: Context) -> Mapping[str, Any]:
    given, account = context.call.parameters, context.call.account
    forbid_both(given, "KeyIds", _BOTH)
    found = _KEY_FILTERS.select(
        _named(context.fleet.keys(account), given.get("KeyIds")), given.get("Filters", [])
    )
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
    return {
        "TotalCount": len(regions),
        "RegionSet": [{"Region": name, "RegionName": name, "RegionState": "AVAILABLE"} for name in regions],
    }


def _describe_zones(context: Context) -> Mapping[str, Any]:
    zones = list(enumerate(context.fleet.zones(context.call.account.provider), 100001))
    here = [records.zone(zone, number) for number, zone in zones if zone.region == context.call.region]
    return {"TotalCount": len(here), "ZoneSet": here}


def _named(items: Iterable[Named], ids: Iterable[str] | None) -> list[Named]:
    """Those with these ids that are there, or all when no ids are given."""
    return [item for item in items if not ids or item.id in ids]


ACTIONS = (
    Action("DescribeInstances", {"InstanceIds": IDS, "Filters": _FILTERS, **_PAGE}, _describe_instances),
    Action("DescribeInstancesStatus", {"InstanceIds": IDS, **_PAGE}, _describe_instances_status),
    Action(
        "DescribeImages",
        {
            "ImageIds": _IMAGE_IDS,
            "Filters": _FILTERS,
            "InstanceType": Field(),
            **page_fields(_BAD_IMAGE_PAGE, _BAD_IMAGE_PAGE),
        },
        _describe_images,
    ),
    Action("DescribeKeyPairs", {"KeyIds": KEY_IDS, "Filters": _FILTERS, **_PAGE}, _describe_key_pairs),
    Action("DescribeRegions", {}, _describe_regions, regional=False),
    Action("DescribeZones", {}, _describe_zones),
)
