# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Give a host its own row of a fleet's result: changed, unchanged, or failed with the reason."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

BAD = ("refused", "failed", "unknown", "timeout")


class ActionModule(ActionBase):
    """Runs for each host, on the controller, without a connection."""

    _requires_connection = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The row; failed when the host is not as it was asked for, or its new system did not prove itself."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _unused, arguments = self.validate_argument_spec(
            {"row": {"type": "dict", "required": True}, "problem": {"type": "str"}, "proof": {"type": "str"}}
        )
        row = {name: value for name, value in arguments["row"].items() if value not in (None, "", [])}
        result.update(changed=bool(row.get("changed")), row=row)
        if row.get("outcome") == "unknown" and arguments["proof"]:
            result["msg"] = f"the provider's record cannot tell, but {arguments['proof']}"
        elif row.get("outcome") in BAD:
            error = row.get("error") or {}
            advice = f" {error['advice']}" if error.get("advice") else ""
            result.update(failed=True, msg=f"{row['outcome']}: {row['message']}.{advice}")
        elif arguments["problem"]:
            result.update(failed=True, msg=arguments["problem"])
        else:
            result["msg"] = f"{row.get('outcome') or row.get('verdict')}: {row['message']}"
        return result
