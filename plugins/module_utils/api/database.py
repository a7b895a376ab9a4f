# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The PostgreSQL database that controllers share: one connection, made anew when it breaks. Needs psycopg 3.

The password comes from where libpq looks for it, never from the address, which results and logs show.
https://www.postgresql.org/docs/current/libpq-envars.html,
https://www.postgresql.org/docs/current/libpq-pgpass.html
"""

from __future__ import annotations

import importlib
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from ..core.errors import CloudError, InputError
from .database_address import password_in

VERSION = 1
# Seconds. A connection that broke is made anew for PATIENCE, as long as a server takes to restart; after that
# every use fails at once for REST, so that the waits of many uses do not add up. A statement may take
# STATEMENT, its answer ANSWER. A transaction that idles for IDLE is lost: others wait for its lock.
CONNECT, PATIENCE, REST, PAUSE = 5, 10.0, 5.0, 0.25
STATEMENT, IDLE, ANSWER = 30, 20, 40.0
DEFAULTS = {
    "connect_timeout": CONNECT,
    "application_name": "reforge.cloud",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# Per transaction, as poolers need it. What is noted must survive a crash of the server. A new table has no
# statistics, by which the planner would read all of it rather than use the index.
LIMITS = f"""
SELECT set_config('statement_timeout', '{STATEMENT}s', true),
    set_config('idle_in_transaction_session_timeout', '{IDLE}s', true),
    set_config('enable_seqscan', 'off', true),
    set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
        ELSE current_setting('synchronous_commit') END, true)
"""
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
# Lines are json and not jsonb, which refuses some characters that JSON allows.
TABLES = f"""
CREATE TABLE reforge_cloud.ledger (
    id bigint GENERATED ALWAYS AS IDENTITY,
    scope text NOT NULL,
    instance_id text NOT NULL,
    line json NOT NULL,
    batch uuid NOT NULL,
    number int NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (scope, instance_id, id),
    UNIQUE (batch, number)
);
CREATE UNLOGGED TABLE reforge_cloud.rate (name text PRIMARY KEY, free_at timestamptz NOT NULL);
CREATE TABLE reforge_cloud.version (version int NOT NULL);
INSERT INTO reforge_cloud.version VALUES ({VERSION});
"""
# From the catalogue's tables: to_regnamespace() and to_regclass() look into a cache of the connection, which
# after the wait for a lock may not know yet what another connection has made.
THERE = """
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'reforge_cloud'),
       EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = 'reforge_cloud' AND tablename = 'version')
"""
NEEDED = (
    ("ledger", "SELECT"),
    ("ledger", "INSERT"),
    ("rate", "SELECT"),
    ("rate", "INSERT"),
    ("rate", "UPDATE"),
)
# The server takes no statement but soon will (starting, shutting down, out of connections), or has ended a
# transaction that can be done again. https://www.postgresql.org/docs/current/errcodes-appendix.html
PASSING = ("08", "57P", "53300", "25P03", "40001", "40P01")

Result = TypeVar("Result")


class Database:
    """A connection for the threads of this process. ``name`` shows where it leads.

    Raises InputError when the address holds a password or psycopg is missing. Nothing is sent yet.
    """

    def __init__(self, url: str, patience: float | None = None) -> None:
        if password_in(url):
            raise InputError(
                "ledger: the address (not shown) holds a password. Leave it out, and set PGPASSWORD or "
                "PGPASSFILE, or write it into ~/.pgpass"
            )
        self.name, self._url = repr(url), url
        self._patience = PATIENCE if patience is None else patience
        self._psycopg = _import()
        self._lock = threading.Lock()
        self._connection: Any = None
        self._away: tuple[float, str] = (0.0, "")  # until when not to try, and why
        self._made = False

    def run(self, work: Callable[[Any, bool], Result], patient: bool = True) -> Result:
        """Do the work with a cursor in one transaction, committed when this returns. Raises CloudError.

        When the connection breaks, the work is done again, with True: it may have been committed before.
        """
        return self._try(lambda connection, again: _in_transaction(connection, work, again), patient)

    def ask(self, statement: str, values: dict[str, Any]) -> Any:
        """The first row that a single statement returns. It may be done twice. Raises CloudError."""
        return self._try(lambda connection, _again: connection.execute(statement, values).fetchone(), True)

    def check(self) -> None:
        """Raise InputError unless the database is there and can be used. Creates nothing."""
        try:
            self.run(lambda cursor, _again: self._check(cursor), patient=False)
        except InputError:
            raise
        except CloudError as error:
            raise InputError(str(error)) from error

    def ready(self, create: bool) -> bool:
        """Whether the tables are there; ``create``: make them where they are missing. Raises CloudError."""
        if not self._made:
            self._made = self.run(
                lambda cursor, _again: _make_tables(cursor) if create else cursor.execute(THERE).fetchone()[1]
            )
        return self._made

    def close(self) -> None:
        """Let go of the connection. Raises nothing."""
        with self._lock:
            self._drop()

    def _check(self, cursor: Any) -> None:
        schema, tables = cursor.execute(THERE).fetchone()
        if tables:
            (version,) = cursor.execute("SELECT max(version) FROM reforge_cloud.version").fetchone()
            if version != VERSION:
                raise InputError(
                    f"ledger: {self.name} has format {version}, but this version of reforge.cloud "
                    f"knows only {VERSION}: upgrade it"
                )
            needed = " AND ".join(
                f"has_table_privilege('reforge_cloud.{table}', '{privilege}')" for table, privilege in NEEDED
            )
        elif schema:
            needed = "has_schema_privilege('reforge_cloud', 'CREATE')"
        else:
            needed = "has_database_privilege(current_database(), 'CREATE')"
        allowed, read_only = cursor.execute(
            f"SELECT {needed}, current_setting('transaction_read_only') = 'on'"
        ).fetchone()
        if read_only:
            raise InputError(f"ledger: {self.name} cannot be written: the server is read-only")
        if not allowed:
            raise InputError(f"ledger: {self.name} cannot be written: no permission, it lacks {needed}")

    def _try(self, work: Callable[[Any, bool], Result], patient: bool) -> Result:
        with self._lock:
            deadline, again = time.monotonic() + (self._patience if patient else 0.0), False
            if time.monotonic() < self._away[0]:
                raise CloudError(self._away[1])
            while True:
                try:
                    connection = self._connected()
                    with _hung_up_after(connection, ANSWER):
                        return work(connection, again)
                except self._psycopg.Error as error:
                    again = self._again(error, deadline)
                time.sleep(PAUSE)

    def _again(self, error: Any, deadline: float) -> bool:
        """True when the work may be tried again. Raises CloudError."""
        lost = self._connection is None or self._connection.closed
        if lost:
            self._drop()
        problem = f"ledger: the database {self.name} cannot be used: {_sentence(error)}"
        if not lost and not (error.sqlstate or "").startswith(PASSING):
            raise CloudError(problem) from error
        if time.monotonic() >= deadline:
            self._away = (time.monotonic() + REST, problem) if lost else self._away
            raise CloudError(problem) from error
        return True

    def _connected(self) -> Any:
        if self._connection is None:
            given = self._psycopg.conninfo.conninfo_to_dict(self._url)
            defaults = {key: value for key, value in DEFAULTS.items() if key not in given}
            if "PGCONNECT_TIMEOUT" in os.environ:
                defaults.pop("connect_timeout", None)
            self._connection = self._psycopg.connect(
                self._url, autocommit=True, prepare_threshold=None, **defaults
            )
            self._connection.isolation_level = self._psycopg.IsolationLevel.READ_COMMITTED
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(self._psycopg.Error):
                self._connection.close()
        self._connection = None


def _import() -> Any:
    try:
        return importlib.import_module("psycopg")
    except ImportError as error:
        raise InputError(
            f"ledger: a postgresql:// address needs psycopg 3 for {sys.executable}: "
            f"pip install 'psycopg[binary]' ({error})"
        ) from error


def _in_transaction(connection: Any, work: Callable[[Any, bool], Result], again: bool) -> Result:
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(LIMITS)
        return work(cursor, again)


def _make_tables(cursor: Any) -> bool:
    """Once among all who begin at the same time."""
    cursor.execute(LOCK, ("reforge_cloud schema",))
    schema, tables = cursor.execute(THERE).fetchone()
    if not schema:
        cursor.execute("CREATE SCHEMA reforge_cloud")
    if not tables:
        cursor.execute(TABLES)
    return True


def _sentence(error: Any) -> str:
    """The server's or libpq's own words, on one line."""
    return " ".join((error.diag.message_primary or str(error) or type(error).__name__).split())


@contextmanager
def _hung_up_after(connection: Any, seconds: float) -> Iterator[None]:
    """Cut the connection when its answer is late: a server that is stopped keeps its sockets open."""

    def hang_up() -> None:
        with suppress(Exception), socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
