# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The gateway of API 3.0: one path for all services, told apart by the service in the signature's scope.

After "Common Params" and "Responses" (cloud.tencent.com/document/api/213/15692, .../15694): the action, its
version and the region are headers; a POST has a JSON object as its body, a GET a form as its query; the HTTP
status is always 200 and the Content-Type exactly application/json (the vendor's Python SDK reads errors from
no other).

Not documented, and chosen here:

- The signature is looked at first, then version, action, parameters; the region last. A scope of a service
that is not
  emulated is NoSuchProduct; a missing X-TC-Action, X-TC-Version or X-TC-Region is MissingParameter.
- A body that is no JSON object, a query that is no form, another method or Content-Type is InvalidParameter.
- Signatures of version 1 (parameters SecretId, Nonce and Signature) are not emulated:
AuthFailure.InvalidAuthorization.
- The regions of a service are those of the zones in its fleet; all others are UnsupportedRegion.
- Rates count per account and action; the vendor counts per region of the gateway too, of which there is one
here.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.wire import Call, Context, Gate, Reply, Request, VendorError, Wire, parse_json_object
from emulator.wires.tencent import forms, tc3
from emulator.wires.tencent.fields import Action, refusal, validate

_THROTTLED = refusal("RequestLimitExceeded", "The number of requests exceeds the frequency limit.")
_REVOKED = refusal(
    "AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure that it is correct."
)
_BROKEN = VendorError("InternalError", "An internal error has occurred. Retry your request.", 500)


@dataclass(frozen=True)
class Service:
    """One service: ``name`` is the one in the scope of signatures.

    ``rates`` are requests per second by action.
    """

    provider: str
    name: str
    version: str
    actions: tuple[Action, ...]
    rates: Mapping[str, int] = field(default_factory=dict)


def wire(service: Service, others: bool = False) -> Wire:
    """The wire of one service; with ``others`` it also answers (refuses) what is for no service at all."""
    actions = {action.name: action for action in service.actions}

    def claims(request: Request) -> bool:
        return request.path == "/" and (others or _service(request) == service.name)

    def enter(request: Request, gate: Gate) -> Call:
        account = tc3.sign_in(request, gate)
        if _service(request) != service.name:
            raise refusal("NoSuchProduct", "The product does not exist.")
        if _header(request, "x-tc-version") != service.version:
            raise refusal("NoSuchVersion", "The API version does not exist.")
        action = actions.get(_header(request, "x-tc-action"))
        if action is None:
            raise refusal("InvalidAction", "The API does not exist.")
        region = _header(request, "x-tc-region") if action.regional else ""
        parameters = validate(_document(request, action), action.fields)
        return Call(account, action.name, parameters, _ids(parameters), region, action.writes)

    def perform(context: Context) -> Mapping[str, Any]:
        regions = {zone.region for zone in context.fleet.zones(service.provider)}
        if actions[context.call.action].regional and context.call.region not in regions:
            raise refusal("UnsupportedRegion", f"The region {context.call.region} is not supported.")
        return actions[context.call.action].perform(context)

    return Wire(
        provider=service.provider,
        claims=claims,
        action_of=lambda request: request.headers.get("x-tc-action", ""),
        new_request_id=lambda: str(uuid.uuid4()),
        enter=enter,
        perform=perform,
        success=_success,
        failure=_failure,
        throttled=_THROTTLED,
        revoked=_REVOKED,
        broken=_BROKEN,
        rates=service.rates,
    )


def _service(request: Request) -> str:
    """The service that a request is signed for, or that its host names when the signature cannot be read."""
    found = tc3.parse(request.headers.get("authorization", ""))
    return found.service if found else request.headers.get("host", "").split(".")[0]


def _header(request: Request, name: str) -> str:
    value = request.headers.get(name, "")
    if not value:
        word = name.removeprefix("x-tc-").capitalize()
        raise refusal("MissingParameter", f"The request is missing a required parameter `{word}`.")
    return value


def _document(request: Request, action: Action) -> Mapping[str, Any]:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    document: Mapping[str, Any] | None = None
    if request.method == "POST" and kind == "application/json":
        document = parse_json_object(request.body)
    elif request.method == "GET" and kind == "application/x-www-form-urlencoded":
        given = forms.pairs(request.query)
        document = None if given is None else forms.nested(dict(given), action.fields)
    if document is None:
        raise refusal("InvalidParameter", "The request must be a POST of a JSON object, or a GET of a form.")
    return document


def _ids(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    single = parameters.get("InstanceId")
    several = parameters.get("InstanceIds", parameters.get("InstanceIdSet", ()))
    filters = [entry for entry in parameters.get("Filters") or () if entry.get("Name") == "instance-id"]
    filtered = [value for entry in filters for value in entry.get("Values") or ()]
    return (single,) if single else tuple(dict.fromkeys([*several, *filtered]))


def _success(result: Mapping[str, Any], request_id: str) -> Reply:
    return Reply.of(200, {"Response": {**result, "RequestId": request_id}})


def _failure(error: VendorError, request_id: str) -> Reply:
    return Reply.of(
        error.status,
        {"Response": {"Error": {"Code": error.code, "Message": error.message}, "RequestId": request_id}},
    )
