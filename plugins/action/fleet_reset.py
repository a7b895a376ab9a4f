# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reset all hosts of a batch within one task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet_action import FleetAction


class ActionModule(FleetAction):
    """Needs a confirmation of the plan, unless there is none."""

    MODULE = "reforge.cloud.instance_reset"
    DOES = "will be wiped"
    ARGUMENTS = {**FleetAction.ARGUMENTS, "confirm": {"type": "str"}}

    def check(self, arguments: Mapping[str, Any]) -> None:
        """Raise AnsibleActionFail unless the number of hosts or the name of the plan was given."""
        plan, given = arguments["plan"] or {}, str(arguments["confirm"] or "")
        count, plan_id = plan.get("count", 0), plan.get("plan_id")
        if count and given not in (str(count), plan_id):
            raise AnsibleActionFail(
                f"rebuild_confirm: {given!r} does not confirm this plan, which wipes {count} hosts; "
                f"look at it with --check, then give rebuild_confirm={count}, or rebuild_confirm={plan_id}"
            )
