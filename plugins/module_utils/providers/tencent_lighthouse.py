# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tencent Cloud Lighthouse, API version 2020-03-24. What is called an image elsewhere is a blueprint here.

Sources are the vendor's pages cloud.tencent.com/document/product/1207/47571 (reset; 47572 reboot, 47573
instances, 55552 denied actions, 47689 blueprints, 55540 key pairs) and
www.tencentcloud.com/document/product/1103/42490 (reset on the international site), the specification that
tccli ships, and the codes of tencentcloud-sdk-python-lighthouse.

LoginConfiguration is unknown to the international pages, so it is sent only when the user asks for it.
Instances of the game zone can be reset to their own blueprint only, and DescribeResetInstanceBlueprints takes
no Filters for them; nothing in an instance's record tells that it is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..core.model import Image, Instance, Verb
from ..core.provider import Action, Fields, Proof, Provider
from ..core.record import gib, once, part, plain, text, texts, whole
from ..core.rules import PasswordChange, ResetOptions, Rules
from .tencent import actions
from .tencent.api import STOP_TYPES, filter_ids, tc3_api
from .tencent.credentials import credentials
from .tencent.lighthouse_errors import ADVICE, ERRORS
from .tencent.passwords import strict_by_system
from .tencent.records import (
    common,
    denials,
    operation_of,
    restriction_of,
    status_of,
    switches,
)

# Requests per second, each action by itself. Some actions' pages name none: they get the rate of their
# siblings.
RATE, IMAGE_RATE, LIST_RATE = 10.0, 20.0, 100.0
SPECIALS = "()`~!@#$%^&*-+=_|{}[]:;'<>,.?/"

OS_TYPES = {"LINUX_UNIX": "linux", "WINDOWS": "windows"}
BLUEPRINT_TYPES = {
    "APP_OS": "public",
    "PURE_OS": "public",
    "DOCKER": "public",
    "GAME_PORTAL": "public",
    "PRIVATE": "private",
    "SHARED": "shared",
}
# What instances have alike that can be reset to the same blueprints, besides the system disk's type and size.
ALIKE = ("BlueprintId", "PlatformType", "BundleId", "CPU", "Memory", "Zone")


def to_instance(record: Fields, region: str) -> Instance:
    """A record of DescribeInstances. InstanceRestrictState concerns the network only, and bars no reset."""
    operation = operation_of(record)
    status, words = status_of(record, operation)
    return Instance(
        id=record["InstanceId"],
        name=plain(record.get("InstanceName")),
        status=status,
        vendor_status=words,
        image_id=plain(record.get("BlueprintId")),
        os_type=OS_TYPES.get(str(record.get("PlatformType"))),
        region=region,
        zone=text(record.get("Zone")),
        public_ips=once(texts(record.get("PublicAddresses")), texts(record.get("PublicIpv6Addresses"))),
        private_ips=texts(record.get("PrivateAddresses")),
        **common(record),
        restriction=restriction_of(record),
        operation=operation,
        raw=record,
    )


def to_image(record: Fields) -> Image:
    """A blueprint: by itself in the list of all; in that of an instance with the word whether it can be reset
    to it.
    """
    blueprint = part(record, "BlueprintInfo") or record
    state = text(blueprint.get("BlueprintState")) or "no state"
    barred = record.get("IsResettable") is False
    return Image(
        id=blueprint["BlueprintId"],
        name=text(blueprint.get("BlueprintName")) or plain(blueprint.get("DisplayTitle")),
        os_type=OS_TYPES.get(str(blueprint.get("PlatformType")), ""),
        status=state,
        available=state == "NORMAL",
        size=gib(blueprint.get("RequiredSystemDiskSize")),
        memory=whole(blueprint.get("RequiredMemorySize")) or 0,
        type=BLUEPRINT_TYPES.get(str(blueprint.get("BlueprintType"))),
        blocked=(text(record.get("NonResettableMessage")) or "the provider gives no reason")
        if barred
        else "",
        raw=record,
    )


def image_for(image: Image, instance: Instance) -> Image:
    """Another OS type only where the provider says yes: the pages disagree on where that can be."""
    if image.raw.get("IsResettable") is not True and switches(image, instance):
        return replace(
            image, blocked=image.blocked or f"it is {image.os_type} and the instance is {instance.os_type}"
        )
    return image


def images_alike(instance: Instance) -> Sequence[Any]:
    """What decides which blueprints an instance can be reset to: the system, the size and the place that it
    has. One of the game zone has a blueprint of that zone, and so is like others there.
    """
    record = instance.raw
    disk = part(record, "SystemDisk")
    return [*(record.get(name) for name in ALIKE), disk.get("DiskType"), disk.get("DiskSize")]


def reset_fields(options: ResetOptions, instance: Instance, image: Image | None) -> Fields:
    """The body of ResetInstance. A password and keys exclude each other; AutoGeneratePassword belongs to a
    password.
    """
    fields: dict[str, Any] = {"BlueprintId": options.image_id} if options.image_id else {}
    if options.password:
        fields["LoginConfiguration"] = {"AutoGeneratePassword": "NO", "Password": options.password}
    elif options.key_ids:
        fields["LoginConfiguration"] = {"KeyIds": list(options.key_ids)}
    return fields


PROVIDER = Provider(
    name="tencent_lighthouse",
    title="Tencent Cloud Lighthouse",
    api=tc3_api("lighthouse", "2020-03-24", ERRORS, regional=True),
    credentials=credentials(),
    regional=True,
    tags=True,
    rules=Rules(
        id_pattern=r"lhins-[0-9a-z]+",
        passwords=strict_by_system(30),
        key_limit=5,
        same_os_type=False,  # each instance's own list of blueprints tells
        login_ways=("password", "key_ids"),
        no_login=(
            "neither password nor key_ids was given: the provider then sets no password, and nobody can log "
            "in until a password is set or a key is bound by other means"
        ),
    ),
    proof=Proof(by_operation=True, by_request_id=True, records_start=True),
    options=frozenset({"password", "key_ids"}),
    instances=actions.instances(LIST_RATE),
    images=Action(
        "DescribeResetInstanceBlueprints",
        "blueprint-id",
        filter_ids,
        5,
        IMAGE_RATE,
        rows="ResetInstanceBlueprintSet",
        row_id="BlueprintId",
        page=100,
        list_all_code="InvalidParameter.InvalidFilter",
    ),
    image_catalogue=Action(
        "DescribeBlueprints",
        "BlueprintIds",
        per_second=RATE,
        rows="BlueprintSet",
        row_id="BlueprintId",
        page=100,
    ),
    keys=actions.key_pairs(RATE),
    key_id=lambda record: record["KeyId"],
    writes=actions.writes(RATE),
    password_change=PasswordChange("Password", strict_by_system(30)),
    to_instance=to_instance,
    to_image=to_image,
    image_scope=lambda instance: {"InstanceId": instance.id},
    image_for=image_for,
    images_alike=images_alike,
    kept_fields=frozenset({*ALIKE, "SystemDisk"}),
    reset_fields=reset_fields,
    modes={Verb.STOP: STOP_TYPES, Verb.REBOOT: STOP_TYPES},
    field_options={
        "InstanceId": "instance_ids",
        "BlueprintId": "image_id",
        "LoginConfiguration.Password": "password",
        "LoginConfiguration.KeyIds": "key_ids",
    },
    extra_fields={
        "Containers": [{"ContainerImage": "nginx:latest", "ContainerName": "web"}],
        "LoginConfiguration": {"AutoGeneratePassword": "YES"},
    },
    errors=ERRORS,
    denials=Action(
        "DescribeInstancesDeniedActions",
        "InstanceIds",
        per_second=RATE,
        rows="InstanceDeniedActionSet",
        row_id="InstanceId",
    ),
    to_denials=denials(ERRORS),
    advice=ADVICE,
    sources=(
        "https://cloud.tencent.com/document/product/1207/47571",
        "https://www.tencentcloud.com/document/product/1103/42490",
    ),
)
