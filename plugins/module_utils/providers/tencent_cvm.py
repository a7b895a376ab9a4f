# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tencent Cloud Virtual Machine, API 3.0, version 2017-03-12.

Sources are the vendor's pages www.tencentcloud.com/document/product/213/33242 (ResetInstance) and
cloud.tencent.com/document/product/213/15728 (DescribeInstances; 15742 reboot, 15715 images, 15699 key pairs), the
specification that tccli ships, the error codes of tencentcloud-sdk-python-cvm, and the lists of codes for each action
in tencentcloud-sdk-go. From the latter comes which states a reset starts from: of all states only RUNNING and STOPPED
have no code of refusal.

Not documented: which InstanceState shows while a reset runs. The host names of Windows are shorter than those of
Linux (15 characters, no period); which system it will be is not looked at here, so the API tells.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from ..core.errors import Kind
from ..core.model import Image, Instance, Status, Verb
from ..core.provider import (
    Action,
    Fields,
    PasswordChange,
    Proof,
    Provider,
    ResetOptions,
    Rules,
    one_id,
)
from .tencent.api import (
    COMMON_ADVICE,
    COMMON_ERRORS,
    IMAGE_TYPES,
    RESETTABLE,
    STOP_TYPES,
    agents,
    classified,
    disk_of,
    operation_of,
    os_type_of,
    restriction_of,
    status_of,
    tags_of,
    tc3_api,
    write,
)
from .tencent.credentials import credentials
from .tencent.passwords import by_system, strict_by_system

RATE, LIST_RATE = 10.0, 40.0  # requests per second, each action by itself

# With other system disks a reset cannot change the type of system.
SWITCHING_DISKS = frozenset({"CLOUD_BASIC", "CLOUD_PREMIUM", "CLOUD_SSD", "CLOUD_BSSD"})

PASSING_STATES = (
    "Pending Rebooting Starting Stopping EnterRescueMode ExitRescueMode EnterServiceLiveMigrate ServiceLiveMigrate "
    "ExitServiceLiveMigrate"
)
LASTING_STATES = (
    "Shutdown Terminating Terminated Isolating Freezing Corrupted RescueMode Banning LaunchFailed"
)


def _states(words: str) -> str:
    return " ".join(f"UnsupportedOperation.InstanceState{word}" for word in words.split())


# InvalidInstance.NotSupported is also the answer shortly after another operation. An image that is being made or
# copied is not in a lasting state either.
ERRORS = {
    **COMMON_ERRORS,
    **classified(
        {
            Kind.IN_PROGRESS: (
                f"OperationDenied.InstanceOperationInProgress MutexOperation.TaskRunning ResourceInUse.DiskRollbacking "
                f"{_states(PASSING_STATES)}"
            ),
            Kind.WRONG_STATE: (
                f"{_states('Running Stopped NotRunning')} InvalidInstance.NotSupported InvalidInstanceState "
                "InvalidParameterValue.InvalidImageState FailedOperation.InvalidImageState "
                "InvalidImageId.IncorrectState"
            ),
            Kind.NOT_FOUND: (
                "InvalidInstanceId.NotFound ResourceNotFound.InvalidInstanceIdNotFound InvalidImageId.NotFound "
                "InvalidKeyPairId.NotFound InvalidParameterValue.KeyPairNotFound ResourceNotFound.KeyPairNotFound"
            ),
            Kind.REJECTED: (
                "InvalidInstanceId InvalidImageId InvalidKeyPairId InvalidInstance InvalidAccount InvalidPassword "
                "InvalidPermission InvalidImageOsType InvalidImageOsVersion InvalidParameterCombination "
                "InvalidParameterConflict InvalidFilter InvalidFilterValue InvalidRegion InvalidZone OverQuota "
                "AccountQualificationRestrictions "
                "InvalidInstanceId.Malformed InvalidImageId.Malformed InvalidKeyPairId.Malformed "
                "InvalidParameterValue.InstanceIdMalformed InvalidParameterValue.InvalidImageId "
                "InvalidParameterValue.InvalidImageIdForRetsetInstance "
                "InvalidParameterValue.InvalidImageForGivenInstanceType InvalidParameterValue.InvalidImageFormat "
                "InvalidParameterValue.RequiredLocationImage InvalidParameterValue.InvalidPassword "
                "InvalidParameterValue.IllegalHostName InvalidParameter.HostNameIllegal "
                "InvalidParameterValue.InvalidUserDataFormat InvalidParameter.ParameterConflict "
                "MissingParameter.MonitorService InvalidAccount.InsufficientBalance InvalidAccount.UnpaidOrder "
                "ResourceInsufficient.CloudDiskSoldOut ResourcesSoldOut.SpecifiedInstanceType "
                "UnsupportedOperation.StoppedModeStopCharging UnsupportedOperation.InstanceChargeType "
                "UnsupportedOperation.InvalidImageLicenseTypeForReset UnsupportedOperation.KeyPairUnsupportedWindows "
                "UnsupportedOperation.ModifyEncryptionNotSupported "
                "UnsupportedOperation.RawLocalDiskInsReinstalltoQcow2 UnsupportedOperation.InstanceReinstallFailed "
                f"{_states(LASTING_STATES)}"
            ),
            Kind.DENIED: (
                "UnauthorizedOperation.InvalidToken UnauthorizedOperation.MFAExpired UnauthorizedOperation.MFANotFound "
                "UnauthorizedOperation.PermissionDenied"
            ),
            Kind.UNKNOWN: "InternalError.TradeUnknownError",
        }
    ),
}

ADVICE = {
    **COMMON_ADVICE,
    "InvalidAccount.InsufficientBalance": "Top up the account.",
    "InvalidAccount.UnpaidOrder": "Pay or cancel the open order.",
    "InvalidImageId.NotFound": "List what there is with reforge.cloud.image_info.",
    "InvalidParameterValue.IllegalHostName": "The host name of a Windows system has 2 to 15 characters and no period.",
    "InvalidParameterValue.InvalidImageForGivenInstanceType": "The instance's model does not take this image.",
    "UnauthorizedOperation.PermissionDenied": "Give the key's user the permission for this action in CAM.",
    "UnsupportedOperation.InstanceReinstallFailed": "Its last reset failed: only another reset gets it out of this.",
    "UnsupportedOperation.ModifyEncryptionNotSupported": "The system disk is encrypted: use an encrypted image.",
    "UnsupportedOperation.StoppedModeStopCharging": "It was stopped without being charged: start it, then reset it.",
}


def to_instance(record: Fields, region: str) -> Instance:
    """A record of DescribeInstances. The type of system is told by the system's name only."""
    operation = operation_of(record)
    status, words = status_of(record, operation)
    login, system, data = record.get("LoginSettings"), record.get("SystemDisk"), record.get("DataDisks")
    return Instance(
        id=record["InstanceId"],
        name=record.get("InstanceName") or "",
        status=status,
        vendor_status=words,
        image_id=record.get("ImageId") or "",
        os_type=os_type_of(record.get("OsName")) or None,
        region=region,
        zone=(record.get("Placement") or {}).get("Zone"),
        public_ips=(*(record.get("PublicIpAddresses") or ()), *(record.get("PublicIPv6Addresses") or ())),
        private_ips=tuple(record.get("PrivateIpAddresses") or ()),
        tags=tags_of(record.get("Tags")),
        key_ids=None if login is None else tuple(login.get("KeyIds") or ()),
        created_at=record.get("CreatedTime"),
        cpu=record.get("CPU"),
        memory=record.get("Memory"),
        system_disk=disk_of(system) if system else None,
        data_disks=None if data is None else tuple(disk_of(disk) for disk in data),
        restriction=restriction_of(record),
        operation=operation,
        raw=record,
    )


def to_image(record: Fields) -> Image:
    """A record of DescribeImages."""
    state = str(record.get("ImageState"))
    return Image(
        id=record["ImageId"],
        name=record.get("ImageName") or "",
        os_type=os_type_of(record.get("Platform"), record.get("OsName")),
        status=state,
        available=state == "NORMAL",
        size=int(record.get("ImageSize") or 0),
        type=IMAGE_TYPES.get(str(record.get("ImageType"))),
        raw=record,
    )


def image_for(image: Image, instance: Instance) -> Image:
    """Another type of system only on the system disks for which the vendor allows it."""
    disk = (instance.raw.get("SystemDisk") or {}).get("DiskType")
    differs = instance.os_type and image.os_type and instance.os_type != image.os_type
    if differs and disk not in SWITCHING_DISKS:
        return replace(
            image,
            blocked=f"it is {image.os_type} and the instance is {instance.os_type}, which cannot be changed with a "
            f"system disk of type {disk or 'unknown'}",
        )
    return image


def reset_fields(options: ResetOptions, instance: Instance, image: Image | None) -> Fields:
    """The body of ResetInstance. Of the ways to log in there is one at most; KeepImageLogin is a word in capitals."""
    login: dict[str, Any] = {}
    if options.password:
        login = {"Password": options.password}
    elif options.key_ids:
        login = {"KeyIds": list(options.key_ids)}
    elif options.keep_image_login is not None:
        login = {"KeepImageLogin": str(options.keep_image_login).upper()}
    size, data = options.system_disk_size, options.user_data
    fields: dict[str, Any] = {
        "ImageId": options.image_id,
        "LoginSettings": login or None,
        "SystemDisk": None if size is None else {"DiskSize": size},
        "HostName": options.instance_name,
        "UserData": None if data is None else base64.b64encode(data.encode()).decode(),
    }
    return {**{name: value for name, value in fields.items() if value is not None}, **agents(options)}


PROVIDER = Provider(
    name="tencent_cvm",
    title="Tencent Cloud Virtual Machine",
    api=tc3_api("cvm", "2017-03-12", ERRORS, regional=True),
    credentials=credentials(),
    regional=True,
    tags=True,
    rules=Rules(
        id_pattern=r"ins-[0-9a-z]+",
        passwords=by_system(30, "()`~!@#$%^&*-+=|{}[]:;',.?/"),
        name_pattern=r"(?=.{2,60}$)[A-Za-z0-9]+([.-][A-Za-z0-9]+)*",
        name_rule=(
            "a host name of 2 to 60 letters, digits, hyphens and periods, the latter two neither at an end nor side by "
            "side (on Windows 2 to 15, without periods and not of digits only)"
        ),
        user_data_limit=16 * 1024,
        same_os_type=False,  # that depends on the system disk
        no_login=(
            "none of password, key_ids and keep_image_login was given: the provider makes up a password and sends it "
            "by its Message Center, where no automation can read it"
        ),
    ),
    proof=Proof(by_operation=True, by_request_id=True),
    options=frozenset(
        {
            "password",
            "key_ids",
            "keep_image_login",
            "user_data",
            "instance_name",
            "monitoring_agent",
            "security_agent",
            "system_disk_size",
        }
    ),
    instances=Action(
        "DescribeInstances",
        "InstanceIds",
        per_second=LIST_RATE,
        rows="InstanceSet",
        row_id="InstanceId",
        page=100,
    ),
    images=Action(
        "DescribeImages", "ImageIds", per_second=LIST_RATE, rows="ImageSet", row_id="ImageId", page=100
    ),
    keys=Action("DescribeKeyPairs", "KeyIds", per_second=RATE, rows="KeyPairSet", row_id="KeyId", page=100),
    key_id=lambda record: record["KeyId"],
    writes={
        Verb.RESET: replace(
            write("ResetInstance", "InstanceId", RATE, *RESETTABLE), give_ids=one_id, at_once=1
        ),
        Verb.REBOOT: write("RebootInstances", "InstanceIds", RATE, Status.RUNNING),
        Verb.START: write("StartInstances", "InstanceIds", RATE, Status.STOPPED),
        Verb.STOP: write("StopInstances", "InstanceIds", RATE, Status.RUNNING),
        Verb.PASSWORD: write("ResetInstancesPassword", "InstanceIds", RATE, Status.STOPPED),
    },
    password_change=PasswordChange("Password", strict_by_system(30)),
    modes={Verb.STOP: STOP_TYPES, Verb.REBOOT: STOP_TYPES},
    to_instance=to_instance,
    to_image=to_image,
    image_scope=lambda instance: {},
    image_for=image_for,
    reset_fields=reset_fields,
    errors=ERRORS,
    advice=ADVICE,
    sources=(
        "https://www.tencentcloud.com/document/product/213/33242",
        "https://cloud.tencent.com/document/product/213/15728",
    ),
)
