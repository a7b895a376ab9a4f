# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tencent Cloud Virtual Machine, the legacy API 2.0. The vendor keeps it up, and recommends its API 3.0
instead.

Sources are the vendor's pages cloud.tencent.com/document/api/213/1246 (ResetInstances), 213/831
(DescribeInstances, states), 213/1247 (RestartInstances), 213/1249 and 213/1250 (start, stop), 213/1272
(DescribeImages).

There is no record of the last operation, no task that could be queried, and no tag. Images are listed by
type, and imageType is required even with ids, so each type is queried. An instance has two ids, ins-... and,
from older days, qcvm...; the API takes both. Not documented: request rates, the maximum number of ids (the
successor's is 100), and the time zone of times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..core.model import Disk, Image, Instance, Status, Verb
from ..core.provider import Action, Fields, Proof, Provider, one_id
from ..core.record import gib, part, plain, present, text, texts, whole
from ..core.rules import PasswordChange, ResetOptions, Rules
from .tencent.api import RESETTABLE, write
from .tencent.credentials import credentials
from .tencent.legacy import ADVICE, COMMON_FIELDS, ERRORS, LEGACY_API
from .tencent.passwords import by_system
from .tencent.records import switch_note, switches

# A fault is the only trace of a reset that failed. Whatever else is going on, and every number that is not
# here (the page calls them maintenance, without operations), is waited out.
STATES: Mapping[int, tuple[Status, str]] = {
    -1: (Status.FAILED, "creation failed"),
    1: (Status.RESET_FAILED, "fault"),
    2: (Status.RUNNING, "running"),
    3: (Status.CREATING, "creating"),
    4: (Status.STOPPED, "shut down"),
    5: (Status.TERMINATING, "returned"),
    6: (Status.TERMINATING, "returning"),
    7: (Status.REBOOTING, "rebooting"),
    8: (Status.STARTING, "starting"),
    9: (Status.STOPPING, "stopping"),
    10: (Status.SETTING_PASSWORD, "resetting the password"),
    11: (Status.UNKNOWN, "formatting"),
    12: (Status.UNKNOWN, "making an image"),
    13: (Status.UNKNOWN, "setting the bandwidth"),
    14: (Status.RESETTING, "reinstalling"),
    15: (Status.UNKNOWN, "binding a domain"),
    16: (Status.UNKNOWN, "unbinding a domain"),
    17: (Status.UNKNOWN, "binding a load balancer"),
    18: (Status.UNKNOWN, "unbinding a load balancer"),
    19: (Status.UNKNOWN, "upgrading"),
    20: (Status.UNKNOWN, "delivering a key"),
}
IMAGE_STATES = {0: "unknown", 1: "creating", 2: "normal", 3: "in use", 4: "synchronizing", 5: "copying"}
IMAGE_TYPES = {1: "private", 2: "public", 3: "market", 4: "shared"}
KINDS = {"private": 1, "public": 2, "market": 3, "shared": 4}
MARKET = 3
LOCAL_DISKS = (1, 3)


def to_instance(record: Fields, region: str) -> Instance:
    """A record of DescribeInstances. It names its region in short, however the account's region was given."""
    status, words = _status(whole(record.get("status")))
    disks = _disks(record)
    return Instance(
        id=record["unInstanceId"],
        name=plain(record.get("instanceName")),
        status=status,
        vendor_status=words,
        image_id=plain(record.get("unImgId")),
        os_type=os_type_of(text(record.get("os"))) or None,
        region=region or text(record.get("Region")),
        zone=text(record.get("zoneName")) or text(record.get("zoneId")),
        public_ips=texts(record.get("wanIpSet")),
        private_ips=texts(record.get("lanIp")),
        created_at=text(record.get("createTime")),
        cpu=whole(record.get("cpu")),
        memory=whole(record.get("mem")),
        system_disk=_system_disk(disks),
        data_disks=_data_disks(disks),
        raw=record,
    )


def _status(number: int | None) -> tuple[Status, str]:
    if number is None:
        return Status.UNKNOWN, "no status"
    status, words = STATES.get(number, (Status.UNKNOWN, "maintenance"))
    return status, f"{number} {words}"


def _disks(record: Fields) -> Mapping[str, Any]:
    """All disks in one record; the page says that it is a list of such, and shows one without a list."""
    disks = record.get("diskInfo")
    return (
        part({"first": disks[0]}, "first") if isinstance(disks, list) and disks else part(record, "diskInfo")
    )


def _data_disks(disks: Fields) -> tuple[Disk, ...] | None:
    data = Disk(plain(disks.get("storageId")), gib(disks.get("storageSize")))
    if not disks:
        return None
    return (data,) if data.size else ()


def _system_disk(disks: Fields) -> Disk | None:
    size = gib(disks.get("rootSize"))
    return Disk(plain(disks.get("rootId")), size) if size else None


def os_type_of(name: str | None) -> str:
    """By the system's name, such as centos7.2x86_64; the page shows a Windows image whose system is
    Xserver.
    """
    lower = (name or "").lower()
    return "windows" if "win" in lower or lower.startswith("xserver") else "linux" if lower else ""


def to_image(record: Fields) -> Image:
    """A record of DescribeImages; only usable images are listed, so a missing state is no obstacle."""
    state = whole(record.get("status")) or 0
    return Image(
        id=record["unImgId"],
        name=plain(record.get("imageName")),
        os_type=os_type_of(text(record.get("osName"))),
        status=IMAGE_STATES.get(state, str(state)),
        available=state in (0, 2, 3),
        type=IMAGE_TYPES.get(whole(record.get("imageType")) or 0),
        raw=record,
    )


def image_queries(region: str) -> Sequence[Fields]:
    """The types of image to ask for; North America has none from the market."""
    america = region in ("ca", "usw") or region.startswith("na-")
    return [{"imageType": number} for number in IMAGE_TYPES if not (america and number == MARKET)]


def image_for(image: Image, instance: Instance) -> Image:
    """A switch between Linux and Windows makes another system disk, which a local disk cannot become."""
    blocked = ""
    if switches(image, instance) and _disks(instance.raw).get("rootType") in LOCAL_DISKS:
        blocked = f"it is {image.os_type}, and the {instance.os_type} instance has a local disk"
    return replace(image, blocked=blocked, note=switch_note(image, instance))


def reset_fields(options: ResetOptions, instance: Instance, image: Image | None) -> Fields:
    """The form of ResetInstances. imageId and imageType go together or not at all."""
    fields: dict[str, Any] = {
        "password": options.password,
        "needSecurityAgent": None if options.security_agent is None else int(options.security_agent),
        "needMonitorAgent": None if options.monitoring_agent is None else int(options.monitoring_agent),
        "rootSize": options.system_disk_size,
    }
    if options.image_id:
        listed = whole(image.raw.get("imageType")) if image else None
        kind = KINDS.get(options.image_type or "") or listed or KINDS["public"]  # the page's default
        fields.update(imageId=options.image_id, imageType=kind)
    return present(fields)


PROVIDER = Provider(
    name="tencent_cvm_v2",
    title="Tencent Cloud Virtual Machine, legacy API 2.0",
    api=LEGACY_API,
    credentials=credentials(),
    regional=True,
    tags=False,
    rules=Rules(
        id_pattern=r"(ins-|qcvm-?)[0-9a-z]+",
        # The pages say nothing of @ at the beginning, but such a password is signed in two ways: see signing.
        passwords=by_system(16, "()`~!@#$%^&*-+=|{}[]:;',.?/", "()`~!@#$%^&*-+={}[]:;',.?/", not_first="@"),
        same_os_type=False,  # the page allows it, and says that the system disk gets another id
        login_ways=("password",),
        no_login=(
            "no password was given: the provider generates one and sends it through its Message Center, "
            "where automation cannot read it"
        ),
    ),
    proof=Proof(),
    options=frozenset({"password", "monitoring_agent", "security_agent", "system_disk_size", "image_type"}),
    instances=Action(
        "DescribeInstances",
        "instanceIds",
        rows="instanceSet",
        row_id="unInstanceId",
        older_id="instanceId",
        older_id_pattern=r"qcvm-?[0-9a-z]+",
        page=100,
    ),
    images=Action(
        "DescribeImages", "imageIds", at_once=10, rows="imageSet", row_id="unImgId", page=100, service="image"
    ),
    writes={
        Verb.RESET: write("ResetInstances", "instanceId", 0, *RESETTABLE)._replace(
            encode_ids=one_id, at_once=1
        ),
        Verb.REBOOT: write("RestartInstances", "instanceIds", 0, Status.RUNNING),
        Verb.START: write("StartInstances", "instanceIds", 0, Status.STOPPED),
        Verb.STOP: write("StopInstances", "instanceIds", 0, Status.RUNNING),
        Verb.PASSWORD: write("ResetInstancePassword", "instanceIds", 0, Status.STOPPED),
    },
    password_change=PasswordChange(
        "password",
        by_system(16, "()~!@#$%^&*-+=|{}[]:;',.?/", "()~!@#$%^&*-+={}[]:;',.?/", not_first="@"),
    ),
    modes={
        Verb.STOP: {"soft": {"forceStop": 0}, "hard": {"forceStop": 1}},
        Verb.REBOOT: {"soft": {"forceStop": 0}, "hard": {"forceStop": 1}},
    },
    to_instance=to_instance,
    to_image=to_image,
    image_scope=lambda instance: {},
    image_queries=image_queries,
    image_for=image_for,
    kept_fields=frozenset({"diskInfo"}),
    reset_fields=reset_fields,
    field_options={
        "instanceId": "instance_ids",
        "imageId": "image_id",
        "imageType": "image_type",
        "password": "password",
        "needSecurityAgent": "security_agent",
        "needMonitorAgent": "monitoring_agent",
        "rootSize": "system_disk_size",
        **dict.fromkeys(COMMON_FIELDS, "provider, region, or the credentials"),
    },
    errors=ERRORS,
    advice=ADVICE,
    sources=(
        "https://cloud.tencent.com/document/api/213/1246",
        "https://cloud.tencent.com/document/api/213/831",
    ),
)
