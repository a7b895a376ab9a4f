# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the services of Tencent Cloud's API 3.0 have in common: the wire, the error codes, the record of the last
operation. Not a provider: the providers are the files that use it.

Sources: cloud.tencent.com/document/product/215/36792 (signature), www.tencentcloud.com/document/api/1140/51177 (error
codes), cloud.tencent.com/document/product/1278/109059 (request rates), and the vendor's Python packages
tencentcloud-sdk-python-common (envelope, headers) and tccli (the specifications that it ships).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ...api import signing
from ...api.json_body import json_answer, json_body
from ...core.errors import ApiError, Kind
from ...core.message import Reply, Request
from ...core.model import Disk, Operation, Phase, Status, Verb
from ...core.provider import (
    UNDER_WAY,
    Account,
    Action,
    Answer,
    Api,
    Fields,
    ResetOptions,
    Secrets,
)

Errors = Mapping[str, Kind]

# Codes that the vendor's wires spell wrong, should it ever spell them right.
MISSPELT = (("Invaild", "Invalid"), ("Retset", "Reset"))


def classified(table: Mapping[Kind, str]) -> dict[str, Kind]:
    """Error codes, or the classes before their first dot, by kind: apart by spaces, misspelt ones in both ways."""
    errors = {code: kind for kind, codes in table.items() for code in codes.split()}
    for wrong, right in MISSPELT:
        errors.update({code.replace(wrong, right): kind for code, kind in errors.items() if wrong in code})
    return errors


# A FailedOperation may have begun before it failed. The answer of a write is far too small to be too large, but if it
# ever were, that would be noticed after the deed.
COMMON_ERRORS: Errors = classified(
    {
        Kind.THROTTLED: "RequestLimitExceeded",
        Kind.IN_PROGRESS: "ResourceInUse MutexOperation",
        Kind.WRONG_STATE: "ResourceUnavailable",
        Kind.NOT_FOUND: "ResourceNotFound",
        Kind.REJECTED: (
            "InvalidAction NoSuchVersion NoSuchProduct ActionOffline UnsupportedRegion UnsupportedProtocol "
            "MissingParameter InvalidParameter InvalidParameterValue UnknownParameter InvalidRequest LimitExceeded "
            "ResourceInsufficient ResourcesSoldOut RequestSizeLimitExceeded DryRunOperation UnsupportedOperation "
            "OperationDenied"
        ),
        Kind.DENIED: "AuthFailure UnauthorizedOperation IpInBlacklist IpNotInWhitelist",
        Kind.UNKNOWN: (
            "InternalError InternalServerError ServiceUnavailable FailedOperation ResponseSizeLimitExceeded"
        ),
    }
)

COMMON_ADVICE: Mapping[str, str] = {
    "AuthFailure.SignatureExpire": "The clock of this machine is more than 5 minutes off: set it right.",
    "AuthFailure.SignatureFailure": "Check secret_key: the signature was made with another one.",
    "AuthFailure.SecretIdNotFound": "Check access_key: the provider does not know it, or it is disabled.",
    "AuthFailure.InvalidSecretId": "Check access_key: it is not the id of an API key.",
    "AuthFailure.TokenFailure": "Check token: it belongs to another temporary key, or its time is over.",
    "AuthFailure.MFAFailure": "This key needs multi-factor authentication: use one that does not.",
    "AuthFailure.UnauthorizedOperation": "Give the key's user the permission for this action in CAM.",
    "UnsupportedRegion": "Check region: this API is not there. Finance regions have hosts of their own.",
    "UnknownParameter": "The site that was called does not know an option of this reset: leave the option out.",
    "OPERATION_FAILED": "The vendor's support can tell why by the request id; a later run tries again.",
}

VERBS: Mapping[str, Verb] = {
    "ResetInstance": Verb.RESET,
    "ResetInstances": Verb.RESET,
    "RebootInstances": Verb.REBOOT,
    "StartInstances": Verb.START,
    "StopInstances": Verb.STOP,
    "ResetInstancesPassword": Verb.PASSWORD,
}
PHASES: Mapping[str, Phase] = {
    "OPERATING": Phase.RUNNING,
    "SUCCESS": Phase.SUCCEEDED,
    "FAILED": Phase.FAILED,
}
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
# States that nobody's waiting ends; all other words that are not above pass, and are waited out.
HELD = {
    "RESCUE_MODE": "it is in rescue mode",
    "FREEZING": "the provider is freezing it",
    "EXPIRED": "it is expired",
    "PROTECTIVELY_ISOLATED": "it is isolated for security",
}
IMAGE_TYPES = {"PUBLIC_IMAGE": "public", "PRIVATE_IMAGE": "private", "SHARED_IMAGE": "shared"}
# The default of StopType differs from service to service, so it is always sent.
STOP_TYPES: Mapping[str, Fields] = {
    "soft": {"StopType": "SOFT"},
    "hard": {"StopType": "HARD"},
    "soft_then_hard": {"StopType": "SOFT_FIRST"},
}
RESETTABLE = frozenset({Status.RUNNING, Status.STOPPED, Status.RESET_FAILED})


def kind_of(code: str, errors: Errors) -> Kind:
    """What an error code means: by itself, else by its class, the word before the first dot."""
    return errors.get(code) or errors.get(code.partition(".")[0], Kind.UNKNOWN)


def tc3_api(service: str, version: str, errors: Errors, regional: bool) -> Api:
    """The wire of one service. ``regional``: whether its actions want a region.

    The service's name in the signature is fixed: the host may be a pinned one, or another that a user gave.
    """
    host = f"https://{service}.tencentcloudapi.com"

    def build(account: Account, action: Action, fields: Fields) -> Request:
        region = account.region if regional else ""
        # Finance regions are apart from all others, and only their own hosts lead there.
        own = f"https://{service}.{region}.tencentcloudapi.com" if region.endswith("-fsi") else host
        return Request(
            action=action.name,
            writes=action.writes,
            url=f"{account.endpoint or own}/",
            headers={
                "Content-Type": "application/json",
                "X-TC-Action": action.name,
                "X-TC-Version": version,
                **({"X-TC-Region": region} if region else {}),
                "X-TC-Language": "en-US",
                "X-TC-RequestClient": "Ansible-reforge.cloud",
            },
            fields=fields,
            body=json_body(fields),
        )

    def sign(request: Request, secrets: Secrets, now: int) -> Request:
        return signing.tc3(request, service, secrets.access_key, secrets.secret_key, secrets.token, now)

    def unwrap(action: Action, reply: Reply) -> Answer:
        return unwrapped(action, reply, errors)

    return Api(
        host=host,
        version=version,
        build=build,
        sign=sign,
        unwrap=unwrap,
        page=lambda offset, size: {"Offset": offset, "Limit": size},
        total="TotalCount",
    )


def unwrapped(action: Action, reply: Reply, errors: Errors) -> Answer:
    """The envelope: all lies in Response, errors too, which come with HTTP status 200. Raises ApiError."""
    response = json_answer(action.name, reply).get("Response")
    if not isinstance(response, dict):
        kind = Kind.THROTTLED if reply.status == 429 else Kind.UNKNOWN
        raise ApiError(f"HTTP_{reply.status}", "the answer has no Response", kind, action=action.name)
    request_id = str(response.get("RequestId") or "")
    error = response.get("Error")
    if error:
        code, message = str(error["Code"]), str(error.get("Message") or "")
        raise ApiError(code, message, kind_of(code, errors), request_id, action.name)
    if reply.status != 200:
        raise ApiError(
            f"HTTP_{reply.status}", "an answer without error", Kind.UNKNOWN, request_id, action.name
        )
    return Answer(response, request_id)


def filter_ids(name: str, ids: Sequence[str]) -> Fields:
    """Ids as the values of a filter, where an action takes no list of them."""
    return {"Filters": [{"Name": name, "Values": list(ids)}]}


def write(name: str, id_field: str, per_second: float, *states: Status) -> Action:
    """An action that changes something, on up to 100 instances."""
    return Action(name, id_field, per_second=per_second, writes=True, states=frozenset(states))


def operation_of(record: Fields) -> Operation | None:
    """The last operation; None where the record does not tell how far it is. Only some services know all of it."""
    name, phase = record.get("LatestOperation"), PHASES.get(str(record.get("LatestOperationState")))
    if not name or phase is None:
        return None
    return Operation(
        verb=VERBS.get(name),
        phase=phase,
        name=name,
        request_id=record.get("LatestOperationRequestId") or "",
        error=record.get("LatestOperationErrorMsg") or "",
        started_at=record.get("LatestOperationStartedTime") or "",
    )


def status_of(record: Fields, operation: Operation | None) -> tuple[Status, str]:
    """Our word for the state, and the vendor's words.

    There is no state for a reset: while one runs, and after it has failed, InstanceState says RUNNING or STOPPED, or
    anything else; only the record of the last operation tells. The same goes for the moments before another
    operation shows in InstanceState.
    """
    state = str(record.get("InstanceState"))
    status, words = STATES.get(state, Status.UNKNOWN), state
    if operation and operation.phase is not Phase.SUCCEEDED:
        words = f"{state}, {operation.name} {record.get('LatestOperationState')}"
    if operation is None or operation.verb is None or status is Status.TERMINATING:
        return status, words
    calm = status in (Status.RUNNING, Status.STOPPED)
    if operation.phase is Phase.RUNNING and (calm or operation.verb is Verb.RESET):
        return UNDER_WAY[operation.verb], words
    if operation.phase is Phase.FAILED and operation.verb is Verb.RESET and calm:
        return Status.RESET_FAILED, words
    return status, words


def restriction_of(record: Fields) -> str:
    """Why the provider holds the instance back; empty when it does not."""
    words = (record.get("InstanceState"), record.get("RestrictState"), record.get("ExpireState"))
    return next((HELD[str(word)] for word in words if str(word) in HELD), "")


def tags_of(tags: Iterable[Fields] | None) -> Mapping[str, str]:
    """Tags are a list of keys and values, or null."""
    return {tag["Key"]: tag.get("Value") or "" for tag in tags or ()}


def disk_of(record: Fields) -> Disk:
    """A disk; the size is in GiB."""
    return Disk(record.get("DiskId") or "", int(record.get("DiskSize") or 0))


def os_type_of(*words: str | None) -> str:
    """The type of system by the names that it goes by; empty when there are none."""
    known = [word.lower() for word in words if word]
    if any("windows" in word for word in known):
        return "windows"
    return "linux" if known else ""


def agents(options: ResetOptions) -> Fields:
    """EnhancedService, only with what the user has said: the provider's default differs from image to image."""
    asked = {"SecurityService": options.security_agent, "MonitorService": options.monitoring_agent}
    services = {name: {"Enabled": enabled} for name, enabled in asked.items() if enabled is not None}
    return {"EnhancedService": services} if services else {}


def denials(errors: Errors) -> Callable[[Fields], Mapping[Verb, tuple[str, str]]]:
    """What reads the actions that are denied for an instance.

    Left out is what only comes from the present state, such as a start of what runs: that passes, and the state tells.
    A denial without a code may be such a one, and is believed where the harm would be great.
    """

    def to_denials(record: Fields) -> Mapping[Verb, tuple[str, str]]:
        found: dict[Verb, tuple[str, str]] = {}
        for denied in record.get("DeniedActions") or ():
            verb, code = VERBS.get(str(denied.get("Action"))), denied.get("Code") or ""
            passing = kind_of(code, errors) in (Kind.IN_PROGRESS, Kind.WRONG_STATE, Kind.THROTTLED)
            if verb and not passing and (code or verb is Verb.RESET):
                found[verb] = (code or "no code", denied.get("Message") or "no message")
        return found

    return to_denials
