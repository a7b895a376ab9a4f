# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The legacy API of CVM ("v2"): cvm.api.qcloud.com/v2/index.php and, for images, image.api.qcloud.com.

After "Common request parameters" and "Return formats" (cloud.tencent.com/doc/api/229/6976,
cloud.tencent.com/document/ api/213/6983): everything is a parameter, in the query of a GET or the form of a
POST; answers are flat, ``code`` is 0 for success. Both hosts are the same here, and plain HTTP is answered
although the vendor wants HTTPS (code 4600).

A ``Version`` parameter would make it the newer dialect with other names and another envelope (api/213/11650).
That one is not emulated: code 6100.

Not documented, and chosen here: requests per second have no limit (4400 comes from ``settings`` and faults
only); a parameter that is not known, or comes twice, is 4000; Region is the long or the short form; a write's
requestId is a number in an answer for one instance (as on the page of ResetInstances) and a text in the
detail of a batch. An instance is accepted by both of its ids (ins-... and qcvm..., as the pages show them),
and a detail is under the id that was given.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from emulator.wire import Call, Context, Gate, Reply, Request, VendorError, Wire
from emulator.wires.tencent import forms
from emulator.wires.tencent.legacy import reads, writes
from emulator.wires.tencent.legacy.errors import Refusal, codes_of
from emulator.wires.tencent.legacy.fields import Action, new_id, read
from emulator.wires.tencent.legacy.signature import COMMON, sign_in

_PATH = "/v2/index.php"
_ACTIONS: dict[str, Action] = {action.name: action for action in (*reads.ACTIONS, *writes.ACTIONS)}
# "Region": the short words of the first pages (229/6976), and the regions that they stand for.
_REGIONS = {
    "gz": "ap-guangzhou",
    "sh": "ap-shanghai",
    "bj": "ap-beijing",
    "cd": "ap-chengdu",
    "hk": "ap-hongkong",
    "kr": "ap-seoul",
    "jp": "ap-tokyo",
    "sg": "ap-singapore",
    "in": "ap-mumbai",
    "th": "ap-bangkok",
    "ca": "na-toronto",
    "usw": "na-siliconvalley",
    "use": "na-ashburn",
    "de": "eu-frankfurt",
    "ru": "eu-moscow",
    "shjr": "ap-shanghai-fsi",
    "szjr": "ap-shenzhen-fsi",
    "gzopen": "ap-guangzhou-open",
}


def _given(request: Request) -> dict[str, str]:
    text = request.query if request.method == "GET" else request.body.decode("utf-8", "replace")
    found = forms.pairs(text)
    form = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if (
        found is None
        or request.method not in ("GET", "POST")
        or (request.method == "POST" and form != "application/x-www-form-urlencoded")
    ):
        raise Refusal(4000, "The request must be a GET with a query or a POST of a form.")
    if len(dict(found)) != len(found):
        raise Refusal(4000, "A parameter is there twice.")
    return dict(found)


def _action_of(request: Request) -> str:
    try:
        return _given(request).get("Action", "")
    except Refusal:
        return ""


def _enter(request: Request, gate: Gate) -> Call:
    given = _given(request)
    account = sign_in(request, given, gate)
    if "Version" in given:
        raise Refusal(
            6100, "With Version this is another dialect of the API, which is not emulated: leave it out."
        )
    action = _ACTIONS.get(given.get("Action", ""))
    if action is None:
        raise Refusal(6100, "The interface does not exist.")
    region = given.get("Region", "")
    if not region:
        raise Refusal(4000, "The parameter Region is missing.")
    parameters = read({name: value for name, value in given.items() if name not in COMMON}, action.fields)
    single = parameters.get("instanceId")
    ids = tuple(dict.fromkeys(map(new_id, [single] if single else parameters.get("instanceIds", ()))))
    return Call(account, action.name, parameters, ids, _REGIONS.get(region, region), action.writes)


def _perform(context: Context) -> Mapping[str, Any]:
    if context.call.region not in {zone.region for zone in context.fleet.zones(WIRE.provider)}:
        raise Refusal(4000, "The region is not known.")
    return _ACTIONS[context.call.action].perform(context)


def _success(result: Mapping[str, Any], _request_id: str) -> Reply:
    return Reply.of(200, {"code": 0, "message": "", "codeDesc": "Success", **result})


def _failure(error: VendorError, _request_id: str) -> Reply:
    code, description = codes_of(error)
    detail = {"detail": error.detail} if isinstance(error, Refusal) and error.detail else {}
    return Reply.of(
        error.status, {"code": code, "message": f"({code}){error.message}", "codeDesc": description, **detail}
    )


WIRE = Wire(
    provider="tencent_cvm_v2",
    claims=lambda request: request.path == _PATH,
    action_of=_action_of,
    new_request_id=lambda: str(uuid.uuid4().int % 10**9),
    enter=_enter,
    perform=_perform,
    success=_success,
    failure=_failure,
    throttled=Refusal(4400, "The request quota is exceeded."),
    revoked=Refusal(4104, "The SecretId does not exist."),
    broken=VendorError("6000", "Internal error of the server.", 500),
)
