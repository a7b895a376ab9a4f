# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the ledger keeps of one request: enough to judge later what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...core.clock import Clock, since_epoch
from ...core.model import Instance, Operation, Outcome, Phase, Status, Verb
from ...decide.evidence import Attempt

INTENTION = "intention"
# For how many seconds after its intention a request may be on its way, from a run that was killed or that still waits for
# the answer: as long as one is waited for.
IN_FLIGHT = 60.0
# States after which it is worth looking what became of the request.
NOT_WAITED = "not_waited"
OPEN = (INTENTION, "accepted", "lost", NOT_WAITED, Outcome.TIMEOUT.value)


@dataclass(frozen=True)
class Entry:
    """The last thing that the ledger knows of one verb on one instance. ``sent_at`` in seconds since 1970."""

    verb: Verb
    sent_at: float
    run_id: str
    target: str
    baseline: Mapping[str, Any]
    state: str = INTENTION  # then accepted, turned_down or lost, then an outcome, or not_waited
    request_id: str = ""
    answered: bool = False  # whether the provider took it on, whatever came after that
    name: str = ""  # by which later lines say what they follow: two runs may be about one instance

    @classmethod
    def begun(cls, line: Mapping[str, Any]) -> Entry:
        """The entry that a line with an intention begins."""
        verb, name = Verb(line["verb"]), line.get("intention", "")
        return cls(verb, since_epoch(line["at"]), line["run_id"], line["target"], line["baseline"], name=name)

    def followed(self, line: Mapping[str, Any]) -> Entry:
        """The entry after a later line: itself, when that line is about another request."""
        state = line["state"]
        if line.get("intention", self.name) != self.name:
            return self
        answered = self.answered or state in ("accepted", NOT_WAITED)
        return replace(
            self, state=state, answered=answered, request_id=line.get("request_id") or self.request_id
        )

    def attempt(self, instance_id: str, clock: Clock) -> Attempt:
        """The request as it was sent, so that it is judged as if we had been there all the time."""
        record = dict(self.baseline)
        operation = record.pop("operation", None)
        return Attempt(
            verb=self.verb,
            baseline=Instance(
                id=instance_id,
                name="",
                status=Status(record["status"]),
                vendor_status=record["vendor_status"],
                image_id=record["image_id"],
                operation=None if operation is None else _operation(operation),
            ),
            sent_at=clock.monotonic() - max(clock.time() - self.sent_at, 0.0),
            target=self.target,
            answered=self.answered,
            request_id=self.request_id,
            in_flight=IN_FLIGHT if self.state == INTENTION else 0.0,
        )


def _operation(record: Mapping[str, Any]) -> Operation:
    verb = record["verb"]
    return Operation(**{**record, "verb": Verb(verb) if verb else None, "phase": Phase(record["phase"])})


def circumstances(target: str, instance: Instance) -> dict[str, Any]:
    """What is needed to judge the request later: the record as it was, and the image that was asked for."""
    operation = instance.operation
    return {
        "target": target,
        "baseline": {
            "status": instance.status.value,
            "vendor_status": instance.vendor_status,
            "image_id": instance.image_id,
            "operation": operation
            and {**operation.__dict__, "verb": operation.verb, "phase": operation.phase},
        },
    }
