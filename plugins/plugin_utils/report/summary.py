# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What became of a fleet, in the lines that a person reads: what needs one first, the unchanged counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...module_utils.core.text import printable
from ..text.command import broken
from ..text.names import left_out
from ..text.overview import Entry, Kind, kinds_of, overview
from ..text.words import advised, counted, duration
from .document import DONE, OUTCOMES, attention_of, times_of

Row = Mapping[str, Any]

HEADINGS = ("OUTCOME", "HOSTS", "REASON AND NAMES")
PROOFS = {
    "identity": "a new installation answers",
    "age": "newly installed, by the age of its system",
    "none": "only the provider's record says so",
    "proven": "the new system was proven from inside",
    "same": "the old installation answers",
    "older": "an older system answers",
}
QUIET = ("unchanged",)
FINE = (*DONE, "accepted", *QUIET)
NAMES, REASONS = 100, 12  # hosts named for each reason, and reasons, of those that need a person
ROWS = 25  # rows of hosts after which what needs a person has left the screen


@dataclass(frozen=True)
class Summary:
    """A batch by ``rows``, the ``outcomes`` of all batches so far, and what is next.

    ``again``: the hosts to run again, ``ahead``: those of later batches, ``command``: what runs them all.
    """

    rows: Mapping[str, Row]
    outcomes: Mapping[str, str]
    again: Sequence[str]
    ahead: Sequence[str]
    command: str | None
    caveats: Sequence[str] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many hosts came to what, in all batches so far; what needs a person first."""
        counts = Counter(self.outcomes.values())
        return {outcome: counts[outcome] for outcome in sorted(counts, key=attention_of)}

    @property
    def notes(self) -> list[str]:
        """What a reader has to know of the command: whom it wipes not, and what it leaves out."""
        wiped = sum(self.outcomes.get(host) == "not proven" for host in self.again)
        refused = self.counts.get("refused", 0)
        notes = []
        if wiped:
            notes.append(f"{counted(wiped, 'host')} not proven: already wiped, and only logged in to again.")
        if refused:
            notes.append(f"{counted(refused, 'host')} refused: not included until the cause is fixed.")
        return [*notes, *left_out(self.again), *self.caveats]

    @property
    def text(self) -> str:
        """All of it: the hosts by outcome and reason, the numbers and the command."""
        kinds = kinds_of((_entry(host, row) for host, row in self.rows.items()), OUTCOMES)
        bad = [kind for kind in kinds if kind.label not in FINE]
        rest = [kind for kind in kinds if kind not in bad]
        parts = [overview(HEADINGS, [*bad[:REASONS], *rest], QUIET, NAMES if bad else 10)]
        return "\n\n".join(["", *parts, *_others(bad), self._numbers(), *self._next(), ""])

    @property
    def attention(self) -> str:
        """What needs a person, to be shown once more after many rows of hosts; empty where it is in sight."""
        entries = [_entry(host, row) for host, row in self.rows.items() if row["outcome"] not in FINE]
        if not entries or len(self.rows) <= ROWS:
            return ""
        kinds = kinds_of(entries, OUTCOMES)[:REASONS]
        return "\n\n".join(["", overview(HEADINGS, kinds, (), 10), *self._next(), ""])

    def _numbers(self) -> str:
        so_far = "All batches so far: " if self.ahead or len(self.outcomes) > len(self.rows) else ""
        numbers = [f"{count} {outcome}" for outcome, count in self.counts.items()]
        times = times_of(self.rows)
        if times:
            slowest = f"{duration(times['slowest'])} ({printable(times['slowest_host'])})"
            numbers.append(f"median {duration(times['median'])}, slowest {slowest}")
        return so_far + ", ".join(numbers)

    def _next(self) -> list[str]:
        if not self.command:
            return []
        if not self.ahead:
            what = f"To run {counted(len(self.again), 'host')} again:"
        else:
            late = len([host for host in self.again if host not in set(self.ahead)])
            besides = f" and to run {counted(late, 'host')} again" if late else ""
            ahead = counted(len(self.ahead), "host")
            what = f"{ahead} still to come. To continue{besides} if the play ends here:"
        return ["\n".join([what, broken(self.command), *self.notes])]


def reason_of(row: Row) -> str:
    """Why a host is not as it was to be, with the code of the provider's error; its proof if it is done."""
    if row["outcome"] in DONE:
        image, proof = (row.get("after") or {}).get("image"), row["system"].get("proof", "")
        now = f"it runs {image} now" if image else ""
        return "; ".join(filter(None, [now, PROOFS.get(proof, proof)])) or str(row["message"])
    error = row.get("error") or {}
    why = str(row["problem"] or row["message"])
    code = error.get("code")
    text = f"{code}: {why}" if code and code not in why else why
    return advised(text, error.get("advice"))


def _entry(host: str, row: Row) -> Entry:
    instance_id = str(row["instance_id"])
    named = row["outcome"] not in FINE and instance_id != host
    return Entry(
        row["outcome"], reason_of(row), f"{host} ({instance_id})" if named else host, (instance_id, host)
    )


def _others(bad: Sequence[Kind]) -> list[str]:
    hidden = bad[REASONS:]
    hosts = counted(sum(len(kind.entries) for kind in hidden), "host")
    return [f"{counted(len(hidden), 'other reason')} for {hosts}: see the rows below"] if hidden else []
