# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records of ECM, with the fields of the data types Instance and Image
(cloud.tencent.com/document/api/1108/44105).

Not documented, and chosen here: InstanceState during a reset is RUNNING, since the list of states has none
for it, and STOPPED after a failed one; a fleet can choose with ``settings.tencent_ecm.status_words``. Times
are China's.
"""

from __future__ import annotations

from typing import Any

from emulator.model import Image, Instance
from emulator.wire import Context
from emulator.wires.tencent.records import STATES, expired, is_windows, latest, local, overlay, platform, tags

_STATES = {**STATES, "unknown": "FREEZING"}  # a word of another service: it is not in the list of ECM
_SOURCES = {"public": "OFFICIAL", "imported": "EXTERNAL_IMPORT"}
_IMAGE_STATES = {"available": "NORMAL"}


def state(instance: Instance, context: Context) -> str:
    """The vendor's word for the state of an instance."""
    return {**_STATES, **context.fleet.settings(instance.provider).status_words}[instance.status]


def instance(record: Instance, image: Image | None, context: Context) -> dict[str, Any]:
    """One item of DescribeInstances. ``image`` is the installed one, None when it has been delisted."""
    doing = latest(record, context, "ResetInstances")
    over = expired(record, context)
    return overlay(
        {
            "InstanceId": record.id,
            "InstanceName": record.name,
            "UUID": f"uuid-{record.id}",
            "InstanceState": state(record, context),
            "RestrictState": "EXPIRED"
            if over
            else "PROTECTIVELY_ISOLATED"
            if record.status == "recycled"
            else "NORMAL",
            "ExpireState": "EXPIRED" if over else "NORMAL",
            "Image": _image(image) if image else {"ImageId": record.image_id},
            "SimpleModule": {"ModuleId": "em-emulated", "ModuleName": "emulated"},
            "Position": _position(record),
            "Internet": _internet(record),
            "InstanceTypeConfig": {
                "InstanceType": "S3.SMALL",
                "Vcpu": record.cpu,
                "Memory": record.memory,
                "Frequency": "2.5 GHz",
                "CpuModelName": "",
                "InstanceFamilyConfig": {"InstanceFamily": "S3", "InstanceFamilyName": "S3"},
                "InstanceFamilyTypeConfig": {"InstanceFamilyType": "S", "InstanceFamilyTypeName": "S"},
                "ExtInfo": "",
                "Vgpu": None,
                "GpuModelName": None,
            },
            "SystemDisk": {
                "DiskType": "LOCAL_BASIC",
                "DiskId": f"ldisk-{record.id}",
                "DiskSize": record.system_disk,
            },
            "SystemDiskSize": record.system_disk,
            "DataDisks": [
                {"DiskType": "LOCAL_BASIC", "DiskId": disk.id, "DiskSize": disk.size}
                for disk in record.data_disks
            ]
            or None,
            "DataDiskSize": sum(disk.size for disk in record.data_disks),
            "TagSet": tags(record.tags) or None,
            "LatestOperation": doing.name,
            "LatestOperationState": doing.state,
            "PayMode": 1 if record.expires else 0,
            "RenewFlag": 0,
            "CreateTime": local(record.created),
            "ExpireTime": local(record.expires),
            "IsolatedTime": None,
            "NewFlag": 0,
            "SecurityGroupIds": [],
            "VirtualPrivateCloud": {
                "VpcId": "vpc-emulated",
                "SubnetId": f"subnet-{record.zone}",
                "AsVpcGateway": False,
                "PrivateIpAddresses": list(record.private_ips),
                "Ipv6AddressCount": 0,
            },
            "ISP": "CTCC",
            "PhysicalPosition": None,
        },
        record.extra,
    )


def image(record: Image) -> dict[str, Any]:
    """One item of DescribeImage, whose OsType is the name of the system; that of an instance's image is
    linux.
    """
    return {**_image(record), "OsType": platform(record)}


def _image(record: Image) -> dict[str, Any]:
    name = record.name or record.id
    return overlay(
        {
            "ImageId": record.id,
            "ImageName": name,
            "ImageState": _IMAGE_STATES.get(record.status, record.status.upper()),
            "ImageType": "PUBLIC_IMAGE" if record.kind == "public" else "PRIVATE_IMAGE",
            "ImageSource": _SOURCES.get(record.kind, "CREATE_IMAGE"),
            "ImageOsName": name,
            "ImageDescription": name,
            "ImageCreateTime": local(record.created) or "",
            "Architecture": record.architecture,
            "OsType": "windows" if is_windows(record) else "linux",
            "OsVersion": "",
            "Platform": platform(record),
            "ImageOwner": 0 if record.kind == "public" else 1,
            "ImageSize": record.size,
            "SrcImage": None,
            "TaskId": "",
            "IsSupportCloudInit": True,
        },
        record.extra,
    )


def _position(record: Instance) -> dict[str, Any]:
    return {
        "ZoneInfo": {"ZoneId": 0, "Zone": record.zone, "ZoneName": record.zone},
        "RegionInfo": {"RegionId": 0, "Region": record.region, "RegionName": record.region},
        "Country": {"CountryId": "china", "CountryName": "China"},
        "Area": {"AreaId": "", "AreaName": ""},
        "Province": {"ProvinceId": "", "ProvinceName": ""},
        "City": {"CityId": "", "CityName": ""},
        "Ipv6Supported": False,
    }


def _first(records: list[dict[str, Any]]) -> dict[str, Any] | None:
    return records[0] if records else None


def _internet(record: Instance) -> dict[str, Any]:
    public = [
        {
            "PublicIPAddress": address,
            "ChargeMode": "BANDWIDTH",
            "MaxBandwidthOut": 10,
            "MaxBandwidthIn": 10,
            "ISP": {"ISPId": "CTCC", "ISPName": "CTCC"},
        }
        for address in record.public_ips
        if ":" not in address
    ]
    ipv6 = [{"PublicIPAddress": address} for address in record.public_ips if ":" in address]
    private = [{"PrivateIPAddress": address} for address in record.private_ips]
    return {
        "PublicIPAddressSet": public or None,
        "PrivateIPAddressSet": private or None,
        "InstanceNetworkInfoSet": [
            {
                "Primary": True,
                "NetworkInterfaceId": f"eni-{record.id}",
                "NetworkInterfaceName": "primary",
                "AddressInfoSet": [
                    {
                        "PublicIPAddressInfo": _first(public),
                        "PrivateIPAddressInfo": _first(private),
                        "PublicIPv6AddressInfo": _first(ipv6),
                    }
                ],
            }
        ],
    }
