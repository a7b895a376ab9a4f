# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the records of the services have in common: times, tags, the latest operation, fields that a fleet
overrides.

Not documented, and chosen here: an instance without any operation shows null as its latest one. A seed that
says ``"status": "rebooting"`` (or another state on the way), or ``reset_failed``, shows the operation that
leads there.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.model import Image, Instance
from emulator.wire import Context

STATES = {
    "running": "RUNNING",
    "stopped": "STOPPED",
    "starting": "STARTING",
    "stopping": "STOPPING",
    "rebooting": "REBOOTING",
    "resetting": "RUNNING",
    "reset_failed": "STOPPED",
    "setting_password": "STOPPED",
    "creating": "PENDING",
    "failed": "LAUNCH_FAILED",
    "recycled": "SHUTDOWN",
    "terminating": "TERMINATING",
    "unknown": "RESCUE_MODE",
}
_PHASES = {"operating": "OPERATING", "success": "SUCCESS", "failed": "FAILED"}
_UNDER_WAY = {
    "starting": "start",
    "stopping": "stop",
    "rebooting": "reboot",
    "resetting": "reset",
    "setting_password": "password",
}
# The pages do not name the zone of times without one; it is taken to be the vendor's own.
_CHINA = datetime.timezone(datetime.timedelta(hours=8))


@dataclass(frozen=True)
class Latest:
    """The latest operation of an instance in the vendor's words; None where it has not had any."""

    name: str | None = None
    state: str | None = None
    request_id: str | None = None
    started: float | None = None
    error: str | None = None


def state(instance: Instance, context: Context) -> str:
    """The vendor's word for the state of an instance."""
    return {**STATES, **context.fleet.settings(instance.provider).status_words}[instance.status]


def latest(instance: Instance, context: Context, reset: str) -> Latest:
    """The latest operation as a reader is told. ``reset`` is the service's own name for a reset."""
    names = {
        "start": "StartInstances",
        "stop": "StopInstances",
        "reboot": "RebootInstances",
        "reset": reset,
        "password": "ResetInstancesPassword",
    }
    operation = instance.operation
    if operation:
        state = operation.state(context.fleet.clock() - context.ago)
        return Latest(
            names[operation.kind],
            _PHASES[state],
            operation.request_id,
            operation.started,
            operation.error if state == "failed" else "",
        )
    if instance.status == "reset_failed":
        return Latest(reset, "FAILED", f"seed-{instance.id}", instance.created, "the reset failed")
    if instance.status in _UNDER_WAY:
        return Latest(
            names[_UNDER_WAY[instance.status]], "OPERATING", f"seed-{instance.id}", instance.created, ""
        )
    return Latest()


def under_way(instance: Instance, context: Context) -> bool:
    """Whether an operation is running on it, whatever readers are shown."""
    operation = instance.operation
    if operation and operation.state(context.fleet.clock()) == "operating":
        return True
    return instance.status in _UNDER_WAY


def expired(instance: Instance, context: Context) -> bool:
    """Whether its time is over."""
    return bool(instance.expires) and instance.expires <= context.fleet.clock()


def overlay(record: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """The record with the fields that a fleet sets in ``extra``; objects within are merged, all else is
    replaced.
    """
    merged = dict(record)
    for name, value in extra.items():
        before = merged.get(name)
        merged[name] = (
            overlay(before, value) if isinstance(before, dict) and isinstance(value, Mapping) else value
        )
    return merged


def tags(given: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as a list of objects."""
    return [{"Key": key, "Value": value} for key, value in given.items()]


def iso(seconds: float | None) -> str | None:
    """Unix seconds as ISO 8601 in UTC; None and 0 are no time."""
    if not seconds:
        return None
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(seconds: float | None) -> str | None:
    """Unix seconds as ``YYYY-MM-DD hh:mm:ss`` in China; None and 0 are no time."""
    return datetime.datetime.fromtimestamp(seconds, _CHINA).strftime("%Y-%m-%d %H:%M:%S") if seconds else None


def is_windows(image: Image | None) -> bool:
    """Whether an image (or none: it has been delisted) is one of Windows."""
    return image is not None and image.os_type == "windows"


def platform(image: Image | None) -> str:
    """The family of systems: the category of the image, or a word for its type."""
    if image is None:
        return ""
    return image.category or ("Windows" if is_windows(image) else "Linux")
