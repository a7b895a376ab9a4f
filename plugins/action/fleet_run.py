# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One report on a run, whatever jobs and machines it was spread over, within one task."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils.act.ledger.place import place_of
from ..module_utils.commands.ledger_info import read_ledger
from ..module_utils.core.errors import CloudError
from ..plugin_utils.fleet.calls import whole_path
from ..plugin_utils.fleet.groups import ID
from ..plugin_utils.fleet.outcomes import AGAIN, outcomes_of
from ..plugin_utils.report.files import check_file, leave_report, report_files
from ..plugin_utils.report.rebuild_page import page
from ..plugin_utils.report.run import artifacts_in, rows_of, run_report
from ..plugin_utils.report.summary import Summary
from ..plugin_utils.text.screen import show
from ..plugin_utils.text.words import counted

FILE = "report_run_file"
ARGUMENTS = {
    "run_id": {"type": "str", "required": True},
    "ledger": {"type": "raw"},
    "hosts_from": {"type": "str", "required": True},
    FILE: {"type": "raw"},
}


class ActionModule(ActionBase):
    """Reads the ledger and the artifacts, so check mode is the same."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The document of the run. It fails for bad input only."""
        arguments = self.validate_argument_spec(dict(ARGUMENTS))[1]
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        run_id, file = arguments["run_id"], check_file(FILE, arguments[FILE])
        for beside in report_files(file) if file else ():
            check_file(FILE, beside)
        hosts = variables[arguments["hosts_from"]]["hosts"]
        names = {(row["provider"], row[ID]): host for host, row in hosts.items()}
        jobs = artifacts_in(variables, run_id)
        rows = rows_of(_requests(run_id, arguments["ledger"]), names, jobs)
        again = [host for host, row in rows.items() if row["outcome"] in AGAIN]
        report = run_report(rows, run_id, again, time.time())
        _show(report, Summary(rows, outcomes_of({"hosts": rows}), again, (), None))
        if file:
            leave_report(FILE, file, report, page)
        stats = {"run_id": run_id, "counts": report["counts"], "again": again, "jobs": len(jobs)}
        return {
            **result,
            **report,
            "changed": False,
            "ansible_stats": {"data": {"reforge_run": stats}, "per_host": False, "aggregate": False},
        }


def _requests(run_id: str, ledger: str | None) -> list[dict[str, Any]]:
    """The requests of a run, the oldest first; none where there is no ledger."""
    place = whole_path("ledger", ledger)
    others = dict.fromkeys(("instance_ids", "verb", "open", "unproven", "since"))
    try:
        if place_of(place) is None:
            return []
        requests: list[dict[str, Any]] = read_ledger({**others, "ledger": place, "run_id": run_id})[
            "requests"
        ]
    except CloudError as error:
        raise AnsibleActionFail(str(error)) from error
    return requests


def _show(report: Mapping[str, Any], summary: Summary) -> None:
    show(f"\nRun {report['run_id']}: {counted(len(report['hosts']), 'host')}\n{summary.text}")
    if summary.again:
        hosts = counted(len(summary.again), "host")
        show(
            f"To continue with {hosts}, rebuild under this run ID. Hosts that are done are not wiped "
            f"again.{os.linesep * 2}"
        )
