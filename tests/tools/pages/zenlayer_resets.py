# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Zenlayer's pages say of a reset: Elastic Compute, Bare Metal, Virtual Machine."""

from __future__ import annotations

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Provider
from tools.pages.document import (
    BEFORE,
    NO_KEY_ON_WINDOWS,
    ONE_IN_A_REQUEST,
    RANDOM_PASSWORD,
    RESETTABLE_WHEN_OFF,
    Document,
    Limit,
    body,
    image,
    reset,
    without_image,
    words,
)

ZENLAYER = "docs.console.zenlayer.com/api-reference/compute"
LEFT_TO_THE_API = "left to the API"


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


ZEC = Document(
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
        without_image("imageId"),
    ),
    (),
    ("DEPLOYING", "RUNNING", "REINSTALL_FAILED"),
)

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
        ONE_IN_A_REQUEST,
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
            lambda provider: {"raidConfig", "partitions"} <= provider.erasing_fields,
        ),
        Limit(
            "names of hosts and NICs, levels of RAID, file systems",
            LEFT_TO_THE_API,
            lambda provider: {"hostname", "nic", "raidConfig", "partitions"} <= set(provider.extra_fields),
        ),
        without_image("imageId"),
    ),
    words(
        "INVALID_INSTANCE_NOT_FOUND OPERATION_DENIED_INSTANCE_RECYCLED "
        "OPERATION_DENIED_INSTANCE_STATUS OPERATION_DENIED_INSTANCE_STATUS_INSTALLING "
        "OPERATION_DENIED_INSTANCE_CREATING INVALID_IMAGE_NOT_FOUND "
        "INVALID_PARAMETER_VALUE_PASSWORD_MALFORMED INVALID_PARAMETER_INSTANCE_LOGIN_CONFLICT "
        "INVALID_PARAMETER_HOSTNAME_EXCEED INVALID_PARAMETER_HOSTNAME_MALFORMED "
        "INVALID_PARAMETER_NIC_NAME_CONFLICT INVALID_PARAMETER_NIC_NAME_MALFORMED "
        "INVALID_INSTANCE_TYPE_RAID_NOT_SUPPORT INVALID_RAID_CONFIG_FAST_CUSTOM_CONFLICT "
        "INVALID_PARAMETER_VALUE_RAID_DISK_MISMATCH INVALID_PARAMETER_VALUE_RAID_DISK_DISORDER "
        "INVALID_PARAMETER_VALUE_RAID_DISK_SEQUENCE_DUPLICATE "
        "INVALID_PARAMETER_VALUE_RAID_DISK_SEQUENCE_RANGE INVALID_PARTITION_IMAGE_NOT_SET "
        "INVALID_PARTITION_SIZE_NOT_FULL INVALID_PARTITION_DUPLICATE_FILE_PATH "
        "INVALID_PARTITION_MISSING_REQUIRED_FILE_PATH INVALID_PARTITION_MALFORMED "
        "INVALID_PARTITION_NO_TYPE INVALID_PARTITION_INVALID_ORDER INVALID_ESXI_NOT_SUPPORT"
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
        ONE_IN_A_REQUEST,
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
            "names of NICs",
            LEFT_TO_THE_API,
            lambda provider: {"wanName", "lanName"} <= set(provider.extra_fields),
        ),
        without_image("imageId"),
    ),
    words(
        "INVALID_INSTANCE_NOT_FOUND OPERATION_DENIED_INSTANCE_NOT_STOPPED "
        "OPERATION_DENIED_INSTANCE_RECYCLED OPERATION_DENIED_INSTANCE_STATUS INVALID_IMAGE_NOT_FOUND "
        "INVALID_IMAGE_STATUS UNSUPPORTED_OPERATION_DISK_UNAVAILABLE "
        "UNSUPPORTED_OPERATION_DISK_MAKING_IMAGE UNSUPPORTED_OPERATION_INSTANCE_STATE_STARTING "
        "UNSUPPORTED_OPERATION_ZONE_NOT_SUPPORT"
    ),
    ("REBUILDING", "RUNNING", "STOPPED"),
)

ZENLAYER_RESETS = (ZEC, BMC, VM)
