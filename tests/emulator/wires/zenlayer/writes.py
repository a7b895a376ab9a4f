# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The writes: reset, reboot, start, stop, rename, password. Each after its page "Zenlayer API: <action>".

A batch is answered with HTTP 200 and the list of ids that FAILED. Which problems fail the whole call and
which only list an id is not documented; chosen here:

- An unknown id fails the whole call (INVALID_INSTANCE_NOT_FOUND), and so does one in the recycle bin.
- A wrong state fails the whole call with the action's 403 code when no id could be acted on; when some could,
those are
  acted on and the others are listed as failed.
- What does not fit the target of a reset (image, disk, operating system, login) fails the whole call.
- An id that a fault wants failed is listed. The same id twice counts once.

Whether a reset is accepted from REINSTALL_FAILED is not documented. It is refused, because it "can only be
performed when the instance is in a powered-off state", unless the fleet has
``settings.zenlayer_zec.resets_failed``. Codes are those of the pages where those have one; the rest are the
vendor's common validation codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from emulator.model import Account, Image, Instance, Login
from emulator.wire import Context, VendorError
from emulator.wires.zenlayer.fields import ID, IDS, NAME, Action, Field
from emulator.wires.zenlayer.reads import TIME_ZONES

_NOT_RUNNING = VendorError("OPERATION_DENIED_INSTANCE_NOT_RUNNING", "The instance is not running.", 403)
_NOT_STOPPED = VendorError("OPERATION_DENIED_INSTANCE_NOT_STOPPED", "The instance is not stopped.", 403)
_WRONG_STATE = VendorError(
    "OPERATION_DENIED_INSTANCE_STATUS", "Operations on the instances in current state are not supported.", 403
)
# The pages differ in the special characters: the text of ResetInstances has the first set, that of
# ResetInstance both.
_SPECIAL, _MORE_SPECIAL = r"~!@$^*\-_=+", r"|;:,.?`"
_RESET_FIELDS: dict[str, Field] = {
    "password": Field(),
    "keyId": Field(),
    "imageId": Field(),
    "timezone": Field(choices=TIME_ZONES),
    "enableAgent": Field("flag"),
    "instanceName": NAME,
    "userData": Field(),
}


def _reset(context: Context) -> Mapping[str, Any]:
    """ResetInstances and ResetInstance: the boot disk is wiped, data disks stay. enableAgent left out means
    false.

    "Boot disk size must be greater than or equal to the size of the target image"; "reinstallation across
    operating system types is not supported".
    """
    given, account = context.call.parameters, context.call.account
    _check_login(context, given)
    failed = {"reset_failed"} if context.fleet.settings(account.provider).resets_failed else set()
    ready = _sorted_out(context, {"stopped"} | failed, _NOT_STOPPED)
    targets = {instance.id: _target(context, instance) for instance in ready}
    changes: dict[str, Any] = {
        "login": _login(context, account),
        "key_ids": (given["keyId"],) if "keyId" in given else (),
        "agent": given.get("enableAgent", False),
    }
    changes.update(
        {
            ours: given[theirs]
            for ours, theirs in (("timezone", "timezone"), ("name", "instanceName"))
            if theirs in given
        }
    )
    for instance in ready:
        context.fleet.reinstall(
            instance.id,
            action=context.call.action,
            request_id=context.request_id,
            image_id=targets[instance.id].id,
            changes=changes,
            tampering=context.tampering(instance.id, install=True),
        )
    return _failed(context)


def _reboot(context: Context) -> Mapping[str, Any]:
    """RebootInstances: from RUNNING; with forceReboot also from STARTING and REBOOT."""
    forced = context.call.parameters.get("forceReboot", False)
    states = {"running", "starting", "rebooting"} if forced else {"running"}
    return _each(
        context,
        states,
        _WRONG_STATE,
        lambda instance: context.fleet.reboot(instance.id, **_order(context, instance)),
    )


def _start(context: Context) -> Mapping[str, Any]:
    """StartInstances: from STOPPED."""
    return _each(
        context,
        {"stopped"},
        _NOT_STOPPED,
        lambda instance: context.fleet.start(instance.id, **_order(context, instance)),
    )


def _stop(context: Context) -> Mapping[str, Any]:
    """StopInstances: forced unless forceShutdown is false; from RUNNING, a forced one also from STOPPING."""
    forced = context.call.parameters.get("forceShutdown", True)
    states = {"running", "stopping"} if forced else {"running"}
    return _each(
        context,
        states,
        _NOT_RUNNING,
        lambda instance: context.fleet.stop(instance.id, soft=not forced, **_order(context, instance)),
    )


def _rename(context: Context) -> Mapping[str, Any]:
    """ModifyInstancesAttribute: at once, in any state; the whole call fails when an id is missing."""
    for instance in _found(context):
        context.fleet.amend(instance.id, name=context.call.parameters["instanceName"])
    return {}


def _reset_password(context: Context) -> Mapping[str, Any]:
    """ResetInstancePassword: needs a running system with the guest agent; keys keep working.

    The code for a missing agent is not documented; it is the one for a state that does not permit the
    operation.
    """
    _check_password(context.call.parameters["password"], _SPECIAL)
    for instance in _sorted_out(context, {"running"}, _NOT_RUNNING):
        if not instance.agent:
            raise _WRONG_STATE
        login = Login(instance.login.public_keys, context.call.parameters["password"])
        context.fleet.amend(instance.id, login=login)
    return {}


def _order(context: Context, instance: Instance) -> dict[str, Any]:
    return {
        "action": context.call.action,
        "request_id": context.request_id,
        "tampering": context.tampering(instance.id),
    }


def _each(
    context: Context, states: set[str], wrong: VendorError, act: Callable[[Instance], Any]
) -> Mapping[str, Any]:
    for instance in _sorted_out(context, states, wrong):
        act(instance)
    return _failed(context)


def _failed(context: Context) -> Mapping[str, Any]:
    """A batch answers with the ids that failed, a single action with nothing."""
    return {"instanceIds": list(context.failed_ids)} if "instanceIds" in context.call.parameters else {}


def _found(context: Context) -> list[Instance]:
    found = [context.fleet.owned(context.call.account, instance_id) for instance_id in context.call.ids]
    if None in found:
        raise VendorError("INVALID_INSTANCE_NOT_FOUND", "Instance does not exist.", 404)
    return [instance for instance in found if instance]


def _sorted_out(context: Context, states: set[str], wrong: VendorError) -> list[Instance]:
    """The instances to act on; the others go to the failed ids, or the whole call is refused (see the
    top).
    """
    instances = _found(context)
    _check_bin(instances)
    fitting = [instance for instance in instances if instance.status in states]
    if not fitting:
        raise wrong
    others = {instance.id: instance for instance in instances if instance not in fitting}
    context.failed_ids[:] = dict.fromkeys([*context.failed_ids, *others])
    if context.failed_ids and "instanceId" in context.call.parameters:
        raise _WRONG_STATE  # an action on one instance has no list to put it in
    return [instance for instance in fitting if instance.id not in context.failed_ids]


def _check_bin(instances: list[Instance]) -> None:
    if any(instance.status == "recycled" for instance in instances):
        raise VendorError(
            "OPERATION_DENIED_INSTANCE_RECYCLED",
            "Operations on instances in recycle bin are not supported.",
            403,
        )


def _target(context: Context, instance: Instance) -> Image:
    """The image to install on one instance, or the error that forbids it."""
    account = context.call.account
    image = context.fleet.image(account, context.call.parameters.get("imageId", instance.image_id))
    if image is None or image.status != "available" or (image.zones and instance.zone not in image.zones):
        raise VendorError("INVALID_IMAGE_NOT_FOUND", "The image does not exist in this zone.", 404)
    current = context.fleet.image(account, instance.image_id)
    if current and current.os_type != image.os_type:
        raise VendorError(
            "INVALID_PARAMETER_VALUE", "Reinstallation across operating system types is not supported."
        )
    if instance.system_disk < max(image.size, image.min_disk):
        raise VendorError("INVALID_PARAMETER_VALUE", "The boot disk is smaller than the image.")
    _check_ways(context, image)
    return image


def _check_ways(context: Context, image: Image) -> None:
    """Windows and Generic support neither way to log in, all others need one."""
    keyless = image.category in ("Windows", "Generic")
    has_login = bool({"password", "keyId"} & set(context.call.parameters))
    if keyless and has_login:
        raise VendorError("INVALID_PARAMETER_VALUE", "This image supports neither a password nor a key pair.")
    if not keyless and not has_login:
        raise VendorError("MISSING_PARAMETER", "Either password or keyId is needed.")


def _check_login(context: Context, given: Mapping[str, Any]) -> None:
    """ "You can set either a password or a keyId, but not both"; both must be good."""
    if "password" in given and "keyId" in given:
        raise VendorError("INVALID_PARAMETER_VALUE", "Set either a password or a keyId, but not both.")
    if "password" in given:
        alone = context.call.action == "ResetInstance"
        _check_password(given["password"], _SPECIAL + _MORE_SPECIAL if alone else _SPECIAL)
    if "keyId" in given and context.fleet.key(context.call.account, given["keyId"]) is None:
        raise VendorError("OPERATION_FAILED_RESOURCE_NOT_FOUND", "The key pair does not exist.", 404)


def _check_password(password: str, special: str) -> None:
    """8 to 16 characters: letters of both cases, digits and special ones, all of them present."""
    classes = ("[a-z]", "[A-Z]", "[0-9]", f"[{special}]")
    if not re.fullmatch(f"[A-Za-z0-9{special}]{{8,16}}", password) or not all(
        re.search(each, password) for each in classes
    ):
        raise VendorError("INVALID_PASSWORD_MALFORMED", "The password does not meet the requirements.")


def _login(context: Context, account: Account) -> Login:
    given = context.call.parameters
    key = context.fleet.key(account, given.get("keyId", ""))
    return Login((key.public_key,) if key else (), given.get("password", ""), given.get("userData", ""))


_BATCH: dict[str, Field] = {"instanceIds": IDS}
_ONE: dict[str, Field] = {"instanceId": ID}
ACTIONS = (
    Action("ResetInstances", {**_BATCH, **_RESET_FIELDS}, _reset, writes=True),
    Action("ResetInstance", {**_ONE, **_RESET_FIELDS}, _reset, writes=True),
    Action("RebootInstances", {**_BATCH, "forceReboot": Field("flag")}, _reboot, writes=True),
    Action("StartInstances", _BATCH, _start, writes=True),
    Action("StopInstances", {**_BATCH, "forceShutdown": Field("flag")}, _stop, writes=True),
    Action(
        "ModifyInstancesAttribute",
        {**_BATCH, "instanceName": Field(required=True, minimum=2, maximum=63, pattern=NAME.pattern)},
        _rename,
        writes=True,
    ),
    Action("ResetInstancePassword", {**_ONE, "password": Field(required=True)}, _reset_password, writes=True),
)
