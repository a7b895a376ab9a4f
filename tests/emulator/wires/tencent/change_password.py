# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ResetInstancesPassword of ECM, Lighthouse and CVM: a new password for the system that is installed.

After the actions' pages (cloud.tencent.com/document/product/1108/43707, 1207/55541,
cloud.tencent.com/document/api/213/15736). ECM and CVM take stopped instances, and running ones with
ForceStop; Lighthouse stops running ones by itself.

Not documented, and chosen here: an instance that was stopped for it is started again, and one that was
stopped before stays so; keys keep working; a batch in which one system is Windows goes by the rule for
Windows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.model import Instance, Login
from emulator.wire import Context, VendorError
from emulator.wires.tencent import acting
from emulator.wires.tencent.passwords import PasswordRule
from emulator.wires.tencent.records import is_windows

ACTION = "ResetInstancesPassword"


def changer(
    rule: PasswordRule,
    ready: Callable[[Context], list[Instance]],
    invalid: VendorError,
    running: VendorError | None = None,
) -> Callable[[Context], Mapping[str, Any]]:
    """What performs it. ``invalid`` refuses a password, ``running`` a running instance without ForceStop."""

    def perform(context: Context) -> Mapping[str, Any]:
        given = context.call.parameters
        chosen = ready(context)
        images = acting.images(context)
        if not rule.accepts(given["Password"], any(is_windows(images.get(each.image_id)) for each in chosen)):
            raise invalid
        if (
            running
            and not given.get("ForceStop", False)
            and any(instance.status == "running" for instance in chosen)
        ):
            raise running
        for instance in chosen:
            begin(context, instance, given["Password"])
        return {}

    return perform


def begin(context: Context, instance: Instance, password: str) -> None:
    """Begin to set it; the system has it from the end on."""
    ran = instance.status == "running"
    context.fleet.begin(
        instance.id,
        "password",
        **acting.order(context, instance),
        seconds=instance.durations.password,
        after=instance.status,
        changes={"boot": instance.boot + 1} if ran else {},
        results={"login": Login(instance.login.public_keys, password)},
    )
