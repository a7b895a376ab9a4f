# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A run as its ledger tells it: one report for all jobs that had a part in it, on whatever node. No I/O.

What the ledger does not hold, such as hosts that were refused and why, each job hands over as an artifact::

    "rebuild_job_17": {"run_id": "night-7", "kinds": [{"outcome": "refused", "why": "...", "hosts": ["a"]}]}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...module_utils.core.clock import since_epoch
from ..fleet.groups import ID
from ..text.overview import Entry, kinds_of
from .document import OUTCOMES, report_of
from .summary import FINE, reason_of

ARTIFACT = "rebuild_job_"  # with the number of the job after it
# A reason is cut at so many characters: AWX drops an event that is too big, and its artifacts with it.
LONGEST_REASON = 300
DONE = {"reset": "reset", "reboot": "rebooted", "password": "password_set"}  # by the verb of the request
ENDS = {
    "not_waited": ("accepted", "the call did not wait for its end"),
    "failed": ("failed", "the provider reports a failure"),
    "unknown": ("unknown", "its result cannot be proven"),
    "turned_down": ("failed", "the provider rejected it"),
    "not_started": ("failed", "it never reached the provider, or nothing was done"),
}
OPEN = ("timeout", "its end is not known yet: the next run resolves it")
NO_ROW: Mapping[str, Any] = {"instance_id": "", "message": "", "problem": None, "system": {}}

Row = dict[str, Any]
Names = Mapping[tuple[str, str], str]  # provider and instance id -> host


def artifact_of(run_id: str, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What a job hands over of its hosts."""
    entries = (
        Entry(row["outcome"], reason_of(row), host, (str(row[ID]), host)) for host, row in rows.items()
    )
    return {
        "run_id": run_id,
        "kinds": [
            {
                "outcome": kind.label,
                "why": kind.why[:LONGEST_REASON],
                "hosts": [entry.name for entry in kind.entries],
            }
            for kind in kinds_of(entries, OUTCOMES)
        ],
    }


def artifacts_in(variables: Mapping[str, Any], run_id: str) -> list[Mapping[str, Any]]:
    """What the jobs of a run have handed over, the latest job last."""
    jobs = {
        int(name.removeprefix(ARTIFACT)): value
        for name, value in variables.items()
        if name.startswith(ARTIFACT)
        and name.removeprefix(ARTIFACT).isdecimal()
        and isinstance(value, Mapping)
    }
    return [jobs[number] for number in sorted(jobs) if jobs[number].get("run_id") == run_id]


def rows_of(
    requests: Iterable[Mapping[str, Any]], names: Names, jobs: Iterable[Mapping[str, Any]]
) -> dict[str, Row]:
    """The row of each host of a run. ``requests`` are rows of ledger_info, the oldest first: the last one of
    an instance counts. Where the ledger says that all is well and a job does not, the job is right: it has
    looked at the new system.
    """
    rows: dict[str, Row] = {}
    for request in requests:
        host = names.get((request["provider"], request[ID]), request[ID])
        rows[host] = _row(request)
    for host, (outcome, why) in _by_host(jobs).items():
        row = rows.get(host)
        if row is None:
            rows[host] = {**NO_ROW, "outcome": outcome, "message": why}
        elif outcome not in FINE:
            kept = row["outcome"] if row["outcome"] not in FINE else outcome
            rows[host] = {**row, "outcome": kept, "problem": why}
    return rows


def _by_host(jobs: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    return {
        str(host): (str(kind["outcome"]), str(kind["why"]))
        for job in jobs
        for kind in job["kinds"]
        for host in kind["hosts"]
    }


def _row(request: Mapping[str, Any]) -> Row:
    """A request as a row of a result."""
    outcome, message = ENDS.get(request["state"], OPEN)
    if request["state"] == "done":
        outcome, message = DONE[request["verb"]], ""
    unproven = request["state"] == "done" and request["proven"] is False
    began, ended = request["asked_at"], request["ended_at"]
    return {
        ID: request[ID],
        "group": request["provider"],
        "verdict": request["verb"],
        "outcome": "not proven" if unproven else outcome,
        "message": message,
        "problem": "nobody has logged in to the new system yet" if unproven else None,
        "changed": request["state"] == "done",
        "before": {"image": request["image_before"]},
        "after": {"image": request["image_id"] if request["state"] == "done" else None},
        "request_ids": list(filter(None, [request["request_id"]])),
        "started_at": began,
        "finished_at": ended,
        "seconds": round(since_epoch(ended) - since_epoch(began), 1) if ended else None,
        "system": {"proof": "proven"} if request["proven"] else {},
    }


def run_report(rows: Mapping[str, Row], run_id: str, again: Sequence[str], now: float) -> dict[str, Any]:
    """The document of the run, in the form of ``document.py``; ``now`` in seconds since 1970."""
    began = [since_epoch(row["started_at"]) for row in rows.values() if row.get("started_at")]
    ended = [since_epoch(row["finished_at"]) for row in rows.values() if row.get("finished_at")]
    end = max(ended) if began and len(began) == len(ended) else now
    systems = {host: row["system"] for host, row in rows.items()}
    return report_of(rows, min(began, default=now), end, (), systems, run_id, again)
