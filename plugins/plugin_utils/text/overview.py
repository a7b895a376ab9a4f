# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A fleet of any size in few lines: hosts with the same end and the same reason are told together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...module_utils.core.text import printable, some
from .table import table

ALL = 10**9
# Addresses differ from host to host in what is else the same reason.
ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{0,4}){3,7}\b")


@dataclass(frozen=True)
class Entry:
    """One host: what became of it and why; ``own`` are the words in the reason that are its alone."""

    label: str
    why: str
    name: str
    own: Sequence[str] = ()

    @property
    def reason(self) -> str:
        """The reason without what is the host's alone."""
        text = printable(self.why)
        for word in filter(None, self.own):
            text = re.sub(rf"(?<!\w){re.escape(printable(word))}(?!\w)", "...", text)
        return ADDRESS.sub("...", text)


@dataclass
class Kind:
    """Hosts with the same label and reason."""

    label: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def why(self) -> str:
        """The reason, whole where it is the same for all."""
        first = self.entries[0]
        return first.why if all(entry.why == first.why for entry in self.entries) else first.reason


def kinds_of(entries: Iterable[Entry], order: Sequence[str]) -> list[Kind]:
    """The entries by label and reason, in the order of labels; those that are not in it come first.

    Within a label, reasons of many hosts come before those of few.
    """
    kinds: dict[tuple[str, str], Kind] = {}
    for entry in entries:
        kinds.setdefault((entry.label, entry.reason), Kind(entry.label)).entries.append(entry)
    return sorted(kinds.values(), key=lambda kind: (_place(kind.label, order), -len(kind.entries)))


def overview(
    headings: Sequence[str], kinds: Sequence[Kind], counted_only: Sequence[str] = (), most: int = ALL
) -> str:
    """A table with a row for each kind: label, number of hosts, the reason, and below it the hosts' names.

    Of the labels in ``counted_only`` no names are shown; of the others at most so many for each kind.
    """
    rows = []
    for kind in kinds:
        names = () if kind.label in counted_only else (some([entry.name for entry in kind.entries], most),)
        rows.append((kind.label, len(kind.entries), (*filter(None, [kind.why]), *names) or None))
    return table(headings, rows)


def _place(label: str, order: Sequence[str]) -> int:
    return order.index(label) if label in order else -1
