# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The ledger in PostgreSQL, for controllers on several machines. It needs no compaction: it has an index."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ...api.database import LOCK, Database
from .lines import Answer, Line, text_of

# Writers of a scope take turns, from before they read until they have committed. So the ids in a scope grow
# in the order of the commits, and whoever has read up to one has missed none.
UNREAD = """
SELECT id, line FROM reforge_cloud.ledger
WHERE scope = %s AND instance_id = ANY(%s) AND id > %s ORDER BY id
"""
BATCH = "SELECT max(id) FROM reforge_cloud.ledger WHERE batch = %s"
ADD = """
INSERT INTO reforge_cloud.ledger (scope, instance_id, line, batch, number)
SELECT scope, instance_id, line::json, %s, number
FROM unnest(%s::text[], %s::text[], %s::text[]) WITH ORDINALITY AS new (scope, instance_id, line, number)
ORDER BY number RETURNING id
"""
ALL = "SELECT line FROM reforge_cloud.ledger {where} ORDER BY id"


class PostgresStore:
    """The lines of one scope about some instances, in a database. See Store for the contract."""

    def __init__(self, url: str, scope: str, instance_ids: Collection[str]) -> None:
        self._database = Database(url)
        self.name = self._database.name
        self._scope, self._ids = scope, sorted(set(instance_ids))
        self._lock = threading.RLock()
        self._read = 0  # the id of the last line that was read or written

    def check(self) -> None:
        """Raise InputError unless the server is there and the tables can be used, or made."""
        self._database.check()

    def unread(self) -> list[Line]:
        """What was added since this object last read. Tables that are not there yet are empty ones."""
        with self._lock:
            if not self._database.ready(create=False):
                return []
            return self._database.run(lambda cursor, _again: self._news(cursor))

    def append(self, answer: Answer) -> None:
        """Add the lines with which ``answer`` meets the unread ones; committed when this returns.

        When the answer to a commit is lost, the batch's id tells whether it was done.
        """
        batch = uuid.uuid4()

        def add(cursor: Any, again: bool) -> int:
            cursor.execute(LOCK, (f"reforge_cloud ledger {self._scope}",))
            if again and (stored := cursor.execute(BATCH, (batch,)).fetchone()[0]):
                return int(stored)
            return self._add(cursor, batch, answer)

        with self._lock:
            self._database.ready(create=True)
            self._read = max(self._read, self._database.run(add))

    def rehearse(self, lines: Sequence[Line]) -> None:
        """Raise InputError unless these lines could be added now: they are, and then taken back."""

        def add(cursor: Any, _again: bool) -> None:
            cursor.execute("SAVEPOINT rehearsal")
            self._insert(cursor, uuid.uuid4(), lines)
            cursor.execute("ROLLBACK TO SAVEPOINT rehearsal")

        with self._lock:
            self._database.ready(create=True)
            self._database.run(add)

    def read_all(self, instance_ids: Collection[str] = ()) -> list[Line]:
        """All lines of all scopes, or those about some instances."""
        where, values = ("WHERE instance_id = ANY(%s)", (sorted(instance_ids),)) if instance_ids else ("", ())
        if not self._database.ready(create=False):
            return []
        rows: list[tuple[Line]] = self._database.run(
            lambda cursor, _again: cursor.execute(ALL.format(where=where), values).fetchall()
        )
        return [line for (line,) in rows]

    def close(self) -> None:
        """Let go of the connection."""
        self._database.close()

    def _news(self, cursor: Any) -> list[Line]:
        rows = cursor.execute(UNREAD, (self._scope, self._ids, self._read)).fetchall()
        self._read = max((number for number, _line in rows), default=self._read)
        return [line for _number, line in rows]

    def _add(self, cursor: Any, batch: uuid.UUID, answer: Answer) -> int:
        """Returns the id of the last line, or 0 when there is nothing to add."""
        lines = list(answer(self._news(cursor)))
        return self._insert(cursor, batch, lines) if lines else 0

    def _insert(self, cursor: Any, batch: uuid.UUID, lines: Sequence[Mapping[str, Any]]) -> int:
        """Returns the id of the last line."""
        scopes = [line["scope"] for line in lines]
        ids = [line["instance_id"] for line in lines]
        texts = [text_of(line).decode() for line in lines]
        return max(int(row[0]) for row in cursor.execute(ADD, (batch, scopes, ids, texts)).fetchall())
