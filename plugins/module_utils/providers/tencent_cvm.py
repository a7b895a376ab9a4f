# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tencent Cloud Virtual Machine, API 3.0, version 2017-03-12.

Sources are the vendor's pages www.tencentcloud.com/document/product/213/33242 (ResetInstance) and
cloud.tencent.com/document/product/213/15728 (DescribeInstances; 15742 reboot, 15715 images, 15699 key pairs),
the specification that tccli ships, the error codes of tencentcloud-sdk-python-cvm, and the lists of codes for
each action in tencentcloud-sdk-go. From the latter comes which states a reset starts from: of all states only
RUNNING and STOPPED have no code of refusal.

Not documented: which InstanceState shows while a reset runs. Only an older page says that a switch between
Linux and Windows changes the id of the system disk. The rate of DescribeImages is not in the vendor's table
of rates.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from ..core.model import Image, Instance, Status, Verb
from ..core.provider import Action, Fields, Proof, Provider
from ..core.record import gib, once, part, plain, present, text, texts
from ..core.rules import NameRule, PasswordChange, ResetOptions, Rules
from .tencent import actions
from .tencent.api import STOP_TYPES, tc3_api
from .tencent.credentials import credentials
from .tencent.cvm_errors import ADVICE, ERRORS
from .tencent.passwords import by_system, strict_by_system
from .tencent.records import (
    IMAGE_TYPES,
    agents,
    common,
    disks_of,
    operation_of,
    os_type_of,
    restriction_of,
    status_of,
    switch_note,
    switches,
)

RATE, LIST_RATE = 10.0, 40.0  # requests per second, each action by itself

# With other system disks a reset cannot switch between Linux and Windows.
SWITCHING_DISKS = frozenset({"CLOUD_BASIC", "CLOUD_PREMIUM", "CLOUD_SSD", "CLOUD_BSSD"})


def to_instance(record: Fields, region: str) -> Instance:
    """A record of DescribeInstances. Only the system's name tells the OS type."""
    operation = operation_of(record)
    status, words = status_of(record, operation)
    public = once(texts(record.get("PublicIpAddresses")), texts(record.get("PublicIPv6Addresses")))
    inner = once(texts(record.get("PrivateIpAddresses")), texts(record.get("IPv6Addresses")))
    return Instance(
        id=record["InstanceId"],
        name=plain(record.get("InstanceName")),
        status=status,
        vendor_status=words,
        image_id=plain(record.get("ImageId")),
        os_type=os_type_of(record.get("OsName")) or None,
        region=region,
        zone=text(part(record, "Placement").get("Zone")),
        public_ips=public,
        private_ips=tuple(address for address in inner if address not in public),
        **common(record),
        data_disks=disks_of(record, "DataDisks"),
        restriction=restriction_of(record),
        reset_barred=_barred(record, status),
        operation=operation,
        raw=record,
    )


def _barred(record: Fields, status: Status) -> str:
    """What UnsupportedOperation.StoppedModeStopCharging would say."""
    unpaid = status is Status.STOPPED and record.get("StopChargingMode") == "STOP_CHARGING"
    return "it was stopped without charging (STOP_CHARGING): start it first" if unpaid else ""


def to_image(record: Fields) -> Image:
    """A record of DescribeImages."""
    state = text(record.get("ImageState")) or "no state"
    return Image(
        id=record["ImageId"],
        name=plain(record.get("ImageName")),
        os_type=os_type_of(record.get("Platform"), record.get("OsName")),
        status=state,
        available=state == "NORMAL",
        size=gib(record.get("ImageSize")),
        type=IMAGE_TYPES.get(str(record.get("ImageType"))),
        raw=record,
    )


def image_scope(instance: Instance) -> Fields:
    """DescribeImages leaves out what the instance's model does not take, such as another architecture."""
    model = text(instance.raw.get("InstanceType"))
    return {"InstanceType": model} if model else {}


def image_for(image: Image, instance: Instance) -> Image:
    """Another OS type only on the system disks for which the vendor allows it; another licence never."""
    disk, licence = part(instance.raw, "SystemDisk").get("DiskType"), text(instance.raw.get("LicenseType"))
    other = text(image.raw.get("LicenseType"))
    blocked = ""
    if licence and other and licence != other:
        blocked = f"its licence type is {other}, and the instance has {licence}"
    elif switches(image, instance) and disk not in SWITCHING_DISKS:
        blocked = (
            f"it is {image.os_type} and the instance is {instance.os_type}, which cannot be changed with a "
            f"system disk of type {disk or 'unknown'}"
        )
    return replace(image, blocked=blocked, note=switch_note(image, instance))


def reset_fields(options: ResetOptions, instance: Instance, image: Image | None) -> Fields:
    """The body of ResetInstance, with one way to log in at most. KeepImageLogin is a word, in capitals."""
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
    return {**present(fields), **agents(options)}


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
        names={
            "": NameRule(
                r"(?=.{2,60}$)[A-Za-z0-9]+([.-][A-Za-z0-9]+)*",
                "a host name of 2 to 60 letters, digits, hyphens and periods, the latter two neither at an "
                "end nor side by side (on Windows 2 to 15, without periods and not of digits only)",
            ),
            "windows": NameRule(
                r"(?=.{2,15}$)(?!\d+$)[A-Za-z0-9]+(-[A-Za-z0-9]+)*",
                "a host name of Windows: 2 to 15 letters, digits and hyphens, not of digits only",
            ),
        },
        user_data_limit=16 * 1024,
        same_os_type=False,  # that depends on the system disk
        no_login=(
            "none of password, key_ids and keep_image_login was given: the provider generates a password "
            "and sends it through its Message Center, where automation cannot read it"
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
    instances=actions.instances(LIST_RATE),
    images=Action("DescribeImages", "ImageIds", rows="ImageSet", row_id="ImageId", page=100),
    keys=actions.key_pairs(RATE),
    key_id=lambda record: record["KeyId"],
    writes=actions.writes(RATE),
    password_change=PasswordChange("Password", strict_by_system(30)),
    modes={Verb.STOP: STOP_TYPES, Verb.REBOOT: STOP_TYPES},
    to_instance=to_instance,
    to_image=to_image,
    image_scope=image_scope,
    image_for=image_for,
    kept_fields=frozenset({"InstanceType", "SystemDisk", "LicenseType"}),
    reset_fields=reset_fields,
    field_options={
        "InstanceId": "instance_ids",
        "ImageId": "image_id",
        "SystemDisk.DiskSize": "system_disk_size",
        "LoginSettings.Password": "password",
        "LoginSettings.KeyIds": "key_ids",
        "LoginSettings.KeepImageLogin": "keep_image_login",
        "EnhancedService.SecurityService.Enabled": "security_agent",
        "EnhancedService.MonitorService.Enabled": "monitoring_agent",
        "HostName": "instance_name",
        "UserData": "user_data",
    },
    extra_fields={"EnhancedService": {"AutomationService": {"Enabled": True}}},
    errors=ERRORS,
    advice=ADVICE,
    sources=(
        "https://www.tencentcloud.com/document/product/213/33242",
        "https://cloud.tencent.com/document/product/213/15728",
    ),
)
