# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The writes of Lighthouse: ResetInstance (one instance), RebootInstances, StartInstances, StopInstances,
passwords.

After the actions' pages (cloud.tencent.com/document/product/1207/47571 and its siblings), LoginConfiguration
after the data types (1207/47576). An instance that gets neither a password nor a key cannot be logged in to:
nothing is mailed.

Not documented, and chosen here: an instance starts by itself after a reset; AutoGeneratePassword NO without
Password is MissingParameter, YES with Password or KeyIds is
InvalidParameterValue.InvalidParameterCombination; Containers with any other blueprint than a DOCKER one is
UnsupportedOperation.BlueprintTypeNotSupportOperation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.model import Image, Instance, Login
from emulator.wire import Context
from emulator.wires.tencent import acting, change_password
from emulator.wires.tencent.fields import Action, Field, refusal
from emulator.wires.tencent.lighthouse import rules
from emulator.wires.tencent.lighthouse.reads import BLUEPRINT_ID, ID, IDS, KEY_IDS, MISSING
from emulator.wires.tencent.passwords import PasswordRule
from emulator.wires.tencent.records import is_windows

PASSWORD = PasswordRule(
    linux=(8, 30, 3),
    windows=(12, 30, 3),
    special="()`~!@#$%^&*-+=_|{}[]:;'<>,.?/",
    one_kind_of_letters=False,
    may_begin_with_slash=False,
    windows_user="administrator",
)
_FAILED = "FailedOperation.InstanceOperationFailed"


def _reset(context: Context) -> Mapping[str, Any]:
    """Without BlueprintId the instance gets its own anew. The system disk is wiped."""
    given = context.call.parameters
    for instance in acting.ready(context, MISSING, rules.check_state, _FAILED):
        image = _target(context, instance, given.get("BlueprintId", instance.image_id))
        if given.get("Containers") and image.kind != "docker":
            raise refusal(
                "UnsupportedOperation.BlueprintTypeNotSupportOperation",
                "Containers need an image of the type DOCKER.",
            )
        login, key_ids = _login(context, given.get("LoginConfiguration", {}), image)
        context.fleet.reinstall(
            instance.id,
            image_id=image.id,
            changes={"login": login, "key_ids": key_ids},
            **acting.order(context, instance, install=True),
        )
    return {}


def _target(context: Context, instance: Instance, blueprint_id: str) -> Image:
    image = acting.image_in(context, blueprint_id, instance.zone)
    if image is None:
        raise refusal("ResourceNotFound.BlueprintIdNotFound", "The image ID does not exist.")
    error = rules.why_not(context, instance, image)
    if error:
        raise error
    return image


def _login(context: Context, given: Mapping[str, Any], image: Image) -> tuple[Login, tuple[str, ...]]:
    """What can log in afterwards. A generated password is one that nobody here knows."""
    automatic, password, key_ids = (
        given.get("AutoGeneratePassword", ""),
        given.get("Password"),
        given.get("KeyIds", []),
    )
    _check_ways(automatic, password, key_ids)
    if key_ids and is_windows(image):
        raise refusal("UnsupportedOperation.WindowsNotSupportKeyPair", "Windows does not support key pairs.")
    if password is not None and not PASSWORD.accepts(password, is_windows(image)):
        raise refusal("InvalidParameterValue.InvalidPassword", "The password in the parameter is invalid.")
    keys = [context.fleet.key(context.call.account, key_id) for key_id in key_ids]
    if None in keys:
        raise refusal("ResourceNotFound.KeyPairNotFound", "Key pair not found.")
    return Login(tuple(key.public_key for key in keys if key), password or ""), tuple(key_ids)


def _check_ways(automatic: str, password: str | None, key_ids: list[str]) -> None:
    if automatic == "YES" and (password is not None or key_ids):
        raise refusal(
            "InvalidParameterValue.InvalidParameterCombination", "A password is generated, none is needed."
        )
    if password is not None and key_ids:
        raise refusal("InvalidParameter.ParameterConflict", "Password and KeyIds cannot be used together.")
    if automatic == "NO" and password is None:
        raise refusal("MissingParameter", "AutoGeneratePassword NO needs Password.")


def _power(act: Callable[[Context, Instance], None]) -> Callable[[Context], Mapping[str, Any]]:
    def perform(context: Context) -> Mapping[str, Any]:
        for instance in acting.ready(context, MISSING, rules.check_state, _FAILED):
            act(context, instance)
        return {}

    return perform


_PAIR = Field("objects", fields={"Key": Field(required=True), "Value": Field(required=True)})
_CONTAINERS = Field(
    "objects",
    fields={
        "ContainerImage": Field(required=True),
        "ContainerName": Field(),
        "Envs": _PAIR,
        "Command": Field(),
        "PublishPorts": Field(
            "objects",
            fields={
                "HostPort": Field("number", required=True),
                "ContainerPort": Field("number", required=True),
                "Ip": Field(),
                "Protocol": Field(),
            },
        ),
        "Volumes": Field(
            "objects", fields={"ContainerPath": Field(required=True), "HostPath": Field(required=True)}
        ),
        "RestartPolicy": Field(choices=("no", "on-failure", "on-failure:3", "always")),
    },
)
_FIVE_KEYS = Field(
    "texts",
    maximum=5,
    pattern=KEY_IDS.pattern,
    excess=KEY_IDS.excess,
    repeated=KEY_IDS.repeated,
    malformed=KEY_IDS.malformed,
)
_LOGIN = Field(
    "object",
    fields={"AutoGeneratePassword": Field(choices=("YES", "NO")), "Password": Field(), "KeyIds": _FIVE_KEYS},
)
_PASSWORD = change_password.changer(
    PASSWORD,
    lambda context: acting.ready(context, MISSING, rules.check_state, _FAILED),
    refusal("InvalidParameterValue.InvalidPassword", "The password in the parameter is invalid."),
)
ACTIONS = (
    Action(
        "ResetInstance",
        {
            "InstanceId": ID,
            "BlueprintId": BLUEPRINT_ID,
            "Containers": _CONTAINERS,
            "LoginConfiguration": _LOGIN,
        },
        _reset,
        writes=True,
    ),
    Action(
        "RebootInstances",
        {"InstanceIds": IDS.needed(), "StopType": acting.STOP_TYPE},
        _power(acting.reboot),
        writes=True,
    ),
    Action(
        change_password.ACTION,
        {"InstanceIds": IDS.needed(), "Password": Field(required=True), "UserName": Field()},
        _PASSWORD,
        writes=True,
    ),
    Action("StartInstances", {"InstanceIds": IDS.needed()}, _power(acting.start), writes=True),
    Action(
        "StopInstances",
        {"InstanceIds": IDS.needed(), "StopType": acting.STOP_TYPE},
        _power(acting.stopper("SOFT_FIRST")),
        writes=True,
    ),
)
