# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records in the vendor's words, with the fields of version 2025-09-01 (Zenlayer API: DescribeInstances and
others).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.model import Disk, Image, Instance, KeyPair, Settings, Zone

# The published list of states has REBUILDING for a reinstall; the text of ResetInstances says DEPLOYING. A
# fleet can choose with settings.zenlayer_zec.status_words, also STARTING for BOOTING and RECYCLED for
# RECYCLE.
STATUSES = {
    "running": "RUNNING",
    "stopped": "STOPPED",
    "starting": "BOOTING",
    "stopping": "STOPPING",
    "rebooting": "REBOOT",
    "resetting": "REBUILDING",
    "reset_failed": "REINSTALL_FAILED",
    "setting_password": "RUNNING",
    "creating": "DEPLOYING",
    "failed": "CREATE_FAILED",
    "recycled": "RECYCLE",
    "terminating": "RELEASING",
    "unknown": "IMAGING",
}


def status(instance: Instance, settings: Settings) -> str:
    """The vendor's word for the state of an instance."""
    return {**STATUSES, **settings.status_words}[instance.status]


def instance(record: Instance, image: Image | None, settings: Settings) -> dict[str, Any]:
    """One item of DescribeInstances. ``image`` is the installed one, None when it has been delisted."""
    return {
        "instanceId": record.id,
        "instanceName": record.name,
        "zoneId": record.zone,
        "instanceType": "z2a.cpu.1",
        "cpu": record.cpu,
        "memory": record.memory,
        "imageId": record.image_id,
        "imageName": image.name if image else None,
        "timeZone": record.timezone,
        "nicNetworkType": "FailOver",
        "status": status(record, settings),
        "systemDisk": {
            "diskId": f"disk-{record.id}",
            "diskSize": record.system_disk,
            "diskCategory": "Standard NVMe SSD",
            "burstingEnabled": False,
        },
        "dataDisks": [_data_disk(disk) for disk in record.data_disks],
        "publicIpAddresses": _ipv4(record.public_ips),
        "privateIpAddresses": _ipv4(record.private_ips),
        "keyId": record.key_ids[0] if record.key_ids else None,
        "subnetId": f"subnet-{record.zone}",
        "securityGroupId": None,
        "enableAgent": record.agent,
        "enableAgentMonitor": record.agent,
        "enableIpForward": False,
        "createTime": time(record.created),
        "expiredTime": time(record.expires) if record.expires else None,
        "resourceGroupId": "default",
        "resourceGroupName": "Default",
        "nics": [_nic(record)],
        "tags": tags(record.tags),
        "loadBalancerIds": [],
        "placementGroupId": None,
        "instanceOptions": {"nestedVirtualization": False},
        **record.extra,
    }


def image(record: Image) -> dict[str, Any]:
    """One item of DescribeImages; imageSize is text, in GiB."""
    public = record.kind == "public"
    return {
        "imageId": record.id,
        "imageName": record.name,
        "imageType": "PUBLIC_IMAGE" if public else "CUSTOM_IMAGE",
        "imageSource": "OFFICIAL" if public else "CUSTOM",
        "imageSize": str(record.size),
        "minDiskSize": record.min_disk,
        "imageDescription": "",
        "imageVersion": "",
        "imageStatus": {"offline": "UNAVAILABLE"}.get(record.status, record.status.upper()),
        "nicNetworkType": ["FailOver"],
        "category": record.category,
        "osType": record.os_type,
        "tags": tags(record.tags),
        **record.extra,
    }


def key_pair(record: KeyPair) -> dict[str, Any]:
    """One item of DescribeKeyPairs."""
    return {
        "keyId": record.id,
        "keyName": record.name,
        "publicKey": record.public_key,
        "keyDescription": "",
        "createTime": time(record.created),
    }


def zone(record: Zone) -> dict[str, Any]:
    """One item of DescribeZones."""
    return {
        "zoneId": record.id,
        "regionId": record.region,
        "zoneName": record.name or record.id,
        "timeZone": record.timezone,
        "cityName": record.name or record.region,
        "cityCode": "",
        "countryCode": "",
        "countryName": "",
        "supportSecurityGroup": True,
        "supportHaVip": False,
    }


def tags(given: Mapping[str, str]) -> dict[str, Any]:
    """Tags are an object with a list in it."""
    return {"tags": [{"key": key, "value": value} for key, value in given.items()]}


def time(seconds: float) -> str:
    """Unix seconds as ISO 8601 in UTC."""
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _data_disk(disk: Disk) -> dict[str, Any]:
    return {
        "diskId": disk.id,
        "diskName": disk.name,
        "diskSize": disk.size,
        "portable": True,
        "diskCategory": "Standard NVMe SSD",
        "burstingEnabled": False,
    }


def _ipv4(addresses: Iterable[str]) -> list[str]:
    """The lists have IPv4 only; an IPv6 address is that of a network card."""
    return [address for address in addresses if ":" not in address]


def _nic(record: Instance) -> dict[str, Any]:
    ipv6 = [address for address in (*record.public_ips, *record.private_ips) if ":" in address]
    return {
        "nicId": f"nic-{record.id}",
        "name": "primary",
        "status": "USED",
        "nicType": "Primary",
        "regionId": record.region,
        "publicIpList": _ipv4(record.public_ips),
        "privateIpList": _ipv4(record.private_ips),
        "primaryIpv4": next(iter(_ipv4(record.private_ips)), None),
        "primaryIpv6": ipv6[0] if ipv6 else None,
        "ipv6Cidr": None,
        "secondaryIpv4s": [],
        "instanceId": record.id,
        "subnetId": f"subnet-{record.zone}",
    }
