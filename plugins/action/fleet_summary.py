# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The end of a rebuild for people and for what runs next: a table, the hosts to run again, and stats."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.core.clock import since_epoch
from ..plugin_utils.fleet.again import advice, again
from ..plugin_utils.fleet.outcomes import foreign_in, hosts_again, outcomes_of
from ..plugin_utils.fleet.play import (
    earlier_result,
    invocation,
    other_uses,
    registered,
    registered_text,
)
from ..plugin_utils.fleet.rows import row_of_none
from ..plugin_utils.fleet.run_state import have_said, say_at_end
from ..plugin_utils.report.document import report_of
from ..plugin_utils.report.files import events_of, leave_limit, leave_report
from ..plugin_utils.report.rebuild_page import page
from ..plugin_utils.report.run import ARTIFACT, artifact_of
from ..plugin_utils.report.summary import Summary
from ..plugin_utils.text.screen import show
from ..plugin_utils.text.words import last_line

LEFT = "it left the play before the end: it was unreachable, or a task failed"
NOT_SENT = "nothing was sent for it, since it left the play before: it was unreachable, or a task failed"
ARGUMENTS = {
    "result_from": {"type": "str", "required": True},
    "plan_from": {"type": "str", "required": True},
    "system_from": {"type": "str", "required": True},
    "problem_from": {"type": "str"},
    "summary_from": {"type": "str", "required": True},
    "limit_file": {"type": "path"},
    "report": {"type": "path"},
    "run_id": {"type": "str"},
    "provisional": {"type": "bool", "default": False},
}


display = Display()


class ActionModule(ActionBase):
    """Runs once for all hosts of the batch, and sums up the earlier batches of the play with it."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Show what became of the hosts. ``problems`` names those that were reset and are not fit for use."""
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        _unused, arguments = self.validate_argument_spec(ARGUMENTS)
        plan = task_vars[arguments["plan_from"]]["hosts"]
        before = earlier_result(self, task_vars, arguments["summary_from"]) or {"hosts": {}}
        batch = self._new_rows(arguments, task_vars, plan, before["hosts"])
        hosts = {**before["hosts"], **batch}
        limit_file = arguments["limit_file"]
        others = foreign_in(limit_file, plan) if limit_file else ()
        summary = _summary(
            limit_file, task_vars, arguments["plan_from"], batch, outcomes_of({"hosts": hosts})
        )
        began_at = before.get("began_at") or task_vars[arguments["result_from"]]["began_at"]
        _tell(summary.text, arguments["provisional"])
        if limit_file:
            _or_warn(leave_limit, "rebuild_limit_file", limit_file, summary.again, others)
        if arguments["report"]:
            _or_warn(self._leave_report, arguments, summary, hosts, began_at)
        run_id = arguments["run_id"] or ""
        stats = {"counts": summary.counts, "again": [*summary.again, *others], "run_id": run_id}
        return {
            **result,
            "changed": False,
            "play": invocation(self),
            "began_at": began_at,
            "limit_file": limit_file,
            "hosts": hosts,
            "problems": {host: row["problem"] for host, row in batch.items() if row["problem"]},
            "again": summary.again,
            "attention": summary.attention,
            "uses": other_uses(self, task_vars, arguments["summary_from"]),
            "ansible_stats": {
                "data": {"rebuild": stats, **_own_artifact(task_vars.get("awx_job_id"), run_id, hosts)},
                "per_host": False,
                "aggregate": False,
            },
        }

    def _leave_report(
        self,
        arguments: Mapping[str, Any],
        summary: Summary,
        hosts: Mapping[str, Mapping[str, Any]],
        began_at: float,
    ) -> None:
        is_last = not summary.ahead and not arguments["provisional"]
        report = report_of(
            hosts,
            began_at,
            time.time(),
            _lines(events_of(arguments["report"]), is_last),
            {host: row["system"] for host, row in hosts.items() if row["system"]},
            arguments["run_id"] or "",
            summary.again,
            summary.command,
            summary.notes,
        )
        leave_report("rebuild_report", arguments["report"], report, page)

    def _new_rows(
        self,
        arguments: Mapping[str, Any],
        task_vars: Mapping[str, Any],
        plan: Mapping[str, Mapping[str, Any]],
        earlier_rows: Mapping[str, Any],
    ) -> dict[str, dict[str, Any]]:
        """The rows of this batch's hosts, and of those of earlier batches that all left the play."""
        rows: dict[str, dict[str, Any]] = {}
        new = [host for host in plan if host not in earlier_rows]
        problems = (
            registered_text(task_vars, arguments["problem_from"], new) if arguments["problem_from"] else {}
        )
        for host in new:
            row = self._registered(task_vars, arguments["result_from"], host)
            is_left = host not in task_vars["ansible_play_hosts"]
            if row:
                answer = self._registered(task_vars, arguments["system_from"], host)
                # Should this be the last word, the tasks to come have lost the host.
                lost = LEFT if is_left or arguments["provisional"] else ""
                rows[host] = _judged(row, answer, problems.get(host) or lost)
            elif is_left:
                nothing = row_of_none(plan[host]["instance_id"], NOT_SENT)
                rows[host] = {**plan[host], **nothing, "problem": None, "system": {}}
        return rows

    def _registered(self, task_vars: Mapping[str, Any], name: str, host: str) -> Mapping[str, Any]:
        """What a task of this play registered of a host under a name; empty without it."""
        results = registered(task_vars, name, [host])
        ours = [result for result in results if result.get("play", invocation(self)) == invocation(self)]
        return ((ours[0].get("hosts") or {}).get(host) or {}) if ours else {}


def _own_artifact(job: Any, run_id: str, hosts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What this job of AWX hands over, under a name of its own: of equal names one slice's alone stays."""
    return {f"{ARTIFACT}{job}": artifact_of(run_id, hosts)} if job else {}


def _judged(row: Mapping[str, Any], answer: Mapping[str, Any], trouble: str) -> dict[str, Any]:
    """The row with what was seen from inside: ``system``, and the ``problem`` if there is one."""
    system, problem = {}, ""
    if row["ssh"] and (row["outcome"] == "reset" or row.get("to_prove")):
        # Of a reset in an earlier run it is not known when it began: an answer is all that there is to have.
        proof = answer.get("proof") or "unreachable"
        system = {
            "proof": proof,
            "ssh_began": since_epoch(row["finished_at"]) if row["finished_at"] else None,
            "ssh_ready": answer.get("asked_at"),
        }
        problem = _problem(proof, answer)
    if row["outcome"] in ("reset", "unchanged"):
        problem = problem or trouble
    return {
        **row,
        "outcome": "not proven" if problem else row["outcome"],
        "problem": problem or None,
        "system": system,
    }


def _tell(text: str, provisional: bool) -> None:
    """Show the table, or keep it for the end of a run in which the tasks to come lose all hosts."""
    if provisional:
        say_at_end(text)
    else:
        show(text)
        have_said()


def _or_warn(leave: Callable[..., None], *arguments: Any) -> None:
    """Leave a file. That it cannot be left hides nothing of what was done, and changes no host's end."""
    try:
        leave(*arguments)
    except (AnsibleActionFail, OSError) as error:
        display.warning(str(error))


def _lines(path: str, last: bool) -> list[str]:
    """The events, which are only kept for the report: they are removed after the last batch."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        lines = file.readlines()
    if last:
        os.unlink(path)
    return lines


def _summary(
    limit_file: str | None,
    task_vars: Mapping[str, Any],
    plan_from: str,
    batch: Mapping[str, Mapping[str, Any]],
    outcomes: Mapping[str, str],
) -> Summary:
    plan = task_vars[plan_from]
    left = hosts_again(plan["hosts"], outcomes)
    ahead = [host for host in plan["hosts"] if host not in outcomes]
    rerun = again(plan, limit_file, left, outcomes, task_vars["groups"])
    return Summary(
        batch, outcomes, left, ahead, rerun.command if rerun else None, advice(rerun) if rerun else ()
    )


def _problem(proof: str, system: Mapping[str, Any]) -> str:
    if proof == "same":
        return (
            "the provider reports the reset as done, but the same installation answers; to reset it again, "
            "start a new run with rebuild_force=true"
        )
    if proof == "older":
        return (
            "the provider reports the reset as done, but the system that answers has been running since "
            "before it: the address may be that of another machine; check it, and update the inventory (a "
            "cached one with --flush-cache)"
        )
    if proof == "unreachable":
        why = last_line(str(system.get("msg") or "")) or "no answer over SSH in time"
        return f"the provider reports the reset as done, but the host cannot be logged in to: {why}"
    return ""
