# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The phases that a host went through in a run, from its events. Nothing here does any I/O."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

QUEUED, STOP, INSTALL, BOOT, SSH = PHASES = ("queued", "stop", "install", "boot", "ssh")

# What begins when a write was accepted, or may have been.
BEGUN_BY = {"stop": STOP, "reset": INSTALL, "start": BOOT, "reboot": BOOT}
# What begins when a look shows the first (while in the second).
INSTALLING = "resetting"
STARTED = ("starting", "running")
# Outcomes that are certain at once: these hosts did not wait for anything.
AT_ONCE = ("unchanged", "refused")

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Span:
    """A phase with its first and last second, counted from the beginning of the run."""

    phase: str
    start: float
    end: float

    def as_data(self) -> dict[str, Any]:
        """For the JSON document."""
        return {"phase": self.phase, "start": self.start, "end": self.end}


@dataclass(frozen=True)
class Run:
    """When the run began and ended, in seconds since 1970."""

    began: float
    ended: float

    def since(self, moment: float) -> float:
        """Seconds between the beginning of the run and a moment in it."""
        return round(max(0.0, min(moment, self.ended) - self.began), 1)


def events_by_instance(lines: Iterable[str], run: Run) -> dict[str, list[Event]]:
    """The events of the run by instance id, in the order of time.

    The file is appended to, so events of other runs are passed over, and so is a line that a killed process
    left unfinished.
    """
    events: dict[str, list[Event]] = defaultdict(list)
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and event.get("instance_id") and _is_in(run, event.get("time")):
            events[str(event["instance_id"])].append(event)
    return {name: sorted(history, key=lambda event: event["time"]) for name, history in events.items()}


def spans_of(
    row: Mapping[str, Any], events: Sequence[Event], system: Mapping[str, Any], run: Run
) -> list[Span]:
    """The phases of one host. ``system``: ``ssh_began`` and ``ssh_ready``, in seconds since 1970.

    Queued lasts until the first write, or until a look shows that the installation is running already.
    Stop and install begin with their write. Boot begins when a look shows the new system starting or
    running, and lasts until that is proven. SSH lasts from the first try to log in to the first that
    succeeds, or to the end of the run. Between boot and SSH a host may wait for the others of its
    batch. Without events the row's own times make one phase, install.
    """
    moments = _moments(events) or _moments_of_row(row)
    end = _end_of(row, events, run)
    marks = [(QUEUED, run.began), *moments]
    if len(marks) == 1 and (row.get("outcome") in AT_ONCE or not events):
        marks = []
    ends = [moment for _phase, moment in marks[1:]] + [end]
    spans = [Span(phase, run.since(start), run.since(stop)) for (phase, start), stop in zip(marks, ends)]
    return [span for span in (*spans, *_logins(system, run)) if span.end > span.start]


def _logins(system: Mapping[str, Any], run: Run) -> list[Span]:
    began, ready = system.get("ssh_began"), system.get("ssh_ready")
    if began is None:
        return []
    return [Span(SSH, run.since(began), run.since(run.ended if ready is None else ready))]


def _moments(events: Sequence[Event]) -> list[tuple[str, float]]:
    """The phases after the first with the time of their beginning."""
    phase, moments = QUEUED, []
    for event in events:
        following = _next(phase, event)
        if following != phase:
            phase = following
            moments.append((phase, event["time"]))
    return moments


def _next(phase: str, event: Event) -> str:
    status = event.get("status")
    if event.get("event") == "sent":
        return phase if event.get("answer") == "turned_down" else BEGUN_BY.get(str(event.get("verb")), phase)
    if status == INSTALLING:
        return INSTALL
    return BOOT if phase == INSTALL and status in STARTED and event.get("event") == "seen" else phase


def _moments_of_row(row: Mapping[str, Any]) -> list[tuple[str, float]]:
    began = _seconds(row.get("started_at"))
    return [] if began is None else [(INSTALL, began)]


def _end_of(row: Mapping[str, Any], events: Sequence[Event], run: Run) -> float:
    ends = [event["time"] for event in events if event.get("event") == "ended"]
    if ends:
        return float(ends[-1])
    finished = _seconds(row.get("finished_at"))
    return run.ended if finished is None else finished


def _seconds(text: str | None) -> float | None:
    """Seconds since 1970 of a time in ISO 8601; Python 3.10 does not take the Z for UTC."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else None


def _is_in(run: Run, moment: Any) -> bool:
    return isinstance(moment, (int, float)) and math.isfinite(moment) and run.began <= moment <= run.ended
