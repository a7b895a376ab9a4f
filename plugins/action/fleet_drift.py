# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Compare the images of all hosts of a play with those that they should run, within one task."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible import context
from ansible.errors import AnsibleActionFail

from ..module_utils.commands.connection_options import CONNECTION
from ..module_utils.commands.info import list_instances
from ..module_utils.commands.read_options import INSTANCE_INFO
from ..plugin_utils.fleet.calls import CallingAction
from ..plugin_utils.fleet.groups import FleetError, group_hosts
from ..plugin_utils.report.drift import (
    TO_REBUILD,
    compare,
    document,
    overview_of,
    problem,
    reasons,
    rebuild_command,
)
from ..plugin_utils.report.drift_input import check_groups, split_images
from ..plugin_utils.report.drift_page import page
from ..plugin_utils.report.files import (
    check_files,
    leave_limit,
    leave_report,
)
from ..plugin_utils.text.command import broken
from ..plugin_utils.text.names import is_pattern
from ..plugin_utils.text.screen import show
from ..plugin_utils.text.table import WIDTH, wrapped

FILE, LIMIT_FILE = "report_file", "report_limit_file"


class ActionModule(CallingAction):
    """Reads only, so check mode is the same; the files that it leaves are about the fleet, no part of it."""

    MODULE = "reforge.cloud.instance_info"
    OPTIONS = {**CONNECTION, **INSTANCE_INFO}
    BODY = staticmethod(list_instances)
    ARGUMENTS = {
        "options_from": {"type": "str", "required": True},
        FILE: {"type": "raw"},
        LIMIT_FILE: {"type": "raw"},
        "report_fail": {"type": "bool", "default": False},
    }

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The document, and ``problem``: it fails only for bad input, so that stats are set in any case."""
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        _unused, arguments = self.validate_argument_spec(dict(self.ARGUMENTS))
        file, limit_file = check_files(FILE, arguments[FILE], LIMIT_FILE, arguments[LIMIT_FILE])
        try:
            images, options = split_images(
                self._members(task_vars, arguments["options_from"], task_vars["ansible_play_batch"])
            )
            groups = group_hosts(options)
            check_groups(groups)
        except FleetError as error:
            raise AnsibleActionFail(str(error)) from error
        answers, now = self._call_all(groups), time.time()
        compared: dict[str, dict[str, Any]] = {}
        for group, answer in zip(groups, answers):
            compared.update(compare(group, images, answer, now))
        rows = {host: compared[host] for host in options}
        report = document(rows, now, _command(limit_file, rows))
        _show(report)
        if file:
            leave_report(FILE, file, report, page)
        if limit_file:
            leave_limit(LIMIT_FILE, limit_file, report["drifted"])
        return {
            **result,
            **report,
            "changed": False,
            "calls": len(groups),
            "problem": problem(report, arguments["report_fail"]),
            "ansible_stats": {
                "data": {"reforge_drift": _stats(report)},
                "per_host": False,
                "aggregate": False,
            },
        }


def _stats(report: Mapping[str, Any]) -> dict[str, Any]:
    """What the next node of a workflow can read."""
    unreadable = [host for group in report["unreadable"].values() for host in group["hosts"]]
    return {"counts": report["counts"], "drifted": report["drifted"], "unreadable": unreadable}


def _command(limit_file: str, rows: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The command for the hosts in the limit file, if there are any."""
    images = {
        row["wanted_image_id"]
        for host, row in rows.items()
        if row["state"] in TO_REBUILD and not is_pattern(host)
    }
    inventories = context.CLIARGS.get("inventory") or ()
    return rebuild_command(inventories, limit_file, images) if limit_file and images else None


def _show(report: Mapping[str, Any]) -> None:
    counts = ", ".join(f"{count} {state}" for state, count in report["counts"].items())
    show(f"\n{overview_of(report['hosts'])}\n\n{counts}\n\n")
    for line in reasons(report):
        show("\n  ".join(wrapped(line, WIDTH)) + "\n\n")
    if report["command"]:
        lines = ["To plan the rebuild of the drifted hosts:", broken(report["command"])]
        show("\n".join([*lines, *report["caveats"], "", ""]))
