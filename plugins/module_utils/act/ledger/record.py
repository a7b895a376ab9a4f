# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the ledger knows of one request: enough to judge later what became of it, and to tell who asked for
what.

A request is one verb on one instance, asked for by one call. Its first line, with the state ``intended``,
holds what it is about; later lines add facts. The strongest fact stays: what was turned down, or provably
never began, did nothing, whatever its call came to later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ...core import timing
from ...core.clock import Clock, iso, since_epoch
from ...core.model import Instance, Operation, Phase, RequestState, Status, Verb
from ...decide.attempt import Attempt, Finding, Progress
from .lines import begins

# Facts about the proof from inside the new system, beside the request's own state.
PROVEN, UNPROVEN = "proven", "unproven"
TOOK_ON = (RequestState.ACCEPTED, RequestState.NOT_WAITED)


@dataclass(frozen=True, slots=True)
class Record:
    """One request. ``asked_at`` in seconds since 1970; ``in_flight`` in seconds, how long it may have been on
    its way.

    ``proof`` is ``proven``, ``unproven``, or empty where nobody logs in to prove it. ``system_before`` is a
    digest that identifies the system that was there before; empty where nobody has seen it from inside.
    ``ahead`` is by how many seconds the clock that wrote ``asked_at`` was ahead of the provider's.
    ``shown`` is the end that a call about something else has seen: it is told by the next call about this.
    """

    name: str
    instance_id: str
    scope: str
    verb: Verb
    asked_at: float
    run_id: str = ""
    target: str = ""
    baseline: Mapping[str, Any] = field(default_factory=dict)
    asked_by: Mapping[str, str] = field(default_factory=dict)
    options: str = ""
    in_flight: float = 0.0
    state: RequestState = RequestState.INTENDED
    answered: bool = False
    request_id: str = ""
    ended_at: str = ""
    proof: str = ""
    system_before: str = ""
    shown: str = ""
    ahead: float | None = None

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> Record:
        """The record that a first line begins, or that a folded line holds.

        Raises KeyError, ValueError, TypeError.
        """
        return cls(
            name=line["request"],
            instance_id=line["instance_id"],
            scope=line["scope"],
            verb=Verb(line["verb"]),
            asked_at=since_epoch(line["asked_at"]),
            run_id=line["run_id"],
            target=line["target"],
            baseline=line["baseline"],
            asked_by=line["asked_by"],
            options=line["options"],
            in_flight=float(line["in_flight"]),
            state=RequestState(line["state"]),
            answered=line.get("answered", False),
            request_id=line.get("request_id", ""),
            ended_at=line.get("ended_at", ""),
            proof=line.get("proof", ""),
            system_before=line.get("system_before", ""),
            shown=line.get("shown", ""),
            ahead=None if line.get("ahead") is None else float(line["ahead"]),
        )

    def with_line(self, line: Mapping[str, Any]) -> Record:
        """The record after a later line about it. Raises KeyError, ValueError."""
        if line["state"] in (PROVEN, UNPROVEN):
            return replace(self, proof=line["state"])
        state = RequestState(line["state"])
        record = replace(
            self,
            answered=self.answered or state in TOOK_ON,
            request_id=line.get("request_id") or self.request_id,
            shown=line.get("shown", self.shown),
        )
        if state.strength <= self.state.strength:
            return record
        return replace(record, state=state, ended_at="" if state.open else line["at"])

    @property
    def line(self) -> dict[str, Any]:
        """The record as one line."""
        return {
            "instance_id": self.instance_id,
            "scope": self.scope,
            "request": self.name,
            "verb": self.verb.value,
            "state": self.state.value,
            "asked_at": iso(self.asked_at),
            "run_id": self.run_id,
            "target": self.target,
            "baseline": dict(self.baseline),
            "asked_by": dict(self.asked_by),
            "options": self.options,
            "in_flight": self.in_flight,
            **({"answered": True} if self.answered else {}),
            **({"request_id": self.request_id} if self.request_id else {}),
            **({"ended_at": self.ended_at} if self.ended_at else {}),
            **({"shown": self.shown} if self.shown else {}),
            **({"ahead": round(self.ahead, 1)} if self.ahead is not None else {}),
            **({"proof": self.proof} if self.proof else {}),
            **({"system_before": self.system_before} if self.system_before else {}),
        }

    @property
    def awaits_proof(self) -> bool:
        """Whether somebody wanted to see the new system from inside, and nobody has."""
        return self.proof == UNPROVEN

    @property
    def unproven(self) -> bool:
        """Whether it was done, and still awaits its proof."""
        return self.state is RequestState.DONE and self.awaits_proof

    def shows_same_operation(self, instance: Instance) -> bool:
        """Whether the last operation that the provider shows is still the one from before the request."""
        return bool(self.baseline["operation"] == baseline_of(instance)["operation"])

    @property
    def may_have_acted(self) -> bool:
        """Whether the provider may have done it, or is doing it."""
        return self.state not in (RequestState.TURNED_DOWN, RequestState.NOT_STARTED)

    def asks_for(self, target: str, run_id: str) -> bool:
        """Whether a call for the target asks for the same.

        No record holds a password: only a run id says that it is one.
        """
        repeatable = self.verb is not Verb.PASSWORD or (bool(run_id) and run_id == self.run_id)
        return repeatable and self.target == target

    def continued_by(self, run_id: str, under_way: bool, now: float) -> bool:
        """Whether a call continues this open request as its own, rather than resolving it and then asking for
        its own.

        Only under the same run id. Without one on either side, if it is less than a day old: when the
        provider shows it under way, or when its end was wanted and not seen. What is under way after a day is
        rather what somebody else has begun since.
        """
        if run_id or self.run_id or self.verb is Verb.PASSWORD:
            same = run_id == self.run_id and self.asks_for(self.target, run_id)
            return same and (self.state.open or self.state is RequestState.UNKNOWN)
        recent = self.state.open and now - self.asked_at < timing.WANTED_SECONDS
        return recent and (self.state is not RequestState.NOT_WAITED or self._runs(under_way))

    def _runs(self, under_way: bool) -> bool:
        """Whether it is what is under way: what has been seen to end is not."""
        return under_way and not self.shown

    def attempt(self, clock: Clock, doubt: float = 0.0) -> Attempt:
        """The request as it was sent, to be judged by what is seen from now on.

        Nobody has watched it since. ``doubt``: by how many seconds the clock that it was noted by may be
        behind this one, so that it counts as that much younger.
        """
        return Attempt(
            verb=self.verb,
            baseline=_instance(self.instance_id, self.baseline),
            sent_at=clock.monotonic() - max(clock.time() - self.asked_at - doubt, 0.0),
            target=self.target,
            answered=self.answered,
            request_id=self.request_id,
            in_flight=self.in_flight if self.state is RequestState.INTENDED else 0.0,
            watched=False,
            known=Finding(Progress(self.shown), "a later call saw that") if self.shown else None,
        )


def describe(record: Record) -> str:
    """A request in words, for a message."""
    who = " on ".join(filter(None, (record.asked_by.get("user"), record.asked_by.get("machine"))))
    run = f" (run {record.run_id})" if record.run_id else ""
    what = f"a {record.verb.noun}{f' to {record.target}' if record.target else ''}"
    return f"{who or 'somebody'}{run} requested {what} at {iso(record.asked_at)}"


def records_of(lines: Iterable[Mapping[str, Any]]) -> list[Record]:
    """The requests that lines tell of, in the order in which they began.

    What is told of one whose first line is missing is passed over. Raises KeyError, ValueError, TypeError.
    """
    records: dict[str, Record] = {}
    for line in lines:
        name = line["request"]
        if name in records:
            records[name] = records[name].with_line(line)
        elif begins(line, known=False):
            records[name] = Record.from_line(line)
    return list(records.values())


def folded(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """One line that says the same as all lines of one request; None while it is open, or awaits its proof."""
    (record,) = records_of(lines)
    return None if record.state.open or record.unproven else record.line


def baseline_of(instance: Instance) -> dict[str, Any]:
    """The record of the instance before a request, as far as it is needed to judge the request later."""
    operation = instance.operation
    return {
        "status": instance.status.value,
        "vendor_status": instance.vendor_status,
        "image_id": instance.image_id,
        "operation": operation and asdict(operation),
    }


def _instance(instance_id: str, baseline: Mapping[str, Any]) -> Instance:
    operation = baseline["operation"]
    return Instance(
        id=instance_id,
        name="",
        status=Status(baseline["status"]),
        vendor_status=baseline["vendor_status"],
        image_id=baseline["image_id"],
        operation=None if operation is None else _operation(operation),
    )


def _operation(record: Mapping[str, Any]) -> Operation:
    verb = record["verb"]
    return Operation(**{**record, "verb": Verb(verb) if verb else None, "phase": Phase(record["phase"])})
