# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The writes of the legacy API: ResetInstances, RestartInstances, StartInstances, StopInstances, passwords.

After "ResetInstances" (cloud.tencent.com/document/api/213/1246), which takes one instance in spite of its
name, and the pages of the other three (213/1247, cloud.tencent.com/doc/api/229/1249, 229/1250), which answer
for each id: code 0 when all were taken on, 5100 when none, 5400 when some ("Return formats", 213/6983).

Not documented, and chosen here:

- A wrong state, an operation under way and an expired instance are code 5100 with the word
  OperationConstraints.InvaildInstanceStatus (sic). A reset needs running, stopped or fault (after a failed
  reset).
- An unknown id is 5000, in a batch for that id. At most 100 ids, as in the newer dialect.
- imageType must be that of the image, else 5000 like an unknown image. An image that is too large, a root
  disk that would shrink, and a bad password are 4000. An instance starts by itself after a reset, as the same
  system does.
- needMonitorAgent is what a fleet calls ``agent``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.model import Image, Instance, Login
from emulator.wire import Context
from emulator.wires.tencent import acting, change_password
from emulator.wires.tencent.legacy.errors import STATUS, Refusal
from emulator.wires.tencent.legacy.fields import Action, Field, new_id
from emulator.wires.tencent.legacy.reads import image_type, usable_image
from emulator.wires.tencent.passwords import PasswordRule
from emulator.wires.tencent.records import expired, is_windows, under_way

PASSWORD = PasswordRule(
    linux=(8, 16, 2),
    windows=(12, 16, 3),
    special="()`~!@#$%^&*-+=|{}[]:;',.?/",
    windows_special="()`~!@#$%^&*-+={}[]:;',.?/",
)
_FROM = {
    "ResetInstances": ("running", "stopped", "reset_failed"),
    "RestartInstances": ("running",),
    "StopInstances": ("running",),
    "StartInstances": ("stopped",),
    "ResetInstancePassword": ("stopped",),
}
_SWITCH = Field("number", minimum=0, maximum=1)


def _reset(context: Context) -> Mapping[str, Any]:
    given = context.call.parameters
    if ("imageId" in given) != ("imageType" in given):
        raise Refusal(4000, "imageId and imageType must be given together.")
    instance = _able(context, new_id(given["instanceId"]))
    if context.failed_ids:
        raise Refusal(5100, "The operation failed.")
    size = given.get("rootSize", instance.system_disk)
    image = _target(context, instance, size)
    if "password" in given and not PASSWORD.accepts(given["password"], is_windows(image)):
        raise Refusal(4000, "The password does not meet the requirements.")
    context.fleet.reinstall(
        instance.id,
        image_id=image.id,
        **acting.order(context, instance, install=True),
        changes={
            "login": Login((), given.get("password", "")),
            "key_ids": (),
            "system_disk": size,
            "agent": bool(given.get("needMonitorAgent", 1)),
        },
    )
    return {"requestId": int(context.request_id)}


def _target(context: Context, instance: Instance, size: int) -> Image:
    given = context.call.parameters
    image = usable_image(context, given.get("imageId", instance.image_id), instance.zone)
    if (
        image is None
        or image.status != "available"
        or given.get("imageType", image_type(image)) != image_type(image)
    ):
        raise Refusal(5000, "The image does not exist.")
    if size < max(instance.system_disk, image.size, image.min_disk):
        raise Refusal(4000, "The system disk cannot be of this size.")
    return image


def _able(context: Context, instance_id: str) -> Instance:
    """An instance that the action can be done to now."""
    instance = context.fleet.owned(context.call.account, instance_id)
    if instance is None or instance.region != context.call.region:
        raise Refusal(5000, "The instance does not exist.")
    denied = next((each for each in instance.denied if each.action == context.call.action), None)
    if denied:
        raise Refusal(5100, denied.message or "The operation is denied.", denied.code)
    busy = under_way(instance, context) or expired(instance, context)
    if busy or instance.status not in _FROM[context.call.action]:
        raise Refusal(5100, "The status of the instance does not permit this.", STATUS)
    return instance


def _batch(act: Callable[[Context, Instance], None]) -> Callable[[Context], Mapping[str, Any]]:
    """Each instance for itself: what can be acted on is, and the answer tells of each id what became of
    it.
    """

    def perform(context: Context) -> Mapping[str, Any]:
        detail: dict[str, Any] = {}
        for instance_id in dict.fromkeys(context.call.parameters["instanceIds"]):
            try:
                instance = _able(context, new_id(instance_id))
                if instance.id in context.failed_ids:
                    raise Refusal(5100, "The operation failed.")
                act(context, instance)
                detail[instance_id] = {"code": 0, "message": "", "requestId": context.request_id}
            except Refusal as error:
                detail[instance_id] = {
                    "code": int(error.code),
                    "message": f"({error.code}){error.message}",
                    "codeDesc": error.description,
                }
        failed = [instance_id for instance_id, row in detail.items() if row["code"]]
        context.failed_ids[:] = map(new_id, failed)
        if len(failed) == len(detail):
            raise Refusal(5100, "All operations failed.", detail=detail)
        partly = {"code": 5400, "message": "(5400)Some operations failed.", "codeDesc": ""} if failed else {}
        return {**partly, "detail": detail}

    return perform


def _stop(context: Context, instance: Instance) -> None:
    soft = not context.call.parameters.get("forceStop", 0)
    context.fleet.stop(instance.id, soft=soft, **acting.order(context, instance))


def _change_password(context: Context) -> Mapping[str, Any]:
    """ResetInstancePassword (229/1245): from shut down only; a bad password refuses the whole call."""
    password, images = context.call.parameters["password"], acting.images(context)
    found = [context.fleet.owned(context.call.account, instance_id) for instance_id in context.call.ids]
    if not PASSWORD.accepts(
        password, any(instance and is_windows(images.get(instance.image_id)) for instance in found)
    ):
        raise Refusal(4000, "The password does not meet the requirements.")
    return _batch(lambda context, instance: change_password.begin(context, instance, password))(context)


_IDS = {"instanceIds": Field("texts", required=True, minimum=1, maximum=100)}
ACTIONS = (
    Action(
        "ResetInstances",
        {
            "instanceId": Field(required=True),
            "imageId": Field(),
            "imageType": Field("number", minimum=1, maximum=4),
            "password": Field(),
            "needSecurityAgent": _SWITCH,
            "needMonitorAgent": _SWITCH,
            "rootSize": Field("number", minimum=1),
        },
        _reset,
        writes=True,
    ),
    Action("RestartInstances", {**_IDS, "forceStop": _SWITCH}, _batch(acting.reboot), writes=True),
    Action(
        "ResetInstancePassword",
        {**_IDS, "password": Field(required=True)},
        _change_password,
        writes=True,
    ),
    Action("StartInstances", _IDS, _batch(acting.start), writes=True),
    Action("StopInstances", {**_IDS, "forceStop": _SWITCH}, _batch(_stop), writes=True),
)
