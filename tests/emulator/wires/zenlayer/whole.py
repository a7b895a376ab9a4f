# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Actions that do all or nothing: Bare Metal and Virtual Machine answer a batch with a request id and no
failed ids.

What becomes of a batch in which one id does not fit is not documented. Chosen here: nothing is done for any
of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from emulator.model import Instance, Login
from emulator.wire import Context, VendorError
from emulator.wires.zenlayer.keys import key_pairs

Problem = Callable[[Instance], "VendorError | None"]
NOT_RUNNING = ("OPERATION_DENIED_INSTANCE_NOT_RUNNING", "The instance is not running.")
NOT_STOPPED = ("OPERATION_DENIED_INSTANCE_NOT_STOPPED", "The instance is not stopped.")
WRONG_STATE = (
    "OPERATION_DENIED_INSTANCE_STATUS",
    "Operations on the instances in current state are not supported.",
)


def needs(states: Iterable[str], code: str, message: str, http: int) -> Problem:
    """The rule that an instance is in one of the states."""
    return lambda instance: None if instance.status in states else VendorError(code, message, http)


def ready(context: Context, problem: Problem) -> list[Instance]:
    """All instances that the call names.

    Raises the error of the first that is not there, recycled or does not fit.
    """
    instances = []
    for instance_id in context.call.ids:
        found = context.fleet.owned(context.call.account, instance_id)
        if found is None:
            raise VendorError("INVALID_INSTANCE_NOT_FOUND", "Instance does not exist.", 404)
        if found.status in ("recycled", "terminating"):
            message = "Operations on instances in recycle bin are not supported."
            raise VendorError("OPERATION_DENIED_INSTANCE_RECYCLED", message, 403)
        wrong = problem(found)
        if wrong:
            raise wrong
        instances.append(found)
    if context.failed_ids and "instanceId" in context.call.parameters:
        raise VendorError(*WRONG_STATE, 403)
    return [
        instance for instance in instances if instance.id not in context.failed_ids
    ]  # there is no list to put them in


def order(context: Context, instance: Instance, install: bool = False) -> dict[str, Any]:
    """What every operation of the fleet is told of its request."""
    return {
        "action": context.call.action,
        "request_id": context.request_id,
        "tampering": context.tampering(instance.id, install=install),
    }


def reboot(problem: Problem) -> Callable[[Context], Mapping[str, Any]]:
    """RebootInstances."""

    def perform(context: Context) -> Mapping[str, Any]:
        for instance in ready(context, problem):
            context.fleet.reboot(instance.id, **order(context, instance))
        return {}

    return perform


def start(problem: Problem) -> Callable[[Context], Mapping[str, Any]]:
    """StartInstances."""

    def perform(context: Context) -> Mapping[str, Any]:
        for instance in ready(context, problem):
            context.fleet.start(instance.id, **order(context, instance))
        return {}

    return perform


def stop(problem: Problem) -> Callable[[Context], Mapping[str, Any]]:
    """StopInstances: forced unless ``forceShutdown`` is false, where the service has that field."""

    def perform(context: Context) -> Mapping[str, Any]:
        soft = not context.call.parameters.get("forceShutdown", True)
        for instance in ready(context, problem):
            context.fleet.stop(instance.id, soft=soft, **order(context, instance))
        return {}

    return perform


def login(context: Context) -> Login:
    """What the new system accepts: the key pair or the password of the request; and what it runs at first.

    Raises for a key that is not there.
    """
    given = context.call.parameters
    data = given.get("userData", given.get("initScript", ""))
    if "keyId" not in given:
        return Login((), given.get("password", ""), data)
    lines = [key.public_key for key in key_pairs(context) if key.id == given["keyId"]]
    if not lines:
        raise VendorError("OPERATION_FAILED_RESOURCE_NOT_FOUND", "The key pair does not exist.", 404)
    return Login(tuple(lines), "", data)
