# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records of Lighthouse, with the fields of its data types (cloud.tencent.com/document/product/1207/47576).

Not documented, and chosen here: InstanceState during a reset is RUNNING, since the list of states has none
for it, and STOPPED after a failed one; a fleet can choose with ``settings.tencent_lighthouse.status_words``.
"""

from __future__ import annotations

from typing import Any

from emulator.model import Image, Instance, KeyPair
from emulator.wire import Context
from emulator.wires.tencent.records import is_windows, iso, latest, overlay, platform, state, tags

_TYPES = {"public": "PURE_OS", "app": "APP_OS", "docker": "DOCKER", "shared": "SHARED", "game": "GAME_PORTAL"}
_BLUEPRINT_STATES = {"available": "NORMAL", "failed": "CREATEFAILED", "sync_failed": "SYNCING_FAILED"}
# DescribeRegions says of each region whether it is one of these.
MAINLAND = frozenset(
    f"ap-{city}"
    for city in (
        "guangzhou",
        "shanghai",
        "nanjing",
        "beijing",
        "chengdu",
        "chongqing",
        "shenzhen",
        "tianjin",
        "hangzhou",
        "wuhan",
    )
)


def instance(record: Instance, image: Image | None, context: Context) -> dict[str, Any]:
    """One item of DescribeInstances. ``image`` is the installed blueprint, None when it is gone."""
    doing = latest(record, context, "ResetInstance")
    return overlay(
        {
            "InstanceId": record.id,
            "InstanceName": record.name,
            "Uuid": f"uuid-{record.id}",
            "BundleId": "bundle_emulated",
            "BlueprintId": record.image_id,
            "CPU": record.cpu,
            "Memory": record.memory,
            "InstanceChargeType": "PREPAID",
            "SystemDisk": {
                "DiskType": "CLOUD_PREMIUM",
                "DiskSize": record.system_disk,
                "DiskId": f"lhdisk-{record.id}",
            },
            "PrivateAddresses": list(record.private_ips),
            "PublicAddresses": list(record.public_ips),
            "InternetAccessible": {
                "InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR",
                "InternetMaxBandwidthOut": 20,
                "PublicIpAssigned": bool(record.public_ips),
            },
            "RenewFlag": "NOTIFY_AND_MANUAL_RENEW",
            "LoginSettings": {"KeyIds": list(record.key_ids)},
            "InstanceState": state(record, context),
            "InstanceRestrictState": "NORMAL",
            "LatestOperation": doing.name,
            "LatestOperationState": doing.state,
            "LatestOperationRequestId": doing.request_id,
            "LatestOperationStartedTime": iso(doing.started),
            "CreatedTime": iso(record.created),
            "ExpiredTime": iso(record.expires),
            "IsolatedTime": None,
            "PlatformType": platform_type(image),
            "Platform": platform(image).upper(),
            "OsName": image.name if image else "",
            "Zone": record.zone,
            "Tags": tags(record.tags),
        },
        record.extra,
    )


def platform_type(image: Image | None) -> str:
    """LINUX_UNIX or WINDOWS."""
    return "WINDOWS" if is_windows(image) else "LINUX_UNIX"


def blueprint(record: Image) -> dict[str, Any]:
    """One item of DescribeBlueprints."""
    return overlay(
        {
            "BlueprintId": record.id,
            "BlueprintName": record.name or record.id,
            "DisplayTitle": record.name or record.id,
            "DisplayVersion": "",
            "Description": None,
            "OsName": record.name or record.id,
            "Platform": platform(record).upper(),
            "PlatformType": platform_type(record),
            "BlueprintType": blueprint_type(record),
            "BlueprintState": _BLUEPRINT_STATES.get(record.status, record.status.upper()),
            "RequiredSystemDiskSize": max(record.size, record.min_disk),
            "RequiredMemorySize": record.min_memory,
            "BlueprintShared": False,
            "ImageId": "",
            "ImageUrl": "",
            "SupportAutomationTools": True,
            "CommunityUrl": "",
            "GuideUrl": "",
            "SceneIdSet": [],
            "DockerVersion": None,
            "CreatedTime": iso(record.created),
            "Tags": tags(record.tags),
        },
        record.extra,
    )


def blueprint_type(record: Image) -> str:
    """The type of a blueprint; of whatever kind is not known by another name, it is the account's own."""
    return _TYPES.get(record.kind, "PRIVATE")


def key_pair(record: KeyPair, users: list[str]) -> dict[str, Any]:
    """One item of DescribeKeyPairs; ``users`` are the instances that it is bound to."""
    return {
        "KeyId": record.id,
        "KeyName": record.name,
        "PublicKey": record.public_key,
        "PrivateKey": None,
        "AssociatedInstanceIds": users,
        "CreatedTime": iso(record.created),
        "Tags": [],
    }


def region(name: str) -> dict[str, Any]:
    """One item of DescribeRegions."""
    return {
        "Region": name,
        "RegionName": name,
        "RegionState": "AVAILABLE",
        "IsChinaMainland": name in MAINLAND,
    }
