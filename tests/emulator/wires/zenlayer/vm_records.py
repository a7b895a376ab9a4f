# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records of Virtual Machine in the vendor's words, with the fields of version 2026-04-01."""

from __future__ import annotations

from typing import Any

from emulator.model import Image, Instance, Settings, Zone
from emulator.wires.zenlayer.records import STATUSES, tags, time

# The vendor names no state for a reset that failed; this is the word of its sibling, Elastic Compute.
_STATUSES = {**STATUSES, "setting_password": "STOPPED"}


def status(record: Instance, settings: Settings) -> str:
    """The vendor's word for the state of an instance."""
    return {**_STATUSES, **settings.status_words}[record.status]


def instance(record: Instance, image: Image | None, settings: Settings) -> dict[str, Any]:
    """One item of DescribeInstances."""
    return {
        "instanceId": record.id,
        "zoneId": record.zone,
        "instanceName": record.name,
        "instanceType": "c1m1",
        "cpuCount": record.cpu,
        "memory": record.memory,
        "imageId": record.image_id,
        "imageName": image.name if image else None,
        "instanceChargeType": "POSTPAID",
        "internetMaxBandwidthOut": 10,
        "internetChargeType": "ByBandwidth",
        "period": None,
        "publicIpAddresses": list(record.public_ips),
        "publicIpv6Addresses": [],
        "privateIpAddresses": list(record.private_ips),
        "subnetId": f"subnet-{record.zone}",
        "createTime": time(record.created),
        "expiredTime": time(record.expires) if record.expires else None,
        "resourceGroupId": "default",
        "resourceGroupName": "Default",
        "instanceStatus": status(record, settings),
        "trafficPackageSize": None,
        "securityGroupIds": [],
        "systemDisk": {
            "diskId": f"disk-{record.id}",
            "diskSize": record.system_disk,
            "diskCategory": "SSD",
        },
        "dataDisks": [
            {
                "diskId": disk.id,
                "diskName": disk.name,
                "diskSize": disk.size,
                "diskAmount": None,
                "portable": True,
                "diskCategory": "SSD",
                "diskPrice": None,
            }
            for disk in record.data_disks
        ],
        "autoRenew": False,
        "keyId": record.key_ids[0] if record.key_ids else None,
        "nic": {"wanName": "eth0", "lanName": "eth1"},
        "tags": tags(record.tags),
        **record.extra,
    }


def image(record: Image) -> dict[str, Any]:
    """One item of DescribeImages; imageSize is text."""
    return {
        "imageId": record.id,
        "imageName": record.name,
        "imageType": "PUBLIC_IMAGE" if record.kind == "public" else "CUSTOM_IMAGE",
        "imageSize": str(record.size),
        "imageDescription": "",
        "imageVersion": "",
        "imageStatus": {"offline": "UNAVAILABLE"}.get(record.status, record.status.upper()),
        "category": record.category,
        "osType": record.os_type,
        **record.extra,
    }


def zone(record: Zone) -> dict[str, Any]:
    """One item of DescribeZones."""
    return {
        "zoneId": record.id,
        "zoneName": record.name or record.id,
        "supportSecurityGroup": True,
        "supportNetworkType": "VPC",
        "supportIpv6": True,
        "supportCpuPassThrough": False,
        "networkLineType": "BGP",
    }
