# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The end of a rebuild for people and for what runs next: a table, the hosts to run again, and stats."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.core.clock import since_epoch
from ..plugin_utils.fleet.again import advice, again
from ..plugin_utils.fleet.groups import row_of_none
from ..plugin_utils.fleet.outcomes import foreign_in, hosts_again, outcomes_of
from ..plugin_utils.fleet.play import (
    earlier,
    invocation,
    other_uses,
    registered,
    registered_text,
)
from ..plugin_utils.fleet.rerun import Rerun
from ..plugin_utils.report.document import report_of
from ..plugin_utils.report.files import events_of, leave_limit, leave_report
from ..plugin_utils.report.rebuild_page import page
from ..plugin_utils.text.table import table
from ..plugin_utils.text.words import duration, some

PROOFS = {
    "identity": "another installation",
    "age": "newly installed",
    "none": "by the provider only",
    "same": "the old system",
}
LEFT = "it left the play before the end: an unreachable host or a failed task"
NOT_SENT = "nothing was sent for it, since it left the play before: an unreachable host or a failed task"

display = Display()


class ActionModule(ActionBase):
    """Runs once for all hosts of the batch, and sums up the earlier batches of the play with it."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Show what became of each host. ``problems`` names the hosts that were reset and are not fit for use."""
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        _unused, arguments = self.validate_argument_spec(
            {
                "result_from": {"type": "str", "required": True},
                "plan_from": {"type": "str", "required": True},
                "system_from": {"type": "str", "required": True},
                "problem_from": {"type": "str"},
                "summary_from": {"type": "str", "required": True},
                "limit_file": {"type": "path"},
                "report": {"type": "path"},
                "run_id": {"type": "str"},
            }
        )
        made, now = task_vars[arguments["plan_from"]], task_vars[arguments["result_from"]]
        plan, path = made["hosts"], arguments["limit_file"]
        before = earlier(self, task_vars, arguments["summary_from"])
        told = before["hosts"] if before else {}
        batch = self._told_now(arguments, task_vars, plan, told)
        hosts = {**told, **batch}
        outcomes = outcomes_of({"hosts": hosts})
        left, ahead = hosts_again(plan, outcomes), [host for host in plan if host not in outcomes]
        all_left = [*left, *(foreign_in(path, plan) if path else ())]
        rerun = again(made, path, left, outcomes)
        display.display(
            "\n"
            + table(
                ("HOST", "INSTANCE", "OUTCOME", "TIME", "NEW SYSTEM", "WHY"),
                [_shown(host, row) for host, row in batch.items()],
            )
        )
        counts = Counter(outcomes.values())
        so_far = "All batches so far: " if before or ahead else ""
        display.display(f"\n{so_far}{', '.join(f'{count} {outcome}' for outcome, count in counts.items())}\n")
        began_at = before["began_at"] if before else now["began_at"]
        if path:
            leave_limit("rebuild_limit_file", path, all_left)
        if rerun:
            display.display(_what_next(left, ahead, rerun))
        if arguments["report"]:
            report = report_of(
                hosts,
                began_at,
                time.time(),
                _lines(events_of(arguments["report"]), last=not ahead),
                {host: row["system"] for host, row in hosts.items() if row["system"]},
                arguments["run_id"] or "",
                left,
                rerun.command if rerun else None,
            )
            leave_report("rebuild_report", arguments["report"], report, page)
        stats = {"rebuild": {"counts": dict(counts), "again": all_left}}
        result.update(
            changed=False,
            play=invocation(self),
            began_at=began_at,
            limit_file=arguments["limit_file"],
            hosts=hosts,
            problems={host: row["problem"] for host, row in batch.items() if row["problem"]},
            again=left,
            uses=other_uses(self, task_vars, arguments["summary_from"]),
            ansible_stats={"data": stats, "per_host": False, "aggregate": False},
        )
        return result

    def _told_now(
        self,
        arguments: Mapping[str, Any],
        task_vars: Mapping[str, Any],
        plan: Mapping[str, Mapping[str, Any]],
        told: Mapping[str, Any],
    ) -> dict[str, dict[str, Any]]:
        """The rows of hosts that no earlier batch told of: of this batch, and of those that all left the play in theirs."""
        rows: dict[str, dict[str, Any]] = {}
        new = [host for host in plan if host not in told]
        problems = (
            registered_text(task_vars, arguments["problem_from"], new) if arguments["problem_from"] else {}
        )
        for host in new:
            ours = [
                one
                for one in registered(task_vars, arguments["result_from"], [host])
                if one.get("play") == invocation(self)
            ]
            row = ours[0]["hosts"].get(host) if ours else None
            if row:
                seen = next(iter(registered(task_vars, arguments["system_from"], [host])), {})
                asked = (seen.get("hosts") or {}).get(host) or {}
                left = "" if host in task_vars["ansible_play_hosts"] else LEFT
                rows[host] = _judged(row, asked, problems.get(host) or left)
            elif host not in task_vars["ansible_play_hosts"]:
                nothing = row_of_none(plan[host]["instance_id"], NOT_SENT)
                rows[host] = {**plan[host], **nothing, "problem": None, "system": {}}
        return rows


def _judged(row: Mapping[str, Any], asked: Mapping[str, Any], trouble: str) -> dict[str, Any]:
    """The row with what was seen from inside: ``system``, and the ``problem`` if there is one."""
    system, problem = {}, ""
    if row["ssh"] and (row["outcome"] == "reset" or row.get("unproven")):
        # Of a reset in an earlier run it is not known when it began: an answer is all that there is to have.
        proof = asked.get("proof") or "unreachable"
        system = {
            "proof": proof,
            "ssh_began": since_epoch(row["finished_at"]) if row["finished_at"] else None,
            "ssh_ready": asked.get("asked_at"),
        }
        problem = _problem(proof, asked)
    if row["outcome"] in ("reset", "unchanged"):
        problem = problem or trouble
    return {
        **row,
        "outcome": "not proven" if problem else row["outcome"],
        "problem": problem or None,
        "system": system,
    }


def _lines(path: str, last: bool) -> list[str]:
    """The events, which are only kept for the report: they are removed after the last batch."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        lines = file.readlines()
    if last:
        os.unlink(path)
    return lines


def _what_next(left: list[str], ahead: list[str], rerun: Rerun) -> str:
    text = "\n".join([f"  {rerun.command}", *advice(rerun), ""])
    if not ahead:
        return f"To run {some(left)} again:\n{text}"
    failed = [host for host in left if host not in ahead]
    besides = f" and to run {some(failed)} again" if failed else ""
    return f"{len(ahead)} hosts are still to come. Should the play end here, to go on{besides}:\n{text}"


def _problem(proof: str, system: Mapping[str, Any]) -> str:
    if proof == "same":
        return "the provider says that it was reset, but the same installation answers"
    if proof == "unreachable":
        return f"the provider says that it was reset, but it cannot be asked: {system.get('msg') or 'no answer by SSH in time'}"
    return ""


def _shown(host: str, row: Mapping[str, Any]) -> tuple[object, ...]:
    error = row.get("error") or {}
    why = row["problem"] or row["message"]
    if error.get("code") and error["code"] not in why:
        why = f"{error['code']}: {why}"
    proof = row["system"].get("proof", "")
    return (
        host,
        row["instance_id"],
        row["outcome"],
        duration(row.get("seconds")),
        PROOFS.get(proof, proof),
        why,
    )
