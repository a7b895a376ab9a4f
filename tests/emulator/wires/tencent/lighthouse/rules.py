# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Lighthouse allows: states of instances, and blueprints that an instance can be reset to.

After "ResetInstance" (tencentcloud.com/document/product/1103, cloud.tencent.com/document/product/1207/47571):
only from RUNNING and STOPPED and when nothing else is under way; no change between Linux and Windows outside
mainland China (the international page says: nowhere; here the more precise page holds, and DescribeRegions
says where); a game instance keeps its blueprint. Codes after the action's table.

Not documented, and chosen here:

- While an operation is under way, another one of the same action is
  OperationDenied.InstanceOperationInProgress and any other one
  UnsupportedOperation.LatestOperationUnfinished: the table has both, with the same meaning.
- An expired instance is UnsupportedOperation.InstanceExpired.
- After a failed reset the instance counts as stopped for another reset, but power actions are refused.
"""

from __future__ import annotations

from emulator.model import Image, Instance
from emulator.wire import Context, VendorError
from emulator.wires.tencent.fields import refusal
from emulator.wires.tencent.lighthouse import records
from emulator.wires.tencent.records import expired, is_windows, latest, state, under_way

_FROM = {
    "ResetInstance": ("running", "stopped", "reset_failed"),
    "RebootInstances": ("running",),
    "StopInstances": ("running",),
    "StartInstances": ("stopped",),
    "ResetInstancesPassword": ("running", "stopped"),
}
WRITES = tuple(_FROM)


def check_state(context: Context, instance: Instance) -> None:
    """Raise what the vendor says when the action of the call cannot be done now."""
    error = forbids(context, instance, context.call.action)
    if error:
        raise error


def forbids(context: Context, instance: Instance, action: str) -> VendorError | None:
    """What the vendor says when an action cannot be done now; None when it can."""
    if instance.status == "creating":
        return refusal("OperationDenied.InstanceCreating", "The instance is being created.")
    if under_way(instance, context):
        same = latest(instance, context, "ResetInstance").name == action
        return refusal(
            "OperationDenied.InstanceOperationInProgress"
            if same
            else "UnsupportedOperation.LatestOperationUnfinished",
            "The last operation is not finished.",
        )
    if expired(instance, context):
        return refusal("UnsupportedOperation.InstanceExpired", "The instance has expired.")
    if instance.status not in _FROM[action]:
        return refusal(
            "UnsupportedOperation.InvalidInstanceState",
            f"The instance is {state(instance, context)}, which does not permit {action}.",
        )
    return None


def why_not(context: Context, instance: Instance, image: Image) -> VendorError | None:
    """Why an instance cannot be reset to a blueprint; None when it can."""
    account = context.call.account
    current = context.fleet.image(account, instance.image_id)
    if current and current.kind == "game" and current.id != image.id:
        return refusal(
            "InvalidParameter.GamePortalInstanceOnlySupportCurrentBlueprint",
            "A game instance supports its current image only.",
        )
    if image.status != "available":
        return refusal("ResourceUnavailable.BlueprintUnavailable", "The image resource is not available.")
    if current and is_windows(current) != is_windows(image) and instance.region not in records.MAINLAND:
        return refusal(
            "InvalidParameterValue.NotAllowToChangePlatformType",
            "Linux and Windows cannot be switched outside mainland China.",
        )
    if instance.system_disk < max(image.size, image.min_disk) or instance.memory < image.min_memory:
        return refusal(
            "InvalidParameterValue.BlueprintConfigNotMatch",
            "The configuration of this instance does not meet the requirements of the image.",
        )
    return None
