# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the vendors' pages of the actions say, each in our own words: the pages of resets first."""

from __future__ import annotations

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Instance, Status, Verb
from tools.pages.document import (
    BEFORE,
    RESETTABLE_WHEN_OFF,
    TENCENT,
    Document,
    Limit,
    body,
    image,
    length,
    reset,
)
from tools.pages.other_verbs import OTHERS

SEEDS = (
    Document(
        "zenlayer_zec",
        "ResetInstances",
        Verb.RESET,
        "docs.console.zenlayer.com/api-reference/compute/zec/instance/resetinstances",
        (
            "instanceIds",
            "password",
            "keyId",
            "imageId",
            "timezone",
            "enableAgent",
            "instanceName",
            "userData",
        ),
        (
            Limit(
                "only when powered off",
                "the instance is stopped first, unless `stop_first` is false",
                lambda provider: reset(provider) == RESETTABLE_WHEN_OFF,
            ),
            Limit("the OS type stays", BEFORE, lambda provider: provider.rules.same_os_type),
            Limit(
                "the boot disk is as large as the image",
                BEFORE,
                lambda provider: provider.to_image({"imageId": "i", "imageSize": "30"}).size == 30,
            ),
            Limit(
                "a password or a key, not both",
                BEFORE,
                lambda provider: provider.rules.login_ways == ("password", "key_ids"),
            ),
            Limit(
                "Windows and Generic accept neither",
                BEFORE,
                lambda provider: (
                    not image(provider, category="Windows")
                    and not image(provider, category="Generic")
                    and image(provider, category="Ubuntu")
                ),
            ),
            Limit(
                "a password has letters of both cases, digits and some of `~!@$^*-_=+`",
                BEFORE,
                lambda provider: (
                    provider.rules.passwords[""].classes["special characters"] == "~!@$^*-_=+"
                    and provider.rules.passwords[""].needs == 4
                ),
            ),
            Limit(
                "a name has 2 to 63 letters, digits, hyphens and periods",
                BEFORE,
                lambda provider: "{2,63}" in provider.rules.names[""].pattern,
            ),
            Limit(
                "without enableAgent the agent is turned off",
                "always sent: as the instance has it, or `guest_agent`",
                lambda provider: body(provider)["enableAgent"] is True,
            ),
            Limit(
                "without imageId the current image",
                "`force` without `image_id`",
                lambda provider: "imageId" not in body(provider, force=True),
            ),
        ),
        (),
        ("DEPLOYING", "RUNNING", "REINSTALL_FAILED"),
    ),
    Document(
        "zenlayer_zec",
        "RebootInstances",
        Verb.REBOOT,
        "docs.console.zenlayer.com/api-reference/compute/zec/instance/rebootinstances",
        ("instanceIds", "forceReboot"),
        (
            Limit(
                "only when running",
                BEFORE + ", or `if_stopped`",
                lambda provider: provider.writes[Verb.REBOOT].states == {Status.RUNNING},
            ),
            Limit(
                "100 instances in a request",
                "requests of 100",
                lambda provider: provider.writes[Verb.REBOOT].at_once == 100,
            ),
        ),
        (
            "INVALID_INSTANCE_NOT_FOUND",
            "OPERATION_DENIED_INSTANCE_RECYCLED",
            "OPERATION_DENIED_INSTANCE_STATUS",
        ),
        ("RUNNING", "REBOOT"),
    ),
    Document(
        "tencent_ecm",
        "ResetInstances",
        Verb.RESET,
        "www.tencentcloud.com/document/product/1119/45708",
        ("InstanceIdSet", "ImageId", "Password", "EnhancedService", "KeepData", "KeepImageLogin"),
        (
            Limit(
                "20 requests per second",
                "the pace of requests",
                lambda provider: provider.writes[Verb.RESET].per_second == 20,
            ),
            Limit(
                "a password or KeepImageLogin, not both",
                BEFORE,
                lambda provider: provider.rules.login_ways == ("password", "keep_image_login"),
            ),
            Limit(
                "KeepImageLogin only for images that are not public",
                BEFORE,
                lambda provider: "keep_image_login" in provider.options,
            ),
            Limit(
                "KeepData is a word, and true by default",
                "sent only when `keep_data_disks` is given",
                lambda provider: (
                    body(provider, keep_data_disks=False)["KeepData"] == "false"
                    and "KeepData" not in body(provider)
                ),
            ),
            Limit(
                "without a password a random one is mailed",
                "a warning",
                lambda provider: "Message Center" in provider.rules.no_login,
            ),
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
        (
            "FailedOperation.InternalOperationFailure",
            "FailedOperation.OperationNotAllow",
            "InvalidParameter.InvalidDataFormat",
            "InvalidParameter.ParameterConflict",
            "InvalidParameterValue.InvaildPassword",
            "InvalidParameterValue.InvalidImageArchitecture",
            "InvalidParameterValue.InvalidImageID",
            "InvalidParameterValue.InvalidInstanceID",
            "InvalidParameterValue.ParameterValueTooLarge",
            "OperationDenied.InstanceOperationInProgress",
            "ResourceNotFound.InstanceNotExist",
            "UnauthorizedOperation.ForbiddenOperation",
        ),
        common={**TENCENT, "Region": "not needed"},
    ),
    Document(
        "tencent_lighthouse",
        "ResetInstance",
        Verb.RESET,
        "www.tencentcloud.com/document/product/1103/42490",
        ("InstanceId", "BlueprintId", "Containers", "LoginConfiguration"),
        (
            Limit(
                "10 requests per second",
                "the pace of requests",
                lambda provider: provider.writes[Verb.RESET].per_second == 10,
            ),
            Limit(
                "one instance in a request",
                "a request for each instance",
                lambda provider: provider.writes[Verb.RESET].at_once == 1,
            ),
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
            Limit(
                "done when LatestOperationState is SUCCESS",
                "together with our request id",
                lambda provider: provider.proof.by_request_id,
            ),
            Limit(
                "without BlueprintId the current image",
                "`force` without `image_id`",
                lambda provider: "BlueprintId" not in body(provider, force=True),
            ),
        ),
        (
            "FailedOperation",
            "FailedOperation.DescribeInstanceStatus",
            "FailedOperation.InstanceOperationFailed",
            "InternalError.DescribeInstanceStatus",
            "InternalError.InvalidCommandNotFound",
            "InvalidParameterValue.BlueprintConfigNotMatch",
            "InvalidParameterValue.BlueprintId",
            "InvalidParameterValue.BlueprintIdMalformed",
            "InvalidParameterValue.Duplicated",
            "InvalidParameterValue.InstanceIdMalformed",
            "InvalidParameterValue.InvalidParameterCombination",
            "InvalidParameterValue.InvalidPassword",
            "InvalidParameterValue.LimitExceeded",
            "InvalidParameterValue.NotAllowToChangePlatformType",
            "InvalidParameterValue.OutOfRange",
            "InvalidParameterValue.TooLong",
            "OperationDenied.InstanceCreating",
            "OperationDenied.InstanceOperationInProgress",
            "ResourceNotFound.BlueprintIdNotFound",
            "ResourceNotFound.InstanceIdNotFound",
            "ResourceNotFound.InstanceNotFound",
            "ResourceNotFound.KeyPairNotFound",
            "ResourceUnavailable.BlueprintUnavailable",
            "UnauthorizedOperation.MFANotFound",
            "UnauthorizedOperation.NoPermission",
            "UnsupportedOperation.InvalidInstanceState",
            "UnsupportedOperation.LatestOperationUnfinished",
            "UnsupportedOperation.SystemBusy",
        ),
        common=TENCENT,
    ),
    Document(
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
            Limit(
                "one instance in a request",
                "a request for each instance",
                lambda provider: provider.writes[Verb.RESET].at_once == 1,
            ),
            Limit(
                "imageId and imageType together",
                "both or none are sent",
                lambda provider: (
                    {"imageId", "imageType"} <= set(body(provider, image_id="i"))
                    and not {"imageId", "imageType"} & set(body(provider, force=True))
                ),
            ),
            Limit(
                "a password on Linux: 8 to 16 characters, two of three classes",
                BEFORE,
                lambda provider: length(provider, "") == (8, 16, 2),
            ),
            Limit(
                "a password on Windows: 12 to 16 characters, three of four classes",
                BEFORE,
                lambda provider: length(provider, "windows") == (12, 16, 3),
            ),
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
            Limit(
                "without a password a random one is mailed",
                "a warning",
                lambda provider: "Message Center" in provider.rules.no_login,
            ),
        ),
        (
            "OperationConstraints.InvaildInstanceStatus",
            "OperationFail.AllResourceOpFailed",
            "OperationConstraints.AccountBalanceNotEnough",
            "OperationFail.SystemBusy",
        ),
        common={"Action": "the module", "Region": "`region`"},
    ),
)
DOCUMENTS = (*SEEDS, *OTHERS)

# All states that the vendors' lists name, whatever page they stand on.
TENCENT_STATES = (
    "PENDING LAUNCH_FAILED RUNNING STOPPED STARTING STOPPING REBOOTING SHUTDOWN TERMINATING "
    "ENTER_RESCUE_MODE RESCUE_MODE EXIT_RESCUE_MODE"
)
STATES = {
    "zenlayer_zec": (
        "PENDING DEPLOYING REBUILDING REBOOT BOOTING STARTING STOPPING RESIZING IMAGING RELEASING RECYCLING "
        "RUNNING STOPPED RECYCLE RECYCLED CREATE_FAILED REINSTALL_FAILED"
    ),
    "zenlayer_bmc": (
        "PENDING CREATING CREATE_FAILED INSTALLING INSTALL_FAILED RUNNING STOPPED BOOTING STOPPING RECYCLE "
        "RECYCLING"
    ),
    "zenlayer_vm": (
        "PENDING DEPLOYING REBUILDING REBOOT RUNNING STOPPED BOOTING RELEASING STOPPING RECYCLE RECYCLING "
        "CREATE_FAILED IMAGING"
    ),
    "tencent_ecm": "PENDING LAUNCH_FAILED RUNNING STOPPED STARTING STOPPING REBOOTING SHUTDOWN TERMINATING",
    "tencent_lighthouse": f"{TENCENT_STATES} DELETING FREEZING",
    "tencent_cvm": f"{TENCENT_STATES} ENTER_SERVICE_LIVE_MIGRATE SERVICE_LIVE_MIGRATE "
    "EXIT_SERVICE_LIVE_MIGRATE",
    "tencent_cvm_v2": "-1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
}
# The states in which something is under way that has no word of ours: it is waited out, or holds the instance
# back.
WAITED_OUT = {
    "zenlayer_zec": "RESIZING IMAGING",
    "zenlayer_vm": "IMAGING",
    "tencent_lighthouse": "ENTER_RESCUE_MODE RESCUE_MODE EXIT_RESCUE_MODE FREEZING",
    "tencent_cvm": (
        "ENTER_RESCUE_MODE RESCUE_MODE EXIT_RESCUE_MODE ENTER_SERVICE_LIVE_MIGRATE SERVICE_LIVE_MIGRATE "
        "EXIT_SERVICE_LIVE_MIGRATE"
    ),
    "tencent_cvm_v2": "11 12 13 15 16 17 18 19 20",
}
