# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tencent Cloud Virtual Machine, the legacy API 2.0, which the vendor keeps up and recommends its API 3.0 over.

Sources are the vendor's pages cloud.tencent.com/document/api/213/1246 (ResetInstances), 213/831 (DescribeInstances,
states), 213/1247 (RestartInstances), 213/1249 and 213/1250 (start, stop), 213/1272 (DescribeImages), 213/6983
(answers), 213/11650 (common parameters), cloud.tencent.com/document/api/239/1757 (codes), and qcloudapi-sdk-python.

A parameter Version would turn a request into one of another dialect, so none is ever sent. There is no record of the
last operation, no task that could be asked about, and no tag. Images are listed by type, and imageType is required
even with ids, so each type is asked for. Not documented: request rates, the most ids of a request (the successor takes
100), the zone of times, and which field holds the words of business errors: codeDesc is read first, then message.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..api import signing
from ..api.json_body import json_answer
from ..core.errors import ApiError, Kind
from ..core.message import Reply, Request
from ..core.model import Disk, Image, Instance, Status, Verb
from ..core.provider import (
    Account,
    Action,
    Answer,
    Api,
    Fields,
    PasswordChange,
    Proof,
    Provider,
    ResetOptions,
    Rules,
    Secrets,
    one_id,
)
from .tencent.api import RESETTABLE, classified, write
from .tencent.credentials import credentials
from .tencent.passwords import by_system

HOST = "https://cvm.api.qcloud.com"
LARGEST_NONCE = 2**31 - 1

# A fault is the only trace of a reset that failed. Whatever else is going on, and every number that is not here (the
# page calls them maintenance, without operations), is waited out.
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
IMAGE_STATES = {0: "not told", 1: "creating", 2: "normal", 3: "in use", 4: "synchronizing", 5: "copying"}
IMAGE_TYPES = {1: "private", 2: "public", 3: "market", 4: "shared"}
ASKED_TYPES = {"private": 1, "public": 2, "market": 3, "shared": 4}
MARKET = 3
LOCAL_DISKS = (1, 3)

# 4500 says that a request was seen before: if something on the way sent ours twice, the first one may have been done.
ERRORS = classified(
    {
        Kind.THROTTLED: "4400",
        Kind.IN_PROGRESS: "OperationFail.SystemBusy",
        Kind.WRONG_STATE: "OperationConstraints.InvaildInstanceStatus EC_CVM_STATUS_ERROR",
        Kind.NOT_FOUND: "5000",
        Kind.REJECTED: "4000 4600 5200 5300 5500 6100 OperationConstraints.AccountBalanceNotEnough",
        Kind.DENIED: "4100 4101 4102 4103 4104 4105 4106 4110 4200 4300",
        Kind.UNKNOWN: "4500 5100 5400 6000 6200 OperationFail.AllResourceOpFailed",
    }
)
ALL_FAILED, SOME_FAILED = 5100, 5400

ADVICE = {
    "4100": "Check access_key and secret_key: the signature does not fit.",
    "4101": "Give the key's user the permission for this action in CAM.",
    "4102": "Give the key's user the permission for this instance in CAM.",
    "4103": "Give the key's user the permission for this action on this instance in CAM.",
    "4104": "Check access_key: the provider does not know it.",
    "4105": "Check token: it belongs to another temporary key, or its time is over.",
    "4200": "Set the clock of this machine right.",
    "4500": "Set the clock of this machine right, if it is wrong; the request is not sent again without looking first.",
    "5000": "The instance is returned, or belongs to another account or region.",
    "6100": "The legacy API may have been switched off here: use provider tencent_cvm.",
    "6200": "The legacy API is being maintained: try later, or use provider tencent_cvm.",
    "OperationConstraints.AccountBalanceNotEnough": "Top up the account.",
    "1 fault": "The vendor's support can tell why; a later run tries the reset again.",
    "LISTED_AS_FAILED": "Look at the instance's state with reforge.cloud.instance_info.",
}


def flat(fields: Mapping[str, Any]) -> dict[str, str]:
    """Form fields: what is in a list gets a name of its own with its number, from 0 on."""
    found: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, (list, tuple)):
            found.update(flat({f"{name}.{number}": one for number, one in enumerate(value)}))
        else:
            found[name] = str(value)
    return found


def build(account: Account, action: Action, fields: Fields) -> Request:
    """A form POST. Its body is made when it is signed, since the signature is one of the fields.

    ``Action.service`` is another host's first label. Regions go as they are: the API takes short names (gz) and
    long ones (ap-guangzhou).
    """
    own = f"https://{action.service}.api.qcloud.com" if action.service else HOST
    return Request(
        action=action.name,
        writes=action.writes,
        url=f"{account.endpoint or own}/v2/index.php",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        fields={
            "Action": action.name,
            "Region": account.region,
            "RequestClient": "Ansible-reforge.cloud",
            **flat(fields),
        },
    )


def sign(request: Request, secrets: Secrets, now: int, nonce: int | None = None) -> Request:
    """With a random number of its own for each request, unless one is given."""
    number = random.SystemRandom().randint(1, LARGEST_NONCE) if nonce is None else nonce
    return signing.qcloud_v2(request, secrets.access_key, secrets.secret_key, secrets.token, now, number)


def unwrap(action: Action, reply: Reply) -> Answer:
    """The envelope is flat. Actions on several instances have a detail for each. Raises ApiError."""
    answer = json_answer(action.name, reply)
    if "code" not in answer:
        kind = Kind.THROTTLED if reply.status == 429 else Kind.UNKNOWN
        raise ApiError(f"HTTP_{reply.status}", "the answer has no code", kind, action=action.name)
    number, request_id = int(answer["code"]), str(answer.get("requestId") or "")
    failed = _failed(answer.get("detail"))
    if (number == 0 and reply.status == 200) or (number in (ALL_FAILED, SOME_FAILED) and failed):
        return Answer(answer, request_id, failed)
    words, message = str(answer.get("codeDesc") or ""), str(answer.get("message") or "")
    code, kind = _meaning(number, words, message)
    told = f"{message} ({words})" if words not in (code, "Success", "") else message
    raise ApiError(code, told, kind, request_id, action.name)


def _failed(detail: Any) -> tuple[str, ...]:
    """The ids with an error of their own; the pages say that the detail is a list, and show an object by id."""
    if not isinstance(detail, dict):
        return ()
    return tuple(instance_id for instance_id, one in detail.items() if int(one.get("code") or 0))


def _meaning(number: int, words: str, message: str) -> tuple[str, Kind]:
    """The most telling code, and what it means: the business code where there is one, else the number."""
    known = [code for code in ERRORS if not code.isdigit()]
    business = words if words in known else next((code for code in known if code in message), "")
    if business:
        return business, ERRORS[business]
    return str(number), ERRORS.get(str(number), Kind.UNKNOWN) if number else Kind.UNKNOWN


def to_instance(record: Fields, region: str) -> Instance:
    """A record of DescribeInstances. It names its region in short, however the account's region was given."""
    number = int(record["status"])
    status, words = STATES.get(number, (Status.UNKNOWN, "maintenance"))
    disks = _disks(record)
    data = Disk(str(disks.get("storageId") or ""), int(disks.get("storageSize") or 0))
    zone = record.get("zoneName") or record.get("zoneId")
    return Instance(
        id=record["unInstanceId"],
        name=record.get("instanceName") or "",
        status=status,
        vendor_status=f"{number} {words}",
        image_id=record.get("unImgId") or "",
        os_type=os_type_of(record.get("os")) or None,
        region=region or record.get("Region"),
        zone=str(zone) if zone else None,
        public_ips=tuple(record.get("wanIpSet") or ()),
        private_ips=(record["lanIp"],) if record.get("lanIp") else (),
        created_at=record.get("createTime"),
        cpu=record.get("cpu"),
        memory=record.get("mem"),
        system_disk=Disk(disks.get("rootId") or "", int(disks["rootSize"]))
        if disks.get("rootSize")
        else None,
        data_disks=None if "diskInfo" not in record else (data,) if data.size else (),
        raw=record,
    )


def _disks(record: Fields) -> Fields:
    """All disks in one record; the page says that it is a list of such, and shows one without a list."""
    disks = record.get("diskInfo") or {}
    return disks[0] if isinstance(disks, list) else disks


def os_type_of(name: str | None) -> str:
    """By the system's name, such as centos7.2x86_64; the page shows a Windows image whose system is Xserver."""
    lower = (name or "").lower()
    return "windows" if "win" in lower or lower.startswith("xserver") else "linux" if lower else ""


def to_image(record: Fields) -> Image:
    """A record of DescribeImages; the list is of images that can be used, so a missing state is no obstacle."""
    state = int(record.get("status") or 0)
    return Image(
        id=record["unImgId"],
        name=record.get("imageName") or "",
        os_type=os_type_of(record.get("osName")),
        status=IMAGE_STATES.get(state, str(state)),
        available=state in (0, 2, 3),
        type=IMAGE_TYPES.get(int(record.get("imageType") or 0)),
        raw=record,
    )


def image_kinds(region: str) -> Sequence[Fields]:
    """The types of image to ask for; North America has none from the market."""
    america = region in ("ca", "usw") or region.startswith("na-")
    return [{"imageType": number} for number in IMAGE_TYPES if not (america and number == MARKET)]


def image_for(image: Image, instance: Instance) -> Image:
    """Another type of system needs another system disk, which a local disk cannot become."""
    local = _disks(instance.raw).get("rootType") in LOCAL_DISKS
    if local and instance.os_type and image.os_type and instance.os_type != image.os_type:
        return replace(
            image, blocked=f"it is {image.os_type}, and the {instance.os_type} instance has a local disk"
        )
    return image


def reset_fields(options: ResetOptions, instance: Instance, image: Image | None) -> Fields:
    """The form of ResetInstances. imageId and imageType go together or not at all."""
    fields: dict[str, Any] = {
        "password": options.password,
        "needSecurityAgent": None if options.security_agent is None else int(options.security_agent),
        "needMonitorAgent": None if options.monitoring_agent is None else int(options.monitoring_agent),
        "rootSize": options.system_disk_size,
    }
    if options.image_id:
        listed = image.raw.get("imageType") if image else None
        kind = (
            ASKED_TYPES.get(options.image_type or "") or listed or ASKED_TYPES["public"]
        )  # the last by the page
        fields.update(imageId=options.image_id, imageType=int(kind))
    return {name: value for name, value in fields.items() if value is not None}


PROVIDER = Provider(
    name="tencent_cvm_v2",
    title="Tencent Cloud Virtual Machine, legacy API 2.0",
    api=Api(
        host=HOST,
        version="2.0",
        build=build,
        sign=sign,
        unwrap=unwrap,
        page=lambda offset, size: {"offset": offset, "limit": size},
        total="totalCount",
    ),
    credentials=credentials(),
    regional=True,
    tags=False,
    rules=Rules(
        id_pattern=r"ins-[0-9a-z]+",
        # The pages say nothing of @ at the beginning, but such a password is signed in two ways: see signing.
        passwords=by_system(16, "()`~!@#$%^&*-+=|{}[]:;',.?/", "()`~!@#$%^&*-+={}[]:;',.?/", not_first="@"),
        same_os_type=False,  # the page allows it, and says that the system disk gets another id
        login_ways=("password",),
        no_login=(
            "no password was given: the provider makes one up and sends it by its Message Center, where no automation "
            "can read it"
        ),
    ),
    proof=Proof(),
    options=frozenset({"password", "monitoring_agent", "security_agent", "system_disk_size", "image_type"}),
    instances=Action("DescribeInstances", "instanceIds", rows="instanceSet", row_id="unInstanceId", page=100),
    images=Action(
        "DescribeImages", "imageIds", at_once=10, rows="imageSet", row_id="unImgId", page=100, service="image"
    ),
    writes={
        Verb.RESET: replace(
            write("ResetInstances", "instanceId", 0, *RESETTABLE), give_ids=one_id, at_once=1
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
    image_kinds=image_kinds,
    image_for=image_for,
    reset_fields=reset_fields,
    errors=ERRORS,
    advice=ADVICE,
    sources=(
        "https://cloud.tencent.com/document/api/213/1246",
        "https://cloud.tencent.com/document/api/213/831",
    ),
)
