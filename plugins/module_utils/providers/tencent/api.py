# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The wire of Tencent Cloud's API 3.0, which three services share. Not a provider: the providers are the
files that use it.

Sources: cloud.tencent.com/document/product/215/36792 (signature),
cloud.tencent.com/document/product/1278/109059 (request rates), and the vendor's Python packages
tencentcloud-sdk-python-common (envelope, headers) and tccli (specifications).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...api import signing
from ...api.json_body import json_answer, json_body
from ...core.errors import ApiError, Kind
from ...core.message import Reply, Request
from ...core.model import Status
from ...core.provider import Account, Action, Answer, Api, Fields, Secrets
from .errors import Errors, kind_of

# The default of StopType differs from service to service, so it is always sent.
STOP_TYPES: Mapping[str, Fields] = {
    "soft": {"StopType": "SOFT"},
    "hard": {"StopType": "HARD"},
    "soft_then_hard": {"StopType": "SOFT_FIRST"},
}
RESETTABLE = frozenset({Status.RUNNING, Status.STOPPED, Status.RESET_FAILED})


def _headers(action: Action, version: str, region: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-TC-Action": action.name,
        "X-TC-Version": version,
        **({"X-TC-Region": region} if region else {}),
        "X-TC-Language": "en-US",
        "X-TC-RequestClient": "Ansible-reforge.cloud",
    }


def tc3_api(service: str, version: str, errors: Errors, regional: bool) -> Api:
    """The wire of one service. ``regional``: whether its actions need a region.

    The service's name in the signature does not depend on the host, which may be that of a region or the
    user's own.
    """
    host = f"https://{service}.tencentcloudapi.com"

    def build(account: Account, action: Action, fields: Fields) -> Request:
        region = account.region if regional else ""
        # Finance regions are isolated: only hosts of their own lead there.
        own = f"https://{service}.{region}.tencentcloudapi.com" if region.endswith("-fsi") else host
        return Request(
            action=action.name,
            writes=action.writes,
            url=f"{account.endpoint or own}/",
            headers=_headers(action, version, region),
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
    """The envelope: everything is in Response, also errors, whose HTTP status is 200. Raises ApiError."""
    response = json_answer(action.name, reply).get("Response")
    if not isinstance(response, dict):
        kind = Kind.THROTTLED if reply.status == 429 else Kind.UNKNOWN
        raise ApiError(f"HTTP_{reply.status}", "the answer has no Response", kind, action=action.name)
    request_id = str(response.get("RequestId") or "")
    error = response.get("Error")
    if error:
        code, message = str(error.get("Code") or "no code"), str(error.get("Message") or "")
        raise ApiError(code, message, kind_of(code, errors), request_id, action.name)
    if reply.status != 200:
        raise ApiError(
            f"HTTP_{reply.status}", "the answer contains no error", Kind.UNKNOWN, request_id, action.name
        )
    return Answer(response, request_id)


def filter_ids(name: str, ids: Sequence[str]) -> Fields:
    """Ids as the values of a filter, where an action takes no list of them."""
    return {"Filters": [{"Name": name, "Values": list(ids)}]}


def write(name: str, id_field: str, per_second: float, *states: Status) -> Action:
    """An action that changes something, on up to 100 instances."""
    return Action(name, id_field, per_second=per_second, writes=True, states=frozenset(states))
