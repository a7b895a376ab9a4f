# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The end of a rebuild for people and for what runs next: a table, the hosts to run again, and stats."""

from __future__ import annotations

import calendar
import json
import os
import shlex
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ansible import context
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.reforge.cloud.plugins.plugin_utils.report import report_of
from ansible_collections.reforge.cloud.plugins.plugin_utils.report_page import page
from ansible_collections.reforge.cloud.plugins.plugin_utils.table import duration, table

AGAIN = ("failed", "unknown", "timeout", "not proven")
PROOFS = {"identity": "another installation", "age": "newly installed", "none": "by the provider only", "same": "the old system"}

display = Display()


class ActionModule(ActionBase):
    """Runs once for all hosts of the batch."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Show what became of each host. ``problems`` names the hosts whose new system did not prove itself."""
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        _unused, arguments = self.validate_argument_spec(
            {
                "result": {"type": "dict", "required": True},
                "system_from": {"type": "str", "required": True},
                "limit_file": {"type": "path"},
                "report": {"type": "path"},
                "events": {"type": "path"},
                "run_id": {"type": "str"},
            }
        )
        rows, hostvars = arguments["result"]["hosts"], task_vars["hostvars"]
        systems: dict[str, dict[str, Any]] = {}
        problems: dict[str, str] = {}
        shown = []
        outcomes: dict[str, str] = {}
        for host, row in rows.items():
            proof = ""
            if row["ssh"] and row["outcome"] == "reset":
                system = hostvars[host].get(arguments["system_from"]) or {}
                proof = system.get("proof") or "unreachable"
                systems[host] = {"proof": proof, "ssh_began": _seconds(row["finished_at"]), "ssh_ready": system.get("asked_at")}
                problem = _problem(proof, system)
                if problem:
                    problems[host] = problem
            outcomes[host] = "not proven" if host in problems else row["outcome"]
            shown.append(_shown(host, row, outcomes[host], proof, problems.get(host)))
        counts = Counter(outcomes.values())
        display.display("\n" + table(("HOST", "INSTANCE", "OUTCOME", "TIME", "NEW SYSTEM", "WHY"), shown))
        display.display("\n" + ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) + "\n")
        again = [host for host, outcome in outcomes.items() if outcome in AGAIN]
        command = _command_again(arguments["limit_file"], again)
        if arguments["limit_file"] and not self._task.check_mode:
            _leave(arguments["limit_file"], again)
            if again:
                display.display(f"To run {', '.join(again)} again: {command}\n")
        if arguments["report"] and not self._task.check_mode:
            told = {host: {**row, "outcome": outcomes[host], "problem": problems.get(host)} for host, row in rows.items()}
            report = report_of(
                told,
                arguments["result"]["began_at"],
                time.time(),
                _lines(arguments["events"]),
                systems,
                arguments["run_id"] or "",
                again,
                command,
            )
            _leave_report(arguments["report"], report)
        stats = {"rebuild": {"counts": dict(counts), "again": again}}
        result.update(
            changed=False, problems=problems, again=again, ansible_stats={"data": stats, "per_host": False, "aggregate": True}
        )
        return result


def _leave(path: str, again: list[str]) -> None:
    """Write the hosts to run again, or take away what an earlier run left."""
    if again:
        _write(path, "limit_file", "".join(f"{host}\n" for host in again))
    elif os.path.exists(path):
        os.unlink(path)


def _leave_report(path: str, report: Mapping[str, Any]) -> None:
    """The page with its data beside it, or just the data, by the name of the file."""
    name, ending = os.path.splitext(path)
    if ending == ".html":
        _write(path, "report", page(report))
        path = f"{name}.json"
    _write(path, "report", json.dumps(report, indent=2) + "\n")


def _lines(path: str | None) -> list[str]:
    """The events, which were only kept for the report."""
    if not path or not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        lines = file.readlines()
    os.unlink(path)
    return lines


def _seconds(moment: str | None) -> float | None:
    """Seconds since 1970 of a row's time."""
    return float(calendar.timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ"))) if moment else None


def _write(path: str, option: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise AnsibleActionFail(f"{option}: {path!r} cannot be written: {error.strerror}") from error


def _command_again(path: str | None, again: list[str]) -> str | None:
    """The command for these hosts. Extra variables are left out: they can hold a secret."""
    if not again or not path:
        return None
    inventories = [word for source in context.CLIARGS.get("inventory") or () for word in ("-i", source)]
    words = ["ansible-playbook", *context.CLIARGS.get("args", ()), *inventories, "--limit", f"@{path}"]
    return f"{shlex.join(words)} -e rebuild_confirm={len(again)}"


def _problem(proof: str, system: Mapping[str, Any]) -> str:
    if proof == "same":
        return "the provider says that it was reset, but the same installation answers"
    if proof == "unreachable":
        return f"the provider says that it was reset, but it cannot be asked: {system.get('msg') or 'no answer by SSH in time'}"
    return ""


def _shown(host: str, row: Mapping[str, Any], outcome: str, proof: str, problem: str | None) -> tuple[object, ...]:
    error = row.get("error") or {}
    why = problem or row["message"]
    if error.get("code") and error["code"] not in why:
        why = f"{error['code']}: {why}"
    return host, row["instance_id"], outcome, duration(row.get("seconds")), PROOFS.get(proof, proof), why
