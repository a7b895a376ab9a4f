# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Give a host its own row of a fleet's result: changed, unchanged, or failed with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils.core.text import printable, some
from ..plugin_utils.fleet.play import invocation, rehearses
from ..plugin_utils.text.screen import show
from ..plugin_utils.text.words import advised, counted

BAD = ("refused", "failed", "unknown", "timeout")
ARGUMENTS = {
    "row": {"type": "dict"},
    "plan_from": {"type": "str"},
    "result_from": {"type": "str"},
    "summary_from": {"type": "str"},
    "problem": {"type": "str"},
    "proof": {"type": "str"},
}


class ActionModule(ActionBase):
    """Runs for each host, on the controller, without a connection."""

    _requires_connection = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The row; failed when the host is not as it was asked for, or its new system did not prove
        itself.
        """
        result: dict[str, Any] = super().run(tmp, task_vars)
        _unused, arguments = self.validate_argument_spec(ARGUMENTS, required_one_of=[("row", "result_from")])
        if arguments["row"] is None:
            self._look_up(arguments, task_vars or {})
        row = {name: value for name, value in arguments["row"].items() if value not in (None, "", [])}
        return {**result, "changed": bool(row.get("changed")), "row": row, **_verdict(row, arguments)}

    def _look_up(self, arguments: dict[str, Any], task_vars: Mapping[str, Any]) -> None:
        """Fill in row and problem from what was registered: templates would take longer.

        Raises AnsibleActionFail.
        """
        host = task_vars["inventory_hostname"]
        source = arguments["plan_from" if rehearses(self) else "result_from"]
        rows = _registered(self, task_vars, source).get("hosts", {})
        if host not in rows:
            raise AnsibleActionFail(
                f"{source}: nothing is registered for host {host}, since an earlier task of the role did "
                "not run on it"
            )
        summary = _registered(self, task_vars, arguments["summary_from"])
        arguments.update(
            row=_row_of_call(host, rows),
            problem=summary.get("problems", {}).get(host) or arguments["problem"],
        )
        if host == task_vars["ansible_play_batch"][-1] and summary.get("attention"):
            show(summary["attention"])  # the summary has left the screen, with a line for each host after it


def _registered(action: ActionBase, task_vars: Mapping[str, Any], name: str | None) -> Mapping[str, Any]:
    """The result that this play registered under a name; empty without one."""
    result = task_vars.get(name or "")
    return result if isinstance(result, Mapping) and result.get("play") == invocation(action) else {}


def _row_of_call(host: str, rows: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The row of a host. Of those whose call failed as a whole, the first one says why, for all of them."""
    row = rows[host]
    if row["verdict"] is not None or not row["group"]:
        return row
    same = [name for name, other in rows.items() if _failed_alike(other, row)]
    if len(same) == 1:
        return row
    if host == same[0]:
        return {**row, "message": f"{_why(row)} ({counted(len(same), 'host')}: {some(same)})"}
    short = {name: row[name] for name in ("instance_id", "group", "verdict", "outcome", "reason")}
    return {**short, "message": f"{row['error']['code']}: see host {same[0]}"}


def _failed_alike(other: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return other["verdict"] is None and all(other[name] == row[name] for name in ("group", "message"))


def _why(row: Mapping[str, Any]) -> str:
    return advised(str(row["message"]), (row.get("error") or {}).get("advice"))


def _verdict(row: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    if row.get("outcome") == "unknown" and arguments["proof"]:
        return {"msg": f"the provider's record proves nothing, but {arguments['proof']}"}
    if row.get("outcome") in BAD:
        return {"failed": True, "msg": printable(f"{row['outcome']}: {_why(row)}")}
    if arguments["problem"]:
        return {"failed": True, "msg": printable(arguments["problem"])}
    return {"msg": printable(f"{row.get('outcome') or row.get('verdict')}: {row['message']}")}
