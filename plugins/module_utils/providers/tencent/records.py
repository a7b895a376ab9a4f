# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Records of Tencent Cloud's API 3.0 as the services share them: states, the last operation, restrictions,
denials.

Not a provider. Sources: the data types in the specifications that tccli ships.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...core.errors import Kind
from ...core.model import Disk, Image, Instance, Operation, Phase, Status, Verb
from ...core.provider import UNDER_WAY, Fields
from ...core.record import gib, part, parts, plain, text, texts, whole
from ...core.rules import ResetOptions
from .errors import Errors, kind_of

VERBS: Mapping[str, Verb] = {
    "ResetInstance": Verb.RESET,
    "ResetInstances": Verb.RESET,
    "RebootInstances": Verb.REBOOT,
    "StartInstances": Verb.START,
    "StopInstances": Verb.STOP,
    "ResetInstancesPassword": Verb.PASSWORD,
}
# Any other word means that the operation runs: waiting too long ends with a timeout, and a second wipe cannot
# be undone.
ENDED: Mapping[str, Phase] = {"SUCCESS": Phase.SUCCEEDED, "FAILED": Phase.FAILED}
STATES: Mapping[str, Status] = {
    "PENDING": Status.CREATING,
    "LAUNCH_FAILED": Status.FAILED,
    "RUNNING": Status.RUNNING,
    "STOPPED": Status.STOPPED,
    "STARTING": Status.STARTING,
    "STOPPING": Status.STOPPING,
    "REBOOTING": Status.REBOOTING,
    "SHUTDOWN": Status.TERMINATING,  # stopped for good, and waiting to be destroyed
    "TERMINATING": Status.TERMINATING,
    "DELETING": Status.TERMINATING,
}
# States that do not pass by waiting; any other word of InstanceState that is not above is waited out.
HELD = {
    "RESCUE_MODE": "it is in rescue mode",
    "FREEZING": "the provider is freezing it",
    "EXPIRED": "it is expired",
    "PROTECTIVELY_ISOLATED": "it is isolated for security",
}
IMAGE_TYPES = {"PUBLIC_IMAGE": "public", "PRIVATE_IMAGE": "private", "SHARED_IMAGE": "shared"}


def operation_of(record: Fields) -> Operation | None:
    """The last operation; None where there has been none. Only some services know all of it."""
    name, state = text(record.get("LatestOperation")), text(record.get("LatestOperationState"))
    if not name and (not state or state in ENDED):
        return None
    return Operation(
        verb=VERBS.get(name or ""),
        phase=ENDED.get(state or "", Phase.RUNNING),
        name=name or "an operation",
        request_id=plain(record.get("LatestOperationRequestId")),
        error=plain(record.get("LatestOperationErrorMsg")),
        started_at=plain(record.get("LatestOperationStartedTime")),
    )


def status_of(record: Fields, operation: Operation | None) -> tuple[Status, str]:
    """Our word for the state, and the vendor's words.

    There is no state for a reset: while one runs, and after it has failed, InstanceState says RUNNING or
    STOPPED, or anything else; only the record of the last operation tells. The same goes for the moments
    before another operation shows in InstanceState.
    """
    state = text(record.get("InstanceState")) or "no state"
    status = STATES.get(state, Status.UNKNOWN)
    if operation is None:
        return status, state
    if operation.phase is Phase.SUCCEEDED:
        return status, state
    phase = text(record.get("LatestOperationState")) or "without a state"
    return _while_or_after(operation, status), f"{state}, {operation.name} {phase}"


def _while_or_after(operation: Operation, status: Status) -> Status:
    """The state while an operation runs, or after it has failed; ``status`` is what InstanceState says."""
    if operation.verb is None or status is Status.TERMINATING:
        return status
    calm = status in (Status.RUNNING, Status.STOPPED)
    if operation.phase is Phase.RUNNING and (calm or operation.verb is Verb.RESET):
        return UNDER_WAY[operation.verb]
    if operation.phase is Phase.FAILED and operation.verb is Verb.RESET and calm:
        return Status.RESET_FAILED
    return status


def restriction_of(record: Fields) -> str:
    """Why the provider holds the instance back; empty when it does not. A new word in RestrictState does,
    too.
    """
    words = [plain(record.get(name)) for name in ("InstanceState", "RestrictState", "ExpireState")]
    known = next((HELD[word] for word in words if word in HELD), "")
    new = words[1] if words[1] not in ("", "NORMAL") else ""
    return known or (f"its RestrictState is {new}" if new else "")


def tags_of(record: Fields, name: str) -> Mapping[str, str]:
    """Tags are a list of keys and values, or null."""
    return {str(tag["Key"]): plain(tag.get("Value")) for tag in parts(record, name) if tag.get("Key")}


def disk_of(record: Fields) -> Disk:
    """A disk; the size is in GiB."""
    return Disk(plain(record.get("DiskId")), gib(record.get("DiskSize")))


def disks_of(record: Fields, name: str) -> tuple[Disk, ...] | None:
    """The disks in a list; None where the record does not tell."""
    return None if record.get(name) is None else tuple(disk_of(disk) for disk in parts(record, name))


def system_disk_of(record: Fields) -> Disk | None:
    """The system disk; None where the record does not tell."""
    disk = part(record, "SystemDisk")
    return disk_of(disk) if disk else None


def keys_of(record: Fields) -> tuple[str, ...] | None:
    """The key pairs that may log in; None where the record does not tell."""
    login = record.get("LoginSettings")
    return texts(part(record, "LoginSettings").get("KeyIds")) if isinstance(login, Mapping) else None


def switches(image: Image, instance: Instance) -> bool:
    """Whether the image has another OS type than the instance, as far as is known."""
    return bool(instance.os_type and image.os_type and instance.os_type != image.os_type)


def switch_note(image: Image, instance: Instance) -> str:
    """What a switch between Linux and Windows means for the system disk of a CVM."""
    if not switches(image, instance):
        return ""
    return (
        f"the switch from {instance.os_type} to {image.os_type} gives the system disk another id, and its "
        "snapshots can no longer be rolled back"
    )


def os_type_of(*words: Any) -> str:
    """The OS type by the names of the system; empty when there are none."""
    known = [word.lower() for word in map(text, words) if word]
    if any("windows" in word for word in known):
        return "windows"
    return "linux" if known else ""


def agents(options: ResetOptions) -> Fields:
    """EnhancedService, only with what the user has said: the provider's default differs from image to
    image.
    """
    wanted = {"SecurityService": options.security_agent, "MonitorService": options.monitoring_agent}
    services = {name: {"Enabled": enabled} for name, enabled in wanted.items() if enabled is not None}
    return {"EnhancedService": services} if services else {}


def denials(errors: Errors) -> Callable[[Fields], Mapping[Verb, tuple[str, str]]]:
    """What reads the actions that are denied for an instance.

    Left out is what only follows from the present state, such as a start of what runs: that passes, and the
    state tells. A denial without a code may be such a one, and counts only for a reset, where the harm would
    be great.
    """

    def to_denials(record: Fields) -> Mapping[Verb, tuple[str, str]]:
        denied: dict[Verb, tuple[str, str]] = {}
        for denial in parts(record, "DeniedActions"):
            verb, code = VERBS.get(str(denial.get("Action"))), plain(denial.get("Code"))
            passing = kind_of(code, errors) in (Kind.IN_PROGRESS, Kind.WRONG_STATE, Kind.THROTTLED)
            if verb and not passing and (code or verb is Verb.RESET):
                denied[verb] = (code or "no code", text(denial.get("Message")) or "no message")
        return denied

    return to_denials


def common(record: Fields) -> dict[str, Any]:
    """What CVM's and Lighthouse's records of an instance say alike, as fields of Instance."""
    return {
        "tags": tags_of(record, "Tags"),
        "key_ids": keys_of(record),
        "created_at": text(record.get("CreatedTime")),
        "cpu": whole(record.get("CPU")),
        "memory": whole(record.get("Memory")),
        "system_disk": system_disk_of(record),
    }
