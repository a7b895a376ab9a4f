# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Zenlayer Bare Metal: service bmc, version 2026-02-01. Each action after its page "Zenlayer API: <action>".

A reboot shows BOOTING and is taken from STOPPED, too; there is no soft and no hard way to stop or to reboot.
A reinstallation needs no stop: it is refused in the recycle bin and while one is running (INSTALLING), and
shows INSTALLING until RUNNING or INSTALL_FAILED.

Not documented, and chosen here:

- "Operations are not allowed while creating" is OPERATION_DENIED_INSTANCE_CREATING, and any other state from
which an
  action is not said to be possible is OPERATION_DENIED_INSTANCE_STATUS; all with the HTTP status 403.
- Neither password nor key: the page says both that one of them must be given and that a random password is
mailed, and
  its example gives none. It is accepted, and nobody here knows the password.
- Codes of rules that the list of codes (the vendor's SDK for Go) does not have are the common validation
codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.model import Image, Instance
from emulator.wire import Context, VendorError
from emulator.wires.zenlayer import bmc_records as records, whole
from emulator.wires.zenlayer.bmc_rules import check_reinstall
from emulator.wires.zenlayer.fields import ID, IDS, PAGE, SOME_IDS, TAGS, Action, Field
from emulator.wires.zenlayer.listing import is_in, is_named, page

_STATES = {
    "resetting": (
        "OPERATION_DENIED_INSTANCE_STATUS_INSTALLING",
        "Operations on instances in INSTALLING status are not supported.",
    ),
    "creating": (
        "OPERATION_DENIED_INSTANCE_CREATING",
        "Operations on instances in CREATING status are not supported.",
    ),
}


def _describe_instances(context: Context) -> Mapping[str, Any]:
    given = context.call.parameters
    rows = whole.described(context, records.instance)
    return page([row for row in rows if _is_wanted(row, given)], given)


def _is_wanted(row: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    same = ("zoneId", "imageId", "instanceStatus", "instanceTypeId", "internetChargeType", "resourceGroupId")
    return (
        all(given.get(name, row[name]) == row[name] for name in same)
        and all(is_named(given.get(name), row[name]) for name in ("instanceName", "hostname"))
        and ("subnetId" not in given or given["subnetId"] in row["subnetIds"])
    )


def _describe_images(context: Context) -> Mapping[str, Any]:
    given = context.call.parameters
    same = ("catalog", "imageType", "osType")
    rows = []
    for image in context.fleet.images(context.call.account):
        row = records.image(image)
        if (
            is_in(given, "imageIds", image.id)
            and given.get("imageName", "") in image.name
            and records.fits(image, given.get("instanceTypeId", records.MODEL))
            and all(given.get(name, row[name]) == row[name] for name in same)
        ):
            rows.append(row)
    return {"images": rows}


def _describe_zones(context: Context) -> Mapping[str, Any]:
    return {"zoneSet": [records.zone(zone) for zone in context.fleet.zones(context.call.account.provider)]}


def _reinstall(context: Context) -> Mapping[str, Any]:
    """ReinstallInstance: the system disk is formatted; without imageId the current image is installed
    again.
    """
    given = context.call.parameters
    (instance,) = whole.ready(context, _not_installing)
    login = whole.login(context)
    image = _target(context, instance)
    check_reinstall(given, image)
    ipxe = given.get("ipxeUrl")
    shown = {name: given[name] for name in ("hostname", "raidConfig", "partitions", "nic") if name in given}
    context.fleet.reinstall(
        instance.id,
        image_id="" if ipxe else (image.id if image else ""),
        changes={
            "login": login,
            "key_ids": (given["keyId"],) if "keyId" in given else (),
            "extra": {**instance.extra, **shown, "ipxeUrl": ipxe},
        },
        **whole.order(context, instance, install=True),
    )
    return {}


def _target(context: Context, instance: Instance) -> Image | None:
    """The image to install, None where iPXE does it. "When using iPXE leave imageId empty"."""
    given = context.call.parameters
    if "ipxeUrl" in given:
        if "imageId" in given:
            raise VendorError("INVALID_PARAMETER_VALUE", "Leave imageId empty with ipxeUrl.")
        return None
    image = context.fleet.image(context.call.account, given.get("imageId", instance.image_id))
    if image is None or image.status != "available" or not records.fits(image, records.model(instance)):
        raise VendorError("INVALID_IMAGE_NOT_FOUND", "The image does not exist for this model.", 404)
    return image


def _not_installing(instance: Instance) -> VendorError | None:
    if instance.status in ("running", "stopped", "reset_failed"):
        return None
    return VendorError(*_STATES.get(instance.status, whole.WRONG_STATE), 403)


_RAID = Field("number", choices=records.RAIDS)
_REINSTALL = {
    "instanceId": ID,
    "imageId": Field(),
    "hostname": Field(),
    "password": Field(),
    "keyId": Field(),
    "raidConfig": Field(
        "object",
        parts={
            "raidType": _RAID,
            "customRaids": Field("objects", parts={"raidType": _RAID, "diskSequence": Field("numbers")}),
        },
    ),
    "partitions": Field("objects", parts={"fsPath": Field(), "fsType": Field(), "size": Field("number")}),
    "nic": Field("object", parts={"wanName": Field(), "lanName": Field()}),
    "ipxeUrl": Field(),
    "userData": Field(),
}
ACTIONS = (
    Action(
        "DescribeInstances",
        {
            "instanceIds": SOME_IDS,
            "zoneId": Field(),
            "resourceGroupId": Field(),
            "instanceTypeId": Field(),
            "internetChargeType": Field(),
            "imageId": Field(),
            "subnetId": Field(),
            "instanceStatus": Field(),
            "instanceName": Field(),
            "hostname": Field(),
            "publicIpAddresses": Field("texts"),
            "privateIpAddresses": Field("texts"),
            **PAGE,
            **TAGS,
        },
        _describe_instances,
    ),
    Action(
        "DescribeImages",
        {
            "imageIds": Field("texts"),
            "imageName": Field(),
            "catalog": Field(),
            "imageType": Field(choices=("PUBLIC_IMAGE", "CUSTOM_IMAGE")),
            "osType": Field(choices=("windows", "linux")),
            "instanceTypeId": Field(),
        },
        _describe_images,
    ),
    Action(
        "DescribeZones", {"acceptLanguage": Field(), "isCloudRouterAvailable": Field("flag")}, _describe_zones
    ),
    Action("ReinstallInstance", _REINSTALL, _reinstall, writes=True),
    Action(
        "RebootInstances",
        {"instanceIds": IDS},
        whole.reboot(whole.needs({"running", "stopped"}, *whole.WRONG_STATE, 403)),
        writes=True,
    ),
    Action(
        "StartInstances",
        {"instanceIds": IDS},
        whole.start(whole.needs({"stopped"}, *whole.NOT_STOPPED, 403)),
        writes=True,
    ),
    Action(
        "StopInstances",
        {"instanceIds": IDS},
        whole.stop(whole.needs({"running"}, *whole.NOT_RUNNING, 403)),
        writes=True,
    ),
)
