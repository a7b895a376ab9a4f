# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the writes of the services have in common: who is meant, who may be acted on, and the acting.

A call of API 3.0 is taken on or refused as a whole, because its answer has nothing but a request id. So the
first id that cannot be acted on refuses the call. An id that a fault wants failed (``list_failed``) is left
out of a batch without a word, since there is none to say it with; a call for one instance is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.model import Image, Instance
from emulator.wire import Context
from emulator.wires.tencent.fields import Field, refusal

STOP_TYPE = Field(choices=("SOFT", "HARD", "SOFT_FIRST"))
Check = Callable[[Context, Instance], None]


def owned(context: Context, missing: str) -> list[Instance]:
    """The truth about the instances that are meant, in the region that is meant; ``missing`` is the code for
    others.
    """
    found = [context.fleet.owned(context.call.account, instance_id) for instance_id in context.call.ids]
    for instance_id, instance in zip(context.call.ids, found):
        if instance is None or context.call.region not in ("", instance.region):
            raise refusal(missing, f"The instance `{instance_id}` does not exist.")
    return [instance for instance in found if instance]


def ready(context: Context, missing: str, check: Check, failed: str) -> list[Instance]:
    """The instances to act on, after everything that can refuse the call has been looked at."""
    instances = owned(context, missing)
    for instance in instances:
        denied = next((each for each in instance.denied if each.action == context.call.action), None)
        if denied:
            raise refusal(denied.code, denied.message or f"The operation is denied on `{instance.id}`.")
        check(context, instance)
    if context.failed_ids and "InstanceId" in context.call.parameters:
        raise refusal(failed, "The operation failed.")
    return [instance for instance in instances if instance.id not in context.failed_ids]


def order(context: Context, instance: Instance, install: bool = False) -> dict[str, Any]:
    """What the fleet needs to know of an operation on one instance."""
    return {
        "action": context.call.action,
        "request_id": context.request_id,
        "tampering": context.tampering(instance.id, install),
    }


def reboot(context: Context, instance: Instance) -> None:
    """Begin a reboot."""
    context.fleet.reboot(instance.id, **order(context, instance))


def start(context: Context, instance: Instance) -> None:
    """Begin to power on."""
    context.fleet.start(instance.id, **order(context, instance))


def stopper(default: str) -> Callable[[Context, Instance], None]:
    """Begin to power off, in the way that StopType (or the action's default) says; HARD is quicker."""

    def stop(context: Context, instance: Instance) -> None:
        soft = context.call.parameters.get("StopType", default) != "HARD"
        context.fleet.stop(instance.id, soft=soft, **order(context, instance))

    return stop


def image_in(context: Context, image_id: str, zone: str = "") -> Image | None:
    """An image that the account may use in a zone (or in any zone of the region), whatever its state."""
    image = context.fleet.image(context.call.account, image_id)
    if image is None or not image.zones:
        return image
    here = {
        each.id
        for each in context.fleet.zones(context.call.account.provider)
        if context.call.region in ("", each.region)
    }
    return image if not ({zone} if zone else here).isdisjoint(image.zones) else None


def images(context: Context) -> dict[str, Image]:
    """All images of the account by id, for the records of instances."""
    return {image.id: image for image in context.fleet.images(context.call.account)}


def shown(context: Context) -> list[Instance]:
    """The instances that a reader is told of, in the region that is meant, the newest first."""
    found = [
        instance
        for instance in context.fleet.shown(context.call.account, context.ago)
        if context.call.region in ("", instance.region)
    ]
    return sorted(found, key=lambda instance: -instance.created)
