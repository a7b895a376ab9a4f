# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a module returns: one row for each instance, the lists of ids, and the sentence for the one who reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..act.execute import Execution, would_change
from ..core.clock import iso
from ..core.model import Decision, Instance, Outcome, Verb
from ..core.text import printable
from ..decide.next_step import REACHED, End, Goal, WorkItem

BAD = (Outcome.REFUSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.TIMEOUT)
LISTS = (*REACHED.values(), Outcome.ACCEPTED, Outcome.UNCHANGED, *BAD)
SHOWN = 5  # how many instances a sentence names


def result_of(
    goal: Goal, execution: Execution, keep_data_disks: bool | None, rehearsal: bool
) -> dict[str, Any]:
    """The result without ``msg`` and ``failed``. ``rehearsal``: check mode, in which rows tell what would happen."""
    rows = [_row(goal, item, keep_data_disks, execution.acted, rehearsal) for item in execution.items]
    expected = REACHED[goal.verb].value
    ids: dict[str, list[str]] = {f"{outcome.value}_ids": [] for outcome in _lists(goal)}
    for row in rows:
        outcome = row["outcome"] or (expected if rehearsal and row["changed"] else None)
        if outcome:
            ids.setdefault(f"{outcome}_ids", []).append(row["instance_id"])
    return {
        "changed": any(row["changed"] for row in rows),
        "plan_id": execution.plan_id,
        "instances": rows,
        "diff": [_diff(row, item) for row, item in zip(rows, execution.items) if row["changed"]],
        **ids,
    }


def problems_of(result: Mapping[str, Any], acted: bool, rehearsal: bool) -> str:
    """The sentence that the task fails with, or an empty one when every instance is as it should be."""
    counts = [f"{len(result[f'{bad.value}_ids'])} {bad.value}" for bad in BAD if result[f"{bad.value}_ids"]]
    if not counts:
        return ""
    bad = [row for row in result["instances"] if row["outcome"] in [outcome.value for outcome in BAD]]
    named = "; ".join(
        f"{row['instance_id']} ({printable(row['name'] or 'no name')}): {row['message']}"
        for row in bad[:SHOWN]
    )
    more = f"; and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
    nothing = "" if acted or rehearsal else ". Nothing was sent for any instance"
    return f"{', '.join(counts)} of {len(result['instances'])} instances: {named}{more}{nothing}"


def _lists(goal: Goal) -> Sequence[Outcome]:
    other = set(REACHED.values()) - {REACHED[goal.verb]}
    return [outcome for outcome in LISTS if outcome not in other]


def _row(
    goal: Goal, item: WorkItem, keep_data_disks: bool | None, acted: bool, rehearsal: bool
) -> dict[str, Any]:
    end = item.end
    reached = bool(end and end.outcome in (*REACHED.values(), Outcome.ACCEPTED))
    changed = would_change(goal, item) if rehearsal else reached or item.touched
    seconds = None
    if item.started_at is not None and item.finished_at is not None:
        seconds = round(item.finished_at - item.started_at, 1)
    bad = bool(end and end.outcome in BAD and end.outcome is not Outcome.REFUSED)
    return {
        "instance_id": item.id,
        "name": item.before.name if item.before else None,
        "verdict": item.verdict.word,
        "reason": (end.reason if end and end.reason else item.verdict.reason),
        "message": printable(end.sentence if end and end.sentence else item.verdict.sentence),
        "outcome": end.outcome.value if end else None,
        "changed": changed,
        "before": _state(item.before),
        "after": _state(item.latest) if acted and end else None,
        "erases": _erased(item, keep_data_disks) if goal.verb is Verb.RESET and changed else [],
        "request_ids": item.request_ids,
        "started_at": iso(item.started_at) if item.started_at else None,
        "finished_at": iso(item.finished_at) if item.finished_at else None,
        "seconds": seconds,
        "error": _error(goal, end, item.request_ids) if end and bad else None,
    }


def _error(goal: Goal, end: End, request_ids: Sequence[str]) -> dict[str, Any]:
    return {
        "code": end.code or end.reason.upper(),
        "message": printable(end.sentence),
        "request_id": end.request_id or (request_ids[-1] if request_ids else ""),
        "advice": goal.provider.advice.get(end.code),
    }


def _state(instance: Instance | None) -> dict[str, Any] | None:
    if instance is None:
        return None
    return {
        "image": instance.image_id,
        "status": instance.status.value,
        "vendor_status": instance.vendor_status,
        "zone": instance.zone,
    }


def _erased(item: WorkItem, keep_data_disks: bool | None) -> list[str]:
    """The ids of the disks; a provider that does not tell an id has at least a system disk."""
    instance = item.before
    if instance is None:
        return []
    system = [instance.system_disk.id or "system"] if instance.system_disk else ["system"]
    data = [disk.id or "data" for disk in instance.data_disks or ()] if keep_data_disks is False else []
    return system + data


def _diff(row: Mapping[str, Any], item: WorkItem) -> dict[str, Any]:
    before = {"image": item.before.image_id, "status": item.before.status.value} if item.before else {}
    if row["after"]:
        after = {name: row["after"][name] for name in ("image", "status")}
    else:
        stays = before.get("status") if item.verdict.decision is Decision.SETTLE else "running"
        after = {"image": item.target or before.get("image"), "status": stays}
    if item.verdict.verb is Verb.STOP:
        after["status"] = "stopped"
    header = f"{item.id} ({row['name']})"
    return {"before_header": header, "after_header": header, "before": before, "after": after}
