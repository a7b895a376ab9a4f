# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the services of Zenlayer Cloud have in common: one host, a path for each service, one signature, one
envelope.

Envelope after "Zenlayer API: Response", error codes after the tables of the actions' own pages and the
vendor's SDKs. Numeric rate limits are not published in any page known to us, so there is no limit by default;
set one with ``settings.<provider>.rates`` of the fleet, e.g. ``{"*": 20}``.

Not documented, and chosen here (the strict way):

- The HTTP status of AUTHFAILURE_* codes is 401, that of AUTHFAILURE_UNAUTHORIZED_OPERATION 403. An unknown
access key
  gets the code of a wrong signature. An unknown token gets that of a bad header.
- An action that does not exist in that service, and any other version, is AUTHFAILURE_UNAUTHORIZED_OPERATION,
as the
  SDKs describe that code ("not authorised or action does not exist"). Older versions, which the vendor's SDKs
  still
  have, are not emulated. A token request may leave the version out, as the vendor's curl example does.
- A request that is no JSON object, or no POST, is INVALID_PARAMETER_TYPE.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.wire import Call, Context, Gate, Reply, Request, VendorError, Wire, parse_json_object
from emulator.wires.zenlayer.fields import Action, validate
from emulator.wires.zenlayer.signature import sign_in


def wire(
    provider: str,
    service: str,
    version: str,
    actions: Iterable[Action],
    shared_with: tuple[str, ...] = (),
    unknown_services: bool = False,
) -> Wire:
    """One service in one version. ``shared_with`` are the providers whose accounts may call it, too.

    ``unknown_services``: it also refuses the requests to services that there are not.
    """
    known = {action.name: action for action in actions}
    path = f"/api/v2/{service}"

    def enter(request: Request, gate: Gate) -> Call:
        account = sign_in(request.headers, request.body, gate)
        action = _action(request, known if request.path == path else {}, version)
        document = parse_json_object(request.body)
        if document is None:
            raise VendorError("INVALID_PARAMETER_TYPE", "The request body must be a JSON object.")
        parameters = validate(document, action.fields)
        single = parameters.get("instanceId")
        ids = tuple(dict.fromkeys([single] if single else parameters.get("instanceIds", ())))
        return Call(account, action.name, parameters, ids, writes=action.writes)

    def perform(context: Context) -> Mapping[str, Any]:
        return known[context.call.action].perform(context)

    return Wire(
        provider=provider,
        shared_with=shared_with,
        claims=lambda request: (
            request.path == path or (unknown_services and request.path.startswith("/api/v2/"))
        ),
        action_of=_name,
        new_request_id=_new_request_id,
        enter=enter,
        perform=perform,
        success=_success,
        failure=_failure,
        throttled=VendorError("REQUEST_LIMIT_EXCEEDED", "The request rate exceeds the limit.", 429),
        revoked=VendorError("AUTHFAILURE_SIGNATURE_FAILURE", "The access key does not exist.", 401),
        broken=VendorError("INTERNAL_SERVER_ERROR", "An internal error occurred.", 500),
    )


def _action(request: Request, known: Mapping[str, Action], version: str) -> Action:
    if request.method != "POST":
        raise VendorError("INVALID_PARAMETER_TYPE", "Only POST requests are supported.")
    name = _name(request)
    if not name:
        raise VendorError("MISSING_PARAMETER", "The header x-zc-action is missing.")
    by_token = request.headers["authorization"].startswith("Bearer ")
    action = known.get(name)
    if request.headers.get("x-zc-version", version if by_token else "") != version or action is None:
        raise VendorError(
            "AUTHFAILURE_UNAUTHORIZED_OPERATION", "The operation is not authorized or does not exist.", 403
        )
    return action


def _name(request: Request) -> str:
    return request.headers.get("x-zc-action", "")


def _success(result: Mapping[str, Any], request_id: str) -> Reply:
    return Reply.of(200, {"requestId": request_id, "response": {"requestId": request_id, **result}})


def _failure(error: VendorError, request_id: str) -> Reply:
    return Reply.of(error.status, {"requestId": request_id, "code": error.code, "message": error.message})


def _new_request_id() -> str:
    """As in the vendor's samples: a T and an upper-case UUID."""
    return f"T{str(uuid.uuid4()).upper()}"
