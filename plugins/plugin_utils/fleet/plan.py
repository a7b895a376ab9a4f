# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What was planned and confirmed for a fleet, against what a call of it would do now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..text.words import some
from .groups import Group, error_of, rows_of


class PlanChange(Exception):
    """What would be done now is not what was planned; the text names the hosts.

    ``error`` is that of their rows.
    """

    def __init__(self, hosts: list[str]) -> None:
        super().__init__(
            f"nothing was sent, since what would happen to {some(hosts)} is not what was planned; "
            "look at the plan again with --check"
        )
        self.error = error_of("PLAN_CHANGED", str(self))


def promised(plan: Mapping[str, Any], group: Group) -> Mapping[str, Any] | None:
    """The plan of just this group: its id, or why it may not be sent. None where the plan is one of more
    hosts, or of others.

    A group whose plan could not be made has no id: nobody has seen, or confirmed, what would be done.
    """
    rows = {host: plan["hosts"].get(host) or {} for host in group.hosts}
    for row in rows.values():
        if row and row["group"] not in plan["plan_ids"]:
            return {"failed": True, "msg": row["message"], "error": row["error"]}
    names = {row.get("group") for row in rows.values()}
    whole = {host: row for host, row in plan["hosts"].items() if row["group"] in names}
    same = set(whole) == set(rows) and all(
        row.get("options") == group.public(host) for host, row in rows.items()
    )
    if len(names) == 1 and same:
        return {"plan_id": plan["plan_ids"][names.pop()]}
    refused = next((host for host, row in whole.items() if row["verdict"] == "refuse"), None)
    if refused and group.options.get("on_refusal", "stop") == "stop":
        why = whole[refused]["message"]
        message = f"nothing was sent: {refused} of its group is refused, {why}, and on_refusal is stop"
        return {"failed": True, "msg": message, "error": error_of("REFUSED", message)}
    return None


def still_as_planned(plan: Mapping[str, Any], group: Group, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer of the rehearsal of a group, if it foretells for each host what the plan did.

    Raises PlanChange.
    """
    rows = rows_of(group, answer)
    changed = [
        host for host, row in rows.items() if _foretold(row) != _foretold(plan["hosts"].get(host) or {})
    ]
    if changed and answer.get("plan_id"):
        raise PlanChange(changed)
    return answer


def _foretold(row: Mapping[str, Any]) -> tuple[object, ...]:
    """What is erased, what is installed and how; states that come and go are no part of it."""
    image = (row.get("before") or {}).get("image")
    return (
        row.get("instance_id"),
        row.get("options"),
        bool(row.get("changed")),
        image,
        tuple(row.get("erases") or ()),
    )
