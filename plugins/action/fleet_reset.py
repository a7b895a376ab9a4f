# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reset all hosts of a batch within one task."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display

from ..module_utils.commands.options import CONNECTION, GUARDS, RESET, RESET_TARGETS, WAITING
from ..plugin_utils.fleet.action import FleetAction
from ..plugin_utils.fleet.groups import LOGIN
from ..plugin_utils.fleet.outcomes import (
    hosts_again,
    hosts_elsewhere,
    named_in,
    outcomes_of,
)
from ..plugin_utils.fleet.play import earlier, elsewhere
from ..plugin_utils.proof.bring import bring_keys
from ..plugin_utils.report.files import (
    check_file,
    check_files,
    events_of,
    leave_limit,
)

REPORT, LIMIT_FILE = "rebuild_report", "rebuild_limit_file"
LOGIN_FROM = "rebuild_login"

display = Display()


class ActionModule(FleetAction):
    """Needs a plan and its confirmation, unless there is nothing to wipe."""

    MODULE = "reforge.cloud.instance_reset"
    DOES = "will be wiped"
    OPTIONS = (*RESET_TARGETS, *CONNECTION, *RESET, *GUARDS, *WAITING)
    ARGUMENTS = {
        **FleetAction.ARGUMENTS,
        "plan_from": {"type": "str", "required": True},
        "held_back_from": {"type": "str"},
        "confirm": {"type": "str"},
        "report": {"type": "path"},
        "limit_file": {"type": "path"},
        "summary_from": {"type": "str"},
    }

    def mark(self, arguments: Mapping[str, Any], plan: dict[str, Any]) -> None:
        """What was never proven from inside: by the ledger, or, without one, as an earlier run has left it."""
        left = named_in(arguments["limit_file"])
        for host, row in plan["hosts"].items():
            waits = bool(row.get("unproven")) or host in left
            row["unproven"] = row["ssh"] and row["verdict"] == "unchanged" and waits

    def check_files(self, arguments: Mapping[str, Any]) -> None:
        """Raise AnsibleActionFail for a file that cannot be left."""
        report, _limit = check_files(REPORT, arguments["report"], LIMIT_FILE, arguments["limit_file"])
        if report:
            check_file(REPORT, events_of(report))

    def approve(self, arguments: Mapping[str, Any], plan: dict[str, Any]) -> None:
        """Raise AnsibleActionFail for a plan that was not confirmed."""
        count, given = plan["count"], str(arguments["confirm"] or "")
        if count and given not in (str(count), plan["plan_id"]):
            raise AnsibleActionFail(
                f"rebuild_confirm: {given!r} does not confirm this plan, which wipes {count} hosts; "
                f"look at it with --check, then give rebuild_confirm={count}, or "
                f"rebuild_confirm={plan['plan_id']}"
            )

    def prepare(
        self,
        task_vars: Mapping[str, Any],
        members: Mapping[str, dict[str, Any]],
        plan: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        """Give the hosts that are to bring a host key a new one; the public halves are kept.

        Hosts that are logged in to afterwards stay unproven in the ledger until they are proven.
        """
        for options in members.values():
            if options.get(LOGIN, {}).get("ssh"):
                options["awaits_proof"] = True
        return {"brought": bring_keys(self, task_vars, members, plan, LOGIN_FROM)}

    def begin(
        self, arguments: Mapping[str, Any], plan: Mapping[str, Any] | None, task_vars: Mapping[str, Any]
    ) -> None:
        """Name the hosts to run again before they are touched: a run that is killed leaves a file that is
        right, too.
        """
        if arguments["limit_file"] and plan:
            summary = (
                earlier(self, task_vars, arguments["summary_from"]) if arguments["summary_from"] else None
            )
            again = hosts_again(plan["hosts"], outcomes_of(summary))
            others = (
                elsewhere(self, task_vars, arguments["summary_from"]) if arguments["summary_from"] else []
            )
            again += hosts_elsewhere(others, plan["hosts"], arguments["limit_file"])
            leave_limit(LIMIT_FILE, arguments["limit_file"], again)

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
