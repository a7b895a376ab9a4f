# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reset all hosts of a batch within one task."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display

from ansible_collections.reforge.cloud.plugins.plugin_utils.again import hosts_again, outcomes_of
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet_action import FleetAction
from ansible_collections.reforge.cloud.plugins.plugin_utils.hosts import earlier
from ansible_collections.reforge.cloud.plugins.plugin_utils.output import check_file, events_of, leave_limit

display = Display()


class ActionModule(FleetAction):
    """Needs a plan and its confirmation, unless there is nothing to wipe."""

    MODULE = "reforge.cloud.instance_reset"
    DOES = "will be wiped"
    ARGUMENTS = {
        **FleetAction.ARGUMENTS,
        "plan_from": {"type": "str", "required": True},
        "held_back_from": {"type": "str"},
        "confirm": {"type": "str"},
        "report": {"type": "path"},
        "limit_file": {"type": "path"},
        "summary_from": {"type": "str"},
    }

    def check(self, arguments: Mapping[str, Any], plan: Mapping[str, Any] | None) -> None:
        """Raise AnsibleActionFail for a plan that was not confirmed, or a file that cannot be left."""
        if plan is None or "plan_id" not in plan:
            raise AnsibleActionFail(f"plan_from: no plan is registered as {arguments['plan_from']!r}; make it in check mode")
        count, given = plan["count"], str(arguments["confirm"] or "")
        if count and given not in (str(count), plan["plan_id"]):
            raise AnsibleActionFail(
                f"rebuild_confirm: {given!r} does not confirm this plan, which wipes {count} hosts; "
                f"look at it with --check, then give rebuild_confirm={count}, or rebuild_confirm={plan['plan_id']}"
            )
        for option in ("report", "limit_file"):
            check_file(f"rebuild_{option}", arguments[option])

    def begin(self, arguments: Mapping[str, Any], plan: Mapping[str, Any] | None, task_vars: Mapping[str, Any]) -> None:
        """Name the hosts to run again before they are touched: a run that is killed leaves a file that is right, too."""
        if arguments["limit_file"] and plan:
            summary = earlier(self, task_vars, arguments["summary_from"]) if arguments["summary_from"] else None
            again = hosts_again(plan["hosts"], outcomes_of(summary))
            leave_limit("rebuild_limit_file", arguments["limit_file"], again)

    def end(self, arguments: Mapping[str, Any], events: Sequence[str]) -> None:
        """Keep the events of all calls for the report, after those of earlier batches."""
        if not arguments["report"]:
            return
        try:
            with open(events_of(arguments["report"]), "a", encoding="utf-8") as kept:
                for name in events:
                    if os.path.exists(name):
                        with open(name, encoding="utf-8") as file:
                            kept.write(file.read())
        except OSError as error:  # what was done is of more worth than its report
            display.warning(f"the report will show no phases: {error}")
