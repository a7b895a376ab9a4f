# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What was sent, on disk before it is sent: a run that was killed is resolved by the next one, and not repeated.

One JSON object a line, appended under a lock and flushed to the disk, so that several processes can share a file
and a person can read it. A line holds no secret. Old lines may be removed while nothing runs.
"""

from __future__ import annotations

import calendar
import fcntl
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.reforge.cloud.plugins.module_utils.clock import Clock, iso
from ansible_collections.reforge.cloud.plugins.module_utils.errors import InputError
from ansible_collections.reforge.cloud.plugins.module_utils.model import Instance, Operation, Outcome, Phase, Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.proof import Attempt
from ansible_collections.reforge.cloud.plugins.module_utils.reconcile import Listener
from ansible_collections.reforge.cloud.plugins.module_utils.steps import Work

NOTED = (Verb.RESET, Verb.REBOOT)
# States after which it is worth looking what became of the request. An unknown end was reported as such, and is left.
NOT_WAITED = "not_waited"
OPEN = ("intention", "accepted", "lost", NOT_WAITED, Outcome.TIMEOUT.value)


@dataclass(frozen=True)
class Entry:
    """The last thing that the ledger knows of one verb on one instance. ``sent_at`` in seconds since 1970."""

    verb: Verb
    sent_at: float
    run_id: str
    target: str
    baseline: Mapping[str, Any]
    state: str = "intention"  # then accepted, turned_down or lost, then an outcome, or not_waited
    request_id: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it may have been done without our having seen its end."""
        return self.state in OPEN

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
            answered=self.state in ("accepted", NOT_WAITED),
            request_id=self.request_id,
        )


def _operation(record: Mapping[str, Any]) -> Operation:
    verb = record["verb"]
    return Operation(**{**record, "verb": Verb(verb) if verb else None, "phase": Phase(record["phase"])})


class Ledger(Listener):
    """The file, for one provider and account. Raises InputError when it cannot be read or written."""

    def __init__(self, path: str, scope: str, run_id: str, clock: Clock) -> None:
        self._path, self._scope, self._run_id, self._clock = path, scope, run_id, clock
        self._last: dict[tuple[str, Verb], Entry] = {}
        self._done: set[str] = set()
        for line in self._lines():
            try:
                self._learn(line)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise InputError(f"ledger: {path!r} has a line that is none of a ledger ({type(error).__name__})") from error

    def done(self, instance_id: str) -> bool:
        """Whether the instance was reset under this run_id."""
        return instance_id in self._done

    def unfinished(self, instance_id: str, verb: Verb) -> Entry | None:
        """The last request for the instance, if its end is not known."""
        entry = self._last.get((instance_id, verb))
        return entry if entry and entry.is_open else None

    def last_sent(self, instance_id: str, verb: Verb) -> float:
        """When the last request that was, or may have been, done was sent, in seconds since 1970; 0 for never."""
        entry = self._last.get((instance_id, verb))
        return entry.sent_at if entry and entry.state not in ("turned_down", Outcome.FAILED.value) else 0.0

    def sending(self, verb: Verb, works: Sequence[Work]) -> None:
        """Note the intention, on disk before this returns."""
        if verb in NOTED:
            self._append(
                {**self._line(verb, work, "intention"), **_circumstances(work.target, work.latest)}
                for work in works
                if work.latest
            )

    def answered(self, verb: Verb, work: Work) -> None:
        """Note what was answered."""
        if verb not in NOTED:
            return
        state = "turned_down" if work.attempt is None else "accepted" if work.attempt.answered else "lost"
        request_id = work.request_ids[-1] if work.request_ids else ""
        self._append([{**self._line(verb, work, state), "request_id": request_id}])

    def ended(self, work: Work) -> None:
        """Note the end of what was sent, or found to be running."""
        if work.attempt and work.attempt.verb in NOTED and work.end:
            state = NOT_WAITED if work.end.outcome is Outcome.ACCEPTED else work.end.outcome.value
            self._append([self._line(work.attempt.verb, work, state)])

    def _line(self, verb: Verb, work: Work, state: str) -> dict[str, Any]:
        return {
            "at": iso(self._clock.time()),
            "scope": self._scope,
            "run_id": self._run_id,
            "instance_id": work.id,
            "verb": verb.value,
            "state": state,
        }

    def _lines(self) -> Iterable[Mapping[str, Any]]:
        try:
            with open(self._path, encoding="utf-8") as file:
                for line in file:
                    try:
                        yield json.loads(line)
                    except ValueError:
                        continue  # the last line of a process that was killed while writing: nothing followed it
        except FileNotFoundError:
            return
        except OSError as error:
            raise InputError(f"ledger: {self._path!r} cannot be read: {error.strerror}") from error

    def _learn(self, line: Mapping[str, Any]) -> None:
        if line.get("scope") != self._scope:
            return
        key = (line["instance_id"], Verb(line["verb"]))
        state = line["state"]
        if state == "intention":
            self._last[key] = Entry(key[1], _seconds(line["at"]), line["run_id"], line["target"], line["baseline"])
        elif key in self._last:
            last = self._last[key]
            request_id = line.get("request_id") or last.request_id
            self._last[key] = Entry(last.verb, last.sent_at, last.run_id, last.target, last.baseline, state, request_id)
        if state == Outcome.RESET.value and self._run_id and line["run_id"] == self._run_id:
            self._done.add(line["instance_id"])

    def _append(self, lines: Iterable[Mapping[str, Any]]) -> None:
        text = "".join(json.dumps(line) + "\n" for line in lines)
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                end = os.lseek(descriptor, 0, os.SEEK_END)
                if end and os.pread(descriptor, 1, end - 1) != b"\n":  # left behind by a process that was killed
                    text = "\n" + text
                os.write(descriptor, text.encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise InputError(f"ledger: {self._path!r} cannot be written: {error.strerror}") from error


def _circumstances(target: str, instance: Instance) -> dict[str, Any]:
    """What is needed to judge the request later: the record as it was, and the image that was asked for."""
    operation = instance.operation
    return {
        "target": target,
        "baseline": {
            "status": instance.status.value,
            "vendor_status": instance.vendor_status,
            "image_id": instance.image_id,
            "operation": operation and {**operation.__dict__, "verb": operation.verb, "phase": operation.phase},
        },
    }


def _seconds(moment: str) -> float:
    return float(calendar.timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ")))
