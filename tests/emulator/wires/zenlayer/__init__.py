# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Zenlayer Elastic Compute: services zec and ccs (key pairs), version 2025-09-01, under /api/v2/.

Envelope after "Zenlayer API: Response", error codes after the tables of the actions' own pages and the vendor's SDKs.
Numeric rate limits are not published in any page known to us, so there is no limit by default; set one with
``settings.zenlayer_zec.rates`` of the fleet, e.g. ``{"*": 20}``.

Not documented, and chosen here (the strict way):

- The HTTP status of AUTHFAILURE_* codes is 401, that of AUTHFAILURE_UNAUTHORIZED_OPERATION 403. An unknown access key
  gets the code of a wrong signature. An unknown token gets that of a bad header.
- An action that does not exist in that service, and any other version, is AUTHFAILURE_UNAUTHORIZED_OPERATION, as the
  SDKs describe that code ("not authorised or action does not exist"). Version 2024-04-01, deprecated by the vendor's
  SDK and without ResetInstances, is not emulated. A token request may leave the version out, as the vendor's curl
  example does.
- A request that is no JSON object, or no POST, is INVALID_PARAMETER_TYPE.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from emulator.wire import Call, Context, Gate, Reply, Request, VendorError, Wire, parse_json_object
from emulator.wires.zenlayer import reads, writes
from emulator.wires.zenlayer.fields import Action, validate
from emulator.wires.zenlayer.signature import sign_in

VERSION = "2025-09-01"
_ACTIONS: dict[tuple[str, str], Action] = {
    (action.service, action.name): action for action in (*reads.ACTIONS, *writes.ACTIONS)
}


def _claims(request: Request) -> bool:
    return request.path.startswith("/api/v2/")


def _action_of(request: Request) -> str:
    return request.headers.get("x-zc-action", "")


def _enter(request: Request, gate: Gate) -> Call:
    account = sign_in(request.headers, request.body, gate)
    if request.method != "POST":
        raise VendorError("INVALID_PARAMETER_TYPE", "Only POST requests are supported.")
    name = _action_of(request)
    if not name:
        raise VendorError("MISSING_PARAMETER", "The header x-zc-action is missing.")
    by_token = request.headers["authorization"].startswith("Bearer ")
    version = request.headers.get("x-zc-version", VERSION if by_token else "")
    action = _ACTIONS.get((request.path.removeprefix("/api/v2/"), name))
    if version != VERSION or action is None:
        raise VendorError(
            "AUTHFAILURE_UNAUTHORIZED_OPERATION", "The operation is not authorized or does not exist.", 403
        )
    document = parse_json_object(request.body)
    if document is None:
        raise VendorError("INVALID_PARAMETER_TYPE", "The request body must be a JSON object.")
    parameters = validate(document, action.fields)
    single = parameters.get("instanceId")
    ids = tuple(dict.fromkeys([single] if single else parameters.get("instanceIds", ())))
    return Call(account, name, parameters, ids, writes=action.writes)


def _perform(context: Context) -> Mapping[str, Any]:
    return next(action.perform(context) for action in _ACTIONS.values() if action.name == context.call.action)


def _success(result: Mapping[str, Any], request_id: str) -> Reply:
    return Reply.of(200, {"requestId": request_id, "response": {"requestId": request_id, **result}})


def _failure(error: VendorError, request_id: str) -> Reply:
    return Reply.of(error.status, {"requestId": request_id, "code": error.code, "message": error.message})


def _new_request_id() -> str:
    """As in the vendor's samples: a T and an upper-case UUID."""
    return f"T{str(uuid.uuid4()).upper()}"


WIRE = Wire(
    provider="zenlayer_zec",
    claims=_claims,
    action_of=_action_of,
    new_request_id=_new_request_id,
    enter=_enter,
    perform=_perform,
    success=_success,
    failure=_failure,
    throttled=VendorError("REQUEST_LIMIT_EXCEEDED", "The request rate exceeds the limit.", 429),
    revoked=VendorError("AUTHFAILURE_SIGNATURE_FAILURE", "The access key does not exist.", 401),
    broken=VendorError("INTERNAL_SERVER_ERROR", "An internal error occurred.", 500),
)
