# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records of Bare Metal in the vendor's words, with the fields of version 2026-02-01."""

from __future__ import annotations

from typing import Any

from emulator.model import Image, Instance, Settings, Zone
from emulator.wires.zenlayer.records import tags, time

# A reboot shows BOOTING, as a start does. "unknown" stands for a word that no page has: clients have to wait
# it out.
_STATUSES = {
    "running": "RUNNING",
    "stopped": "STOPPED",
    "starting": "BOOTING",
    "stopping": "STOPPING",
    "rebooting": "BOOTING",
    "resetting": "INSTALLING",
    "reset_failed": "INSTALL_FAILED",
    "setting_password": "RUNNING",
    "creating": "CREATING",
    "failed": "CREATE_FAILED",
    "recycled": "RECYCLE",
    "terminating": "RECYCLING",
    "unknown": "MAINTAINING",
}
MODEL = "S9I"  # the model of an instance whose ``extra`` names no other instanceTypeId
DISKS = 4  # of every model, all of one size
RAIDS = (0, 1, 5, 10)


def model(record: Instance) -> str:
    """The id of the instance's model."""
    return str(record.extra.get("instanceTypeId", MODEL))


def fits(image: Image, model_id: str) -> bool:
    """Whether the image is for that model: its ``extra`` may list ``instanceTypeIds``."""
    return model_id in image.extra.get("instanceTypeIds", [model_id])


def instance(record: Instance, image: Image | None, settings: Settings) -> dict[str, Any]:
    """One item of DescribeInstances. What iPXE installed has a URL and no image."""
    return {
        "instanceId": record.id,
        "zoneId": record.zone,
        "instanceName": record.name,
        "hostname": record.name or "hostname",
        "instanceTypeId": model(record),
        "instanceType": _model(record),
        "imageId": record.image_id or None,
        "imageName": image.name if image else None,
        "ipxeUrl": None,
        "instanceChargeType": "POSTPAID",
        "bandwidthOutMbps": 10,
        "internetChargeType": "ByBandwidth",
        "period": None,
        "primaryPublicIpAddress": record.public_ips[0] if record.public_ips else None,
        "primaryPublicIPv6Address": None,
        "publicIpAddresses": list(record.public_ips),
        "privateIpAddresses": list(record.private_ips),
        "ipv6Addresses": None,
        "subnetIds": [],
        "createTime": time(record.created),
        "expiredTime": time(record.expires) if record.expires else None,
        "resourceGroupId": "default",
        "resourceGroupName": "Default",
        "instanceStatus": {**_STATUSES, **settings.status_words}[record.status],
        "trafficPackageSize": None,
        "raidConfig": None,
        "partitions": None,
        "nic": {"wanName": "wan0", "lanName": "lan0"},
        "autoRenew": False,
        "keyId": record.key_ids[0] if record.key_ids else None,
        "tags": tags(record.tags),
        "enableGatewayMode": False,
        "ipmiEnabled": True,
        **record.extra,
    }


def image(record: Image) -> dict[str, Any]:
    """One item of DescribeImages: no status, no size, no zone."""
    return {
        "imageId": record.id,
        "imageName": record.name,
        "catalog": record.category,
        "imageType": "PUBLIC_IMAGE" if record.kind == "public" else "CUSTOM_IMAGE",
        "osType": record.os_type,
    }


def zone(record: Zone) -> dict[str, Any]:
    """One item of DescribeZones."""
    return {
        "zoneId": record.id,
        "zoneName": record.name or record.id,
        "cityName": record.name or record.region,
        "areaName": record.region,
        "isCloudRouterAvailable": True,
        "isByoipEnabled": False,
    }


def _model(record: Instance) -> dict[str, Any]:
    return {
        "imageIds": None,
        "instanceTypeId": model(record),
        "description": "",
        "cpuCoreCount": 1,
        "cpuDetail": "",
        "cpuCores": record.cpu,
        "cpuThreads": 2 * record.cpu,
        "baseFrequency": "",
        "memorySize": record.memory,
        "maximumBandwidth": 10000,
        "supportRaids": list(RAIDS),
        "supportSubnet": True,
        "isHA": False,
        "diskInfo": {
            "totalDiskSize": DISKS * record.system_disk,
            "diskDescription": f"{DISKS} * {record.system_disk} GB",
            "disks": [{"diskSize": record.system_disk, "diskCount": DISKS}],
        },
        "vpuVendor": None,
        "vpuCard": None,
        "vpuCount": None,
    }
