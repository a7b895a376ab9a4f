# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Zenlayer Elastic Compute, API version 2025-09-01.

Sources are the vendor's pages at docs.console.zenlayer.com: api-reference/compute/zec/instance/resetinstances,
.../rebootinstances, .../startinstances, .../stopinstances, .../describeinstances,
api-reference/zec/image/describeimages, api-reference/api-introduction/instruction (request, response, sign), and
the specifications that its command line ships.

Not documented: request rates, the maximum number of ids of ResetInstances (its siblings take 100), and whether a reset
is accepted from REINSTALL_FAILED. Where the pages disagree, the strictest one holds, because an instance is stopped
before its reset is sent: special characters of a password are those of ResetInstances (ResetInstance and CreateInstances
name more), and an image other than Windows and Generic needs a password or a key (the Chinese page and the vendor's
SDKs say so, the English page does not).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from ..api import signing
from ..api.json_body import json_answer, json_body
from ..core.errors import ApiError, Kind
from ..core.message import Reply, Request
from ..core.model import Disk, Image, Instance, Status, Verb
from ..core.provider import (
    Account,
    Action,
    Answer,
    Api,
    CredentialSources,
    Fields,
    PasswordRule,
    Proof,
    Provider,
    ResetOptions,
    Rules,
    Secrets,
)
from ..core.record import by_reach, gib, once, part, parts, text, texts, whole

HOST = "https://console.zenlayer.com"
VERSION = "2025-09-01"

# STARTING, REBOOT, DEPLOYING and REINSTALL_FAILED stand only in the actions' prose, the rest in the enumeration of
# DescribeInstancesStatus. DEPLOYING and REBUILDING both mean that a reset runs; a new instance shows DEPLOYING too.
STATES = {
    "PENDING": Status.CREATING,
    "DEPLOYING": Status.RESETTING,
    "REBUILDING": Status.RESETTING,
    "REBOOT": Status.REBOOTING,
    "BOOTING": Status.STARTING,
    "STARTING": Status.STARTING,
    "STOPPING": Status.STOPPING,
    "RUNNING": Status.RUNNING,
    "STOPPED": Status.STOPPED,
    "RELEASING": Status.TERMINATING,
    "RECYCLING": Status.RECYCLED,
    "RECYCLE": Status.RECYCLED,
    "RECYCLED": Status.RECYCLED,
    "CREATE_FAILED": Status.FAILED,
    "REINSTALL_FAILED": Status.RESET_FAILED,
}

ERRORS = {
    "REQUEST_LIMIT_EXCEEDED": Kind.THROTTLED,
    "INVALID_INSTANCE_NOT_FOUND": Kind.NOT_FOUND,
    "INVALID_IMAGE_NOT_FOUND": Kind.REJECTED,
    "INVALID_PASSWORD_MALFORMED": Kind.REJECTED,
    "OPERATION_DENIED_INSTANCE_RECYCLED": Kind.REJECTED,
    "OPERATION_DENIED_INSTANCE_STATUS": Kind.WRONG_STATE,
    "OPERATION_DENIED_INSTANCE_NOT_RUNNING": Kind.WRONG_STATE,
    "OPERATION_DENIED_INSTANCE_NOT_STOPPED": Kind.WRONG_STATE,
    "OPERATION_FAILED_RESOURCE_NOT_FOUND": Kind.NOT_FOUND,
    "OPERATION_FAILED_FOR_RECYCLE_RESOURCE": Kind.REJECTED,
    "OPERATION_FAILED_RESOURCE_GROUP_NOT_FOUND": Kind.REJECTED,
    "AUTHFAILURE_INVALID_AUTHORIZATION": Kind.DENIED,
    "AUTHFAILURE_SIGNATURE_FAILURE": Kind.DENIED,
    "AUTHFAILURE_SIGNATURE_EXPIRED": Kind.DENIED,
    "AUTHFAILURE_UNAUTHORIZED_OPERATION": Kind.DENIED,
    "SECURITY_CHALLENGE": Kind.DENIED,
    "REQUEST_BLOCKED": Kind.DENIED,
    "SERVICE_TEMPORARY_UNAVAILABLE": Kind.UNKNOWN,
    "INTERNAL_SERVER_ERROR": Kind.UNKNOWN,
    "REQUEST_TIMED_OUT": Kind.UNKNOWN,
    "INVALID_OPERATION_TIMEOUT": Kind.UNKNOWN,
    **{
        f"INVALID_PARAMETER_{problem}": Kind.REJECTED
        for problem in (
            [
                "TYPE",
                "VALUE",
                "EXCEED_MAXIMUM",
                "LESS_MINIMUM",
                "EXCEED_LENGTH",
                "LESS_LENGTH",
                "PATTERN_ERROR",
                "DATE_FORMAT_ERROR",
            ]
        )
    },
    "MISSING_PARAMETER": Kind.REJECTED,
}

ADVICE = {
    "AUTHFAILURE_SIGNATURE_EXPIRED": "The clock of this machine is more than 5 minutes off: set it right.",
    "AUTHFAILURE_SIGNATURE_FAILURE": "Check secret_key: the signature was made with another one.",
    "AUTHFAILURE_INVALID_AUTHORIZATION": "Check access_key, or token: the provider does not know it.",
    "AUTHFAILURE_UNAUTHORIZED_OPERATION": "Give the key's user the permission for this action.",
    "OPERATION_DENIED_INSTANCE_RECYCLED": "The instance lies in the recycle bin: take it out of the list.",
    "INVALID_IMAGE_NOT_FOUND": "List what there is with reforge.cloud.image_info.",
    "REINSTALL_FAILED": "The vendor asks to contact its support; a later run tries the reset again.",
    "LISTED_AS_FAILED": "The vendor gives no reason for single instances; its support can tell by the request id.",
}


def build(account: Account, action: Action, fields: Fields) -> Request:
    """POST with a JSON body; the action goes into a header and the service into the path."""
    service = action.service or "zec"
    return Request(
        action=action.name,
        writes=action.writes,
        url=f"{account.endpoint or HOST}/api/v2/{service}",
        headers={
            "Content-Type": "application/json",
            "X-ZC-Action": action.name,
            "X-ZC-Version": VERSION,
            "X-ZC-Service": service,
            "X-ZC-Request-Client": "Ansible-reforge.cloud",
        },
        fields=fields,
        body=json_body(fields),
    )


def sign(request: Request, secrets: Secrets, now: int) -> Request:
    """By the token where there is one, else by the key pair."""
    if secrets.token:
        return signing.bearer(request, secrets.token)
    return signing.zc2(request, secrets.access_key, secrets.secret_key, now)


def unwrap(action: Action, reply: Reply) -> Answer:
    """The envelope: an error has ``code`` at the top, success has ``response``, in which ids stand that failed."""
    if "challenge" in reply.headers.get("cf-mitigated", ""):
        raise ApiError("SECURITY_CHALLENGE", "a challenge page answered", Kind.DENIED, action=action.name)
    if reply.status == 451:
        raise ApiError(
            "REQUEST_BLOCKED", "the request was blocked on the way", Kind.DENIED, action=action.name
        )
    answer = json_answer(action.name, reply)
    request_id = str(answer.get("requestId") or "")
    response = answer.get("response")
    if reply.status == 200 and isinstance(response, dict) and not answer.get("code"):
        failed = tuple(response.get("instanceIds") or ()) if action.writes else ()
        return Answer(response, request_id, failed)
    code = str(answer.get("code") or f"HTTP_{reply.status}").upper().replace(".", "_")
    # The vendor's rule: 4xx is a bad or forbidden request, 5xx a failure of the system.
    other = Kind.REJECTED if 400 <= reply.status < 500 and answer.get("code") else Kind.UNKNOWN
    kind = Kind.THROTTLED if reply.status == 429 else ERRORS.get(code, other)
    raise ApiError(code, str(answer.get("message") or ""), kind, request_id, action.name)


def to_instance(record: Fields, region: str) -> Instance:
    """A record of DescribeInstances. The OS type belongs to the image, but Windows shows in the image's name."""
    nics = sorted(parts(record, "nics"), key=lambda nic: nic.get("nicType") != "Primary")
    zone, image_name = text(record.get("zoneId")), text(record.get("imageName"))
    disks = record.get("dataDisks")
    public, private = _addresses(record, nics)
    return Instance(
        id=record["instanceId"],
        name=text(record.get("instanceName")) or "",
        status=STATES.get(str(record.get("status")), Status.UNKNOWN),
        vendor_status=text(record.get("status")) or "no status",
        image_id=text(record.get("imageId")) or "",
        image_name=image_name,
        os_type="windows" if "windows" in (image_name or "").lower() else None,
        region=next((text(nic["regionId"]) for nic in nics if nic.get("regionId")), _region_of(zone)),
        zone=zone,
        public_ips=public,
        private_ips=private,
        tags={
            str(tag["key"]): text(tag.get("value")) or ""
            for tag in parts(part(record, "tags"), "tags")
            if tag.get("key")
        },
        key_ids=texts(record.get("keyId")),
        created_at=text(record.get("createTime")),
        cpu=whole(record.get("cpu")),
        memory=whole(record.get("memory")),
        system_disk=_disk(part(record, "systemDisk")) if part(record, "systemDisk") else None,
        data_disks=None if disks is None else tuple(_disk(disk) for disk in parts(record, "dataDisks")),
        guest_agent=record.get("enableAgent"),
        raw=record,
    )


def _addresses(record: Fields, nics: list[Mapping[str, Any]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Public and private addresses. The lists of the instance have IPv4 only; an IPv6 address tells by itself."""
    public6, private6 = by_reach(one for nic in nics for one in texts(nic.get("primaryIpv6")))
    public = (one for nic in nics for one in texts(nic.get("publicIpList")))
    private = (one for nic in nics for one in texts(nic.get("privateIpList")))
    return (
        once(texts(record.get("publicIpAddresses")), public, public6),
        once(texts(record.get("privateIpAddresses")), private, private6),
    )


def _region_of(zone: str | None) -> str | None:
    """Zones are called by their region and a letter, such as asia-east-1a."""
    return zone[:-1] if zone and zone[-1:].isalpha() and zone[-2:-1].isdigit() else None


def zone_region(record: Fields) -> str | None:
    """The region of a record of DescribeZones."""
    return text(record.get("regionId")) or _region_of(text(record.get("zoneId")))


def _disk(record: Fields) -> Disk:
    return Disk(text(record.get("diskId")) or "", gib(record.get("diskSize")))


def to_image(record: Fields) -> Image:
    """A record of DescribeImages; imageSize is a number written as text, with or without its unit."""
    category, os_type = text(record.get("category")) or "", (text(record.get("osType")) or "").lower()
    status = text(record.get("imageStatus")) or ""
    return Image(
        id=record["imageId"],
        name=text(record.get("imageName")) or "",
        os_type=os_type,
        status=status,
        available=status == "AVAILABLE",
        size=max(gib(record.get("imageSize")), gib(record.get("minDiskSize"))),
        type={"PUBLIC_IMAGE": "public", "CUSTOM_IMAGE": "private"}.get(str(record.get("imageType"))),
        accepts_login=category not in ("Windows", "Generic") and os_type != "windows",
        raw=record,
    )


def image_scope(instance: Instance) -> Fields | None:
    """Images are listed by zone; without the instance's zone it cannot be known which there are."""
    return {"zoneId": instance.zone} if instance.zone else None


def reset_fields(options: ResetOptions, instance: Instance, image: Image | None) -> Fields:
    """The body of ResetInstances. enableAgent is always said, since silence would turn the agent off."""
    agent = instance.guest_agent if options.guest_agent is None else options.guest_agent
    fields: dict[str, Any] = {
        "imageId": options.image_id,
        "password": options.password,
        "keyId": options.key_ids[0] if options.key_ids else None,
        "timezone": options.timezone,
        "enableAgent": agent,
        "instanceName": options.instance_name,
        "userData": options.user_data,
    }
    return {name: value for name, value in fields.items() if value is not None}


def profile(home: str, name: str) -> Mapping[str, str]:
    """A profile of the vendor's command line: one JSON object for all of them."""
    with open(os.path.join(home, ".zenlayer", "credentials.json"), encoding="utf-8") as file:
        found = json.load(file).get(name) or {}
    names = {"access_key": "access_key_id", "secret_key": "access_key_secret", "token": "token"}
    return {option: found[theirs] for option, theirs in names.items() if found.get(theirs)}


def _write(name: str, *states: Status) -> Action:
    return Action(name, "instanceIds", writes=True, states=frozenset(states))


PROVIDER = Provider(
    name="zenlayer_zec",
    title="Zenlayer Elastic Compute",
    api=Api(
        host=HOST,
        version=VERSION,
        build=build,
        sign=sign,
        unwrap=unwrap,
        page=lambda offset, size: {"pageNum": offset // size + 1, "pageSize": size},
        total="totalCount",
    ),
    credentials=CredentialSources(
        environment={
            "access_key": ("ZENLAYER_ACCESS_KEY_ID", "ZENLAYERCLOUD_ACCESS_KEY_ID"),
            "secret_key": ("ZENLAYER_ACCESS_KEY_SECRET", "ZENLAYERCLOUD_ACCESS_KEY_PASSWORD"),
            "token": ("ZENLAYER_TOKEN",),
            "profile": ("ZENLAYER_PROFILE",),
        },
        profiles=profile,
        profile_files=("~/.zenlayer/credentials.json",),
        token_alone=True,
    ),
    regional=False,
    tags=True,
    rules=Rules(
        id_pattern=r"[A-Za-z0-9][A-Za-z0-9._-]*",
        passwords={
            "": PasswordRule(
                shortest=8,
                longest=16,
                classes={
                    "a-z": "abcdefghijklmnopqrstuvwxyz",
                    "A-Z": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                    "0-9": "0123456789",
                    "special characters": "~!@$^*-_=+",
                },
                needs=4,
            )
        },
        key_limit=1,
        name_pattern=r"[A-Za-z0-9.-]{2,63}",
        name_rule="2 to 63 letters, digits, periods and hyphens",
        login_ways=("password", "key_ids"),
        login_on_windows=False,
        needs_login=True,
        undocumented_states={
            Status.RESET_FAILED: "the vendor's pages do not say whether a reset is accepted from REINSTALL_FAILED"
        },
    ),
    proof=Proof(ends_running=True),
    options=frozenset({"password", "key_ids", "timezone", "guest_agent", "instance_name", "user_data"}),
    instances=Action("DescribeInstances", "instanceIds", rows="dataSet", row_id="instanceId", page=1000),
    images=Action("DescribeImages", "imageIds", rows="dataSet", row_id="imageId", page=1000),
    zones=Action("DescribeZones", rows="zoneSet", row_id="zoneId"),
    keys=Action("DescribeKeyPairs", "keyIds", rows="dataSet", row_id="keyId", page=1000, service="ccs"),
    timezones=Action("DescribeTimeZones", rows="timeZones"),
    writes={
        Verb.RESET: _write("ResetInstances", Status.STOPPED, Status.RESET_FAILED),
        Verb.REBOOT: _write("RebootInstances", Status.RUNNING),
        Verb.START: _write("StartInstances", Status.STOPPED),
        Verb.STOP: _write("StopInstances", Status.RUNNING),
    },
    modes={
        Verb.STOP: {"soft": {"forceShutdown": False}, "hard": {"forceShutdown": True}},
        Verb.REBOOT: {"soft": {}, "hard": {"forceReboot": True}},
    },
    to_instance=to_instance,
    to_image=to_image,
    image_scope=image_scope,
    zone_region=zone_region,
    reset_fields=reset_fields,
    errors=ERRORS,
    advice=ADVICE,
    sources=(
        "https://docs.console.zenlayer.com/api-reference/compute/zec/instance/resetinstances",
        "https://docs.console.zenlayer.com/api-reference/compute/zec/instance/rebootinstances",
    ),
)
