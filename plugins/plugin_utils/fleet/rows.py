# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The answers of the calls as one row for each host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.utils.display import Display

from .approval import count_of
from .groups import ID, Group, plan_name
from .outcomes import touched_in

display = Display()


def merged_rows(groups: Sequence[Group], answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The results of all groups as one, with the rows of all hosts. Shows the warnings of the calls."""
    rows: dict[str, dict[str, Any]] = {}
    for group, answer in zip(groups, answers):
        rows.update(rows_of(group, answer))
        for warning in answer.get("warnings") or ():
            display.warning(f"{group.name}: {warning}")
    for row in rows.values():
        # What was reset is logged in to anyway, and what failed does not run what was to be proven.
        row["to_prove"] = bool(row.get("unproven")) and row["ssh"] and row["verdict"] == "unchanged"
    plan_ids = {
        group.name: answer["plan_id"] for group, answer in zip(groups, answers) if answer.get("plan_id")
    }
    return {
        "changed": any(row["changed"] for row in rows.values()),
        "hosts": rows,
        "touched": touched_in(rows),
        "plan_ids": plan_ids,
        "plan_id": plan_name(plan_ids, groups),
        "count": count_of(rows.values()),
        "calls": len(groups),
    }


def rows_of(group: Group, result: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Each host's row of the group's result; where the call failed as a whole, a row that says so."""
    rows = {row[ID]: row for row in result.get("instances") or ()}
    message = str(result.get("msg") or "the call ended without a result")
    return {
        host: {
            **(
                rows[instance_id]
                if instance_id in rows
                else row_of_none(instance_id, message, result.get("error"))
            ),
            "group": group.name,
            "ssh": bool(group.logins[host]),
            "wanted": group.options_of(host).get("image_id"),
            "options": group.public(host),
        }
        for host, instance_id in group.hosts.items()
    }


def row_of_none(instance_id: str, message: str, error: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The row of an instance of which nothing is known: the call did not even read it, or was stopped on its
    way.
    """
    error = error or error_of("CALL_FAILED", message)
    return {
        ID: instance_id,
        "verdict": None,
        "reason": str(error.get("code", "")).lower(),
        "message": message,
        "outcome": "failed",
        "changed": False,
        "before": None,
        "after": None,
        "erases": [],
        "request_ids": [],
        "seconds": None,
        "error": error,
    }


def error_of(code: str, message: str) -> dict[str, Any]:
    """An error of our own, in the form of a row's."""
    return {"code": code, "message": message, "request_id": "", "advice": None}


def row_of_held_back(member: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """The row of a host that is not sent, and why."""
    row = row_of_none(str(member.get(ID)), f"nothing was sent: {reason}", error_of("HELD_BACK", reason))
    return {**row, "group": "", "ssh": False, "wanted": member.get("image_id")}
