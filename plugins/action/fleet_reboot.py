# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reboot all hosts of a batch within one task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils.commands.connection_options import CONNECTION
from ..module_utils.commands.options import GUARDS, REBOOT, REBOOT_TARGETS, WAITING
from ..module_utils.commands.power import reboot
from ..module_utils.commands.registry import PROVIDERS
from ..module_utils.core.model import Verb
from ..plugin_utils.fleet.action import FleetAction, Values
from ..plugin_utils.fleet.again import secrets_of, stopped_text
from ..plugin_utils.fleet.rerun import rerun
from ..plugin_utils.fleet.run_state import have_said, say_at_end
from ..plugin_utils.fleet.sealed import unseal

RUN_ID = "reboot_run_id"


class ActionModule(FleetAction):
    """Needs no confirmation: a reboot destroys nothing."""

    MODULE = "reforge.cloud.instance_reboot"
    DOES = "will be rebooted"
    OPTIONS = {**REBOOT_TARGETS, **CONNECTION, **REBOOT, **GUARDS, **WAITING}
    BODY, WRITES = staticmethod(reboot), True

    def _evaluated(self, task_vars: Values, arguments: Values) -> dict[str, dict[str, Any]]:
        """By power if the system does not do it, at providers that have both ways."""
        members = super()._evaluated(task_vars, arguments)
        for options in members.values():
            provider = PROVIDERS.get(str(options.get("provider")))
            if provider and provider.modes.get(Verb.REBOOT):
                options.setdefault("mode", "soft_then_hard")
        return members

    def begin(self, arguments: Values, plan: Values, task_vars: Values) -> None:
        """Should the run be stopped now: under its id nothing is rebooted twice."""
        secrets = secrets_of(unseal(plan["sealed"]) or {})
        run = {RUN_ID: plan["run_id"]} if plan["run_id"] else {}
        say_at_end(stopped_text(rerun(None, run, secrets, (RUN_ID,))))

    def end(self, arguments: Mapping[str, Any], events: Sequence[str]) -> None:
        """The calls have come to their end."""
        have_said()
