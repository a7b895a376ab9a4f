# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The writes of CVM: ResetInstance (one instance), RebootInstances, StartInstances, StopInstances, passwords.

After the actions' pages (cloud.tencent.com/document/api/213/15724, 15742, 15735, 15743), LoginSettings after
the data types (213/15753). Without any login setting a random password is mailed, which nobody here knows.

Not documented, and chosen here: KeepImageLogin is looked at without regard to case, as the page writes true
and clients send TRUE; with a public image it is InvalidParameterCombination; otherwise what could log in
before can do so after. The guest tools (``agent`` in a fleet) are there after a reset with a public image,
with others only if AutomationService is enabled. ForceReboot and ForceStop, which are deprecated, cannot be
used with StopType: InvalidParameterCombination.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from emulator.model import Image, Instance, Login
from emulator.wire import Context
from emulator.wires.tencent import acting, change_password
from emulator.wires.tencent.cvm import rules
from emulator.wires.tencent.cvm.reads import ID, IDS, IMAGE_ID, KEY_IDS
from emulator.wires.tencent.fields import Action, Field, refusal
from emulator.wires.tencent.passwords import PasswordRule
from emulator.wires.tencent.records import is_windows

PASSWORD = PasswordRule(linux=(8, 30, 2), windows=(12, 30, 3), special="()`~!@#$%^&*-+=|{}[]:;',.?/")
_MISSING = "InvalidInstanceId.NotFound"
_FAILED = "InternalServerError"
_ENABLED = Field("object", fields={"Enabled": Field("flag")})


def _reset(context: Context) -> Mapping[str, Any]:
    """Without ImageId the instance gets its own image anew. The system disk is wiped, data disks stay."""
    given = context.call.parameters
    for instance in acting.ready(context, _MISSING, rules.check_state, _FAILED):
        size = rules.disk_size(instance, given.get("SystemDisk", {}))
        image = rules.target(context, instance, given.get("ImageId", instance.image_id), size)
        if "HostName" in given:
            rules.check_host_name(given["HostName"], is_windows(image))
        data = rules.user_data(given["UserData"]) if "UserData" in given else ""
        tools = (
            given.get("EnhancedService", {})
            .get("AutomationService", {})
            .get("Enabled", image.kind == "public")
        )
        changes = {
            "agent": tools,
            "system_disk": size,
            **_login(context, given.get("LoginSettings", {}), image),
        }
        changes["login"] = replace(changes.get("login", instance.login), user_data=data)
        context.fleet.reinstall(
            instance.id, image_id=image.id, changes=changes, **acting.order(context, instance, install=True)
        )
    return {}


def _login(context: Context, given: Mapping[str, Any], image: Image) -> dict[str, Any]:
    """What changes about logging in. Password, KeyIds and KeepImageLogin exclude each other."""
    password, key_ids = given.get("Password"), given.get("KeyIds", [])
    keeps = given.get("KeepImageLogin", "").lower() == "true"
    _check_ways(password, key_ids, keeps, image)
    if keeps:
        return {}
    keys = [context.fleet.key(context.call.account, key_id) for key_id in key_ids]
    if None in keys:
        raise refusal("InvalidParameterValue.KeyPairNotFound", "The key pair is not found.")
    return {
        "login": Login(tuple(key.public_key for key in keys if key), password or ""),
        "key_ids": tuple(key_ids),
    }


def _check_ways(password: str | None, key_ids: list[str], keeps: bool, image: Image) -> None:
    if (password is not None) + bool(key_ids) + keeps > 1:
        raise refusal("InvalidParameter.ParameterConflict", "Only one way to log in can be specified.")
    if keeps and image.kind == "public":
        raise refusal(
            "InvalidParameterCombination", "KeepImageLogin needs a custom, shared or imported image."
        )
    if key_ids and is_windows(image):
        raise refusal("UnsupportedOperation.KeyPairUnsupportedWindows", "Windows does not support key pairs.")
    if password is not None and not PASSWORD.accepts(password, is_windows(image)):
        raise refusal("InvalidParameterValue.InvalidPassword", "The password does not meet the requirements.")


def _stop(context: Context, instance: Instance) -> None:
    """StoppedMode says whether an instance is charged while it is stopped; a start makes it charged again."""
    mode = context.call.parameters.get("StoppedMode", "KEEP_CHARGING")
    context.fleet.amend(
        instance.id,
        extra={**_charged(instance), **({"StopChargingMode": mode} if mode == "STOP_CHARGING" else {})},
    )
    acting.stopper("SOFT")(context, instance)


def _start(context: Context, instance: Instance) -> None:
    context.fleet.amend(instance.id, extra=_charged(instance))
    acting.start(context, instance)


def _charged(instance: Instance) -> dict[str, Any]:
    return {name: value for name, value in instance.extra.items() if name != "StopChargingMode"}


def _power(
    act: Callable[[Context, Instance], None], forced: str = ""
) -> Callable[[Context], Mapping[str, Any]]:
    def perform(context: Context) -> Mapping[str, Any]:
        if forced in context.call.parameters and "StopType" in context.call.parameters:
            raise refusal("InvalidParameterCombination", f"{forced} and StopType cannot be used together.")
        for instance in acting.ready(context, _MISSING, rules.check_state, _FAILED):
            act(context, instance)
        return {}

    return perform


_PASSWORD = change_password.changer(
    PasswordRule(
        linux=(8, 30, 3),
        windows=(12, 30, 3),
        special="()`~!@#$%^&*-+=_|{}[]:;'<>,.?/",
        one_kind_of_letters=False,
        may_begin_with_slash=False,
        windows_user="administrator",
    ),
    lambda context: acting.ready(context, _MISSING, rules.check_state, _FAILED),
    refusal("InvalidParameterValue.InvalidPassword", "The password does not meet the requirements."),
    refusal("UnsupportedOperation.InstanceStateRunning", "The state of the instance does not permit this."),
)
ACTIONS = (
    Action(
        "ResetInstance",
        {
            "InstanceId": ID,
            "ImageId": IMAGE_ID,
            "SystemDisk": Field(
                "object",
                fields={
                    "DiskSize": Field("number", minimum=1),
                    "DiskType": Field(),
                    "DiskId": Field(),
                    "CdcId": Field(),
                    "DiskName": Field(),
                    "Encrypt": Field("flag"),
                    "KmsKeyId": Field(),
                },
            ),
            "LoginSettings": Field(
                "object",
                fields={
                    "Password": Field(),
                    "KeyIds": KEY_IDS,
                    "KeepImageLogin": Field(choices=("true", "false", "TRUE", "FALSE")),
                },
            ),
            "EnhancedService": Field(
                "object",
                fields={
                    "SecurityService": _ENABLED,
                    "MonitorService": _ENABLED,
                    "AutomationService": _ENABLED,
                },
            ),
            "HostName": Field(),
            "UserData": Field(),
        },
        _reset,
        writes=True,
    ),
    Action(
        "RebootInstances",
        {"InstanceIds": IDS.needed(), "ForceReboot": Field("flag"), "StopType": acting.STOP_TYPE},
        _power(acting.reboot, "ForceReboot"),
        writes=True,
    ),
    Action(
        change_password.ACTION,
        {
            "InstanceIds": IDS.needed(),
            "Password": Field(required=True),
            "UserName": Field(),
            "ForceStop": Field("flag"),
        },
        _PASSWORD,
        writes=True,
    ),
    Action("StartInstances", {"InstanceIds": IDS.needed()}, _power(_start), writes=True),
    Action(
        "StopInstances",
        {
            "InstanceIds": IDS.needed(),
            "ForceStop": Field("flag"),
            "StopType": acting.STOP_TYPE,
            "StoppedMode": Field(choices=("KEEP_CHARGING", "STOP_CHARGING")),
        },
        _power(_stop, "ForceStop"),
        writes=True,
    ),
)
