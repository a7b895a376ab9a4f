# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The modules with a ledger in PostgreSQL, whose server is there, or away, or goes away during a call."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import psycopg
import pytest

from postgres import Postgres

AWAY = "postgresql://reforge@127.0.0.1:1/postgres"


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """A server that a test may stop."""
    server = Postgres()
    server.start()
    yield server
    server.remove()


def states(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT line->>'state' FROM reforge_cloud.ledger ORDER BY id").fetchall()
    return [state for (state,) in rows]


def test_a_reset_is_noted_and_found_by_the_next_call_with_the_environments_ledger(
    cloud, reset, rows, database_url
):
    cloud.seed(["a"])
    first = cloud.run(reset("a", run_id="night-1", force=True, ledger=database_url))
    again = cloud.run(reset("a", run_id="night-1", force=True), REFORGE_LEDGER=database_url)
    assert (rows(first)["a"]["outcome"], rows(again)["a"]["outcome"]) == ("reset", "unchanged")
    assert states(database_url)[0] == "intended" and states(database_url)[-1] == "done"
    assert cloud.emulator.wipes() == {"a": 1}


@pytest.mark.parametrize("flags", [(), ("--check",)])
def test_a_server_that_is_away_is_an_error_before_anything_is_sent(cloud, reset, flags):
    cloud.seed(["a"])
    result = cloud.run(reset("a", ledger=AWAY), *flags)
    assert result["failed"] and "ledger: the database" in result["msg"] and cloud.writes() == []


def test_check_mode_makes_no_tables(cloud, reset, rows, database_url):
    cloud.seed(["a"])
    result = cloud.run(reset("a", ledger=database_url), "--check")
    assert rows(result)["a"]["verdict"] == "reset"
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT to_regnamespace('reforge_cloud')").fetchone() == (None,)


@pytest.mark.parametrize("address", ["postgresql://u:SEEN@h/d", "postgresql://u@h/d?password=SEEN"])
def test_a_password_in_the_address_is_refused_and_shown_nowhere(cloud, reset, address):
    cloud.seed(["a"])
    result = cloud.run(reset("a", ledger=address))
    assert result["failed"] and "holds a password" in result["msg"]
    assert "SEEN" not in str(result) and "SEEN" not in cloud.output and cloud.writes() == []


def test_a_password_in_the_address_is_not_shown_by_what_reads_the_ledger_either(cloud, call):
    account = dict.fromkeys(("provider", "endpoint", "access_key", "secret_key"))  # it takes none
    result = cloud.run(call("ledger_info", ledger="postgresql://u:SEEN@h/d", **account))
    assert result["failed"] and "holds a password" in result["msg"]
    assert "SEEN" not in str(result) and "SEEN" not in cloud.output


def test_what_was_sent_is_waited_for_and_reported_when_the_server_goes_away(cloud, reset, rows, own_server):
    cloud.seed(["a"])

    def stop_when_sent() -> None:
        while not cloud.writes("ResetInstances"):
            pass
        own_server.stop(signal.SIGQUIT)

    watching = threading.Thread(target=stop_when_sent)
    watching.start()
    result = cloud.run(reset("a", ledger=own_server.url))
    watching.join()
    assert rows(result)["a"]["outcome"] == "reset" and not result["failed"]
    assert "cannot be used" in cloud.output and cloud.emulator.wipes() == {"a": 1}
    own_server.start()
    again = cloud.run(reset("a", ledger=own_server.url))
    assert rows(again)["a"]["outcome"] == "unchanged" and cloud.emulator.wipes() == {"a": 1}
