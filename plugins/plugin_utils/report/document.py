# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The report of a run as one document, which is written as JSON and shown by the page beside it.

The document, format 1. Times of day are ISO 8601 in UTC; all seconds are numbers, those named ``start``,
``end`` and ``began`` of a host count from the beginning of the run. What is not known is null, what there is
none of is empty::

    {
      "format": 1,                     another number when a reader of this one would go wrong
      "run_id": "2026-01-31-web",      or null
      "began": "2026-01-31T12:00:00Z",
      "ended": "2026-01-31T12:06:12Z",
      "seconds": 372.0,
      "counts": {"failed": 1, "reset": 57},    by outcome, those that need attention first; no zeros
      "times": {                       of the hosts that were done to the end, or null where there are none
        "median": 121.5,
        "slowest": 203.0,
        "slowest_host": "web-07"
      },
      "again": ["web-12"],             the hosts to run again
      "command": "ansible-playbook ...",       which runs them again, or null
      "caveats": ["a sentence"],       what a reader has to know of the command
      "hosts": {
        "web-12": {
          "instance_id": "ins-1", "name": "web-12" or null, "group": "tencent_cvm ap-tokyo" or null,
          "verdict": "reset", "reason": "image_differs", "message": "a sentence",
          "problem": null or "a sentence",
          "outcome": "failed",         one of OUTCOMES
          "changed": true,
          "before": {"image", "status", "vendor_status", "zone"} or null,
          "after": the same, or null,
          "erases": ["disk-1"],        the disks that were wiped
          "request_ids": ["..."],
          "error": {"code", "message", "request_id", "advice"} or null,
          "started_at": null or a time of day, "finished_at": the same,
          "seconds": 118.3,            what the provider took, or null
          "began": 4.2,                the end of the queue, or null where nothing was done
          "proof": "identity",         of a new system: identity, age, none, same, unreachable; or null
          "phases": [                  in the order of time, without those that took no time; see phases.py
            {"phase": "queued", "start": 0.0, "end": 4.2},
            {"phase": "install", "start": 4.2, "end": 90.0}
          ]
        }
      }
    }
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...module_utils.core.clock import iso
from .phases import (
    QUEUED,
    Event,
    Run,
    events_by_instance,
    spans_of,
)

FORMAT = 1
DONE = ("reset", "rebooted", "started", "stopped", "password_set")
OUTCOMES = ("failed", "unknown", "timeout", "not proven", "refused", *DONE, "accepted", "unchanged")
# What is taken from a row as it is, with what stands in for it where the row does not have it.
TAKEN: Mapping[str, Any] = {
    "instance_id": "",
    "name": None,
    "group": None,
    "verdict": None,
    "reason": "",
    "message": "",
    "problem": None,
    "outcome": None,
    "changed": False,
    "before": None,
    "after": None,
    "erases": (),
    "request_ids": (),
    "error": None,
    "started_at": None,
    "finished_at": None,
    "seconds": None,
}


def report_of(
    rows: Mapping[str, Mapping[str, Any]],
    began: float,
    ended: float,
    events: Iterable[str] = (),
    systems: Mapping[str, Mapping[str, Any]] | None = None,
    run_id: str = "",
    again: Sequence[str] = (),
    command: str | None = None,
    caveats: Sequence[str] = (),
) -> dict[str, Any]:
    """The document of a run that lasted from ``began`` to ``ended``, both in seconds since 1970.

    ``rows``: each host's row of the result, with ``group``, and ``problem`` where a system is not proven.
    ``events``: the lines of the events file, which may hold other runs too. ``systems``: of each host that
    was logged in to ``ssh_began`` and ``ssh_ready``, in seconds since 1970 or None, and ``proof``.
    ``caveats``: what a reader has to know of the command.
    """
    run = Run(began, max(began, ended))
    by_instance, systems = events_by_instance(events, run), systems or {}
    hosts = {
        host: _host(
            row, _own(row, by_instance.get(str(row["instance_id"]), ())), systems.get(host) or {}, run
        )
        for host, row in rows.items()
    }
    counts = Counter(str(host["outcome"]) for host in hosts.values())
    return {
        "format": FORMAT,
        "run_id": run_id or None,
        "began": iso(run.began),
        "ended": iso(run.ended),
        "seconds": run.since(run.ended),
        "counts": {outcome: counts[outcome] for outcome in sorted(counts, key=attention_of)},
        "times": times_of(hosts),
        "again": list(again),
        "command": command or None,
        "caveats": list(caveats),
        "hosts": hosts,
    }


def _own(row: Mapping[str, Any], events: Sequence[Event]) -> Sequence[Event]:
    """Without those of another provider's instance with the same id: a group's name begins with it."""
    provider = str(row.get("group") or "").partition(" ")[0]
    return [event for event in events if event.get("provider") == provider] if provider else events


def _host(
    row: Mapping[str, Any], events: Sequence[Event], system: Mapping[str, Any], run: Run
) -> dict[str, Any]:
    copied = {name: row.get(name, instead) for name, instead in TAKEN.items()}
    spans = spans_of(row, events, system, run)
    return {
        **copied,
        "outcome": copied["outcome"] or "unknown",
        "erases": list(copied["erases"]),
        "request_ids": list(copied["request_ids"]),
        "began": next((span.start for span in spans if span.phase != QUEUED), None),
        "proof": system.get("proof") or None,
        "phases": [span.as_data() for span in spans],
    }


def attention_of(outcome: str) -> tuple[int, str]:
    """Sorts outcomes by how much they need attention; one that is not known comes first."""
    return OUTCOMES.index(outcome) if outcome in OUTCOMES else -1, outcome


def times_of(hosts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    """The median and the slowest of the hosts that were done to the end; None where there are none."""
    seconds = {
        host: row["seconds"]
        for host, row in hosts.items()
        if row["outcome"] in DONE and row.get("seconds") is not None
    }
    if not seconds:
        return None
    slowest = max(seconds, key=lambda host: seconds[host])
    median = round(statistics.median(seconds.values()), 1)
    return {"median": median, "slowest": seconds[slowest], "slowest_host": slowest}
