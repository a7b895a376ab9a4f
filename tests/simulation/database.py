# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A ledger in PostgreSQL for runs that are killed: a real server, and what it holds when a run is gone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import psycopg

from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.postgres_store import PostgresStore

# Seconds in which the server has let go of a client that was killed.
PATIENCE = 20.0
OTHERS = """
SELECT pid, state, wait_event, left(query, 80), clock_timestamp() - state_change FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
LAST_STATES = """
SELECT DISTINCT ON (instance_id) instance_id, line ->> 'state' FROM reforge_cloud.ledger
WHERE line ->> 'verb' = %s ORDER BY instance_id, id DESC
"""


class DatabaseHome:
    """The database at ``name``, an address without a password. It stands in for a Disk."""

    def __init__(self, name: str) -> None:
        self.name = name
        PostgresStore(name, "", ()).append(lambda unread: [])  # makes the tables

    def states(self, verb: str) -> dict[str, str]:
        """By instance, the last state of a verb that was committed."""
        # A transaction would show the same connections each time.
        with psycopg.connect(self.name, autocommit=True) as connection:
            deadline = time.monotonic() + PATIENCE
            while others := connection.execute(OTHERS).fetchall():
                assert time.monotonic() < deadline, f"a killed run still has its connection: {others}"
                time.sleep(0.002)
            return dict(connection.execute(LAST_STATES, (verb,)).fetchall())

    def hold(self) -> Callable[[], None]:
        """Let nobody add a line, until what is returned is called."""
        connection = psycopg.connect(self.name)
        connection.execute("LOCK TABLE reforge_cloud.ledger IN EXCLUSIVE MODE")
        return connection.close

    def remove(self) -> None:
        """Delete all lines."""
        with psycopg.connect(self.name) as connection:
            connection.execute("TRUNCATE reforge_cloud.ledger, reforge_cloud.rate")


def own_database(server: str) -> DatabaseHome:
    """A database of this process at the server with this address."""
    name = f"kills_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
    return DatabaseHome(server.replace("/postgres?", f"/{name}?"))
