# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reset all hosts of a batch within one task."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display

from ..module_utils.commands.connection_options import CONNECTION
from ..module_utils.commands.options import GUARDS, RESET, RESET_TARGETS, WAITING
from ..module_utils.commands.reset import reset
from ..plugin_utils.fleet.action import FleetAction, Members, Values
from ..plugin_utils.fleet.again import again, stopped_text
from ..plugin_utils.fleet.approval import confirms, digests_of, hold_back_others, read_approved
from ..plugin_utils.fleet.outcomes import foreign_in, hosts_again, outcomes_of
from ..plugin_utils.fleet.play import earlier_result, rehearses
from ..plugin_utils.fleet.rerun import Rerun
from ..plugin_utils.fleet.run_state import NOTHING_SENT, say_at_end
from ..plugin_utils.proof.bring import bring_keys
from ..plugin_utils.report.files import (
    check_file,
    check_files,
    events_of,
    leave_limit,
)
from ..plugin_utils.text.command import broken
from ..plugin_utils.text.screen import show
from ..plugin_utils.text.words import counted

REPORT, LIMIT_FILE = "rebuild_report", "rebuild_limit_file"
LOGIN_FROM = "rebuild_login"
STATS = "rebuild_planned"  # what the next node of a workflow can approve
RUN = "reforge_run_id"  # the id of the run, for all nodes after it

display = Display()


class ActionModule(FleetAction):
    """Needs a plan and its confirmation, unless there is nothing to wipe."""

    MODULE = "reforge.cloud.instance_reset"
    DOES = "will be wiped"
    OPTIONS = {**RESET_TARGETS, **CONNECTION, **RESET, **GUARDS, **WAITING}
    BODY, WRITES = staticmethod(reset), True
    ARGUMENTS = {
        **FleetAction.ARGUMENTS,
        "held_back_from": {"type": "str"},
        "before_from": {"type": "str"},
        "confirm": {"type": "str"},
        "approved": {"type": "raw"},
        "report": {"type": "path"},
        "limit_file": {"type": "path"},
        "summary_from": {"type": "str", "default": "rebuild_summary"},
    }

    def check_files(self, arguments: Mapping[str, Any]) -> None:
        """Raise AnsibleActionFail for a file that cannot be left."""
        report, _limit = check_files(REPORT, arguments["report"], LIMIT_FILE, arguments["limit_file"])
        if report:
            check_file(REPORT, events_of(report))

    def approve(self, arguments: Mapping[str, Any], plan: dict[str, Any], continues: bool) -> None:
        """Show the plan. Raise AnsibleActionFail where it is not confirmed."""
        if not plan["run_id"]:
            self._remember(arguments["limit_file"], plan)
        approved = read_approved(arguments["approved"])
        if approved is not None:
            hold_back_others(plan, approved)
        plan["digests"] = digests_of(plan)
        self.show(plan)
        if rehearses(self):
            data = {
                STATS: {name: plan[name] for name in ("plan_id", "count", "digests")},
                RUN: plan["run_id"],
            }
            plan["ansible_stats"] = {"data": data, "per_host": False, "aggregate": False}
        elif plan["count"] and approved is None:
            self._check_confirmation(str(arguments["confirm"] or ""), plan, continues)

    def _remember(self, path: str | None, plan: Mapping[str, Any]) -> None:
        """Without a ledger: what an earlier run has left, and what is done now, was never proven from
        inside.
        """
        names = set(foreign_in(path, ())) if path else set()
        for host, row in plan["hosts"].items():
            if row["ssh"] and row["verdict"] == "unchanged" and host in names:
                row["to_prove"] = True

    def _check_confirmation(self, given: str, plan: Mapping[str, Any], continues: bool) -> None:
        count = plan["count"]
        if not confirms(given, plan, continues):
            wiped = counted(count, "host")
            raise AnsibleActionFail(
                f"rebuild_confirm: {given!r} does not confirm this plan, which wipes {wiped}; "
                f"review it with --check, then set rebuild_confirm={count} or "
                f"rebuild_confirm={plan['plan_id']}"
            )

    def prepare(self, task_vars: Values, members: Members, plan: Values | None) -> dict[str, Any]:
        """Give the hosts that are to bring a host key a new one; the public halves are kept."""
        return {"brought": bring_keys(self, task_vars, members, plan, LOGIN_FROM)}

    def begin(
        self, arguments: Mapping[str, Any], plan: Mapping[str, Any], task_vars: Mapping[str, Any]
    ) -> None:
        """Name the hosts to run again before they are touched.

        So a run that is killed leaves a file that is right, too.
        """
        path = arguments["limit_file"]
        outcomes, left, rerun = self._left(arguments, plan, task_vars)
        if path:
            leave_limit(LIMIT_FILE, path, left, foreign_in(path, plan["hosts"]))
        if rerun and plan["count"] and not outcomes:
            show(f"\nIf this run is interrupted, continue with:\n{broken(rerun.command)}\n\n")
        say_at_end(stopped_text(rerun))

    def announce(self, arguments: Values, plan: Values, task_vars: Values) -> None:
        """Nothing was sent yet, unless by earlier batches."""
        outcomes, _left, rerun = self._left(arguments, plan, task_vars)
        say_at_end(stopped_text(rerun) if outcomes else NOTHING_SENT)

    def _left(
        self, arguments: Values, plan: Values, task_vars: Values
    ) -> tuple[Mapping[str, str], Sequence[str], Rerun | None]:
        """What earlier batches came to, the hosts that are left, and the command for them."""
        outcomes = outcomes_of(earlier_result(self, task_vars, arguments["summary_from"]))
        left = hosts_again(plan["hosts"], outcomes)
        return outcomes, left, again(plan, arguments["limit_file"], left, outcomes, task_vars["groups"])

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
