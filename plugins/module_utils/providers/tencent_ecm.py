# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tencent Cloud Edge Computing Machine (ECM), API version 2019-07-19.

Sources are the vendor's pages cloud.tencent.com/document/api/1108/42561 (ResetInstances) and
www.tencentcloud.com/document/product/1119/45717 (instances; 45707 start, 45706 stop, 45712 reboot, 45724 images,
45709 password), the specification that tccli ships, and the error codes of tencentcloud-sdk-python-ecm.

Not documented, and so inferred: that the record calls a reset ResetInstances (a reset of passwords it calls
ResetInstancesPassword), and the words for how far it is, which are those of the same vendor's other services. There
is neither a request id nor a time in the record. For ResetInstances no most ids are stated; its siblings take 100.
ResetInstances has no rule for passwords, its siblings have two: what passes here passes both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..core.errors import Kind
from ..core.model import Disk, Image, Instance, Status, Verb
from ..core.provider import (
    Action,
    Fields,
    PasswordChange,
    Proof,
    Provider,
    ResetOptions,
    Rules,
)
from .tencent.api import (
    COMMON_ADVICE,
    COMMON_ERRORS,
    IMAGE_TYPES,
    RESETTABLE,
    STOP_TYPES,
    agents,
    classified,
    denials,
    disk_of,
    filter_ids,
    operation_of,
    os_type_of,
    restriction_of,
    status_of,
    tags_of,
    tc3_api,
    write,
)
from .tencent.credentials import credentials
from .tencent.passwords import by_system

RATE = 20.0  # requests per second, each action by itself
LARGE_MEMORY = 4  # GiB, from which on a 32-bit system cannot be installed

ERRORS = {
    **COMMON_ERRORS,
    **classified(
        {
            Kind.IN_PROGRESS: (
                "OperationDenied.InstanceOperationInProgress FailedOperation.OperationConflict "
                "UnsupportedOperation.MutexOperationTaskRunning"
            ),
            Kind.WRONG_STATE: (
                "FailedOperation.OperationNotAllow FailedOperation.InvalidStatus FailedOperation.InstanceNotAllStopped "
                "UnsupportedOperation.InvalidInstanceState UnsupportedOperation.InvalidState "
                "UnsupportedOperation.StatusNotPermit"
            ),
            Kind.NOT_FOUND: (
                "ResourceNotFound.InstanceNotExist UnsupportedOperation.InstanceIdNotFound "
                "InvalidParameterValue.InvalidInstanceID"
            ),
            Kind.REJECTED: (
                "InvalidParameter.InvalidDataFormat InvalidParameter.ParameterConflict InvalidParameter.Coexist "
                "InvalidParameterValue.InvaildPassword InvalidParameterValue.InvalidImageArchitecture "
                "InvalidParameterValue.InvalidImageID InvalidParameterValue.ParameterValueTooLarge "
                "InvalidParameterValue.FilterLimitExceeded InvalidParameterValue.InvaildPageParam "
                "InvalidParameterValue.InvaildDescribeInstance InvalidParameterValue.ImageSizeLargeThanSysDiskSize "
                "InvalidParameterValue.InvalidEIPDirectService MissingParameter.MissingInstancesParameter "
                "FailedOperation.BlockBalance"
            ),
            Kind.DENIED: (
                "UnauthorizedOperation.ForbiddenOperation UnauthorizedOperation.WindowsImage "
                "AuthFailure.UnauthorizedOperation"
            ),
            Kind.UNKNOWN: "FailedOperation.InternalOperationFailure",
        }
    ),
}

ADVICE = {
    **COMMON_ADVICE,
    "FailedOperation.OperationNotAllow": "The instance's state does not allow it: look at it with instance_info.",
    "FailedOperation.BlockBalance": "Top up the account.",
    "InvalidParameterValue.InvaildPassword": "8 to 16 characters on Linux, 12 to 16 on Windows, pass all rules.",
    "InvalidParameterValue.InvalidImageID": "List what there is with reforge.cloud.image_info.",
    "UnauthorizedOperation.ForbiddenOperation": "Give the key's user the permission for this action in CAM.",
    "UnauthorizedOperation.WindowsImage": "Ask the vendor to allow Windows images for this account.",
}


def to_instance(record: Fields, region: str) -> Instance:
    """A record of DescribeInstances, in which every field may be null. The region is that of the edge zone."""
    operation = operation_of(record)
    status, words = status_of(record, operation)
    image, place = record.get("Image") or {}, record.get("Position") or {}
    network, shape = record.get("Internet") or {}, record.get("InstanceTypeConfig") or {}
    data = record.get("DataDisks")
    return Instance(
        id=record["InstanceId"],
        name=record.get("InstanceName") or "",
        status=status,
        vendor_status=words,
        image_id=image.get("ImageId") or "",
        image_name=image.get("ImageName"),
        os_type=os_type_of(image.get("OsType"), image.get("Platform"), image.get("ImageOsName")) or None,
        region=(place.get("RegionInfo") or {}).get("Region"),
        zone=(place.get("ZoneInfo") or {}).get("Zone"),
        public_ips=_addresses(network, "PublicIPAddress"),
        private_ips=_addresses(network, "PrivateIPAddress"),
        tags=tags_of(record.get("TagSet")),
        created_at=record.get("CreateTime"),
        cpu=shape.get("Vcpu"),
        memory=shape.get("Memory"),
        system_disk=_system_disk(record),
        data_disks=None if data is None else tuple(disk_of(disk) for disk in data),
        restriction=restriction_of(record),
        operation=operation,
        raw=record,
    )


def _addresses(network: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(one[name] for one in network.get(f"{name}Set") or () if one.get(name))


def _system_disk(record: Fields) -> Disk | None:
    """The disk, of which some records tell the size only."""
    size = record.get("SystemDiskSize")
    return (
        disk_of(record["SystemDisk"]) if record.get("SystemDisk") else Disk("", int(size)) if size else None
    )


def to_image(record: Fields) -> Image:
    """A record of DescribeImage. OsType is now a type and now a name, such as CentOS."""
    state = str(record.get("ImageState"))
    return Image(
        id=record["ImageId"],
        name=record.get("ImageName") or "",
        os_type=os_type_of(record.get("OsType"), record.get("Platform"), record.get("ImageOsName")),
        status=state,
        available=state == "NORMAL",
        size=int(record.get("ImageSize") or 0),
        type=IMAGE_TYPES.get(str(record.get("ImageType"))),
        raw=record,
    )


def image_for(image: Image, instance: Instance) -> Image:
    """A 32-bit system does not go onto an instance with much memory."""
    if image.raw.get("Architecture") == "i386" and (instance.memory or 0) >= LARGE_MEMORY:
        return replace(
            image, blocked=f"it is a 32-bit system, and the instance has {instance.memory} GiB of memory"
        )
    return image


def reset_fields(options: ResetOptions, instance: Instance, image: Image | None) -> Fields:
    """The body of ResetInstances. KeepData and KeepImageLogin are words, the one small and the other in capitals.

    KeepImageLogin must not be there beside a password, not even as FALSE.
    """
    keep_login = None if options.password else options.keep_image_login
    fields: dict[str, Any] = {
        "ImageId": options.image_id,
        "Password": options.password,
        "KeepData": None if options.keep_data_disks is None else str(options.keep_data_disks).lower(),
        "KeepImageLogin": None if keep_login is None else str(keep_login).upper(),
    }
    return {**{name: value for name, value in fields.items() if value is not None}, **agents(options)}


PROVIDER = Provider(
    name="tencent_ecm",
    title="Tencent Cloud Edge Computing Machine",
    api=tc3_api("ecm", "2019-07-19", ERRORS, regional=False),
    credentials=credentials(regional=False),
    regional=False,
    tags=True,
    rules=Rules(
        id_pattern=r"ein-[0-9a-z]+",
        passwords=by_system(16, "()~!@#$%^&-+=|{}[]:;',.?/", not_first="/"),
        same_os_type=False,  # no page forbids another one; the API looks whether the account may use Windows
        login_ways=("password", "keep_image_login"),
        no_login=(
            "neither password nor keep_image_login was given: the provider makes up a password and sends it by its "
            "Message Center, where no automation can read it"
        ),
    ),
    proof=Proof(by_operation=True),
    options=frozenset(
        {"password", "keep_image_login", "monitoring_agent", "security_agent", "keep_data_disks"}
    ),
    instances=Action(
        "DescribeInstances",
        "instance-id",
        filter_ids,
        5,
        RATE,
        rows="InstanceSet",
        row_id="InstanceId",
        page=100,
    ),
    images=Action(
        "DescribeImage", "image-id", filter_ids, 5, RATE, rows="ImageSet", row_id="ImageId", page=100
    ),
    writes={
        Verb.RESET: write("ResetInstances", "InstanceIdSet", RATE, *RESETTABLE),
        Verb.REBOOT: write("RebootInstances", "InstanceIdSet", RATE, Status.RUNNING),
        Verb.START: write("StartInstances", "InstanceIdSet", RATE, Status.STOPPED),
        Verb.STOP: write("StopInstances", "InstanceIdSet", RATE, Status.RUNNING),
        Verb.PASSWORD: write("ResetInstancesPassword", "InstanceIdSet", RATE, Status.STOPPED),
    },
    password_change=PasswordChange("Password", by_system(16, "()~!@#$%^&*-+=_|{}[]:;'<>,.?/", not_first="/")),
    modes={Verb.STOP: STOP_TYPES, Verb.REBOOT: STOP_TYPES},
    to_instance=to_instance,
    to_image=to_image,
    image_scope=lambda instance: {},
    image_for=image_for,
    reset_fields=reset_fields,
    errors=ERRORS,
    denials=Action(
        "DescribeInstancesDeniedActions",
        "InstanceIdSet",
        per_second=RATE,
        rows="InstanceOperatorSet",
        row_id="InstanceId",
    ),
    to_denials=denials(ERRORS),
    advice=ADVICE,
    sources=(
        "https://cloud.tencent.com/document/api/1108/42561",
        "https://www.tencentcloud.com/document/product/1119/45717",
    ),
)
