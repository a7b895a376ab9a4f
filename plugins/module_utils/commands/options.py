# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Every option said once: argument specs, documentation and the options of the roles are made from this data.

After a change, ``make tables`` renews what is generated from it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..core.model import Status
from .option_types import Option, choice, filters, number, path, secret, switch, text, texts
from .registry import PROVIDERS

STOP_MODES = ("soft", "hard", "soft_then_hard")


CONNECTION: Mapping[str, Option] = {
    "provider": choice(
        list(PROVIDERS), "The provider whose API is called.", required=True, example="zenlayer_zec"
    ),
    "region": text(
        "Region of the instances.",
        "Required by providers whose API is regional. With a global API, instances of other regions count as not found.",
        example="ap-guangzhou",
    ),
    "endpoint": text(
        "Base URL to use instead of the provider's own, C(scheme://host[:port][/prefix]). The path of the API is appended, "
        "and all hosts of the provider are replaced by it.",
        "Plain C(http) is accepted for loopback addresses only.",
        example="https://cloud-api.example.com/proxy",
    ),
    "access_key": text(
        "Id of the access key.", aliases=["secret_id", "access_key_id"], example="AKIDEXAMPLE"
    ),
    "secret_key": secret(
        "Secret of the access key.",
        aliases=["access_key_password", "access_key_secret"],
        example="{{ vault_secret_key }}",
    ),
    "token": secret(
        "On Zenlayer, a bearer token, which replaces the key pair. On Tencent, the token of a temporary key.",
        example="{{ vault_token }}",
    ),
    "profile": text(
        "A named profile in the files of the vendor's own command line.",
        "A profile named here beats the environment; the default profile does not.",
        example="production",
    ),
    "validate_certs": switch("Whether the certificate of the API is verified.", default=True, example=False),
    "ca_path": path(
        "File or folder of CA certificates to trust instead of the usual ones.",
        example="/etc/ssl/proxy-ca.pem",
    ),
    "request_timeout": number(
        "Seconds to wait for a connection, and again for the answer.", default=60, example=30
    ),
}

TARGETS: Mapping[str, Option] = {
    "instance_ids": texts(
        "Ids of the instances, at least one. An id given twice counts once.",
        "Ids only: a pattern or a word such as V(all) is refused.",
        required=True,
        example=["1234567890123456789"],
    ),
}

GUARDS: Mapping[str, Option] = {
    "on_refusal": choice(
        ["stop", "skip"],
        "What to do when a rule refuses one of the instances.",
        "V(stop) sends nothing at all; V(skip) goes on with the others. The task fails in both cases.",
        default="stop",
        example="skip",
    ),
    "max_instances": number("Refuse the call if it would act on more instances than this.", example=10),
    "protect_tags": texts(
        "Instances with one of these tags are refused. V(key) matches any value, V(key=value) only that one.",
        "By default C(reforge-protect) protects, where the provider has tags.",
        example=["env=production", "keep"],
    ),
    "expect_plan": text(
        "The RV(plan_id) that an earlier run returned, usually one in check mode.",
        "The call is refused if it would now do anything else.",
        example="4f1c8f0f6f2b9a37",
    ),
}

WAITING: Mapping[str, Option] = {
    "wait": switch(
        "Whether to wait until the provider's record proves the end.",
        "Without waiting the best outcome of an instance is V(accepted).",
        default=True,
        example=False,
    ),
    "wait_timeout": number(
        "Seconds after which waiting ends. An instance that is still under way then has the outcome V(timeout); the same "
        "task, run again, goes on waiting for it and starts nothing anew.",
        default=3600,
        example=1800,
    ),
    "events": path(
        "File to which one JSON line is appended for each transition of an instance, and whenever requests have waited "
        "some seconds for a rate limit.",
        example="/var/log/reforge/events.jsonl",
    ),
}

# Not every provider supports these. They have no default, so that it is known whether one was given.
SELECTIVE: Mapping[str, Option] = {
    "password": secret(
        "Password of the administrator after the reset, by the provider's rules.",
        example="{{ vault_password }}",
    ),
    "key_ids": texts(
        "Ids of the provider's SSH key pairs that may log in after the reset.", example=["key-YWD2QFOl"]
    ),
    "keep_image_login": switch("Whether the login settings of the image are kept."),
    "user_data": secret(
        "Script or cloud-config that the instance runs at its first start, as plain text.",
        example="{{ lookup('ansible.builtin.file', 'cloud-init.yml') }}",
    ),
    "timezone": text("Time zone of the new system.", example="Asia/Tokyo"),
    "instance_name": text("New name of the instance. For one instance at a time.", example="web-1"),
    "guest_agent": switch("Whether the guest agent is on after the reset. By default it stays as it is."),
    "monitoring_agent": switch("Whether the provider's monitoring agent is installed."),
    "security_agent": switch("Whether the provider's security agent is installed."),
    "keep_data_disks": switch("Whether the data on data disks is kept."),
    "system_disk_size": number(
        "Size of the system disk after the reset, in GiB. A disk cannot shrink.", example=100
    ),
    "image_type": choice(
        ["private", "public", "market", "shared"],
        "Type of the image in O(image_id). By default it is looked up in the provider's list of images.",
        example="private",
    ),
}
PROVIDER_OPTIONS = tuple(SELECTIVE)

RESET: Mapping[str, Option] = {
    "image_id": text(
        "Image to install. An instance that already runs it, and whose last reset did not fail, is left unchanged.",
        "Without it there is nothing to compare with: O(force=true) is required, and the current image is installed again.",
        example="img-487zeit5",
    ),
    "force": switch("Also reset instances that already run the image.", default=False),
    "run_id": text(
        "Name of a run. What is done under it stays done, even with O(force=true). Needs O(ledger).",
        example="incident-4711",
    ),
    "ledger": path(
        "File in which each reset is recorded before it is sent, and then its answer and its end.",
        "If a run is killed, the next one finds out from it what became of each instance. It holds no secrets.",
        example="/var/lib/reforge/ledger.jsonl",
    ),
    **SELECTIVE,
    "stop_first": switch(
        "Stop running instances where the provider resets only stopped ones. With V(false) they are refused.",
        "A reset leaves the instance running.",
        default=True,
        example=False,
    ),
    "stop_mode": choice(
        STOP_MODES,
        "How O(stop_first) stops an instance: through the operating system, by power, or by power if the first fails.",
        default="soft_then_hard",
        example="hard",
    ),
}

REBOOT: Mapping[str, Option] = {
    "mode": choice(
        STOP_MODES,
        "Reboot through the operating system, by power, or by power if the first fails.",
        default="soft",
        example="hard",
    ),
    "if_stopped": choice(
        ["refuse", "start", "skip"],
        "What to do with an instance that is stopped.",
        default="refuse",
        example="start",
    ),
    "since": text(
        "Leave alone instances whose last reboot began at this time or later. ISO 8601 in UTC.",
        "The time is taken from the provider's record, or from the O(ledger) where the record has none.",
        example="2026-01-31T12:00:00Z",
    ),
    "ledger": path(
        "File in which each reboot is recorded, for O(since).", example="/var/lib/reforge/ledger.jsonl"
    ),
}

POWER: Mapping[str, Option] = {
    "state": choice(
        ["started", "stopped"],
        "The state that the instances shall have.",
        required=True,
        example="stopped",
    ),
    "stop_mode": choice(
        STOP_MODES,
        "How to stop: through the operating system, by power, or by power if the first fails.",
        default="soft",
        example="hard",
    ),
}

NAME_FILTER = texts("Names; V(*), V(?) and V([]) match as in a shell.", example=["web-*"])

INSTANCE_FILTERS: Mapping[str, Option] = {
    "name": NAME_FILTER,
    "status": texts("States.", choices=[status.value for status in Status], example=["running"]),
    "image_id": texts("Ids of the current image.", example=["img-487zeit5"]),
    "zone": texts("Zones.", example=["asia-east-1a"]),
    "tags": {
        "description": ["Tags that must all be present with these values."],
        "type": "dict",
        "example": {"role": "web"},
    },
    "ip": texts("Public or private addresses.", example=["192.0.2.10"]),
}

IMAGE_FILTERS: Mapping[str, Option] = {
    "name": NAME_FILTER,
    "os_type": texts("Types of operating system.", example=["linux"]),
    "zone": texts("Zones in which the image is available.", example=["asia-east-1a"]),
    "available": switch("Whether the image can be installed now."),
}


INSTANCE_INFO: Mapping[str, Option] = {
    "instance_ids": texts(
        "Only these instances. Those that do not exist are listed in RV(missing_ids).",
        example=["1234567890123456789"],
    ),
    "filters": filters("instances", INSTANCE_FILTERS, {"status": ["running"]}),
}

IMAGE_INFO: Mapping[str, Option] = {
    "image_ids": texts("Only these images.", example=["img-487zeit5"]),
    "instance_id": text("Only images that this instance can be reset to.", example="1234567890123456789"),
    "filters": filters("images", IMAGE_FILTERS, {"os_type": ["linux"]}),
}

GROUPS = (CONNECTION, TARGETS, GUARDS, WAITING, RESET, REBOOT, POWER, INSTANCE_INFO, IMAGE_INFO)
SECRET_OPTIONS = frozenset(name for group in GROUPS for name, option in group.items() if option.get("no_log"))
