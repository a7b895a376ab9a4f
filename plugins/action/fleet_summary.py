# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The end of a rebuild for people and for what runs next: a table, the hosts to run again, and stats."""

from __future__ import annotations

import calendar
import os
import shlex
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ansible import context
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.reforge.cloud.plugins.plugin_utils.again import hosts_again, outcomes_of
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet import row_of_none
from ansible_collections.reforge.cloud.plugins.plugin_utils.hosts import earlier, play_id
from ansible_collections.reforge.cloud.plugins.plugin_utils.output import events_of, leave_limit, leave_report
from ansible_collections.reforge.cloud.plugins.plugin_utils.report import report_of
from ansible_collections.reforge.cloud.plugins.plugin_utils.report_page import page
from ansible_collections.reforge.cloud.plugins.plugin_utils.table import duration, some, table

PROOFS = {"identity": "another installation", "age": "newly installed", "none": "by the provider only", "same": "the old system"}
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
                "result": {"type": "dict", "required": True},
                "plan": {"type": "dict", "required": True},
                "system_from": {"type": "str", "required": True},
                "problem_from": {"type": "str"},
                "summary_from": {"type": "str"},
                "limit_file": {"type": "path"},
                "report": {"type": "path"},
                "run_id": {"type": "str"},
            }
        )
        before = earlier(self, task_vars, arguments["summary_from"]) if arguments["summary_from"] else None
        told = before["hosts"] if before else {}
        batch = {**self._judged(arguments, task_vars), **_gone(arguments, task_vars, told)}
        hosts = {**told, **batch}
        began_at = before["began_at"] if before else arguments["result"]["began_at"]
        outcomes = outcomes_of({"hosts": hosts})
        planned = arguments["plan"]["hosts"]
        again, ahead = hosts_again(planned, outcomes), [host for host in planned if host not in outcomes]
        command = _command_again(arguments["limit_file"], again)
        display.display("\n" + table(("HOST", "INSTANCE", "OUTCOME", "TIME", "NEW SYSTEM", "WHY"), [
            _shown(host, row) for host, row in batch.items()
        ]))
        counts = Counter(outcomes.values())
        so_far = "All batches so far: " if before or ahead else ""
        display.display(f"\n{so_far}{', '.join(f'{count} {outcome}' for outcome, count in counts.items())}\n")
        if arguments["limit_file"]:
            leave_limit("rebuild_limit_file", arguments["limit_file"], again)
            if again:
                display.display(_what_next(again, ahead, command))
        if arguments["report"]:
            report = report_of(
                hosts,
                began_at,
                time.time(),
                _lines(events_of(arguments["report"]), last=not ahead),
                {host: row["system"] for host, row in hosts.items() if row["system"]},
                arguments["run_id"] or "",
                again,
                command,
            )
            leave_report("rebuild_report", arguments["report"], report, page)
        stats = {"rebuild": {"counts": dict(counts), "again": again}}
        result.update(
            changed=False,
            play=play_id(self),
            began_at=began_at,
            hosts=hosts,
            problems={host: row["problem"] for host, row in batch.items() if row["problem"]},
            again=again,
            ansible_stats={"data": stats, "per_host": False, "aggregate": True},
        )
        return result

    def _judged(self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """The rows of the batch with what was seen from inside: ``system``, and the ``problem`` if there is one."""
        present = set(task_vars["ansible_play_batch"])
        judged = {}
        for host, row in arguments["result"]["hosts"].items():
            known = task_vars["hostvars"][host]
            system, problem = {}, ""
            if row["outcome"] == "reset" and row["ssh"]:
                asked = known.get(arguments["system_from"]) or {}
                proof = asked.get("proof") or "unreachable"
                system = {"proof": proof, "ssh_began": _seconds(row["finished_at"]), "ssh_ready": asked.get("asked_at")}
                problem = _problem(proof, asked)
            if row["outcome"] in ("reset", "unchanged"):
                told = str(known.get(arguments["problem_from"]) or "") if arguments["problem_from"] else ""
                problem = problem or told or ("" if host in present else LEFT)
            outcome = "not proven" if problem else row["outcome"]
            judged[host] = {**row, "outcome": outcome, "problem": problem or None, "system": system}
        return judged


def _gone(
    arguments: Mapping[str, Any], task_vars: Mapping[str, Any], told: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Rows for the planned hosts that left the play before their turn came."""
    here = {*task_vars["ansible_play_hosts"], *arguments["result"]["hosts"], *told}
    return {
        host: {**row, **row_of_none(row["instance_id"], NOT_SENT), "problem": None, "system": {}}
        for host, row in arguments["plan"]["hosts"].items()
        if host not in here
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


def _seconds(moment: str | None) -> float | None:
    """Seconds since 1970 of a row's time."""
    return float(calendar.timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ"))) if moment else None


def _command_again(path: str | None, again: list[str]) -> str | None:
    """The command for these hosts. Extra variables are left out: they can hold a secret."""
    if not again or not path:
        return None
    inventories = [word for source in context.CLIARGS.get("inventory") or () for word in ("-i", source)]
    words = ["ansible-playbook", *context.CLIARGS.get("args", ()), *inventories, "--limit", f"@{path}"]
    return f"{shlex.join(words)} -e rebuild_confirm={len(again)}"


def _what_next(again: list[str], ahead: list[str], command: str | None) -> str:
    same = ", with the same extra variables" if context.CLIARGS.get("extra_vars") else ""
    if not ahead:
        return f"To run {some(again)} again{same}: {command}\n"
    failed = [host for host in again if host not in ahead]
    besides = f" and to run {some(failed)} again" if failed else ""
    return f"{len(ahead)} hosts are still to come. Should the play end here, to go on with them{besides}{same}: {command}\n"


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
    return host, row["instance_id"], row["outcome"], duration(row.get("seconds")), PROOFS.get(proof, proof), why
