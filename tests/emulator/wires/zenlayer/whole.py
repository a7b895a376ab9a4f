# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Bare Metal and Virtual Machine share. They answer a batch with a request id and no failed ids.

What becomes of a batch in which one id does not fit is not documented. Chosen here: nothing is done for any
of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from emulator.model import Image, Instance, Login, Settings
from emulator.wire import Context, VendorError
from emulator.wires.zenlayer.keys import key_pairs
from emulator.wires.zenlayer.listing import has_tags, is_in, shares

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


def described(
    context: Context, record: Callable[[Instance, Image | None, Settings], dict[str, Any]]
) -> list[dict[str, Any]]:
    """The records of the instances that pass the filters on ids, tags and addresses."""
    given, account = context.call.parameters, context.call.account
    settings = context.fleet.settings(account.provider)
    images = {image.id: image for image in context.fleet.images(account)}
    return [
        record(instance, images.get(instance.image_id), settings)
        for instance in context.fleet.shown(account, context.ago)
        if is_in(given, "instanceIds", instance.id)
        and has_tags(instance.tags, given)
        and shares(given.get("publicIpAddresses"), instance.public_ips)
        and shares(given.get("privateIpAddresses"), instance.private_ips)
    ]


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
