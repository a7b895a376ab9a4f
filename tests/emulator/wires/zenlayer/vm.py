# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Zenlayer Virtual Machine: service vm, version 2026-04-01. Each action after its page "Zenlayer API:
<action>".

A reset is taken from STOPPED only and shows REBUILDING until RUNNING. A stop is forced unless it says
otherwise; there is one way to reboot, from RUNNING.

Not documented, or told in two ways, and chosen here (the strict way):

- A reset needs a password or a key pair: "you must and can only pass either", although its notes say that a
random
  password is mailed. Neither is MISSING_PARAMETER, both are INVALID_PARAMETER_VALUE.
- Special characters: of the two lists for a reset, what both have; a change of the password has its own,
shorter list.
- ResetInstancesPassword is taken from STOPPED and starts the instance, after the English page and its table
of codes;
  the Chinese page asks for a running one.
- The HTTP status of a wrong state is 400 where the page of ResetInstancesPassword has it, else 403.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from emulator.model import Image, Instance, Login
from emulator.wire import Context, VendorError
from emulator.wires.zenlayer import vm_records as records, whole
from emulator.wires.zenlayer.fields import ID, IDS, PAGE, SOME_IDS, TAGS, Action, Field
from emulator.wires.zenlayer.listing import contains, is_in, is_named, page

_RESET_SPECIAL = r"!@#$%\^&*~()\-+="
_PASSWORD_SPECIAL = r"!@#$%\^+*()"
_NIC = Field(minimum=4, maximum=15, pattern="[a-z][a-z0-9]*")
_SCRIPT = 32 * 1024


def _describe_instances(context: Context) -> Mapping[str, Any]:
    given = context.call.parameters
    rows = whole.described(context, records.instance)
    return page([row for row in rows if _is_wanted(row, given)], given)


def _is_wanted(row: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    same = ("zoneId", "imageId", "instanceStatus", "instanceType", "keyId", "resourceGroupId", "subnetId")
    return (
        all(given.get(name, row[name]) == row[name] for name in (*same, "internetChargeType"))
        and is_named(given.get("instanceName"), row["instanceName"])
        and ("securityGroupId" not in given or given["securityGroupId"] in row["securityGroupIds"])
    )


def _describe_instances_status(context: Context) -> Mapping[str, Any]:
    given, account = context.call.parameters, context.call.account
    settings = context.fleet.settings(account.provider)
    rows = [
        {"instanceId": instance.id, "instanceStatus": records.status(instance, settings)}
        for instance in context.fleet.shown(account, context.ago)
        if is_in(given, "instanceIds", instance.id)
    ]
    return page(rows, given)


def _describe_images(context: Context) -> Mapping[str, Any]:
    """The images of one zone."""
    given, account = context.call.parameters, context.call.account
    same = ("category", "imageType", "osType", "imageStatus")
    known = given["zoneId"] in {zone.id for zone in context.fleet.zones(account.provider)}
    rows = []
    for image in context.fleet.images(account) if known else ():
        row = records.image(image)
        if (
            (not image.zones or given["zoneId"] in image.zones)
            and is_in(given, "imageIds", image.id)
            and contains(given, "imageName", image.name)
            and all(given.get(name, row[name]) == row[name] for name in same)
        ):
            rows.append(row)
    return page(rows, given)


def _describe_zones(context: Context) -> Mapping[str, Any]:
    given = context.call.parameters
    zones = context.fleet.zones(context.call.account.provider)
    return {"zoneSet": [records.zone(zone) for zone in zones if is_in(given, "zoneIds", zone.id)]}


def _reset(context: Context) -> Mapping[str, Any]:
    """ResetInstance: the system disk is formatted; without imageId the current image is installed again."""
    given = context.call.parameters
    (instance,) = whole.ready(context, _STOPPED)
    image = _target(context, instance)
    _check_login(given, image)
    if len(given.get("initScript", "").encode()) > _SCRIPT:
        raise VendorError("INVALID_PARAMETER_EXCEED_LENGTH", "The script is larger than 32 KB.")
    context.fleet.reinstall(
        instance.id,
        image_id=image.id,
        changes={
            "login": whole.login(context),
            "key_ids": (given["keyId"],) if "keyId" in given else (),
            "name": given.get("instanceName", instance.name),
        },
        **whole.order(context, instance, install=True),
    )
    return {}


def _target(context: Context, instance: Instance) -> Image:
    given = context.call.parameters
    image = context.fleet.image(context.call.account, given.get("imageId", instance.image_id))
    if image is None or (image.zones and instance.zone not in image.zones):
        raise VendorError("INVALID_IMAGE_NOT_FOUND", "The image does not exist in this zone.", 404)
    if image.status != "available":
        raise VendorError(
            "INVALID_IMAGE_STATUS", "Operations on the image with current status are not supported."
        )
    if instance.system_disk < image.size:
        raise VendorError("INVALID_PARAMETER_VALUE", "The system disk is smaller than the image.")
    return image


def _check_login(given: Mapping[str, Any], image: Image) -> None:
    if "password" in given and "keyId" in given:
        raise VendorError("INVALID_PARAMETER_VALUE", "Set either a password or a keyId, but not both.")
    if "password" not in given and "keyId" not in given:
        raise VendorError("MISSING_PARAMETER", "Either password or keyId is needed.")
    if "keyId" in given and image.os_type == "windows":
        raise VendorError("INVALID_PARAMETER_VALUE", "Windows does not support key pairs.")
    if "password" in given:
        _check_password(given["password"], _RESET_SPECIAL)


def _check_password(password: str, special: str) -> None:
    """8 to 16 characters: letters of both cases, digits and special ones, all of them present."""
    classes = ("[a-z]", "[A-Z]", "[0-9]", f"[{special}]")
    if not re.fullmatch(f"[A-Za-z0-9{special}]{{8,16}}", password) or not all(
        re.search(each, password) for each in classes
    ):
        raise VendorError("INVALID_PASSWORD_MALFORMED", "The password does not meet the requirements.")


def _reset_password(context: Context) -> Mapping[str, Any]:
    """ResetInstancesPassword: from STOPPED; the instance is started with it. Keys keep working."""
    password = context.call.parameters["password"]
    _check_password(password, _PASSWORD_SPECIAL)
    for instance in whole.ready(context, whole.needs({"stopped"}, *whole.NOT_STOPPED, 400)):
        context.fleet.amend(instance.id, login=Login(instance.login.public_keys, password))
        context.fleet.start(instance.id, **whole.order(context, instance))
    return {}


_STOPPED = whole.needs({"stopped"}, *whole.NOT_STOPPED, 403)
_RUNNING = whole.needs({"running"}, *whole.NOT_RUNNING, 403)
ACTIONS = (
    Action(
        "DescribeInstances",
        {
            "instanceIds": SOME_IDS,
            "zoneId": Field(),
            "internetChargeType": Field(),
            "imageId": Field(),
            "instanceType": Field(),
            "keyId": Field(),
            "publicIpAddresses": Field("texts"),
            "privateIpAddresses": Field("texts"),
            "instanceStatus": Field(),
            "instanceName": Field(),
            "subnetId": Field(),
            "securityGroupId": Field(),
            "resourceGroupId": Field(),
            **PAGE,
            **TAGS,
        },
        _describe_instances,
    ),
    Action("DescribeInstancesStatus", {"instanceIds": SOME_IDS, **PAGE}, _describe_instances_status),
    Action(
        "DescribeImages",
        {
            "zoneId": Field(required=True),
            "imageIds": Field("texts"),
            "imageName": Field(),
            "category": Field(),
            "imageType": Field(choices=("PUBLIC_IMAGE", "CUSTOM_IMAGE")),
            "osType": Field(choices=("windows", "linux")),
            "imageStatus": Field(choices=("CREATING", "AVAILABLE", "UNAVAILABLE")),
            **PAGE,
        },
        _describe_images,
    ),
    Action("DescribeZones", {"zoneIds": Field("texts")}, _describe_zones),
    Action(
        "ResetInstance",
        {
            "instanceId": ID,
            "password": Field(),
            "keyId": Field(),
            "imageId": Field(),
            "instanceName": Field(minimum=1, maximum=64, pattern="[A-Za-z0-9.-]+"),
            "wanName": _NIC,
            "lanName": _NIC,
            "initScript": Field(),
        },
        _reset,
        writes=True,
    ),
    Action(
        "RebootInstances",
        {"instanceIds": IDS},
        whole.reboot(whole.needs({"running"}, *whole.WRONG_STATE, 403)),
        writes=True,
    ),
    Action("StartInstances", {"instanceIds": IDS}, whole.start(_STOPPED), writes=True),
    Action(
        "StopInstances",
        {"instanceIds": IDS, "forceShutdown": Field("flag")},
        whole.stop(_RUNNING),
        writes=True,
    ),
    Action(
        "ResetInstancesPassword",
        {"instanceIds": IDS, "password": Field(required=True)},
        _reset_password,
        writes=True,
    ),
)
