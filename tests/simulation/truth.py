# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What really happened to the instances, by the emulator, and who had it done."""

from __future__ import annotations

import calendar
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.model import Instance
from simulation.play import Play
from simulation.world import Run


@dataclass(frozen=True)
class Deed:
    """One operation that the vendor took on. ``run`` is None for someone else's; ``ends`` is infinite for
    never.

    From ``visible`` on readers can see it.
    """

    kind: str
    run: Run | None
    started: float
    visible: float
    ends: float
    succeeds: bool
    image_id: str
    request_id: str


@dataclass(frozen=True)
class Claim:
    """What a run says of one instance, and the true moment at which it came to that."""

    run: Run
    row: Mapping[str, Any]
    at: float

    @property
    def outcome(self) -> str:
        """The outcome; empty where nothing was tried."""
        return self.row["outcome"] or ""

    @property
    def code(self) -> str:
        """The code of the error; empty where there is none."""
        return (self.row["error"] or {}).get("code", "")


def deeds_of(played: Play, instance_id: str) -> list[Deed]:
    """All operations on an instance, oldest first. One that another one cut off never ends."""
    world = played.world
    found = []
    operations = world.fleet.history(instance_id)
    for operation, following in zip(operations, [*operations[1:], None]):
        cut = min(following.started if following else math.inf, world.recycled.get(instance_id, math.inf))
        image = {**operation.changes, **operation.results}.get("image_id", "")
        ends = operation.ends if operation.ends <= cut else math.inf
        run = world.senders.get(operation.request_id)
        found.append(
            Deed(
                operation.kind,
                run,
                operation.started,
                operation.visible_at,
                ends,
                operation.succeeds,
                image,
                operation.request_id,
            )
        )
    return found


def claims_of(played: Play, instance_id: str) -> list[Claim]:
    """What the runs that came to a result say of an instance."""
    rows = [(run, row) for run in played.runs if run.result for row in run.result["instances"]]
    return [
        Claim(run, row, _moment(played, run, row)) for run, row in rows if row["instance_id"] == instance_id
    ]


def truth_at(played: Play, instance_id: str, moment: float) -> Instance:
    """An instance as it truly was."""
    found = played.world.fleet.look(instance_id, ago=played.world.now - moment)
    assert found is not None
    return found


def _moment(played: Play, run: Run, row: Mapping[str, Any]) -> float:
    """When a claim was made, to a second, from the time that the machine's clock showed then."""
    if not row["finished_at"]:
        return run.ended
    shown = calendar.timegm(time.strptime(row["finished_at"], "%Y-%m-%dT%H:%M:%SZ"))
    return min(played.world.machine.truly(shown) + 1.0, run.ended)
