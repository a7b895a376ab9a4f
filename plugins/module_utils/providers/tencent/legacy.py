# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The wire of Tencent Cloud's legacy API 2.0: forms that are signed, flat answers, numeric codes. Not a
provider.

Sources: cloud.tencent.com/document/api/213/11650 (common parameters), 213/6983 (answers), 239/1757 (codes),
and qcloudapi-sdk-python. A parameter Version would select another dialect, so none is ever sent. Which field
holds the words of business errors is not documented: codeDesc is read first, then message.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from ...api import signing
from ...api.json_body import json_answer
from ...core.errors import ApiError, Kind
from ...core.message import Reply, Request
from ...core.provider import Account, Action, Answer, Api, Fields, Secrets
from ...core.record import plain, whole
from .errors import classified

HOST = "https://cvm.api.qcloud.com"
COMMON_FIELDS = (
    "Action",
    "Region",
    "Timestamp",
    "Nonce",
    "SecretId",
    "Signature",
    "SignatureMethod",
    "Token",
    "RequestClient",
    "Version",
)
LARGEST_NONCE = 2**31 - 1

# 4500 says that a request was seen before: if something on the way sent ours twice, the first one may have
# been done.
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
    "4100": "Check access_key and secret_key: the signature is wrong.",
    "4101": "Give the key's user the permission for this action in CAM.",
    "4102": "Give the key's user the permission for this instance in CAM.",
    "4103": "Give the key's user the permission for this action on this instance in CAM.",
    "4104": "Check access_key: the provider does not know it.",
    "4105": "Check token: it belongs to another temporary key, or has expired.",
    "4200": "Correct the clock of this machine.",
    "4500": ("Check the clock of this machine; the request is not sent again before the instance was read."),
    "5000": "The instance was returned, or belongs to another account or region.",
    "6100": "The legacy API may have been switched off here: use provider tencent_cvm.",
    "6200": "The legacy API is under maintenance: try later, or use provider tencent_cvm.",
    "OperationConstraints.AccountBalanceNotEnough": "Top up the account.",
    "1 fault": "Ask the vendor's support for the cause; a later run tries the reset again.",
    "LISTED_AS_FAILED": "Check the instance's state with reforge.cloud.instance_info.",
}


def flat(fields: Mapping[str, Any]) -> dict[str, str]:
    """Form fields: each item of a list gets a name of its own with its number, from 0 on; so does each of an
    object.
    """
    form: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, (list, tuple)):
            form.update(flat({f"{name}.{number}": part for number, part in enumerate(value)}))
        elif isinstance(value, Mapping):
            form.update(flat({f"{name}.{key}": part for key, part in value.items()}))
        else:
            form[name] = str(value)
    return form


def build(account: Account, action: Action, fields: Fields) -> Request:
    """A form POST. Its body is made when it is signed, since the signature is one of the fields.

    ``Action.service`` is the first label of another host. Regions are sent as given: the API takes short
    names (gz) and long ones (ap-guangzhou).
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
    """With a new random number for each request, unless one is given."""
    number = random.SystemRandom().randint(1, LARGEST_NONCE) if nonce is None else nonce
    return signing.qcloud_v2(request, secrets.access_key, secrets.secret_key, secrets.token, now, number)


def unwrap(action: Action, reply: Reply) -> Answer:
    """The envelope is flat. Actions on several instances have details of each. Raises ApiError."""
    answer = json_answer(action.name, reply)
    if "code" not in answer:
        kind = Kind.THROTTLED if reply.status == 429 else Kind.UNKNOWN
        raise ApiError(f"HTTP_{reply.status}", "the answer has no code", kind, action=action.name)
    number, request_id = int(answer["code"]), plain(answer.get("requestId"))
    failed = _failed(answer.get("detail"))
    if (number == 0 and reply.status == 200) or (number in (ALL_FAILED, SOME_FAILED) and failed):
        return Answer(answer, request_id, failed, _refusals(action, answer.get("detail"), failed, request_id))
    words, message = plain(answer.get("codeDesc")), plain(answer.get("message"))
    code, kind = _meaning(number, words, message)
    sentence = f"{message} ({words})" if words not in (code, "Success", "") else message
    raise ApiError(code, sentence, kind, request_id, action.name)


def _failed(detail: Any) -> tuple[str, ...]:
    """The ids with an error of their own; the pages say that the detail is a list, and show an object by
    id.
    """
    if not isinstance(detail, dict):
        return ()
    return tuple(instance_id for instance_id, result in detail.items() if whole(result.get("code") or 0) != 0)


def _refusals(action: Action, detail: Any, failed: Sequence[str], request_id: str) -> Mapping[str, ApiError]:
    """Why each of them was refused, where its words say so; a failure without known words is one for good."""
    refusals = {}
    for instance_id in failed:
        row = detail[instance_id]
        number, message = whole(row.get("code")) or 0, plain(row.get("message"))
        code, kind = _meaning(number, plain(row.get("codeDesc")), message)
        if kind is not Kind.UNKNOWN:
            refusals[instance_id] = ApiError(code, message, kind, request_id, action.name)
    return refusals


def _meaning(number: int, words: str, message: str) -> tuple[str, Kind]:
    """The most telling code, and what it means: the business code where there is one, else the number."""
    known = [code for code in ERRORS if not code.isdigit()]
    business = words if words in known else next((code for code in known if code in message), "")
    if business:
        return business, ERRORS[business]
    return str(number), ERRORS.get(str(number), Kind.UNKNOWN) if number else Kind.UNKNOWN


LEGACY_API = Api(
    host=HOST,
    version="2.0",
    build=build,
    sign=sign,
    unwrap=unwrap,
    page=lambda offset, size: {"offset": offset, "limit": size},
    total="totalCount",
)
