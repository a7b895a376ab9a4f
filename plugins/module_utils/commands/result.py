# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a module returns: one row for each instance, the lists of ids, and the sentence for the one who reads
it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..act.execute import Execution
from ..act.ledger.ledger import Ledger
from ..act.plan_id import erased_disks, would_change
from ..core.clock import iso
from ..core.model import OUTCOME_WHEN_DONE, Decision, Instance, Outcome, Verb
from ..core.text import FEW, printable, some
from ..decide.work_item import End, Goal, WorkItem

BAD = (Outcome.REFUSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.TIMEOUT)
LISTS = (*OUTCOME_WHEN_DONE.values(), Outcome.ACCEPTED, Outcome.UNCHANGED, *BAD)


def result_of(
    goal: Goal,
    execution: Execution,
    entries: Mapping[str, Mapping[str, Any]],
    ledger: Ledger | None,
    rehearsal: bool,
) -> dict[str, Any]:
    """The result without ``msg`` and ``failed``. ``rehearsal``: check mode, in which rows tell what would
    happen.

    ``entries`` are the parameters of each instance.
    """
    rows = [
        _whole_row(goal, item, execution, entries[item.id], ledger, rehearsal) for item in execution.items
    ]
    return {
        "changed": any(row["changed"] for row in rows),
        "plan_id": execution.plan_id,
        "instances": rows,
        "diff": [_diff(row, item) for row, item in zip(rows, execution.items) if row["changed"]],
        **_ids(goal, rows, rehearsal),
    }


def _whole_row(
    goal: Goal,
    item: WorkItem,
    execution: Execution,
    entry: Mapping[str, Any],
    ledger: Ledger | None,
    rehearsal: bool,
) -> dict[str, Any]:
    """A row with what the ledger knows."""
    awaited = ledger.unproven(item.id, foretold=rehearsal) if ledger and goal.verb is Verb.RESET else None
    return {
        **_row(goal, item, execution.acted, rehearsal),
        "erases": _erased(goal, item, entry, rehearsal),
        "request": ledger.request_of(item.id, goal.verb) if ledger else "",
        "unproven": awaited is not None,
        "unproven_since": iso(awaited.asked_at) if awaited else None,
        "system_before": awaited.system_before if awaited else "",
    }


def _ids(goal: Goal, rows: Sequence[Mapping[str, Any]], rehearsal: bool) -> dict[str, list[str]]:
    """The lists of ids by outcome; in a rehearsal by the one that is to be expected."""
    ids: dict[str, list[str]] = {f"{outcome.value}_ids": [] for outcome in _lists(goal)}
    expected = OUTCOME_WHEN_DONE[goal.verb].value if rehearsal else None
    for row in rows:
        outcome = row["outcome"] or (expected if row["changed"] else None)
        if outcome:
            ids.setdefault(f"{outcome}_ids", []).append(row["instance_id"])
    return ids


def problems_of(result: Mapping[str, Any], execution: Execution, rehearsal: bool) -> str:
    """The sentence that the task fails with, or an empty one when every instance is as it should be."""
    if execution.refusal:
        return f"{execution.refusal}. Nothing was sent for any instance"
    counts = [f"{len(result[f'{bad.value}_ids'])} {bad.value}" for bad in BAD if result[f"{bad.value}_ids"]]
    if not counts:
        return ""
    nothing = "" if execution.acted or rehearsal else ". Nothing was sent for any instance"
    rows = result["instances"]
    return f"{', '.join(counts)} of {len(rows)} instances: {_named(rows)}{nothing}"


def _named(rows: Sequence[Mapping[str, Any]]) -> str:
    """The first instances that did not get where they should, each with its reason."""
    outcomes = [outcome.value for outcome in BAD]
    bad = [row for row in rows if row["outcome"] in outcomes]
    names = [f"{row['instance_id']} ({printable(row['name'] or 'no name')}): {row['message']}" for row in bad]
    return some(names, FEW, "; ")


def _lists(goal: Goal) -> Sequence[Outcome]:
    other = set(OUTCOME_WHEN_DONE.values()) - {OUTCOME_WHEN_DONE[goal.verb]}
    return [outcome for outcome in LISTS if outcome not in other]


def _changed(goal: Goal, item: WorkItem, rehearsal: bool) -> bool:
    """Whether the instance is changed, or would be."""
    if item.end and item.end.outcome in (Outcome.REFUSED, Outcome.UNCHANGED) and not item.touched:
        return False
    if rehearsal:
        return would_change(goal, item)
    return item.touched or bool(
        item.end and item.end.outcome in (*OUTCOME_WHEN_DONE.values(), Outcome.ACCEPTED)
    )


def _row(goal: Goal, item: WorkItem, acted: bool, rehearsal: bool) -> dict[str, Any]:
    before, verdict = item.before, item.verdict
    end = item.end or End(Outcome.UNCHANGED)  # for its empty fields only
    return {
        "instance_id": item.id,
        "name": before.name if before else None,
        "verdict": verdict.word,
        "reason": (end.reason or verdict.reason).value,
        "message": printable(end.sentence or verdict.sentence),
        "outcome": end.outcome.value if item.end else None,
        "changed": _changed(goal, item, rehearsal),
        "before": _state(before),
        "after": _state(item.latest) if acted and item.end else None,
        "digest": item.digest,
        "continued_since": _time(item.continued_since),
        "request_ids": item.request_ids,
        "started_at": _time(item.started_at),
        "finished_at": _time(item.finished_at),
        "seconds": _seconds(item),
        "error": _error(goal, end, item.request_ids),
    }


def _seconds(item: WorkItem) -> float | None:
    if item.started_at is None or item.finished_at is None:
        return None
    return round(item.finished_at - item.started_at, 1)


def _time(moment: float | None) -> str | None:
    return iso(moment) if moment else None


def _error(goal: Goal, end: End, request_ids: Sequence[str]) -> dict[str, Any] | None:
    if end.outcome not in BAD or end.outcome is Outcome.REFUSED:
        return None
    return {
        "code": end.code or (end.reason.upper() if end.reason else end.outcome.value.upper()),
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


def _erased(goal: Goal, item: WorkItem, entry: Mapping[str, Any], rehearsal: bool) -> list[str]:
    """The ids of the disks that are, or would be, erased."""
    return erased_disks(goal, item, entry) if _changed(goal, item, rehearsal) else []


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
