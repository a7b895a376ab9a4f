# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pages of Zenlayer's Bare Metal and Virtual Machine, of CVM's API 3.0, and of what is done besides
resets.
"""

from __future__ import annotations

import re

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Instance, Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Provider
from tools.pages.document import BEFORE, TENCENT, Document, Limit, body, length, reset

ZENLAYER = "docs.console.zenlayer.com/api-reference/compute"
NO_KEY_ON_WINDOWS = Limit("no key on Windows", BEFORE, lambda provider: not provider.rules.keys_on_windows)
RANDOM_PASSWORD = Limit(
    "without a login a random password is mailed", "a warning", lambda provider: bool(provider.rules.no_login)
)
LEFT_TO_THE_API = "left to the API"


def one_in_a_request(provider: Provider) -> bool:
    """Whether a reset is for one instance at a time."""
    return provider.writes[Verb.RESET].at_once == 1


def excludes(*pair: str) -> Limit:
    """Two fields of which a request has one at most."""
    return Limit(
        f"{pair[0]} or {pair[1]}, not both", BEFORE, lambda provider: pair in provider.rules.exclusive
    )


def specials(provider: Provider, characters: str) -> bool:
    """Whether passwords of a reset have exactly these special characters, and some of each class."""
    rule = provider.rules.passwords[""]
    return (rule.classes["special characters"], rule.needs, rule.shortest, rule.longest) == (
        characters,
        4,
        8,
        16,
    )


def new_password(provider: Provider, os_type: str) -> tuple[int, int, int, str]:
    """The rule for a new password without a reset."""
    change = provider.password_change
    assert change
    rule = change.passwords.get(os_type, change.passwords[""])
    return rule.shortest, rule.longest, rule.needs, rule.user


def licence(provider: Provider) -> bool:
    """Whether an image with another licence is refused."""
    windows = provider.to_image({"ImageId": "i", "LicenseType": "BYOL"})
    one = Instance("i", "", Status.RUNNING, "", "", raw={"LicenseType": "TencentCloud"})
    return bool(provider.image_for(windows, one).blocked)


def other_system(provider: Provider) -> bool:
    """Whether another type of system is refused with a local system disk."""
    windows = provider.to_image({"ImageId": "i", "Platform": "Windows"})
    disk = {"SystemDisk": {"DiskType": "LOCAL_BASIC"}}
    linux = Instance("i", "", Status.RUNNING, "", "", os_type="linux", raw=disk)
    return bool(provider.image_for(windows, linux).blocked)


BMC = Document(
    "zenlayer_bmc",
    "ReinstallInstance",
    Verb.RESET,
    f"{ZENLAYER}/bmc/bare-metal-instance/reinstallinstance",
    (
        "instanceId",
        "imageId",
        "hostname",
        "password",
        "keyId",
        "raidConfig",
        "partitions",
        "nic",
        "ipxeUrl",
        "userData",
    ),
    (
        Limit("one instance in a request", "a request for each instance", one_in_a_request),
        Limit("not in the recycle bin", BEFORE, lambda provider: Status.RECYCLED not in reset(provider)),
        Limit(
            "not while INSTALLING",
            "waited for, then decided anew",
            lambda provider: Status.RESETTING not in reset(provider),
        ),
        Limit(
            "a password or a key, not both",
            BEFORE,
            lambda provider: provider.rules.login_ways == ("password", "key_ids"),
        ),
        Limit(
            "a password has 8 to 16 characters of all classes, with some of `~!@$^*-_=+`",
            BEFORE,
            lambda provider: specials(provider, "~!@$^*-_=+"),
        ),
        NO_KEY_ON_WINDOWS,
        RANDOM_PASSWORD,
        Limit("user data of 32 KB", BEFORE, lambda provider: provider.rules.user_data_limit == 32 * 1024),
        excludes("ipxeUrl", "imageId"),
        excludes("ipxeUrl", "partitions"),
        excludes("raidConfig.raidType", "raidConfig.customRaids"),
        Limit(
            "the system disk is formatted, and RAID and partitions are laid out",
            "`erases` and the plan, which count all disks then",
            lambda provider: {"raidConfig", "partitions"} <= provider.lays_out,
        ),
        Limit(
            "names of hosts and NICs, levels of RAID, file systems",
            LEFT_TO_THE_API,
            lambda provider: {"hostname", "nic", "raidConfig", "partitions"} <= set(provider.further),
        ),
        Limit(
            "without imageId the current image",
            "`force` without `image_id`",
            lambda provider: "imageId" not in body(provider, force=True),
        ),
    ),
    (
        "INVALID_INSTANCE_NOT_FOUND",
        "OPERATION_DENIED_INSTANCE_RECYCLED",
        "OPERATION_DENIED_INSTANCE_STATUS",
        "OPERATION_DENIED_INSTANCE_STATUS_INSTALLING",
        "OPERATION_DENIED_INSTANCE_CREATING",
        "INVALID_IMAGE_NOT_FOUND",
        "INVALID_PARAMETER_VALUE_PASSWORD_MALFORMED",
        "INVALID_PARAMETER_INSTANCE_LOGIN_CONFLICT",
        "INVALID_PARAMETER_HOSTNAME_EXCEED",
        "INVALID_PARAMETER_HOSTNAME_MALFORMED",
        "INVALID_PARAMETER_NIC_NAME_CONFLICT",
        "INVALID_PARAMETER_NIC_NAME_MALFORMED",
        "INVALID_INSTANCE_TYPE_RAID_NOT_SUPPORT",
        "INVALID_RAID_CONFIG_FAST_CUSTOM_CONFLICT",
        "INVALID_PARAMETER_VALUE_RAID_DISK_MISMATCH",
        "INVALID_PARAMETER_VALUE_RAID_DISK_DISORDER",
        "INVALID_PARAMETER_VALUE_RAID_DISK_SEQUENCE_DUPLICATE",
        "INVALID_PARAMETER_VALUE_RAID_DISK_SEQUENCE_RANGE",
        "INVALID_PARTITION_IMAGE_NOT_SET",
        "INVALID_PARTITION_SIZE_NOT_FULL",
        "INVALID_PARTITION_DUPLICATE_FILE_PATH",
        "INVALID_PARTITION_MISSING_REQUIRED_FILE_PATH",
        "INVALID_PARTITION_MALFORMED",
        "INVALID_PARTITION_NO_TYPE",
        "INVALID_PARTITION_INVALID_ORDER",
        "INVALID_ESXI_NOT_SUPPORT",
    ),
    ("INSTALLING", "RUNNING", "INSTALL_FAILED"),
)

VM = Document(
    "zenlayer_vm",
    "ResetInstance",
    Verb.RESET,
    f"{ZENLAYER}/vm/virtual-machine-instance/resetinstance",
    ("instanceId", "password", "keyId", "imageId", "instanceName", "wanName", "lanName", "initScript"),
    (
        Limit("one instance in a request", "a request for each instance", one_in_a_request),
        Limit(
            "only when STOPPED",
            "the instance is stopped first, unless `stop_first` is false",
            lambda provider: Status.RUNNING not in reset(provider),
        ),
        Limit(
            "exactly one of a password and a key",
            BEFORE,
            lambda provider: (
                provider.rules.needs_login and provider.rules.login_ways == ("password", "key_ids")
            ),
        ),
        Limit(
            "a password has 8 to 16 characters of all classes, with some of `!@#$%^&*~()-+=`",
            BEFORE,
            lambda provider: specials(provider, "!@#$%^&*~()-+="),
        ),
        NO_KEY_ON_WINDOWS,
        Limit(
            "the system disk is as large as the image",
            BEFORE,
            lambda provider: provider.to_image({"imageId": "i", "imageSize": "30"}).size == 30,
        ),
        Limit(
            "names of NICs", LEFT_TO_THE_API, lambda provider: {"wanName", "lanName"} <= set(provider.further)
        ),
        Limit(
            "without imageId the current image",
            "`force` without `image_id`",
            lambda provider: "imageId" not in body(provider, force=True),
        ),
    ),
    (
        "INVALID_INSTANCE_NOT_FOUND",
        "OPERATION_DENIED_INSTANCE_NOT_STOPPED",
        "OPERATION_DENIED_INSTANCE_RECYCLED",
        "OPERATION_DENIED_INSTANCE_STATUS",
        "INVALID_IMAGE_NOT_FOUND",
        "INVALID_IMAGE_STATUS",
        "UNSUPPORTED_OPERATION_DISK_UNAVAILABLE",
        "UNSUPPORTED_OPERATION_DISK_MAKING_IMAGE",
        "UNSUPPORTED_OPERATION_INSTANCE_STATE_STARTING",
        "UNSUPPORTED_OPERATION_ZONE_NOT_SUPPORT",
    ),
    ("REBUILDING", "RUNNING", "STOPPED"),
)

CVM = Document(
    "tencent_cvm",
    "ResetInstance",
    Verb.RESET,
    "cloud.tencent.com/document/product/266/15724",
    ("InstanceId", "ImageId", "SystemDisk", "LoginSettings", "EnhancedService", "HostName", "UserData"),
    (
        Limit(
            "10 requests per second",
            "the pace of requests",
            lambda provider: provider.writes[Verb.RESET].per_second == 10,
        ),
        Limit("one instance in a request", "a request for each instance", one_in_a_request),
        Limit(
            "one of Password, KeyIds and KeepImageLogin",
            BEFORE,
            lambda provider: provider.rules.login_ways == ("password", "key_ids", "keep_image_login"),
        ),
        Limit(
            "KeepImageLogin only for images that are not public",
            BEFORE,
            lambda provider: "keep_image_login" in provider.options,
        ),
        NO_KEY_ON_WINDOWS,
        Limit(
            "a password on Linux: 8 to 30 characters, two of three classes",
            BEFORE,
            lambda provider: length(provider, "") == (8, 30, 2),
        ),
        Limit(
            "a password on Windows: 12 to 30 characters, three of four classes",
            BEFORE,
            lambda provider: length(provider, "windows") == (12, 30, 3),
        ),
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
        Limit(
            "done when LatestOperationState is SUCCESS",
            "together with our request id",
            lambda provider: provider.proof.by_request_id,
        ),
        Limit(
            "without ImageId the current image",
            "`force` without `image_id`",
            lambda provider: "ImageId" not in body(provider, force=True),
        ),
    ),
    (
        "OperationDenied.InstanceOperationInProgress",
        "MutexOperation.TaskRunning",
        "InvalidInstance.NotSupported",
        "InternalServerError",
        "InternalError.TradeUnknownError",
        "InvalidParameterValue.InvalidImageState",
        "FailedOperation.InvalidImageState",
        "InvalidInstanceId.NotFound",
        "InvalidInstanceId.Malformed",
        "InvalidParameterValue.InstanceIdMalformed",
        "InvalidImageId.NotFound",
        "InvalidImageId.Malformed",
        "InvalidParameterValue.InvalidImageId",
        "InvalidParameterValue.InvalidImageIdForRetsetInstance",
        "InvalidParameterValue.InvalidImageForGivenInstanceType",
        "InvalidParameterValue.InvalidImageFormat",
        "InvalidParameterValue.KeyPairNotFound",
        "InvalidKeyPairId.Malformed",
        "InvalidParameterValue.InvalidPassword",
        "InvalidPassword",
        "InvalidParameterValue.IllegalHostName",
        "InvalidParameter.HostNameIllegal",
        "InvalidParameterValue.InvalidUserDataFormat",
        "InvalidParameter.ParameterConflict",
        "MissingParameter",
        "MissingParameter.MonitorService",
        "UnsupportedOperation.InstanceStatePending",
        "UnsupportedOperation.InstanceStateRebooting",
        "UnsupportedOperation.InstanceStateStarting",
        "UnsupportedOperation.InstanceStateStopping",
        "UnsupportedOperation.InstanceStateShutdown",
        "UnsupportedOperation.InstanceStateTerminating",
        "UnsupportedOperation.InstanceStateTerminated",
        "UnsupportedOperation.InstanceStateIsolating",
        "UnsupportedOperation.InstanceStateFreezing",
        "UnsupportedOperation.InstanceStateCorrupted",
        "UnsupportedOperation.InstanceStateRescueMode",
        "UnsupportedOperation.InstanceStateBanning",
        "UnsupportedOperation.StoppedModeStopCharging",
        "UnsupportedOperation.InstanceChargeType",
        "UnsupportedOperation.InvalidImageLicenseTypeForReset",
        "UnsupportedOperation.KeyPairUnsupportedWindows",
        "UnsupportedOperation.ModifyEncryptionNotSupported",
        "UnsupportedOperation.RawLocalDiskInsReinstalltoQcow2",
        "InvalidAccount.InsufficientBalance",
        "InvalidAccount.UnpaidOrder",
        "ResourceInsufficient.CloudDiskSoldOut",
        "ResourcesSoldOut.SpecifiedInstanceType",
        "UnauthorizedOperation.PermissionDenied",
        "UnauthorizedOperation.MFAExpired",
    ),
    common=TENCENT,
)

STOPPED_FIRST = Limit(
    "stopped, or running with ForceStop",
    "the instance is stopped first, if `stop_first` is true, and started again",
    lambda provider: provider.writes[Verb.PASSWORD].states == {Status.STOPPED},
)
UNSENT = {
    "ForceReboot": "left out: StopType has taken its place",
    "ForceStop": "left out: StopType has taken its place",
    "StoppedMode": "left out: what a stopped instance costs stays as it is",
    "UserName": "left out: the password is the administrator's",
}
NEWER_PASSWORDS = (
    Limit(
        "8 to 30 characters, three of four classes; on Windows 12, and no name of the user",
        BEFORE,
        lambda provider: (
            new_password(provider, "linux") == (8, 30, 3, "")
            and new_password(provider, "windows") == (12, 30, 3, "Administrator")
        ),
    ),
)
OLDER_PASSWORDS = (
    Limit(
        "8 to 16 characters, two of three classes; on Windows 12 to 16, three of four",
        BEFORE,
        lambda provider: (
            new_password(provider, "linux") == (8, 16, 2, "")
            and new_password(provider, "windows") == (12, 16, 3, "")
        ),
    ),
)
FORCED_PASSWORD = {**UNSENT, "ForceStop": "left out: the instance is stopped first, as `stop_mode` says"}


def _page(
    provider: str, verb: Verb, action: str, page: str, *parameters: str, limits: tuple[Limit, ...] = ()
) -> Document:
    """A page of which only the parameters and some rules are new."""
    unsent = FORCED_PASSWORD if verb is Verb.PASSWORD else UNSENT
    left_out = {name: why for name, why in unsent.items() if name in parameters}
    return Document(provider, action, verb, page, parameters, limits, (), unsent=left_out)


T3 = "cloud.tencent.com/document"
ECM, LIGHTHOUSE, V3, V2 = "tencent_ecm", "tencent_lighthouse", "tencent_cvm", "tencent_cvm_v2"
REBOOT, START, STOP, PASSWORD = Verb.REBOOT, Verb.START, Verb.STOP, Verb.PASSWORD
FORCED, REBOOTS = ("ForceStop", "StopType"), ("ForceReboot", "StopType")
ZEC, METAL, VIRTUAL = "zenlayer_zec", "zenlayer_bmc", "zenlayer_vm"
ZEC_PAGE, METAL_PAGE = f"{ZENLAYER}/zec/instance", f"{ZENLAYER}/bmc/bare-metal-instance"
VIRTUAL_PAGE = f"{ZENLAYER}/vm/virtual-machine-instance"
RUNNING_WITH_AGENT = Limit(
    "running, with the guest agent",
    BEFORE,
    lambda provider: (
        bool(provider.password_change and provider.password_change.needs_agent)
        and provider.writes[Verb.PASSWORD].states == {Status.RUNNING}
    ),
)
SHUT_DOWN = Limit(
    "shut down; it is started with the new password",
    "the instance is stopped first, if `stop_first` is true",
    lambda provider: (
        provider.writes[Verb.PASSWORD].states == {Status.STOPPED}
        and provider.proof.under_way[Verb.PASSWORD] is Status.STARTING
    ),
)

OTHERS = (
    BMC,
    VM,
    CVM,
    _page(ZEC, START, "StartInstances", f"{ZEC_PAGE}/startinstances", "instanceIds"),
    _page(ZEC, STOP, "StopInstances", f"{ZEC_PAGE}/stopinstances", "instanceIds", "forceShutdown"),
    _page(
        ZEC,
        PASSWORD,
        "ResetInstancePassword",
        f"{ZEC_PAGE}/resetinstancepassword",
        *("instanceId", "password"),
        limits=(RUNNING_WITH_AGENT,),
    ),
    _page(METAL, REBOOT, "RebootInstances", f"{METAL_PAGE}/rebootinstances", "instanceIds"),
    _page(METAL, START, "StartInstances", f"{METAL_PAGE}/startinstances", "instanceIds"),
    _page(METAL, STOP, "StopInstances", f"{METAL_PAGE}/stopinstances", "instanceIds"),
    _page(VIRTUAL, REBOOT, "RebootInstances", f"{VIRTUAL_PAGE}/rebootinstances", "instanceIds"),
    _page(VIRTUAL, START, "StartInstances", f"{VIRTUAL_PAGE}/startinstances", "instanceIds"),
    _page(VIRTUAL, STOP, "StopInstances", f"{VIRTUAL_PAGE}/stopinstances", "instanceIds", "forceShutdown"),
    _page(
        VIRTUAL,
        PASSWORD,
        "ResetInstancesPassword",
        f"{VIRTUAL_PAGE}/resetinstancespassword",
        *("instanceIds", "password"),
        limits=(SHUT_DOWN,),
    ),
    _page(
        ECM, REBOOT, "RebootInstances", f"{T3}/product/1119/45712", "InstanceIdSet", "ForceReboot", "StopType"
    ),
    _page(ECM, START, "StartInstances", f"{T3}/product/1119/45707", "InstanceIdSet"),
    _page(ECM, STOP, "StopInstances", f"{T3}/product/1119/45706", "InstanceIdSet", *FORCED),
    _page(
        ECM,
        PASSWORD,
        "ResetInstancesPassword",
        f"{T3}/product/1119/45709",
        *("InstanceIdSet", "Password", "ForceStop", "UserName"),
        limits=(STOPPED_FIRST, *OLDER_PASSWORDS),
    ),
    _page(LIGHTHOUSE, REBOOT, "RebootInstances", f"{T3}/product/1207/47572", "InstanceIds", "StopType"),
    _page(LIGHTHOUSE, START, "StartInstances", f"{T3}/product/1207", "InstanceIds"),
    _page(LIGHTHOUSE, STOP, "StopInstances", f"{T3}/product/1207", "InstanceIds", "StopType"),
    _page(
        LIGHTHOUSE,
        PASSWORD,
        "ResetInstancesPassword",
        f"{T3}/product/1207/55541",
        *("InstanceIds", "Password", "UserName"),
        limits=(STOPPED_FIRST, *NEWER_PASSWORDS),
    ),
    _page(V3, REBOOT, "RebootInstances", f"{T3}/api/213/15742", "InstanceIds", "ForceReboot", "StopType"),
    _page(V3, START, "StartInstances", f"{T3}/api/213/15735", "InstanceIds"),
    _page(V3, STOP, "StopInstances", f"{T3}/api/213/15743", "InstanceIds", *FORCED, "StoppedMode"),
    _page(
        V3,
        PASSWORD,
        "ResetInstancesPassword",
        f"{T3}/api/213/15736",
        *("InstanceIds", "Password", "UserName", "ForceStop"),
        limits=(STOPPED_FIRST, *NEWER_PASSWORDS),
    ),
    _page(V2, REBOOT, "RestartInstances", f"{T3}/api/213/1247", "instanceIds", "forceStop"),
    _page(V2, START, "StartInstances", "cloud.tencent.com/doc/api/229/1249", "instanceIds"),
    _page(V2, STOP, "StopInstances", "cloud.tencent.com/doc/api/229/1250", "instanceIds", "forceStop"),
    _page(
        V2, PASSWORD, "ResetInstancePassword", "cloud.tencent.com/doc/api/229/1245", "instanceIds", "password"
    ),
)
