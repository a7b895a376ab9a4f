# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a module returns: one row for each instance, the lists of ids, and the sentence for the one who reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..act.execute import Report, would_change
from ..core.clock import iso
from ..core.model import Decision, Instance, Outcome, Verb
from ..decide.next_step import REACHED, End, Goal, Work

BAD = (Outcome.REFUSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.TIMEOUT)
LISTS = (*REACHED.values(), Outcome.ACCEPTED, Outcome.UNCHANGED, *BAD)
SHOWN = 5  # how many instances a sentence names


def result_of(goal: Goal, report: Report, keep_data_disks: bool | None, rehearsal: bool) -> dict[str, Any]:
    """The result without ``msg`` and ``failed``. ``rehearsal``: check mode, in which rows tell what would happen."""
    rows = [_row(goal, work, keep_data_disks, report.acted, rehearsal) for work in report.works]
    expected = REACHED[goal.verb].value
    ids: dict[str, list[str]] = {f"{outcome.value}_ids": [] for outcome in _lists(goal)}
    for row in rows:
        outcome = row["outcome"] or (expected if rehearsal and row["changed"] else None)
        if outcome:
            ids.setdefault(f"{outcome}_ids", []).append(row["instance_id"])
    return {
        "changed": any(row["changed"] for row in rows),
        "plan_id": report.plan_id,
        "instances": rows,
        "diff": [_diff(row, work) for row, work in zip(rows, report.works) if row["changed"]],
        **ids,
    }


def problems_of(result: Mapping[str, Any], acted: bool, rehearsal: bool) -> str:
    """The sentence that the task fails with, or an empty one when every instance is as it should be."""
    counts = [f"{len(result[f'{bad.value}_ids'])} {bad.value}" for bad in BAD if result[f"{bad.value}_ids"]]
    if not counts:
        return ""
    bad = [row for row in result["instances"] if row["outcome"] in [outcome.value for outcome in BAD]]
    named = "; ".join(
        f"{row['instance_id']} ({row['name'] or 'no name'}): {row['message']}" for row in bad[:SHOWN]
    )
    more = f"; and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
    nothing = "" if acted or rehearsal else ". Nothing was sent for any instance"
    return f"{', '.join(counts)} of {len(result['instances'])} instances: {named}{more}{nothing}"


def _lists(goal: Goal) -> Sequence[Outcome]:
    other = set(REACHED.values()) - {REACHED[goal.verb]}
    return [outcome for outcome in LISTS if outcome not in other]


def _row(
    goal: Goal, work: Work, keep_data_disks: bool | None, acted: bool, rehearsal: bool
) -> dict[str, Any]:
    end = work.end
    reached = bool(end and end.outcome in (*REACHED.values(), Outcome.ACCEPTED))
    changed = would_change(goal, work) if rehearsal else reached or work.touched
    seconds = None
    if work.started_at is not None and work.finished_at is not None:
        seconds = round(work.finished_at - work.started_at, 1)
    bad = bool(end and end.outcome in BAD and end.outcome is not Outcome.REFUSED)
    return {
        "instance_id": work.id,
        "name": work.before.name if work.before else None,
        "verdict": work.verdict.word,
        "reason": (end.reason if end and end.reason else work.verdict.reason),
        "message": (end.sentence if end and end.sentence else work.verdict.sentence),
        "outcome": end.outcome.value if end else None,
        "changed": changed,
        "before": _state(work.before),
        "after": _state(work.latest) if acted and end else None,
        "erases": _erased(work, keep_data_disks) if goal.verb is Verb.RESET and changed else [],
        "request_ids": work.request_ids,
        "started_at": iso(work.started_at) if work.started_at else None,
        "finished_at": iso(work.finished_at) if work.finished_at else None,
        "seconds": seconds,
        "error": _error(goal, end, work.request_ids) if end and bad else None,
    }


def _error(goal: Goal, end: End, request_ids: Sequence[str]) -> dict[str, Any]:
    return {
        "code": end.code or end.reason.upper(),
        "message": end.sentence,
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


def _erased(work: Work, keep_data_disks: bool | None) -> list[str]:
    """The ids of the disks; a provider that does not tell an id has at least a system disk."""
    instance = work.before
    if instance is None:
        return []
    system = [instance.system_disk.id or "system"] if instance.system_disk else ["system"]
    data = [disk.id or "data" for disk in instance.data_disks or ()] if keep_data_disks is False else []
    return system + data


def _diff(row: Mapping[str, Any], work: Work) -> dict[str, Any]:
    before = {"image": work.before.image_id, "status": work.before.status.value} if work.before else {}
    if row["after"]:
        after = {name: row["after"][name] for name in ("image", "status")}
    else:
        stays = before.get("status") if work.verdict.decision is Decision.SETTLE else "running"
        after = {"image": work.target or before.get("image"), "status": stays}
    if work.verdict.verb is Verb.STOP:
        after["status"] = "stopped"
    header = f"{work.id} ({row['name']})"
    return {"before_header": header, "after_header": header, "before": before, "after": after}
