# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The reads: DescribeInstances, DescribeInstancesStatus, images, zones, regions, time zones.

Each after its page "Zenlayer API: <action>". Unknown ids in a read are left out of the answer, no error.
Instances in the recycle bin are listed (not documented; the list of states has RECYCLE).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.model import Image, Instance
from emulator.wire import Context
from emulator.wires.zenlayer import records
from emulator.wires.zenlayer.fields import PAGE, SOME_IDS, TAGS, Action, Field
from emulator.wires.zenlayer.listing import contains, has_tags, is_in, page

TIME_ZONES = (
    "UTC",
    "Africa/Johannesburg",
    "America/Chicago",
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Dubai",
    "Asia/Hong_Kong",
    "Asia/Jakarta",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Paris",
)
_IMAGE_FILTERS: dict[str, Field] = {
    "imageIds": SOME_IDS,
    "imageName": Field(),
    "category": Field(),
    "imageStatus": Field(),
    "osType": Field(choices=("linux", "bsd", "windows", "android", "any")),
    **PAGE,
    **TAGS,
}


def _describe_instances(context: Context) -> Mapping[str, Any]:
    given = context.call.parameters
    settings = context.fleet.settings(context.call.account.provider)
    images = {image.id: image for image in context.fleet.images(context.call.account)}
    rows = [
        records.instance(instance, images.get(instance.image_id), settings)
        for instance in context.fleet.shown(context.call.account, context.ago)
        if has_tags(instance.tags, given)
        and is_in(given, "instanceIds", instance.id)
        and contains(given, "name", instance.name)
        and _contains_ip(given, instance)
    ]
    same = ("zoneId", "imageId", "status", "instanceType", "resourceGroupId")
    return page([row for row in rows if all(given.get(name, row[name]) == row[name] for name in same)], given)


def _describe_instances_status(context: Context) -> Mapping[str, Any]:
    given = context.call.parameters
    settings = context.fleet.settings(context.call.account.provider)
    return page(
        [
            {"instanceId": instance.id, "instanceStatus": records.status(instance, settings)}
            for instance in context.fleet.shown(context.call.account, context.ago)
            if is_in(given, "instanceIds", instance.id)
            and given.get("resourceGroupId", "default") == "default"
        ],
        given,
    )


def _describe_images(context: Context) -> Mapping[str, Any]:
    given = context.call.parameters
    here = [
        image
        for image in context.fleet.images(context.call.account)
        if not image.zones or given["zoneId"] in image.zones
    ]
    if given["zoneId"] not in {zone.id for zone in context.fleet.zones(context.call.account.provider)}:
        here = []
    return page([records.image(image) for image in _wanted_images(here, given)], given)


def _describe_custom_images(context: Context) -> Mapping[str, Any]:
    given = context.call.parameters
    regions = {zone.id: zone.region for zone in context.fleet.zones(context.call.account.provider)}
    rows = []
    for image in _wanted_images(context.fleet.images(context.call.account), given):
        its_regions = sorted({regions[zone] for zone in (image.zones or regions) if zone in regions})
        if image.kind != "public" and given.get("regionId", its_regions[0]) in its_regions:
            rows.append(
                {
                    **records.image(image),
                    "regionIdList": its_regions,
                    "resourceGroupId": "default",
                    "resourceGroupName": "Default",
                }
            )
    return page(rows, given)


def _describe_zones(context: Context) -> Mapping[str, Any]:
    zones = context.fleet.zones(context.call.account.provider)
    return {
        "zoneSet": [
            records.zone(zone) for zone in zones if is_in(context.call.parameters, "zoneIds", zone.id)
        ]
    }


def _describe_regions(context: Context) -> Mapping[str, Any]:
    regions = dict.fromkeys(zone.region for zone in context.fleet.zones(context.call.account.provider))
    return {
        "regionSet": [
            {"regionId": region, "regionName": region, "regionTitle": region, "enablePubIpv6": True}
            for region in regions
            if is_in(context.call.parameters, "regionIds", region)
        ]
    }


def _describe_time_zones(context: Context) -> Mapping[str, Any]:
    return {"timeZones": list(TIME_ZONES)}


def _wanted_images(images: Iterable[Image], given: Mapping[str, Any]) -> list[Image]:
    same = ("category", "imageStatus", "imageType", "imageSource", "osType")
    wanted = []
    for image in images:
        row = records.image(image)
        if (
            is_in(given, "imageIds", image.id)
            and contains(given, "imageName", image.name)
            and has_tags(image.tags, given)
            and all(given.get(name, row[name]) == row[name] for name in same)
        ):
            wanted.append(image)
    return wanted


def _contains_ip(given: Mapping[str, Any], instance: Instance) -> bool:
    addresses = (*instance.public_ips, *instance.private_ips)
    return all(given[name] in addresses for name in ("ipv4Address", "ipv6Address") if name in given)


ACTIONS = (
    Action(
        "DescribeInstances",
        {
            "instanceIds": SOME_IDS,
            "zoneId": Field(),
            "imageId": Field(),
            "instanceType": Field(),
            "ipv4Address": Field(),
            "ipv6Address": Field(),
            "status": Field(),
            "name": Field(),
            "resourceGroupId": Field(),
            **PAGE,
            **TAGS,
        },
        _describe_instances,
    ),
    Action(
        "DescribeInstancesStatus",
        {"instanceIds": SOME_IDS, "resourceGroupId": Field(), **PAGE},
        _describe_instances_status,
    ),
    Action(
        "DescribeImages",
        {
            "zoneId": Field(required=True),
            "imageType": Field(choices=("PUBLIC_IMAGE", "CUSTOM_IMAGE")),
            "imageSource": Field(choices=("OFFICIAL", "MARKETING", "CUSTOM", "APP")),
            **_IMAGE_FILTERS,
        },
        _describe_images,
    ),
    Action(
        "DescribeCustomImages",
        {"regionId": Field(), "resourceGroupId": Field(), **_IMAGE_FILTERS},
        _describe_custom_images,
    ),
    Action("DescribeZones", {"zoneIds": Field("texts")}, _describe_zones),
    Action("DescribeRegions", {"regionIds": Field("texts")}, _describe_regions),
    Action("DescribeTimeZones", {}, _describe_time_zones),
)
