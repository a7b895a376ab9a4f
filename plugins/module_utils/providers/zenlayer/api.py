# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What all services of Zenlayer Cloud have in common: the wire, the credentials, the errors, the key pairs.

Sources are the vendor's pages at docs.console.zenlayer.com: api-reference/api-introduction/instruction
(request, response, sign), api-reference/api-introduction/authentication/access-token, and the codes of its
SDKs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from ...api import signing
from ...api.json_body import json_answer, json_body
from ...core.credential_sources import CredentialSources
from ...core.errors import ApiError, Kind
from ...core.message import Reply, Request
from ...core.model import Status
from ...core.provider import Account, Action, Answer, Api, Fields, Secrets
from ...core.rules import PasswordRule

HOST = "https://console.zenlayer.com"
# Services beside the provider's own have a version of their own.
OTHER_SERVICES = {"ccs": "2025-09-01"}

ERRORS: Mapping[str, Kind] = {
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
    "MISSING_PARAMETER": Kind.REJECTED,
    **{
        f"INVALID_PARAMETER_{problem}": Kind.REJECTED
        for problem in (
            "TYPE",
            "VALUE",
            "EXCEED_MAXIMUM",
            "LESS_MINIMUM",
            "EXCEED_LENGTH",
            "LESS_LENGTH",
            "PATTERN_ERROR",
            "DATE_FORMAT_ERROR",
        )
    },
}

ADVICE: Mapping[str, str] = {
    "AUTHFAILURE_SIGNATURE_EXPIRED": "The clock of this machine is more than 5 minutes off: correct it.",
    "AUTHFAILURE_SIGNATURE_FAILURE": "Check secret_key: the signature was made with another one.",
    "AUTHFAILURE_INVALID_AUTHORIZATION": "Check access_key, or token: the provider does not know it.",
    "AUTHFAILURE_UNAUTHORIZED_OPERATION": "Give the key's user the permission for this action.",
    "OPERATION_DENIED_INSTANCE_RECYCLED": "The instance is in the recycle bin: remove it from the list.",
    "INVALID_IMAGE_NOT_FOUND": "List the available images with reforge.cloud.image_info.",
}

KEYS = Action("DescribeKeyPairs", "keyIds", rows="dataSet", row_id="keyId", page=1000, service="ccs")


def api(service: str, version: str, errors: Mapping[str, Kind] = ERRORS) -> Api:
    """The wire of one service in one version. ``errors`` are all codes that it knows, the common ones
    included.
    """

    def build(account: Account, action: Action, fields: Fields) -> Request:
        """POST with a JSON body; the action goes into a header and the service into the path."""
        called = action.service or service
        return Request(
            action=action.name,
            writes=action.writes,
            url=f"{account.endpoint or HOST}/api/v2/{called}",
            headers={
                "Content-Type": "application/json",
                "X-ZC-Action": action.name,
                "X-ZC-Version": OTHER_SERVICES.get(action.service, version),
                "X-ZC-Service": called,
                "X-ZC-Request-Client": "Ansible-reforge.cloud",
            },
            fields=fields,
            body=json_body(fields),
        )

    return Api(
        host=HOST,
        version=version,
        build=build,
        sign=sign,
        unwrap=lambda action, reply: unwrap(errors, action, reply),
        page=lambda offset, size: {"pageNum": offset // size + 1, "pageSize": size},
        total="totalCount",
    )


def sign(request: Request, secrets: Secrets, now: int) -> Request:
    """By the token where there is one, else by the key pair."""
    if secrets.token:
        return signing.bearer(request, secrets.token)
    return signing.zc2(request, secrets.access_key, secrets.secret_key, now)


def unwrap(errors: Mapping[str, Kind], action: Action, reply: Reply) -> Answer:
    """The envelope: an error has ``code`` at the top, success has ``response``, in which ids stand that
    failed.
    """
    _check_way(action, reply)
    answer = json_answer(action.name, reply)
    request_id = str(answer.get("requestId") or "")
    response = answer.get("response")
    if reply.status == 200 and isinstance(response, dict) and not answer.get("code"):
        failed = tuple(response.get("instanceIds") or ()) if action.writes else ()
        return Answer(response, request_id, failed)
    code = str(answer.get("code") or "").upper().replace(".", "_")
    kind = _kind_of(errors, code, reply.status)
    message = str(answer.get("message") or "")
    raise ApiError(code or f"HTTP_{reply.status}", message, kind, request_id, action.name)


def _check_way(action: Action, reply: Reply) -> None:
    """Raises ApiError for an answer of what lies before the API."""
    if "challenge" in reply.headers.get("cf-mitigated", ""):
        raise ApiError(
            "SECURITY_CHALLENGE",
            "a challenge page answered instead of the API",
            Kind.DENIED,
            action=action.name,
        )
    if reply.status == 451:
        raise ApiError(
            "REQUEST_BLOCKED", "the request was blocked on the way", Kind.DENIED, action=action.name
        )


def _kind_of(errors: Mapping[str, Kind], code: str, status: int) -> Kind:
    """What a code means. The vendor's rule for others: 4xx is a bad or forbidden request, 5xx a failure of
    the system.
    """
    if status == 429:
        return Kind.THROTTLED
    return errors.get(code, Kind.REJECTED if 400 <= status < 500 and code else Kind.UNKNOWN)


def write(name: str, *states: Status) -> Action:
    """A write for many instances; its siblings state a maximum of 100 in each request."""
    return Action(name, "instanceIds", writes=True, states=frozenset(states))


def password_rule(special: str) -> PasswordRule:
    """8 to 16 characters, of all four classes; only the special characters differ from page to page."""
    return PasswordRule(
        shortest=8,
        longest=16,
        classes={
            "a-z": "abcdefghijklmnopqrstuvwxyz",
            "A-Z": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "0-9": "0123456789",
            "special characters": special,
        },
        needs=4,
    )


def profile(home: str, name: str) -> Mapping[str, str]:
    """A profile of the vendor's command line: one JSON object for all of them."""
    with open(os.path.join(home, ".zenlayer", "credentials.json"), encoding="utf-8") as file:
        settings = json.load(file).get(name) or {}
    names = {"access_key": "access_key_id", "secret_key": "access_key_secret", "token": "token"}
    return {option: settings[theirs] for option, theirs in names.items() if settings.get(theirs)}


CREDENTIALS = CredentialSources(
    environment={
        "access_key": ("ZENLAYER_ACCESS_KEY_ID", "ZENLAYERCLOUD_ACCESS_KEY_ID"),
        "secret_key": ("ZENLAYER_ACCESS_KEY_SECRET", "ZENLAYERCLOUD_ACCESS_KEY_PASSWORD"),
        "token": ("ZENLAYER_TOKEN",),
        "profile": ("ZENLAYER_PROFILE",),
    },
    profiles=profile,
    profile_files=("~/.zenlayer/credentials.json",),
    token_alone=True,
)
