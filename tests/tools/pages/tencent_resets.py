# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Tencent Cloud's pages say of a reset: ECM, Lighthouse, CVM by its API 3.0 and by its legacy one."""

from __future__ import annotations

import re

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Instance, Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Provider
from tools.pages.document import (
    BEFORE,
    NO_KEY_ON_WINDOWS,
    ONE_IN_A_REQUEST,
    RANDOM_PASSWORD,
    Document,
    Limit,
    body,
    without_image,
    words,
)

TENCENT = {"Action": "the module", "Version": "fixed", "Region": "`region`"}
DONE_BY_RECORD = Limit(
    "done when LatestOperationState is SUCCESS",
    "together with our request id",
    lambda provider: provider.proof.by_request_id,
)
KEEP_IMAGE_LOGIN = Limit(
    "KeepImageLogin only for images that are not public",
    BEFORE,
    lambda provider: "keep_image_login" in provider.options,
)
PASSWORD_BY_MESSAGE = Limit(
    "without a password a random one is mailed",
    "a warning",
    lambda provider: "Message Center" in provider.rules.no_login,
)
CLASSES = {"two of three": 2, "three of four": 3}


def rate(per_second: int) -> Limit:
    """The documented rate of a reset."""
    return Limit(
        f"{per_second} requests per second",
        "the pace of requests",
        lambda provider: provider.writes[Verb.RESET].per_second == per_second,
    )


def password_length(system: str, shortest: int, longest: int, classes: str) -> Limit:
    """How long a password is, and of how many classes of characters."""
    os_type = "windows" if system == "Windows" else ""

    def kept(provider: Provider) -> bool:
        rule = provider.rules.passwords[os_type]
        return (rule.shortest, rule.longest, rule.needs) == (shortest, longest, CLASSES[classes])

    return Limit(
        f"a password on {system}: {shortest} to {longest} characters, {classes} classes", BEFORE, kept
    )


def licence(provider: Provider) -> bool:
    """Whether an image with another licence is refused."""
    windows = provider.to_image({"ImageId": "i", "LicenseType": "BYOL"})
    instance = Instance("i", "", Status.RUNNING, "", "", raw={"LicenseType": "TencentCloud"})
    return bool(provider.image_for(windows, instance).blocked)


def other_system(provider: Provider) -> bool:
    """Whether another type of system is refused with a local system disk."""
    windows = provider.to_image({"ImageId": "i", "Platform": "Windows"})
    disk = {"SystemDisk": {"DiskType": "LOCAL_BASIC"}}
    linux = Instance("i", "", Status.RUNNING, "", "", os_type="linux", raw=disk)
    return bool(provider.image_for(windows, linux).blocked)


ECM = Document(
    "tencent_ecm",
    "ResetInstances",
    Verb.RESET,
    "www.tencentcloud.com/document/product/1119/45708",
    ("InstanceIdSet", "ImageId", "Password", "EnhancedService", "KeepData", "KeepImageLogin"),
    (
        rate(20),
        Limit(
            "a password or KeepImageLogin, not both",
            BEFORE,
            lambda provider: provider.rules.login_ways == ("password", "keep_image_login"),
        ),
        KEEP_IMAGE_LOGIN,
        Limit(
            "KeepData is a word, and true by default",
            "sent only when `keep_data_disks` is given",
            lambda provider: (
                body(provider, keep_data_disks=False)["KeepData"] == "false"
                and "KeepData" not in body(provider)
            ),
        ),
        PASSWORD_BY_MESSAGE,
        Limit(
            "no 32-bit image with 4 GB of memory or more",
            BEFORE,
            lambda provider: bool(
                provider.image_for(
                    provider.to_image({"ImageId": "i", "Architecture": "i386"}),
                    Instance("i", "", Status.RUNNING, "", "", memory=4),
                ).blocked
            ),
        ),
    ),
    words(
        "FailedOperation.InternalOperationFailure FailedOperation.OperationNotAllow "
        "InvalidParameter.InvalidDataFormat InvalidParameter.ParameterConflict "
        "InvalidParameterValue.InvaildPassword InvalidParameterValue.InvalidImageArchitecture "
        "InvalidParameterValue.InvalidImageID InvalidParameterValue.InvalidInstanceID "
        "InvalidParameterValue.ParameterValueTooLarge OperationDenied.InstanceOperationInProgress "
        "ResourceNotFound.InstanceNotExist UnauthorizedOperation.ForbiddenOperation"
    ),
    common={**TENCENT, "Region": "not needed"},
)

LIGHTHOUSE = Document(
    "tencent_lighthouse",
    "ResetInstance",
    Verb.RESET,
    "www.tencentcloud.com/document/product/1103/42490",
    ("InstanceId", "BlueprintId", "Containers", "LoginConfiguration"),
    (
        rate(10),
        ONE_IN_A_REQUEST,
        Limit(
            "no switch between LINUX_UNIX and WINDOWS",
            BEFORE + ", unless the instance's own list of blueprints allows it",
            lambda provider: bool(
                provider.image_for(
                    provider.to_image({"BlueprintId": "b", "PlatformType": "WINDOWS"}),
                    Instance("i", "", Status.RUNNING, "", "", os_type="linux"),
                ).blocked
            ),
        ),
        DONE_BY_RECORD,
        without_image("BlueprintId"),
    ),
    words(
        "FailedOperation FailedOperation.DescribeInstanceStatus "
        "FailedOperation.InstanceOperationFailed InternalError.DescribeInstanceStatus "
        "InternalError.InvalidCommandNotFound InvalidParameterValue.BlueprintConfigNotMatch "
        "InvalidParameterValue.BlueprintId InvalidParameterValue.BlueprintIdMalformed "
        "InvalidParameterValue.Duplicated InvalidParameterValue.InstanceIdMalformed "
        "InvalidParameterValue.InvalidParameterCombination InvalidParameterValue.InvalidPassword "
        "InvalidParameterValue.LimitExceeded InvalidParameterValue.NotAllowToChangePlatformType "
        "InvalidParameterValue.OutOfRange InvalidParameterValue.TooLong "
        "OperationDenied.InstanceCreating OperationDenied.InstanceOperationInProgress "
        "ResourceNotFound.BlueprintIdNotFound ResourceNotFound.InstanceIdNotFound "
        "ResourceNotFound.InstanceNotFound ResourceNotFound.KeyPairNotFound "
        "ResourceUnavailable.BlueprintUnavailable UnauthorizedOperation.MFANotFound "
        "UnauthorizedOperation.NoPermission UnsupportedOperation.InvalidInstanceState "
        "UnsupportedOperation.LatestOperationUnfinished UnsupportedOperation.SystemBusy"
    ),
    common=TENCENT,
)

CVM = Document(
    "tencent_cvm",
    "ResetInstance",
    Verb.RESET,
    "cloud.tencent.com/document/product/266/15724",
    ("InstanceId", "ImageId", "SystemDisk", "LoginSettings", "EnhancedService", "HostName", "UserData"),
    (
        rate(10),
        ONE_IN_A_REQUEST,
        Limit(
            "one of Password, KeyIds and KeepImageLogin",
            BEFORE,
            lambda provider: provider.rules.login_ways == ("password", "key_ids", "keep_image_login"),
        ),
        KEEP_IMAGE_LOGIN,
        NO_KEY_ON_WINDOWS,
        password_length("Linux", 8, 30, "two of three"),
        password_length("Windows", 12, 30, "three of four"),
        RANDOM_PASSWORD,
        Limit(
            "the system disk does not shrink", BEFORE, lambda provider: "system_disk_size" in provider.options
        ),
        Limit(
            "a host name of Windows has 15 characters and no periods",
            BEFORE,
            lambda provider: not re.fullmatch(provider.rules.names["windows"].pattern, "web.example"),
        ),
        Limit("user data of 16 KB", BEFORE, lambda provider: provider.rules.user_data_limit == 16 * 1024),
        Limit("the licence type stays", BEFORE, licence),
        Limit("another type of system only with a cloud system disk", BEFORE, other_system),
        Limit(
            "not when stopped without charging",
            BEFORE,
            lambda provider: bool(
                provider.to_instance(
                    {
                        "InstanceId": "i",
                        "InstanceState": "STOPPED",
                        "StopChargingMode": "STOP_CHARGING",
                    },
                    "r",
                ).reset_barred
            ),
        ),
        DONE_BY_RECORD,
        without_image("ImageId"),
    ),
    words(
        "OperationDenied.InstanceOperationInProgress MutexOperation.TaskRunning "
        "InvalidInstance.NotSupported InternalServerError InternalError.TradeUnknownError "
        "InvalidParameterValue.InvalidImageState FailedOperation.InvalidImageState "
        "InvalidInstanceId.NotFound InvalidInstanceId.Malformed "
        "InvalidParameterValue.InstanceIdMalformed InvalidImageId.NotFound InvalidImageId.Malformed "
        "InvalidParameterValue.InvalidImageId InvalidParameterValue.InvalidImageIdForRetsetInstance "
        "InvalidParameterValue.InvalidImageForGivenInstanceType "
        "InvalidParameterValue.InvalidImageFormat InvalidParameterValue.KeyPairNotFound "
        "InvalidKeyPairId.Malformed InvalidParameterValue.InvalidPassword InvalidPassword "
        "InvalidParameterValue.IllegalHostName InvalidParameter.HostNameIllegal "
        "InvalidParameterValue.InvalidUserDataFormat InvalidParameter.ParameterConflict "
        "MissingParameter MissingParameter.MonitorService UnsupportedOperation.InstanceStatePending "
        "UnsupportedOperation.InstanceStateRebooting UnsupportedOperation.InstanceStateStarting "
        "UnsupportedOperation.InstanceStateStopping UnsupportedOperation.InstanceStateShutdown "
        "UnsupportedOperation.InstanceStateTerminating UnsupportedOperation.InstanceStateTerminated "
        "UnsupportedOperation.InstanceStateIsolating UnsupportedOperation.InstanceStateFreezing "
        "UnsupportedOperation.InstanceStateCorrupted UnsupportedOperation.InstanceStateRescueMode "
        "UnsupportedOperation.InstanceStateBanning UnsupportedOperation.StoppedModeStopCharging "
        "UnsupportedOperation.InstanceChargeType UnsupportedOperation.InvalidImageLicenseTypeForReset "
        "UnsupportedOperation.KeyPairUnsupportedWindows "
        "UnsupportedOperation.ModifyEncryptionNotSupported "
        "UnsupportedOperation.RawLocalDiskInsReinstalltoQcow2 InvalidAccount.InsufficientBalance "
        "InvalidAccount.UnpaidOrder ResourceInsufficient.CloudDiskSoldOut "
        "ResourcesSoldOut.SpecifiedInstanceType UnauthorizedOperation.PermissionDenied "
        "UnauthorizedOperation.MFAExpired"
    ),
    common=TENCENT,
)

LEGACY = Document(
    "tencent_cvm_v2",
    "ResetInstances",
    Verb.RESET,
    "cloud.tencent.com/document/api/213/1246",
    (
        "instanceId",
        "imageType",
        "imageId",
        "password",
        "needSecurityAgent",
        "needMonitorAgent",
        "rootSize",
    ),
    (
        ONE_IN_A_REQUEST,
        Limit(
            "imageId and imageType together",
            "both or none are sent",
            lambda provider: (
                {"imageId", "imageType"} <= set(body(provider, image_id="i"))
                and not {"imageId", "imageType"} & set(body(provider, force=True))
            ),
        ),
        password_length("Linux", 8, 16, "two of three"),
        password_length("Windows", 12, 16, "three of four"),
        Limit(
            "a switch between Linux and Windows changes the disk's id and voids its snapshots",
            "said in the plan",
            lambda provider: (
                "snapshots"
                in provider.image_for(
                    provider.to_image({"unImgId": "i", "osName": "Windows"}),
                    Instance("i", "", Status.RUNNING, "", "", os_type="linux"),
                ).note
            ),
        ),
        PASSWORD_BY_MESSAGE,
    ),
    (
        "OperationConstraints.InvaildInstanceStatus",
        "OperationFail.AllResourceOpFailed",
        "OperationConstraints.AccountBalanceNotEnough",
        "OperationFail.SystemBusy",
    ),
    common={"Action": "the module", "Region": "`region`"},
)

TENCENT_RESETS = (ECM, LIGHTHOUSE, CVM, LEGACY)
