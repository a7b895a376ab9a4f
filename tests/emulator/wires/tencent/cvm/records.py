# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records of CVM, with the fields of its data types (cloud.tencent.com/document/api/213/15753).

Not documented, and chosen here: InstanceState during a reset is RUNNING (the list of states has none for it,
and the vendor's example shows RUNNING while another operation is under way), and STOPPED after a failed one;
a fleet can choose with ``settings.tencent_cvm.status_words``.
"""

from __future__ import annotations

from typing import Any

from emulator.model import Disk, Image, Instance, KeyPair, Zone
from emulator.wire import Context
from emulator.wires.tencent.records import expired, is_windows, iso, latest, overlay, platform, state, tags

_TYPES = {"public": "PUBLIC_IMAGE", "shared": "SHARED_IMAGE"}
_SOURCES = {"public": "OFFICIAL", "imported": "EXTERNAL_IMPORT"}
_IMAGE_STATES = {"available": "NORMAL", "failed": "CREATEFAILED", "import_failed": "IMPORTFAILED"}
_DISK_TYPE = "CLOUD_PREMIUM"
_LICENCE = "TencentCloud"


def disk_type(instance: Instance) -> str:
    """The type of the system disk, which a fleet sets with ``"extra": {"SystemDisk": {"DiskType":
    "LOCAL_BASIC"}}``.
    """
    return str(instance.extra.get("SystemDisk", {}).get("DiskType", _DISK_TYPE))


def instance(record: Instance, image: Image | None, context: Context) -> dict[str, Any]:
    """One item of DescribeInstances. ``image`` is the installed one, None when it is gone."""
    doing = latest(record, context, "ResetInstance")
    isolated = "PROTECTIVELY_ISOLATED" if record.status == "recycled" else "NORMAL"
    return overlay(
        {
            "InstanceId": record.id,
            "InstanceName": record.name,
            "Uuid": f"uuid-{record.id}",
            "InstanceState": state(record, context),
            "RestrictState": "EXPIRED" if expired(record, context) else isolated,
            "Placement": {"Zone": record.zone, "ProjectId": 0, "HostIds": [], "HostId": ""},
            "InstanceType": "SR1.MEDIUM4" if image and image.architecture == "arm" else "S5.MEDIUM4",
            "CPU": record.cpu,
            "Memory": record.memory,
            **_terms(record),
            "SystemDisk": {
                "DiskType": _DISK_TYPE,
                "DiskId": f"disk-{record.id}",
                "DiskSize": record.system_disk,
            },
            "DataDisks": list(map(_data_disk, record.data_disks)),
            **_addresses(record),
            "InternetAccessible": {
                "InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR",
                "InternetMaxBandwidthOut": 10,
                "PublicIpAssigned": bool(record.public_ips),
            },
            "VirtualPrivateCloud": {
                "VpcId": "vpc-emulated",
                "SubnetId": f"subnet-{record.zone}",
                "AsVpcGateway": False,
                "PrivateIpAddresses": list(record.private_ips),
                "Ipv6AddressCount": 0,
            },
            "SecurityGroupIds": [],
            "ImageId": record.image_id,
            "OsName": image.name if image else "",
            "LoginSettings": {"KeyIds": list(record.key_ids)},
            "DefaultLoginUser": "Administrator" if is_windows(image) else "root",
            "DefaultLoginPort": 3389 if is_windows(image) else 22,
            "HostName": "",
            "CreatedTime": iso(record.created),
            "ExpiredTime": iso(record.expires),
            "Tags": tags(record.tags),
            "StopChargingMode": "NOT_APPLICABLE" if record.status == "running" else "KEEP_CHARGING",
            "LatestOperation": doing.name,
            "LatestOperationState": doing.state,
            "LatestOperationRequestId": doing.request_id,
            "LatestOperationErrorMsg": doing.error,
            "CamRoleName": "",
            "LicenseType": _LICENCE,
            "DisableApiTermination": False,
        },
        record.extra,
    )


def _terms(record: Instance) -> dict[str, Any]:
    return {
        "InstanceChargeType": "PREPAID" if record.expires else "POSTPAID_BY_HOUR",
        "RenewFlag": "NOTIFY_AND_MANUAL_RENEW" if record.expires else None,
        "IsolatedSource": "MANMADE" if record.status == "recycled" else "NOTISOLATED",
    }


def _addresses(record: Instance) -> dict[str, Any]:
    public4, public6 = _by_version(record.public_ips)
    private4, private6 = _by_version(record.private_ips)
    return {
        "PrivateIpAddresses": private4,
        "PublicIpAddresses": public4 or None,
        "PublicIPv6Addresses": public6,
        "IPv6Addresses": [*public6, *private6] or None,
    }


def _by_version(addresses: tuple[str, ...]) -> tuple[list[str], list[str]]:
    six = [address for address in addresses if ":" in address]
    return [address for address in addresses if address not in six], six


def _data_disk(disk: Disk) -> dict[str, Any]:
    return {
        "DiskType": _DISK_TYPE,
        "DiskId": disk.id,
        "DiskSize": disk.size,
        "DeleteWithInstance": False,
        "Encrypt": False,
    }


def fits(image: Image, model: str) -> bool:
    """Whether a model takes an image. Families that begin with SR are those for arm."""
    return (image.architecture == "arm") == model.startswith("SR")


def licence(record: Instance | Image) -> str:
    """The type of licence, which a fleet sets with ``"extra": {"LicenseType": "BYOL"}``."""
    return str(record.extra.get("LicenseType", _LICENCE))


def image(record: Image) -> dict[str, Any]:
    """One item of DescribeImages."""
    name = record.name or record.id
    return overlay(
        {
            "ImageId": record.id,
            "ImageName": name,
            "ImageDescription": name,
            "ImageType": _TYPES.get(record.kind, "PRIVATE_IMAGE"),
            "ImageSource": _SOURCES.get(record.kind, "CREATE_IMAGE"),
            "ImageState": _IMAGE_STATES.get(record.status, record.status.upper()),
            "ImageSize": record.size,
            "ImageCreator": "",
            "OsName": name,
            "Platform": platform(record),
            "Architecture": record.architecture,
            "IsSupportCloudinit": True,
            "LicenseType": _LICENCE,
            "SyncPercent": None,
            "SnapshotSet": [],
            "Tags": tags(record.tags),
            "CreatedTime": iso(record.created),
            "ImageDeprecated": False,
        },
        record.extra,
    )


def key_pair(record: KeyPair, users: list[str]) -> dict[str, Any]:
    """One item of DescribeKeyPairs; ``users`` are the instances that it is bound to."""
    return {
        "KeyId": record.id,
        "KeyName": record.name,
        "ProjectId": 0,
        "Description": "",
        "PrivateKey": None,
        "PublicKey": record.public_key,
        "AssociatedInstanceIds": users,
        "CreatedTime": iso(record.created),
        "Tags": [],
    }


def zone(record: Zone, number: int) -> dict[str, Any]:
    """One item of DescribeZones."""
    return {
        "Zone": record.id,
        "ZoneName": record.name or record.id,
        "ZoneId": str(number),
        "ZoneState": "AVAILABLE",
    }
