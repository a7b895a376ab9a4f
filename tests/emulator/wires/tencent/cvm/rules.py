# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What CVM allows: states of instances, images, disks, names and user data.

After "ResetInstance" (cloud.tencent.com/document/api/213/15724) and its siblings, with the codes of the
vendor's SDKs (which list them per action). All states but RUNNING and STOPPED have a code of their own.

Not documented, and chosen here:

- While a reset is under way, another one is OperationDenied.InstanceOperationInProgress, and a power action
  is InvalidInstance.NotSupported ("the instance is in operation"); a start, stop or reboot under way is told
  by the state.
- After a failed reset only another one is possible, since UnsupportedOperation.InstanceReinstallFailed is
  among the codes of all power actions and not among those of ResetInstance.
- An expired instance is UnsupportedOperation.InstanceStateIsolating.
- What does not fit: an image for arm on x86 or the other way round, or one that needs more memory, is
  InvalidParameterValue.InvalidImageForGivenInstanceType; one that is larger than the system disk (as it will
  be) is InvalidParameterValue.InvalidImageIdForRetsetInstance (sic); a disk that would shrink is
  InvalidParameterValue.Range.
- Another type of system than before with a local disk is UnsupportedOperation.InstanceOsConvertOsNotSupport.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from emulator.model import Image, Instance
from emulator.wire import Context
from emulator.wires.tencent.cvm import records
from emulator.wires.tencent.cvm.reads import usable_image
from emulator.wires.tencent.fields import refusal
from emulator.wires.tencent.records import expired, is_windows, under_way

_WORDS = {
    "running": "Running",
    "stopped": "Stopped",
    "starting": "Starting",
    "stopping": "Stopping",
    "rebooting": "Rebooting",
    "setting_password": "Stopped",
    "creating": "Pending",
    "failed": "LaunchFailed",
    "recycled": "Shutdown",
    "terminating": "Terminating",
    "unknown": "RescueMode",
}
_FROM = {
    "ResetInstance": ("running", "stopped", "reset_failed"),
    "RebootInstances": ("running",),
    "StopInstances": ("running",),
    "StartInstances": ("stopped",),
    "ResetInstancesPassword": ("running", "stopped"),
}
_SWITCHING_DISKS = ("CLOUD_BASIC", "CLOUD_PREMIUM", "CLOUD_SSD", "CLOUD_BSSD")

USER_DATA = 16 * 1024  # bytes


def check_state(context: Context, instance: Instance) -> None:
    """Raise what the vendor says when the action cannot be done now."""
    resets = context.call.action == "ResetInstance"
    _check_reinstallation(context, instance, resets)
    if expired(instance, context):
        raise refusal("UnsupportedOperation.InstanceStateIsolating", "The instance is isolated.")
    if instance.status not in _FROM[context.call.action]:
        raise refusal(
            f"UnsupportedOperation.InstanceState{_WORDS[instance.status]}",
            f"The state of `{instance.id}` does not permit this.",
        )
    if resets and instance.status == "stopped" and instance.extra.get("StopChargingMode") == "STOP_CHARGING":
        raise refusal(
            "UnsupportedOperation.StoppedModeStopCharging",
            "An instance that is not charged while it is stopped does not support this.",
        )


def _check_reinstallation(context: Context, instance: Instance, resets: bool) -> None:
    """What holds while a reinstallation runs, and after one that failed."""
    if instance.status == "resetting" and under_way(instance, context):
        if resets:
            raise refusal(
                "OperationDenied.InstanceOperationInProgress", "The last operation is still in progress."
            )
        raise refusal("InvalidInstance.NotSupported", "The instance is in operation or in a special state.")
    if instance.status == "reset_failed" and not resets:
        raise refusal(
            "UnsupportedOperation.InstanceReinstallFailed", "The reinstallation of the instance failed."
        )


def disk_size(instance: Instance, given: Mapping[str, Any]) -> int:
    """The size that the system disk will have: it can grow if it is a cloud disk, and never shrinks."""
    size: int = given.get("DiskSize", instance.system_disk)
    if given.get("DiskType", records.disk_type(instance)) != records.disk_type(instance):
        raise refusal("InvalidParameterValue", "The type of the system disk cannot be changed.")
    if size < instance.system_disk:
        raise refusal("InvalidParameterValue.Range", "The system disk cannot shrink.")
    if size > instance.system_disk and not records.disk_type(instance).startswith("CLOUD_"):
        raise refusal("UnsupportedOperation.SystemDiskType", "The size of a local disk cannot be changed.")
    return size


def target(context: Context, instance: Instance, image_id: str, size: int) -> Image:
    """The image to install, or the error that forbids it; ``size`` is that of the system disk afterwards."""
    image = usable_image(context, image_id, instance.zone)
    if image is None:
        raise refusal("InvalidImageId.NotFound", "The image is not found.")
    if image.status != "available":
        raise refusal(
            "InvalidParameterValue.InvalidImageState", "The state of the image does not permit this."
        )
    if size < max(image.size, image.min_disk):
        raise refusal(
            "InvalidParameterValue.InvalidImageIdForRetsetInstance", "The image needs a larger system disk."
        )
    if records.licence(image) != records.licence(instance):
        raise refusal(
            "UnsupportedOperation.InvalidImageLicenseTypeForReset",
            "The type of the image's licence is not that of the instance.",
        )
    _check_change(instance, context.fleet.image(context.call.account, instance.image_id), image)
    return image


def _check_change(instance: Instance, current: Image | None, image: Image) -> None:
    """What the model of the instance, and its system disk, allow to change to."""
    crosses = current is not None and (current.architecture == "arm") != (image.architecture == "arm")
    if crosses or instance.memory < image.min_memory:
        raise refusal(
            "InvalidParameterValue.InvalidImageForGivenInstanceType",
            "The image does not support the model of the instance.",
        )
    if (
        current
        and is_windows(current) != is_windows(image)
        and records.disk_type(instance) not in _SWITCHING_DISKS
    ):
        raise refusal(
            "UnsupportedOperation.InstanceOsConvertOsNotSupport",
            "The instance does not support a switch of its operating system.",
        )


def check_host_name(name: str, windows: bool) -> None:
    """2 to 15 characters on Windows, 2 to 60 else, where dots may separate; no "." and "-" at the ends or in
    a row.
    """
    parts = r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*"
    good = 2 <= len(name) <= (15 if windows else 60) and re.fullmatch(
        parts if windows else rf"{parts}(\.{parts})*", name
    )
    if not good or (windows and name.isdecimal()):
        raise refusal("InvalidParameterValue.IllegalHostName", "The host name is illegal.")


def user_data(text: str) -> str:
    """What was encoded. Refuses all but base64 of at most 16 KiB."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b" " * (USER_DATA + 1)
    if len(data) > USER_DATA:
        raise refusal(
            "InvalidParameterValue.InvalidUserDataFormat", "The user data must be base64 of at most 16 KiB."
        )
    return data.decode(errors="replace")
