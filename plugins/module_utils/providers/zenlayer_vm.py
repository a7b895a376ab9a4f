# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Zenlayer Virtual Machine, API version 2026-04-01.

Sources are the vendor's pages at docs.console.zenlayer.com:
api-reference/compute/vm/virtual-machine-instance/resetinstance, .../resetinstancespassword,
.../rebootinstances, .../startinstances, .../stopinstances, .../describeinstances,
api-reference/compute/vm/image/describeimages, and the specifications that its command line ships.

A reset is taken from a stopped instance only, one in each request, and leaves it running; there is one way to
reboot. The vendor names no state for a reset that failed; REINSTALL_FAILED is the word of its sibling,
Elastic Compute.

Not documented: request rates. Where the pages disagree, the strictest one holds, because an instance is
stopped before its reset is sent: a reset needs a password or a key (one line says so, another one that a
random password is mailed), and special characters of a password are those that all pages of ResetInstance
have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.errors import Kind
from ..core.model import Image, Instance, Status, Verb
from ..core.provider import UNDER_WAY, Action, Fields, Proof, Provider, one_id
from ..core.record import gib, once, present, text, texts, whole
from ..core.rules import NameRule, PasswordChange, ResetOptions, Rules
from .zenlayer.api import ADVICE, CREDENTIALS, ERRORS, KEYS, api, password_rule, write
from .zenlayer.records import (
    LOGIN_FIELDS,
    STATES,
    city_of,
    data_disks,
    image_type,
    instance,
    system_disk,
    zone_scope,
)

VM_STATES: Mapping[str, Status] = {
    **STATES,
    "DEPLOYING": Status.CREATING,
    "REBUILDING": Status.RESETTING,
    "REBOOT": Status.REBOOTING,
    "REINSTALL_FAILED": Status.RESET_FAILED,
}

VM_ERRORS: Mapping[str, Kind] = {
    **ERRORS,
    "INVALID_ZONE_NOT_FOUND": Kind.REJECTED,
    "INVALID_REGION_NOT_FOUND": Kind.REJECTED,
    "INVALID_IMAGE_STATUS": Kind.REJECTED,
    "UNSUPPORTED_OPERATION_ZONE_NOT_SUPPORT": Kind.REJECTED,
    "UNSUPPORTED_OPERATION_DISK_UNAVAILABLE": Kind.WRONG_STATE,
    "UNSUPPORTED_OPERATION_DISK_MAKING_IMAGE": Kind.IN_PROGRESS,
    "UNSUPPORTED_OPERATION_INSTANCE_STATE_STARTING": Kind.IN_PROGRESS,
}


def to_instance(record: Fields, region: str) -> Instance:
    """A record of DescribeInstances.

    The OS type belongs to the image, but Windows shows in the image's name.
    """
    return instance(
        record,
        VM_STATES,
        region=city_of(record.get("zoneId")),
        public_ips=once(texts(record.get("publicIpAddresses")), texts(record.get("publicIpv6Addresses"))),
        private_ips=texts(record.get("privateIpAddresses")),
        cpu=whole(record.get("cpuCount")),
        memory=whole(record.get("memory")),
        system_disk=system_disk(record),
        data_disks=data_disks(record),
    )


def to_image(record: Fields) -> Image:
    """A record of DescribeImages; imageSize is a number written as text."""
    status = text(record.get("imageStatus")) or ""
    return Image(
        id=record["imageId"],
        name=text(record.get("imageName")) or "",
        os_type=(text(record.get("osType")) or "").lower(),
        status=status,
        available=status == "AVAILABLE",
        size=gib(record.get("imageSize")),
        type=image_type(record),
        raw=record,
    )


def reset_fields(options: ResetOptions, instance: Instance, image: Image | None) -> Fields:
    """The body of ResetInstance. Without imageId the current image is installed again."""
    fields: dict[str, Any] = {
        "imageId": options.image_id,
        "password": options.password,
        "keyId": options.key_ids[0] if options.key_ids else None,
        "instanceName": options.instance_name,
        "initScript": options.user_data,
    }
    return present(fields)


PROVIDER = Provider(
    name="zenlayer_vm",
    title="Zenlayer Virtual Machine",
    api=api("vm", "2026-04-01", VM_ERRORS),
    rules=Rules(
        id_pattern=r"[A-Za-z0-9][A-Za-z0-9._-]*",
        passwords={"": password_rule("!@#$%^&*~()-+=")},
        key_limit=1,
        names={"": NameRule(r"[A-Za-z0-9.-]{1,64}", "up to 64 letters, digits, periods and hyphens")},
        user_data_limit=32 * 1024,
        same_os_type=False,
        login_ways=("password", "key_ids"),
        needs_login=True,
        undocumented_states={Status.RESET_FAILED: "the vendor's pages do not mention REINSTALL_FAILED"},
    ),
    # A new password starts the instance.
    proof=Proof(ends_running=True, under_way={**UNDER_WAY, Verb.PASSWORD: Status.STARTING}),
    options=frozenset({"password", "key_ids", "instance_name", "user_data"}),
    credentials=CREDENTIALS,
    regional=False,
    tags=True,
    instances=Action("DescribeInstances", "instanceIds", rows="dataSet", row_id="instanceId", page=1000),
    images=Action("DescribeImages", "imageIds", rows="dataSet", row_id="imageId", page=1000),
    zones=Action("DescribeZones", rows="zoneSet", row_id="zoneId"),
    zone_region=lambda record: city_of(record.get("zoneId")),
    keys=KEYS,
    writes={
        Verb.RESET: Action(
            "ResetInstance",
            "instanceId",
            one_id,
            at_once=1,
            writes=True,
            states=frozenset({Status.STOPPED, Status.RESET_FAILED}),
        ),
        Verb.REBOOT: write("RebootInstances", Status.RUNNING),
        Verb.START: write("StartInstances", Status.STOPPED),
        Verb.STOP: write("StopInstances", Status.RUNNING),
        # After the English page and its codes; the Chinese page asks for a running instance.
        Verb.PASSWORD: write("ResetInstancesPassword", Status.STOPPED),
    },
    password_change=PasswordChange("password", {"": password_rule("!@#$%^+*()")}),
    modes={Verb.STOP: {"soft": {"forceShutdown": False}, "hard": {"forceShutdown": True}}},
    to_instance=to_instance,
    to_image=to_image,
    image_scope=zone_scope,
    reset_fields=reset_fields,
    field_options={
        **LOGIN_FIELDS,
        "instanceName": "instance_name",
        "initScript": "user_data",
    },
    extra_fields={"wanName": "wan0", "lanName": "lan0"},
    errors=VM_ERRORS,
    advice=ADVICE,
    sources=(
        "https://docs.console.zenlayer.com/api-reference/compute/vm/virtual-machine-instance/resetinstance",
        "https://docs.console.zenlayer.com/api-reference/compute/vm/virtual-machine-instance/rebootinstances",
    ),
)
