# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Zenlayer Elastic Compute, API version 2025-09-01.

Sources are the vendor's pages at docs.console.zenlayer.com:
api-reference/compute/zec/instance/resetinstances, .../rebootinstances, .../startinstances, .../stopinstances,
.../describeinstances, api-reference/zec/image/describeimages, api-reference/api-introduction/instruction
(request, response, sign), and the specifications that its command line ships.

Not documented: request rates, the maximum number of ids of ResetInstances (its siblings take 100), and
whether a reset is accepted from REINSTALL_FAILED. Where the pages disagree, the strictest one holds, because
an instance is stopped before its reset is sent: special characters of a password are those of ResetInstances
(ResetInstance and CreateInstances name more), and an image other than Windows and Generic needs a password or
a key (the Chinese page and the vendor's SDKs say so, the English page does not).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.model import Image, Instance, Status, Verb
from ..core.provider import UNDER_WAY, Action, Fields, Proof, Provider, one_id
from ..core.record import by_reach, gib, once, parts, present, text, texts, whole
from ..core.rules import NameRule, PasswordChange, ResetOptions, Rules
from .zenlayer.api import ADVICE, CREDENTIALS, ERRORS, KEYS, api, password_rule, write
from .zenlayer.records import STATES, data_disks, image_type, instance, system_disk, zone_scope

# REBOOT, DEPLOYING and REINSTALL_FAILED stand only in the actions' prose. DEPLOYING and REBUILDING both mean
# that a reset runs; a new instance shows DEPLOYING too.
ZEC_STATES: Mapping[str, Status] = {
    **STATES,
    "DEPLOYING": Status.RESETTING,
    "REBUILDING": Status.RESETTING,
    "REBOOT": Status.REBOOTING,
    "REINSTALL_FAILED": Status.RESET_FAILED,
}


def to_instance(record: Fields, region: str) -> Instance:
    """A record of DescribeInstances. The OS type belongs to the image, but Windows shows in the image's
    name.
    """
    nics = sorted(parts(record, "nics"), key=lambda nic: nic.get("nicType") != "Primary")
    zone = text(record.get("zoneId"))
    public, private = _addresses(record, nics)
    return instance(
        record,
        ZEC_STATES,
        "status",
        region=next((text(nic["regionId"]) for nic in nics if nic.get("regionId")), _region_of(zone)),
        public_ips=public,
        private_ips=private,
        cpu=whole(record.get("cpu")),
        memory=whole(record.get("memory")),
        system_disk=system_disk(record),
        data_disks=data_disks(record),
        guest_agent=record.get("enableAgent"),
    )


def _addresses(record: Fields, nics: list[Mapping[str, Any]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Public and private addresses. The lists of the instance have IPv4 only; an IPv6 address tells by
    itself.
    """
    public6, private6 = by_reach(address for nic in nics for address in texts(nic.get("primaryIpv6")))
    public = (address for nic in nics for address in texts(nic.get("publicIpList")))
    private = (address for nic in nics for address in texts(nic.get("privateIpList")))
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
        type=image_type(record),
        accepts_login=category not in ("Windows", "Generic") and os_type != "windows",
        raw=record,
    )


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
    return present(fields)


PROVIDER = Provider(
    name="zenlayer_zec",
    title="Zenlayer Elastic Compute",
    api=api("zec", "2025-09-01"),
    credentials=CREDENTIALS,
    regional=False,
    tags=True,
    rules=Rules(
        id_pattern=r"[A-Za-z0-9][A-Za-z0-9._-]*",
        passwords={"": password_rule("~!@$^*-_=+")},
        key_limit=1,
        names={"": NameRule(r"[A-Za-z0-9.-]{2,63}", "2 to 63 letters, digits, periods and hyphens")},
        login_ways=("password", "key_ids"),
        login_on_windows=False,
        needs_login=True,
        undocumented_states={
            Status.RESET_FAILED: "the vendor does not say whether REINSTALL_FAILED accepts a reset"
        },
    ),
    # Nothing shows that a password is being set: "the operation may fail; refer to the API response".
    proof=Proof(
        ends_running=True,
        under_way={verb: status for verb, status in UNDER_WAY.items() if verb is not Verb.PASSWORD},
    ),
    options=frozenset({"password", "key_ids", "timezone", "guest_agent", "instance_name", "user_data"}),
    instances=Action("DescribeInstances", "instanceIds", rows="dataSet", row_id="instanceId", page=1000),
    images=Action("DescribeImages", "imageIds", rows="dataSet", row_id="imageId", page=1000),
    zones=Action("DescribeZones", rows="zoneSet", row_id="zoneId"),
    keys=KEYS,
    timezones=Action("DescribeTimeZones", rows="timeZones"),
    writes={
        Verb.RESET: write("ResetInstances", Status.STOPPED, Status.RESET_FAILED),
        Verb.REBOOT: write("RebootInstances", Status.RUNNING),
        Verb.START: write("StartInstances", Status.STOPPED),
        Verb.STOP: write("StopInstances", Status.RUNNING),
        Verb.PASSWORD: Action(
            "ResetInstancePassword",
            "instanceId",
            one_id,
            at_once=1,
            writes=True,
            states=frozenset({Status.RUNNING}),
        ),
    },
    password_change=PasswordChange("password", {"": password_rule("~!@$^*-_=+")}, needs_agent=True),
    modes={
        Verb.STOP: {"soft": {"forceShutdown": False}, "hard": {"forceShutdown": True}},
        Verb.REBOOT: {"soft": {}, "hard": {"forceReboot": True}},
    },
    to_instance=to_instance,
    to_image=to_image,
    image_scope=zone_scope,
    zone_region=zone_region,
    reset_fields=reset_fields,
    field_options={
        "instanceIds": "instance_ids",
        "imageId": "image_id",
        "password": "password",
        "keyId": "key_ids",
        "timezone": "timezone",
        "enableAgent": "guest_agent",
        "instanceName": "instance_name",
        "userData": "user_data",
    },
    errors=ERRORS,
    advice={
        **ADVICE,
        "REINSTALL_FAILED": "Contact the vendor's support; a later run tries the reset again.",
        "LISTED_AS_FAILED": (
            "The vendor gives no reason for single instances: ask its support with the request id."
        ),
    },
    sources=(
        "https://docs.console.zenlayer.com/api-reference/compute/zec/instance/resetinstances",
        "https://docs.console.zenlayer.com/api-reference/compute/zec/instance/rebootinstances",
    ),
)
