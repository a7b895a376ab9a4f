# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What was sent, on disk before it is sent: a run that was killed is resolved by the next one, and not repeated.

One JSON object a line, appended under a lock and flushed to the disk, so that several processes can share a file
and a person can read it. A line holds no secret. Old lines may be removed while nothing runs.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ...core.clock import Clock, iso
from ...core.errors import InputError
from ...core.model import Outcome, Verb
from ...decide.evidence import Attempt
from ...decide.next_step import End, WorkItem
from ..reconcile import Listener
from .entry import INTENTION, NOT_WAITED, OPEN, Entry, circumstances
from .line_file import LineFile

NOTED = (Verb.RESET, Verb.REBOOT)


class Ledger(Listener):
    """The file, for one provider and account. Raises InputError when it cannot be read or written.

    A reboot that was sent at ``since`` (seconds since 1970) or later is done; infinity: none is.
    """

    def __init__(self, path: str, scope: str, run_id: str, clock: Clock, since: float = math.inf) -> None:
        self._path, self._scope, self._run_id, self._clock, self._since = path, scope, run_id, clock, since
        self._file = LineFile(path)
        self._last: dict[tuple[str, Verb], Entry] = {}
        self._done: set[str] = set()
        try:
            lines = self._file.unread()
        except OSError as error:
            raise InputError(f"ledger: {path!r} cannot be read: {error.strerror}") from error
        self._learn(lines)
        self._overtaking: set[tuple[str, Verb]] = set()  # what other runs have sent since then
        self._own: dict[tuple[str, Verb], str] = {}  # the names of the requests that this run is about
        self._shown: set[str] = set()  # those of them that were seen under way without an answer

    def done(self, instance_id: str, verb: Verb) -> bool:
        """Whether the instance was reset under this run_id, or rebooted since then."""
        return (
            instance_id in self._done
            if verb is Verb.RESET
            else self.last_sent(instance_id, verb) >= self._since
        )

    def unfinished(self, instance_id: str, verb: Verb) -> Entry | None:
        """The last request for the instance, if its end is not known.

        An unknown end that was reported under this very run_id counts too: under one name nothing is sent twice.
        """
        entry = self._last.get((instance_id, verb))
        if entry is None:
            return None
        untold = entry.state == Outcome.UNKNOWN.value and self._run_id and entry.run_id == self._run_id
        return entry if entry.state in OPEN or untold else None

    def adopt(self, instance_id: str, entry: Entry) -> None:
        """What is noted from now on is about this request of an earlier run."""
        self._own[instance_id, entry.verb] = entry.name

    def last_sent(self, instance_id: str, verb: Verb) -> float:
        """When the last request that was, or may have been, done was sent, in seconds since 1970; 0 for never."""
        entry = self._last.get((instance_id, verb))
        return entry.sent_at if entry and entry.state not in ("turned_down", Outcome.FAILED.value) else 0.0

    def sending(self, verb: Verb, items: Sequence[WorkItem]) -> Mapping[str, Attempt | None]:
        """Note the intention, on disk before this returns, except where another run was faster since this one looked.

        For those: its request, or None where it is done.
        """
        overtaken: dict[str, Attempt | None] = {}
        if verb not in NOTED:
            # What is started again after a reset that came to nothing must not look like one that has ended.
            self._append(line for item in items if item.ending for line in self._ends(item, item.ending))
            return overtaken

        def intentions(news: Sequence[Any]) -> Iterable[Mapping[str, Any]]:
            self._hear(news)
            overtaken.update({item.id: entry for item in items for entry in self._overtaker(verb, item)})
            noted = [item for item in items if item.latest and item.id not in overtaken]
            self._own.update({(item.id, verb): uuid.uuid4().hex[:12] for item in noted})
            return [
                {**self._line(verb, item, INTENTION), **circumstances(item.target, item.latest)}
                for item in noted
            ]

        self._write(intentions)
        return overtaken

    def answered(self, verb: Verb, item: WorkItem) -> None:
        """Note what was answered."""
        if verb not in NOTED:
            return
        state = "turned_down" if item.attempt is None else "accepted" if item.attempt.answered else "lost"
        request_id = item.request_ids[-1] if item.request_ids else ""
        self._append([{**self._line(verb, item, state), "request_id": request_id}])

    def seen(self, item: WorkItem) -> None:
        """Note that a request without an answer was taken on after all, as soon as that shows."""
        attempt = item.attempt
        if (
            attempt is None
            or attempt.answered
            or attempt.began_at is None
            or (item.id, attempt.verb) not in self._own
        ):
            return
        if self._own[item.id, attempt.verb] not in self._shown:
            self._shown.add(self._own[item.id, attempt.verb])
            self._append([self._line(attempt.verb, item, "accepted")])

    def ended(self, item: WorkItem) -> None:
        """Note the end of what was sent, or found to be running."""
        end = item.ending or item.end
        if end:
            self._append(self._ends(item, end))

    def _ends(self, item: WorkItem, end: End) -> list[dict[str, Any]]:
        """The lines for the end of what was sent for the instance, and of what is under way."""
        state = NOT_WAITED if end.outcome is Outcome.ACCEPTED else end.outcome.value
        under_way = item.attempt.verb if item.attempt else None
        return [
            self._line(verb, item, state)
            for verb in NOTED
            if verb is under_way or (item.id, verb) in self._own
        ]

    def _line(self, verb: Verb, item: WorkItem, state: str) -> dict[str, Any]:
        return {
            "at": iso(self._clock.time()),
            "scope": self._scope,
            "run_id": self._run_id,
            "instance_id": item.id,
            "verb": verb.value,
            "state": state,
            "intention": self._own.get((item.id, verb), ""),
        }

    def _overtaker(self, verb: Verb, item: WorkItem) -> Iterable[Attempt | None]:
        """The request of another run that does what this one is about to ask for, if there is one; each is told once."""
        entry = self._last.get((item.id, verb))
        if (item.id, verb) not in self._overtaking or entry is None or entry.target != item.target:
            return
        self._overtaking.discard((item.id, verb))
        if self.unfinished(item.id, verb):
            self.adopt(item.id, entry)
            yield entry.attempt(item.id, self._clock)
        elif self.done(item.id, verb):
            yield None

    def _hear(self, lines: Sequence[Any]) -> None:
        """Learn what other runs have done since this one began."""
        self._overtaking.update(self._learn(lines))

    def _learn(self, lines: Sequence[Any]) -> set[tuple[str, Verb]]:
        """Take in lines of the file, and tell for what there are new intentions."""
        meant: set[tuple[str, Verb]] = set()
        for line in lines:
            try:
                if line.get("scope") == self._scope:
                    self._take(line)
                    meant.update(
                        {(line["instance_id"], Verb(line["verb"]))} if line["state"] == INTENTION else ()
                    )
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                problem = (
                    f"ledger: {self._path!r} has a line that is none of a ledger ({type(error).__name__})"
                )
                raise InputError(problem) from error
        return meant

    def _take(self, line: Mapping[str, Any]) -> None:
        key, state = (line["instance_id"], Verb(line["verb"])), line["state"]
        if state == INTENTION:
            self._last[key] = Entry.begun(line)
        elif key in self._last:
            self._last[key] = self._last[key].followed(line)
        if state == Outcome.RESET.value and self._run_id and line["run_id"] == self._run_id:
            self._done.add(line["instance_id"])

    def _append(self, lines: Iterable[Mapping[str, Any]]) -> None:
        def after(news: Sequence[Any]) -> Iterable[Mapping[str, Any]]:
            self._hear(news)
            return lines

        self._write(after)

    def _write(self, answer: Callable[[Sequence[Any]], Iterable[Mapping[str, Any]]]) -> None:
        try:
            self._file.append(answer)
        except OSError as error:
            raise InputError(f"ledger: {self._path!r} cannot be written: {error.strerror}") from error
