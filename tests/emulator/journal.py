# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What happened: every request, and counters.

It holds no password, key, token, Authorization header or user data.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One request. ``at`` is the vendor's time, ``received`` the real one (unix seconds).

    ``outcome`` is ``accepted`` or the error code that was sent; ``failed_ids`` are those that the vendor
    listed as failed; ``faults`` are the effects that struck; ``status`` is the HTTP status, 0 when no answer
    was sent.
    """

    number: int
    at: float
    received: float
    provider: str
    account: str
    action: str
    ids: tuple[str, ...]
    writes: bool
    outcome: str
    failed_ids: tuple[str, ...]
    request_id: str
    status: int
    faults: tuple[str, ...]
    by: str = "client"


class Journal:
    """Entries in the order of arrival, the newest 100,000, and counters over all."""

    _KEPT = 100_000

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all entries and set the counters to zero."""
        self._entries: list[Entry] = []
        self._number = 0
        self.requests: Counter[str] = Counter()
        self.writes: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def add(self, **values: Any) -> None:
        """Write one entry; the fields are those of Entry, without its number."""
        self._number += 1
        entry = Entry(number=self._number, **values)
        self._entries.append(entry)
        del self._entries[: -self._KEPT]
        name = f"{entry.provider}.{entry.action}"
        self.requests[name] += 1
        if entry.outcome != "accepted":
            self.refused[entry.outcome] += 1
        elif entry.writes:
            self.writes[name] += 1

    def listed(self, **wanted: str) -> list[dict[str, Any]]:
        """The entries whose fields equal ``wanted`` (compared as text), as JSON objects."""
        rows = (asdict(entry) for entry in self._entries)
        return [row for row in rows if all(str(row.get(name)) == value for name, value in wanted.items())]
