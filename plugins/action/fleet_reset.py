# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reset all hosts of a batch within one task."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet_action import FleetAction
from ansible_collections.reforge.cloud.plugins.plugin_utils.hosts import earlier
from ansible_collections.reforge.cloud.plugins.plugin_utils.limit import hosts_again, leave_limit, outcomes_of


class ActionModule(FleetAction):
    """Needs a plan and its confirmation, unless there is nothing to wipe."""

    MODULE = "reforge.cloud.instance_reset"
    DOES = "will be wiped"
    ARGUMENTS = {
        **FleetAction.ARGUMENTS,
        "plan_from": {"type": "str", "required": True},
        "held_back_from": {"type": "str"},
        "confirm": {"type": "str"},
        "keep_events": {"type": "path"},
        "limit_file": {"type": "path"},
        "summary_from": {"type": "str"},
    }

    def check(self, arguments: Mapping[str, Any], plan: Mapping[str, Any] | None) -> None:
        """Raise AnsibleActionFail unless the number of hosts or the name of the plan was given."""
        if plan is None or "plan_id" not in plan:
            raise AnsibleActionFail(f"plan_from: no plan is registered as {arguments['plan_from']!r}; make it in check mode")
        count, given = plan["count"], str(arguments["confirm"] or "")
        if count and given not in (str(count), plan["plan_id"]):
            raise AnsibleActionFail(
                f"rebuild_confirm: {given!r} does not confirm this plan, which wipes {count} hosts; "
                f"look at it with --check, then give rebuild_confirm={count}, or rebuild_confirm={plan['plan_id']}"
            )

    def begin(self, arguments: Mapping[str, Any], plan: Mapping[str, Any] | None, task_vars: Mapping[str, Any]) -> None:
        """Name the hosts to run again before they are touched: a run that is killed leaves a file that is right, too."""
        if arguments["limit_file"] and plan:
            summary = earlier(self, task_vars, arguments["summary_from"]) if arguments["summary_from"] else None
            leave_limit(arguments["limit_file"], hosts_again(plan["hosts"], outcomes_of(summary)))

    def end(self, arguments: Mapping[str, Any], events: Sequence[str]) -> None:
        """Keep the events of all calls, after those of earlier batches."""
        path = arguments["keep_events"]
        if not path:
            return
        try:
            with open(path, "a", encoding="utf-8") as kept:
                for name in events:
                    if os.path.exists(name):
                        with open(name, encoding="utf-8") as file:
                            kept.write(file.read())
        except OSError as error:
            raise AnsibleActionFail(f"keep_events: {path!r} cannot be written: {error.strerror}") from error
