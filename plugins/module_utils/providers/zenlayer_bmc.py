# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Zenlayer Bare Metal, API version 2026-02-01.

Sources are the vendor's pages at docs.console.zenlayer.com:
api-reference/compute/bmc/bare-metal-instance/reinstallinstance, .../rebootinstances, .../startinstances,
.../stopinstances, .../describeinstances, .../describeimages, the specifications that its command line ships,
and the codes of its SDK for Go.

A reinstallation needs no stop. It formats the system disk. What a RAID, partitions or iPXE in
``provider_options`` leave of the other disks is not said, so all count as erased. With ipxeUrl the record's
ipxeUrl takes the place of the image; that the machine shows RUNNING then says that the vendor is done, not
that the script has installed a system. One instance is reinstalled in each request, and there is one way to
stop and one to reboot: neither soft nor hard. A reboot shows BOOTING, as a start does.

Not documented: request rates, and whether a reinstallation is accepted without password and key (one line of
the page says that exactly one of them must be given, another one that a random password is mailed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.errors import Kind
from ..core.model import Image, Instance, Status, Verb
from ..core.provider import UNDER_WAY, Action, Fields, Proof, Provider, one_id
from ..core.record import by_reach, once, part, parts, present, text, texts, whole
from ..core.rules import ResetOptions, Rules
from .zenlayer.api import ADVICE, CREDENTIALS, ERRORS, KEYS, api, password_rule, write
from .zenlayer.records import LOGIN_FIELDS, STATES, city_of, image_type, instance

BMC_STATES: Mapping[str, Status] = {
    **STATES,
    "CREATING": Status.CREATING,
    "INSTALLING": Status.RESETTING,
    "INSTALL_FAILED": Status.RESET_FAILED,
}

MOST_DISKS = 100  # of a record that is believed

# What the vendor's SDK for Go lists beside the common codes and may come of a reinstallation.
_REJECTED = (
    "INVALID_PARAMETER_HOSTNAME_EXCEED",
    "INVALID_PARAMETER_HOSTNAME_MALFORMED",
    "INVALID_PARAMETER_VALUE_PASSWORD_MALFORMED",
    "INVALID_PARAMETER_INSTANCE_LOGIN_CONFLICT",
    "INVALID_PARAMETER_SSH_KEY_MALFORMED",
    "INVALID_PARAMETER_SSH_KEY_DUPLICATE",
    "INVALID_PARAMETER_NIC_NAME_CONFLICT",
    "INVALID_PARAMETER_NIC_NAME_MALFORMED",
    "INVALID_INSTANCE_TYPE_NOT_FOUND",
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
)
BMC_ERRORS: Mapping[str, Kind] = {
    **ERRORS,
    "OPERATION_DENIED_INSTANCE_STATUS_INSTALLING": Kind.IN_PROGRESS,
    "OPERATION_DENIED_INSTANCE_CREATING": Kind.WRONG_STATE,
    **dict.fromkeys(_REJECTED, Kind.REJECTED),
}


def to_instance(record: Fields, region: str) -> Instance:
    """A record of DescribeInstances. Disks have no ids here; the model tells how many there are."""
    model = part(record, "instanceType")
    public6, private6 = by_reach(texts(record.get("ipv6Addresses")))
    primary = texts(record.get("primaryPublicIpAddress"))
    return instance(
        record,
        BMC_STATES,
        image_id=text(record.get("imageId")) or text(record.get("ipxeUrl")) or "",
        region=city_of(record.get("zoneId")),
        public_ips=once(primary, texts(record.get("publicIpAddresses")), public6),
        private_ips=once(texts(record.get("privateIpAddresses")), private6),
        cpu=whole(model.get("cpuCores")),
        memory=whole(model.get("memorySize")),
    )


def to_image(record: Fields) -> Image:
    """A record of DescribeImages: it has neither a status nor a size, what is listed can be installed."""
    return Image(
        id=record["imageId"],
        name=text(record.get("imageName")) or "",
        os_type=(text(record.get("osType")) or "").lower(),
        status="listed",
        available=True,
        type=image_type(record),
        raw=record,
    )


def image_scope(instance: Instance) -> Fields | None:
    """Images are listed by the model of the instance; without it they cannot be known."""
    model = text(instance.raw.get("instanceTypeId"))
    return {"instanceTypeId": model} if model else None


def all_disks(instance: Instance) -> Sequence[str]:
    """Disks are numbered from 1, in the order of the model's list; which one is the system's is not said."""
    groups = parts(part(part(instance.raw, "instanceType"), "diskInfo"), "disks")
    count = min(sum(whole(group.get("diskCount")) or 0 for group in groups), MOST_DISKS)
    return [f"disk {number}" for number in range(1, count + 1)] or ["all disks"]


def reset_fields(options: ResetOptions, instance: Instance, image: Image | None) -> Fields:
    """The body of ReinstallInstance. Without imageId the current image is installed again."""
    fields: dict[str, Any] = {
        "imageId": options.image_id,
        "password": options.password,
        "keyId": options.key_ids[0] if options.key_ids else None,
        "userData": options.user_data,
    }
    return present(fields)


PROVIDER = Provider(
    name="zenlayer_bmc",
    title="Zenlayer Bare Metal",
    api=api("bmc", "2026-02-01", BMC_ERRORS),
    rules=Rules(
        id_pattern=r"[A-Za-z0-9][A-Za-z0-9._-]*",
        passwords={"": password_rule("~!@$^*-_=+")},
        key_limit=1,
        user_data_limit=32 * 1024,
        same_os_type=False,
        login_ways=("password", "key_ids"),
        no_login=(
            "neither password nor key_ids was given: the provider's page says both that it then mails a "
            "random password and that one of them is required"
        ),
        exclusive=(
            ("ipxeUrl", "imageId"),
            ("ipxeUrl", "partitions"),
            ("raidConfig.raidType", "raidConfig.customRaids"),
        ),
    ),
    proof=Proof(under_way={**UNDER_WAY, Verb.REBOOT: Status.STARTING}),
    options=frozenset({"password", "key_ids", "user_data"}),
    credentials=CREDENTIALS,
    regional=False,
    tags=True,
    instances=Action("DescribeInstances", "instanceIds", rows="dataSet", row_id="instanceId", page=1000),
    images=Action("DescribeImages", "imageIds", rows="images", row_id="imageId"),
    keys=KEYS,
    writes={
        Verb.RESET: Action(
            "ReinstallInstance",
            "instanceId",
            one_id,
            at_once=1,
            writes=True,
            states=frozenset({Status.RUNNING, Status.STOPPED, Status.RESET_FAILED}),
        ),
        Verb.REBOOT: write("RebootInstances", Status.RUNNING, Status.STOPPED),
        Verb.START: write("StartInstances", Status.STOPPED),
        Verb.STOP: write("StopInstances", Status.RUNNING),
    },
    modes={},
    to_instance=to_instance,
    to_image=to_image,
    image_scope=image_scope,
    reset_fields=reset_fields,
    field_options={
        **LOGIN_FIELDS,
        "userData": "user_data",
    },
    extra_fields={
        "hostname": "web-1",
        "raidConfig": {"raidType": 1},
        "partitions": [{"fsType": "ext4", "fsPath": "/", "size": 100}],
        "nic": {"wanName": "wan0", "lanName": "lan0"},
    },
    in_place_of_image={"ipxeUrl": "https://boot.example.com/ubuntu.ipxe"},
    erasing_fields=frozenset({"raidConfig", "partitions", "ipxeUrl"}),
    all_disks=all_disks,
    kept_fields=frozenset({"instanceTypeId", "instanceType"}),
    errors=BMC_ERRORS,
    advice={
        **ADVICE,
        "INSTALL_FAILED": "Contact the vendor's support; a later run tries the reset again.",
        "INVALID_IMAGE_NOT_FOUND": "List its model's images with reforge.cloud.image_info.",
    },
    sources=(
        "https://docs.console.zenlayer.com/api-reference/compute/bmc/bare-metal-instance/reinstallinstance",
        "https://docs.console.zenlayer.com/api-reference/compute/bmc/bare-metal-instance/rebootinstances",
    ),
)
