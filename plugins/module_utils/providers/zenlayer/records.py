# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the records of Zenlayer's services have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...core.model import Disk, Instance, Status
from ...core.provider import Fields
from ...core.record import gib, part, parts, text, texts

# STARTING and RECYCLED stand only in the actions' prose, the rest in the enumerations of DescribeInstances.
STATES: Mapping[str, Status] = {
    "PENDING": Status.CREATING,
    "BOOTING": Status.STARTING,
    "STARTING": Status.STARTING,
    "STOPPING": Status.STOPPING,
    "RUNNING": Status.RUNNING,
    "STOPPED": Status.STOPPED,
    "RELEASING": Status.TERMINATING,
    "RECYCLING": Status.RECYCLED,
    "RECYCLE": Status.RECYCLED,
    "RECYCLED": Status.RECYCLED,
    "CREATE_FAILED": Status.FAILED,
}


def instance(
    record: Fields, states: Mapping[str, Status], status: str = "instanceStatus", **own: Any
) -> Instance:
    """An instance by what all records of DescribeInstances have in common, and a service's ``own`` fields.

    ``status`` is the field that holds the state.
    """
    image_name = text(record.get("imageName"))
    common = dict[str, Any](
        id=record["instanceId"],
        name=text(record.get("instanceName")) or "",
        status=states.get(str(record.get(status)), Status.UNKNOWN),
        vendor_status=text(record.get(status)) or "no status",
        image_id=text(record.get("imageId")) or "",
        image_name=image_name,
        # The type of system belongs to the image, but Windows shows in the image's name.
        os_type="windows" if "windows" in (image_name or "").lower() else None,
        zone=text(record.get("zoneId")),
        tags=tags(record),
        key_ids=texts(record.get("keyId")),
        created_at=text(record.get("createTime")),
        raw=record,
    )
    return Instance(**{**common, **own})


def tags(record: Fields) -> dict[str, str]:
    """Tags are an object with a list in it."""
    entries = parts(part(record, "tags"), "tags")
    return {str(tag["key"]): text(tag.get("value")) or "" for tag in entries if tag.get("key")}


def disk(record: Fields) -> Disk:
    """A system disk or a data disk."""
    return Disk(text(record.get("diskId")) or "", gib(record.get("diskSize")))


def system_disk(record: Fields) -> Disk | None:
    """The system disk of an instance."""
    return disk(part(record, "systemDisk")) if part(record, "systemDisk") else None


def data_disks(record: Fields) -> tuple[Disk, ...] | None:
    """The data disks of an instance; None where its record does not tell."""
    return None if record.get("dataDisks") is None else tuple(map(disk, parts(record, "dataDisks")))


def image_type(record: Fields) -> str | None:
    """public, or private for an image of the account."""
    return {"PUBLIC_IMAGE": "public", "CUSTOM_IMAGE": "private"}.get(str(record.get("imageType")))


def zone_scope(instance: Instance) -> Fields | None:
    """Images are listed by zone; without the instance's zone it cannot be known which there are."""
    return {"zoneId": instance.zone} if instance.zone else None


def city_of(zone: Any) -> str | None:
    """Zones of Bare Metal and Virtual Machine are called by their city and a letter, such as SEL-A.

    Neither service has a word for the region, so the city is what ``region`` filters by.
    """
    match = re.fullmatch(r"(.+)-[A-Za-z0-9]+", str(zone or ""))
    return match[1] if match else None


# Fields of the documents on a reset, with the options that reach them.
LOGIN_FIELDS = {
    "instanceId": "instance_ids",
    "imageId": "image_id",
    "password": "password",
    "keyId": "key_ids",
}
