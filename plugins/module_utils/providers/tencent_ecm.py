# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tencent Cloud Edge Computing Machine (ECM), API version 2019-07-19.

Sources are the vendor's pages cloud.tencent.com/document/api/1108/42561 (ResetInstances) and
www.tencentcloud.com/document/product/1119/45717 (instances; 45707 start, 45706 stop, 45712 reboot, 45724
images, 45709 password), the specification that tccli ships, and the error codes of
tencentcloud-sdk-python-ecm.

Not documented, and so inferred: that the record calls a reset ResetInstances (a reset of passwords it calls
ResetInstancesPassword), and the words for its state, which are those of the same vendor's other services.
There is neither a request id nor a time in the record. The page of ResetInstances names no maximum number of
ids, and those of its siblings 100. It has no rule for passwords and its siblings have two: what passes here
passes both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..core.model import Disk, Image, Instance, Status, Verb
from ..core.provider import Action, Fields, Proof, Provider
from ..core.record import gib, once, part, parts, plain, present, text, texts, whole
from ..core.rules import PasswordChange, ResetOptions, Rules
from .tencent.api import RESETTABLE, STOP_TYPES, filter_ids, tc3_api, write
from .tencent.credentials import credentials
from .tencent.ecm_errors import ADVICE, ERRORS
from .tencent.passwords import by_system
from .tencent.records import (
    IMAGE_TYPES,
    agents,
    denials,
    disk_of,
    disks_of,
    operation_of,
    os_type_of,
    restriction_of,
    status_of,
    tags_of,
)

RATE = 20.0  # requests per second, each action by itself
LARGE_MEMORY = 4  # GiB, from which a 32-bit system cannot be installed


def to_instance(record: Fields, region: str) -> Instance:
    """A record of DescribeInstances, in which every field may be null. The region is that of the edge
    zone.
    """
    operation = operation_of(record)
    status, words = status_of(record, operation)
    image, place, shape = part(record, "Image"), part(record, "Position"), part(record, "InstanceTypeConfig")
    public, private = _addresses(part(record, "Internet"))
    return Instance(
        id=record["InstanceId"],
        name=plain(record.get("InstanceName")),
        status=status,
        vendor_status=words,
        image_id=plain(image.get("ImageId")),
        image_name=text(image.get("ImageName")),
        os_type=os_type_of(image.get("OsType"), image.get("Platform"), image.get("ImageOsName")) or None,
        region=text(part(place, "RegionInfo").get("Region")),
        zone=text(part(place, "ZoneInfo").get("Zone")),
        public_ips=public,
        private_ips=private,
        tags=tags_of(record, "TagSet"),
        created_at=text(record.get("CreateTime")),
        cpu=whole(shape.get("Vcpu")),
        memory=whole(shape.get("Memory")),
        system_disk=_system_disk(record),
        data_disks=_data_disks(record),
        restriction=restriction_of(record),
        operation=operation,
        raw=record,
    )


def _addresses(network: Fields) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Public and private addresses, those of the first card first. Public IPv6 addresses stand only with the
    cards.
    """
    cards = [
        info for card in parts(network, "InstanceNetworkInfoSet") for info in parts(card, "AddressInfoSet")
    ]
    public = [info.get("PublicIPAddress") for info in parts(network, "PublicIPAddressSet")]
    private = [info.get("PrivateIPAddress") for info in parts(network, "PrivateIPAddressSet")]
    public4 = [part(info, "PublicIPAddressInfo").get("PublicIPAddress") for info in cards]
    public6 = [part(info, "PublicIPv6AddressInfo").get("PublicIPAddress") for info in cards]
    own = [part(info, "PrivateIPAddressInfo").get("PrivateIPAddress") for info in cards]
    return once(texts(public), texts(public4), texts(public6)), once(texts(private), texts(own))


def _system_disk(record: Fields) -> Disk | None:
    """The size also stands beside the disk, which may be null."""
    disk, size = disk_of(part(record, "SystemDisk")), gib(record.get("SystemDiskSize"))
    return Disk(disk.id, disk.size or size) if disk.id or disk.size or size else None


def _data_disks(record: Fields) -> tuple[Disk, ...] | None:
    """DataDisks may be null while DataDiskSize tells that there are some."""
    disks, size = disks_of(record, "DataDisks"), gib(record.get("DataDiskSize"))
    return (Disk("", size),) if size and not disks else disks


def to_image(record: Fields) -> Image:
    """A record of DescribeImage."""
    state = text(record.get("ImageState")) or "no state"
    return Image(
        id=record["ImageId"],
        name=plain(record.get("ImageName")),
        os_type=os_type_of(record.get("OsType"), record.get("Platform"), record.get("ImageOsName")),
        status=state,
        available=state == "NORMAL",
        size=gib(record.get("ImageSize")),
        type=IMAGE_TYPES.get(str(record.get("ImageType"))),
        raw=record,
    )


def image_for(image: Image, instance: Instance) -> Image:
    """A 32-bit system cannot be installed on an instance with much memory."""
    if image.raw.get("Architecture") == "i386" and (instance.memory or 0) >= LARGE_MEMORY:
        return replace(
            image, blocked=f"it is a 32-bit system, and the instance has {instance.memory} GiB of memory"
        )
    return image


def reset_fields(options: ResetOptions, instance: Instance, image: Image | None) -> Fields:
    """The body of ResetInstances. KeepData and KeepImageLogin are words, in small letters and in capitals.

    KeepImageLogin must not stand beside a password, not even as FALSE.
    """
    keep_login = None if options.password else options.keep_image_login
    fields: dict[str, Any] = {
        "ImageId": options.image_id,
        "Password": options.password,
        "KeepData": None if options.keep_data_disks is None else str(options.keep_data_disks).lower(),
        "KeepImageLogin": None if keep_login is None else str(keep_login).upper(),
    }
    return {**present(fields), **agents(options)}


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
            "neither password nor keep_image_login was given: the provider generates a password and sends "
            "it through its Message Center, where automation cannot read it"
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
    field_options={
        "InstanceIdSet": "instance_ids",
        "ImageId": "image_id",
        "Password": "password",
        "EnhancedService.SecurityService.Enabled": "security_agent",
        "EnhancedService.MonitorService.Enabled": "monitoring_agent",
        "KeepData": "keep_data_disks",
        "KeepImageLogin": "keep_image_login",
    },
    extra_fields={
        "EnhancedService": {"EIPDirectService": {"Enabled": True}, "SecurityService": {"Version": 1}},
    },
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
