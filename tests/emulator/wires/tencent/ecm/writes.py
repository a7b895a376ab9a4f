# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The writes of ECM: ResetInstances, RebootInstances, StartInstances, StopInstances, passwords.

After "ResetInstances" (tencentcloud.com/document/product/1119, API Documentation of ECM 2019-07-19) with its
list of error codes, the pages of the other three, and the list of codes in the vendor's SDK for what those
lists lack.

Not documented, and chosen here (the strict way):

- An operation that is under way refuses every other one with OperationDenied.InstanceOperationInProgress.
- ResetInstances is taken on when the instance is running, stopped, or its last reset failed, like CVM and
  Lighthouse; else FailedOperation.OperationNotAllow. Power actions in a wrong state:
  UnsupportedOperation.InvalidInstanceState.
- A password has 8 to 16 characters as in ResetInstancesPassword, and only the special ones of RunInstances;
  if one of the instances gets Windows, the rule for Windows holds for all (as in ResetInstancesPassword).
- KeepImageLogin=TRUE with a public image is FailedOperation.OperationNotAllow; otherwise what could log in
  before can do so after.
- An image that is not NORMAL, or not in the zone, is InvalidParameterValue.InvalidImageID like an unknown
  one.
- An instance starts by itself after a reset. KeepData=false leaves no trace: the disks' contents are not
  emulated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.model import Image, Instance, Login
from emulator.wire import Context
from emulator.wires.tencent import acting, change_password
from emulator.wires.tencent.ecm.reads import IDS
from emulator.wires.tencent.fields import Action, Field, refusal
from emulator.wires.tencent.passwords import PasswordRule
from emulator.wires.tencent.records import expired, is_windows, under_way

PASSWORD = PasswordRule(
    linux=(8, 16, 2), windows=(12, 16, 3), special="()`~!@#$%^&-+=|{}[]:;',.?/", may_begin_with_slash=False
)
_MISSING = "ResourceNotFound.InstanceNotExist"
_BUSY = refusal("OperationDenied.InstanceOperationInProgress", "The current operation is not allowed.")
_NOT_ALLOWED = refusal("FailedOperation.OperationNotAllow", "The current operation is not allowed.")
_ENABLED = Field("object", fields={"Enabled": Field("flag"), "Version": Field("number")})
_NEEDED = {
    "RebootInstances": ("running",),
    "StopInstances": ("running",),
    "StartInstances": ("stopped",),
    "ResetInstancesPassword": ("running", "stopped"),
}


def check_reset(context: Context, instance: Instance) -> None:
    """Whether an instance may be reset at all."""
    if under_way(instance, context):
        raise _BUSY
    if instance.status not in ("running", "stopped", "reset_failed") or expired(instance, context):
        raise _NOT_ALLOWED


def _check_power(context: Context, instance: Instance) -> None:
    if under_way(instance, context):
        raise _BUSY
    if expired(instance, context):
        raise _NOT_ALLOWED
    if instance.status not in _NEEDED[context.call.action]:
        raise refusal(
            "UnsupportedOperation.InvalidInstanceState", "The state of the instance does not permit this."
        )


def _reset(context: Context) -> Mapping[str, Any]:
    """Without ImageId each instance gets its own image anew. The system disk is wiped, data disks stay."""
    given = context.call.parameters
    keeps = given.get("KeepImageLogin", "FALSE") == "TRUE"
    if keeps and "Password" in given:
        raise refusal(
            "InvalidParameter.ParameterConflict", "KeepImageLogin and Password cannot be used together."
        )
    chosen = acting.ready(context, _MISSING, check_reset, "FailedOperation.InternalOperationFailure")
    targets = {instance.id: _target(context, instance, keeps) for instance in chosen}
    if "Password" in given and not PASSWORD.accepts(
        given["Password"], any(map(is_windows, targets.values()))
    ):
        raise refusal("InvalidParameterValue.InvaildPassword", "The password is invalid.")
    monitored = given.get("EnhancedService", {}).get("MonitorService", {}).get("Enabled", True)
    for instance in chosen:
        changes: dict[str, Any] = {"agent": monitored}
        if not keeps:
            changes.update(login=Login((), given.get("Password", "")), key_ids=())
        context.fleet.reinstall(
            instance.id,
            image_id=targets[instance.id].id,
            changes=changes,
            **acting.order(context, instance, install=True),
        )
    return {}


def _target(context: Context, instance: Instance, keeps: bool) -> Image:
    """The image to install on one instance, or the error that forbids it."""
    image = acting.image_in(context, context.call.parameters.get("ImageId", instance.image_id), instance.zone)
    if image is None or image.status != "available":
        raise refusal("InvalidParameterValue.InvalidImageID", "The image ID is invalid.")
    if image.architecture == "i386" and instance.memory >= 4:
        raise refusal(
            "InvalidParameterValue.InvalidImageArchitecture",
            "Models with a memory of 4 GB or above do not support 32-bit OS images.",
        )
    if instance.system_disk < max(image.size, image.min_disk):
        raise refusal(
            "InvalidParameterValue.ImageSizeLargeThanSysDiskSize", "The image is larger than the system disk."
        )
    service = context.call.parameters.get("EnhancedService", {}).get("EIPDirectService", {})
    if is_windows(image) and service.get("Enabled", False):
        raise refusal("InvalidParameterValue.InvalidEIPDirectService", "Windows does not support EIP direct.")
    if keeps and image.kind == "public":
        raise _NOT_ALLOWED
    return image


def _power(act: Callable[[Context, Instance], None]) -> Callable[[Context], Mapping[str, Any]]:
    def perform(context: Context) -> Mapping[str, Any]:
        for instance in acting.ready(
            context, _MISSING, _check_power, "FailedOperation.InternalOperationFailure"
        ):
            act(context, instance)
        return {}

    return perform


_PASSWORD = change_password.changer(
    PasswordRule(
        linux=(8, 16, 2),
        windows=(12, 16, 3),
        special="()~!@#$%^&*-+=_|{}[]:;'<>,.?/",
        may_begin_with_slash=False,
    ),
    lambda context: acting.ready(context, _MISSING, _check_power, "FailedOperation.InternalOperationFailure"),
    refusal("InvalidParameterValue.InvaildPassword", "The password is invalid."),
    refusal("UnsupportedOperation.InvalidInstanceState", "The state of the instance does not permit this."),
)
ACTIONS = (
    Action(
        "ResetInstances",
        {
            "InstanceIdSet": IDS,
            "ImageId": Field(pattern=r"img-[0-9a-z]{8}", malformed="InvalidParameterValue.InvalidImageID"),
            "Password": Field(),
            "EnhancedService": Field(
                "object",
                fields={
                    "SecurityService": _ENABLED,
                    "MonitorService": _ENABLED,
                    "EIPDirectService": _ENABLED,
                },
            ),
            "KeepData": Field(choices=("true", "false")),
            "KeepImageLogin": Field(choices=("TRUE", "FALSE")),
        },
        _reset,
        writes=True,
        regional=False,
    ),
    Action(
        "RebootInstances",
        {"InstanceIdSet": IDS, "ForceReboot": Field("flag"), "StopType": acting.STOP_TYPE},
        _power(acting.reboot),
        writes=True,
        regional=False,
    ),
    Action(
        change_password.ACTION,
        {
            "InstanceIdSet": IDS,
            "Password": Field(required=True),
            "ForceStop": Field("flag"),
            "UserName": Field(),
        },
        _PASSWORD,
        writes=True,
        regional=False,
    ),
    Action("StartInstances", {"InstanceIdSet": IDS}, _power(acting.start), writes=True, regional=False),
    Action(
        "StopInstances",
        {"InstanceIdSet": IDS, "ForceStop": Field("flag"), "StopType": acting.STOP_TYPE},
        _power(acting.stopper("SOFT")),
        writes=True,
        regional=False,
    ),
)
