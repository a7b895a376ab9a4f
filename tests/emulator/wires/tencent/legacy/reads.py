# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The reads of the legacy API: DescribeInstances (cloud.tencent.com/document/api/213/831), and
DescribeImages.

DescribeInstances gives numbers for states, and nothing about operations. The parameters of DescribeImages
(213/1272) are those of the vendor's first command line (qcloudcli): imageIds, imageType, status, offset,
limit.

Not documented, and chosen here: an unknown id is left out of the answer, no error; a maintained instance (any
other state) has the number 21; a failed reset has 1 (fault); times are China's; zoneId counts the zones of
the fleet from 100001; an image that is not to be had any more is not listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from emulator.model import Image, Instance
from emulator.wire import Context
from emulator.wires.tencent import acting
from emulator.wires.tencent.legacy.fields import Action, Field, old_id
from emulator.wires.tencent.records import local, overlay, platform

_Row = TypeVar("_Row")

_STATUSES = {
    "failed": -1,
    "reset_failed": 1,
    "running": 2,
    "creating": 3,
    "stopped": 4,
    "recycled": 5,
    "terminating": 6,
    "rebooting": 7,
    "starting": 8,
    "stopping": 9,
    "setting_password": 10,
    "resetting": 14,
    "unknown": 21,
}
_TYPES = {"public": 2, "market": 3, "shared": 4}
_IMAGE_STATUSES = {"creating": 1, "available": 2, "in_use": 3, "syncing": 4, "copying": 5}
_PAGE = {"offset": Field("number", minimum=0), "limit": Field("number", minimum=1, maximum=100)}


def status(instance: Instance, context: Context) -> int:
    """The number of the state; a fleet can choose others with ``status_words``, e.g. {"resetting": "9"}."""
    return int(
        context.fleet.settings(instance.provider).status_words.get(
            instance.status, _STATUSES[instance.status]
        )
    )


def image_type(image: Image) -> int:
    """1 private, 2 public, 3 market, 4 shared."""
    return _TYPES.get(image.kind, 1)


def _describe_instances(context: Context) -> Mapping[str, Any]:
    given, images, zones = context.call.parameters, acting.images(context), _zone_numbers(context)

    def row(each: Instance) -> dict[str, Any]:
        return _instance(each, images.get(each.image_id), zones[each.zone], context)

    found = [each for each in acting.shown(context) if _is_meant(each, given)]
    same = {name: given[name] for name in ("status", "zoneId", "projectId") if name in given}
    if same:
        found = [each for each in found if same.items() <= row(each).items()]
    return {"totalCount": len(found), "instanceSet": [row(each) for each in _page(found, given)]}


def _is_meant(record: Instance, given: Mapping[str, Any]) -> bool:
    """Whether an instance has one of the ids and addresses that are given, and the word in its name."""
    return (
        _in(given, "instanceIds", (record.id, old_id(record.id)))
        and _in(given, "lanIps", (*record.private_ips, *record.public_ips))
        and given.get("searchWord", "").lower() in record.name.lower()
    )


def _instance(record: Instance, image: Image | None, zone: int, context: Context) -> dict[str, Any]:
    return overlay(
        {
            "unInstanceId": record.id,
            "instanceId": old_id(record.id),
            "instanceName": record.name,
            "uuid": f"uuid-{record.id}",
            "status": status(record, context),
            "statusTime": local(record.operation.started if record.operation else record.created),
            "lanIp": record.private_ips[0] if record.private_ips else "",
            "wanIpSet": list(record.public_ips),
            "cpu": record.cpu,
            "mem": record.memory,
            "bandwidth": 10,
            "unImgId": record.image_id,
            "imageType": "",
            "os": image.name if image else "",
            "diskInfo": {
                "rootType": 2,
                "rootId": f"disk-{record.id}",
                "rootSize": record.system_disk,
                "storageType": 2,
                "storageSize": sum(disk.size for disk in record.data_disks),
            },
            "deviceClass": "VSELF_2",
            "Region": record.region,
            "zoneId": zone,
            "zoneName": record.zone,
            "projectId": 0,
            "vpcId": "vpc-emulated",
            "subnetId": f"subnet-{record.zone}",
            "isVpcGateway": 0,
            "createTime": local(record.created),
            "deadlineTime": local(record.expires) or "0000-00-00 00:00:00",
            "autoRenew": 0,
            "cvmPayMode": 1 if record.expires else 2,
            "networkPayMode": 2,
        },
        record.extra,
    )


def usable_image(context: Context, image_id: str, zone: str = "") -> Image | None:
    """An image that is on the list here, in whatever other state; else None."""
    image = acting.image_in(context, image_id, zone)
    return image if image and image.status in _IMAGE_STATUSES else None


def _describe_images(context: Context) -> Mapping[str, Any]:
    given = context.call.parameters
    rows = [
        _image(image)
        for image in context.fleet.images(context.call.account)
        if usable_image(context, image.id)
        and _in(given, "imageIds", (image.id,))
        and given.get("imageType", image_type(image)) == image_type(image)
    ]
    found = [row for row in rows if given.get("status", row["status"]) == row["status"]]
    return {"totalCount": len(found), "imageSet": _page(found, given)}


def _image(record: Image) -> dict[str, Any]:
    name = record.name or record.id
    return overlay(
        {
            "unImgId": record.id,
            "imageId": 0,
            "imageName": name,
            "imageDescription": name,
            "osName": name,
            "imageType": image_type(record),
            "status": _IMAGE_STATUSES[record.status],
            "imageSize": record.size,
            "platform": platform(record),
            "createTime": local(record.created),
            "creator": "",
        },
        record.extra,
    )


def _zone_numbers(context: Context) -> dict[str, int]:
    zones = context.fleet.zones(context.call.account.provider)
    return {zone.id: number for number, zone in enumerate(zones, 100001)}


def _page(rows: list[_Row], given: Mapping[str, Any]) -> list[_Row]:
    start = given.get("offset", 0)
    return rows[start : start + given.get("limit", 20)]


def _in(given: Mapping[str, Any], name: str, values: tuple[str, ...]) -> bool:
    return name not in given or not set(given[name]).isdisjoint(values)


ACTIONS = (
    Action(
        "DescribeInstances",
        {
            "instanceIds": Field("texts", maximum=100),
            "lanIps": Field("texts", maximum=100),
            "searchWord": Field(),
            "status": Field("number"),
            "projectId": Field("number"),
            "zoneId": Field("number"),
            **_PAGE,
        },
        _describe_instances,
    ),
    # "A query by a maximum of 10 image IDs" (DescribeImageSharePermission and its siblings).
    Action(
        "DescribeImages",
        {
            "imageIds": Field("texts", maximum=10),
            "imageType": Field("number", minimum=1, maximum=4),
            "status": Field("number"),
            **_PAGE,
        },
        _describe_images,
    ),
)
