# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ledger in PostgreSQL on a real server, whose connections are cut, and which goes away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.place import Place
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.postgres_store import PostgresStore
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.stores import open_store
from ansible_collections.reforge.cloud.plugins.module_utils.api import database
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import CloudError, InputError
from cable import Cable
from postgres import PASSWORD, Postgres

SCOPE = "zenlayer_zec here"


def line(number):
    return {"instance_id": "a", "scope": SCOPE, "request": "r-1", "number": number}


def numbers(url):
    with psycopg.connect(url) as connection:
        return [
            row[0]["number"]
            for row in connection.execute("SELECT line FROM reforge_cloud.ledger ORDER BY id")
        ]


@pytest.fixture
def url(database_url):
    return database_url


@pytest.fixture
def opened():
    """Opens stores, and closes them in the end."""
    stores = []

    def make(url):
        stores.append(PostgresStore(url, SCOPE, ["a"]))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def store(url, opened):
    """A store that has written one line."""
    first = opened(url)
    first.append(lambda news: [line(0)])
    return first


@pytest.fixture
def quick(monkeypatch):
    """A database that is away is given up at once."""
    monkeypatch.setattr(database, "PATIENCE", 0.3)
    monkeypatch.setattr(database, "REST", 0.3)


def over(url, cable, monkeypatch):
    """The address of a database by the network, through a cable."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    name = url.partition("?")[0].rpartition("/")[2]
    return f"postgresql://reforge@127.0.0.1:{cable.port}/{name}"


@pytest.mark.parametrize("message", [b"BEGIN", b"advisory", b"INSERT", b"COMMIT\0"])
@pytest.mark.parametrize("arrives", [True, False])
def test_a_line_is_stored_once_whenever_the_connection_is_cut(
    postgres, url, opened, monkeypatch, message, arrives
):
    with Cable(postgres.port) as cable:
        store = opened(over(url, cable, monkeypatch))
        store.append(lambda news: [line(0)])
        cable.cut = (message, arrives)
        store.append(lambda news: [line(1), line(2)])
        store.append(lambda news: [line(3)])
        assert (cable.cuts, numbers(url), store.unread()) == (1, [0, 1, 2, 3], [])


def test_an_answer_that_was_not_stored_is_asked_for_again_with_what_others_added_since(
    postgres, url, opened, monkeypatch
):
    heard = []
    with Cable(postgres.port) as cable:
        store = opened(over(url, cable, monkeypatch))
        other = opened(url)
        store.append(lambda news: [])
        other.append(lambda news: [line(0)])

        def answer(news):
            heard.append([line["number"] for line in news])
            return [line(9)]

        cable.cut = (b"COMMIT\0", False)
        store.append(answer)
    assert heard == [[0], []] and numbers(url) == [0, 9]


def test_what_others_wrote_after_a_commit_whose_answer_was_lost_is_still_unread(
    postgres, url, opened, monkeypatch
):
    with Cable(postgres.port) as cable:
        store = opened(over(url, cable, monkeypatch))
        store.append(lambda news: [line(0)])
        connected = store._database._connected

        def late():
            if store._database._connection is None:
                opened(url).append(lambda news: [line(2)])
            return connected()

        monkeypatch.setattr(store._database, "_connected", late)
        cable.cut = (b"COMMIT\0", True)
        store.append(lambda news: [line(1)])
        assert (store.unread(), numbers(url)) == ([line(2)], [0, 1, 2])


def test_connections_that_are_killed_between_two_uses_are_made_anew(postgres, store, url):
    for number in (1, 2, 3):
        assert postgres.kill_connections() >= 1
        store.append(lambda news, number=number: [line(number)])
    assert numbers(url) == [0, 1, 2, 3]


def test_killed_connections_neither_lose_nor_repeat_a_line_of_many_writers(postgres, url, opened):
    def write(who):
        store = opened(url)
        for number in range(30):
            store.append(lambda news, number=number: [line(100 * who + number)])

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, who) for who in range(4)]
        while not all(writer.done() for writer in writers):
            postgres.kill_connections()
            time.sleep(0.1)
        for writer in writers:
            writer.result()
    assert sorted(numbers(url)) == sorted(100 * who + number for who in range(4) for number in range(30))


def test_those_who_begin_at_the_same_time_make_the_tables_once(url, opened):
    def write(number):
        opened(url).append(lambda news: [line(number)])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert sorted(numbers(url)) == list(range(8))


@pytest.fixture
def own_server():
    """A server that a test may stop."""
    server = Postgres()
    server.start()
    yield server
    server.remove()


def test_a_server_that_restarts_during_a_call_loses_nothing_and_one_that_stays_away_is_an_error(
    own_server, opened, quick
):
    store = opened(own_server.url)
    store.append(lambda news: [line(0)])
    own_server.stop(signal.SIGQUIT)
    with pytest.raises(CloudError, match="ledger: the database 'postgresql://reforge@.*' cannot be used: "):
        store.append(lambda news: [line(1)])
    began = time.monotonic()
    with pytest.raises(CloudError):
        store.append(lambda news: [line(1)])
    assert time.monotonic() - began < 0.2
    own_server.start()
    time.sleep(0.4)
    store.append(lambda news: [line(2)])
    assert numbers(own_server.url) == [0, 2]


def test_a_server_that_hangs_is_hung_up_on(postgres, url, opened, monkeypatch):
    monkeypatch.setattr(database, "ANSWER", 0.3)
    monkeypatch.setattr(database, "PATIENCE", 0.0)
    monkeypatch.setattr(database, "REST", 0.0)
    store = opened(url)
    with pytest.raises(CloudError, match="cannot be used"):
        store._database.run(lambda cursor, _again: cursor.execute("SELECT pg_sleep(20)"))
    store.append(lambda news: [line(0)])
    assert numbers(url) == [0]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:SEEN@h/d",
        "postgres://u:SEEN@h/d",
        "postgresql://u:SE/EN@h/d",
        "postgresql://u:SE@EN@h/d",
        "postgresql://u@h/d?password=SEEN",
        "postgresql://u@h/d?sslmode=require&sslpassword=SEEN",
        "mysql://u:SEEN@h/d",
    ],
)
def test_a_password_in_the_address_is_refused_and_not_shown(address):
    with pytest.raises(InputError, match="ledger: ") as error:
        open_store(Place(address, True), SCOPE, ["a"])
    assert "SEEN" not in str(error.value) and "EN@" not in str(error.value)


def test_the_password_comes_from_a_file_and_a_wrong_one_is_not_shown(postgres, tmp_path, monkeypatch):
    file = tmp_path / "pass"
    quoted = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    file.write_text(f"127.0.0.1:{postgres.port}:*:reforge:{quoted}\n", encoding="utf-8")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    open_store(Place(postgres.network_url, True), SCOPE, ["a"]).close()
    monkeypatch.setenv("PGPASSWORD", "SEEN")
    with pytest.raises(InputError, match="password authentication failed") as error:
        open_store(Place(postgres.network_url, True), SCOPE, ["a"])
    assert "SEEN" not in str(error.value)


def test_what_the_address_leaves_out_comes_from_libpqs_own_variables_and_files(
    postgres, tmp_path, monkeypatch
):
    where = {"HOST": "127.0.0.1", "PORT": str(postgres.port), "USER": "reforge", "DATABASE": "postgres"}
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    for name, value in where.items():
        monkeypatch.setenv(f"PG{name}", value)
    open_store(Place("postgresql://", True), SCOPE, ["a"]).close()
    for name in where:
        monkeypatch.delenv(f"PG{name}")
    service = f"[night]\nhost=127.0.0.1\nport={postgres.port}\nuser=reforge\ndbname=postgres\n"
    (tmp_path / "services").write_text(service, encoding="utf-8")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    open_store(Place("postgresql://?service=night", True), SCOPE, ["a"]).close()


@pytest.mark.parametrize("address", ["postgresql://u@127.0.0.1:1/d", "postgresql://u@/d?host=/nowhere"])
def test_a_server_that_is_away_is_found_when_the_ledger_is_opened(address):
    with pytest.raises(InputError, match="ledger: the database .* cannot be used: .*"):
        open_store(Place(address, True), SCOPE, ["a"])


@pytest.mark.parametrize("address", ["postgresql://u@[::1/d", "postgresql://u@h/d?colour=blue"])
def test_an_address_that_libpq_does_not_understand_is_refused_with_its_words(address):
    with pytest.raises(InputError, match="ledger: .* (invalid|]|matching)"):
        open_store(Place(address, True), SCOPE, ["a"])


def test_without_psycopg_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InputError, match=r"needs psycopg 3 for .*: pip install 'psycopg\[binary\]'"):
        open_store(Place("postgresql://u@h/d", True), SCOPE, ["a"])


def test_psycopg_is_not_imported_for_a_file(tmp_path):
    program = (
        "import sys\n"
        "from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.place import *\n"
        "from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.stores import *\n"
        f"open_store(Place({str(tmp_path / 'ledger')!r}, True), 's', ['a']).append(lambda news: [])\n"
        "assert 'psycopg' not in sys.modules"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


def test_opening_and_looking_creates_nothing_in_the_database(url, opened):
    store = opened(url)
    store.check()
    assert store.unread() == [] and store.read_all() == []
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regnamespace('reforge_cloud')").fetchone() == (None,)


def test_a_format_of_a_later_version_is_refused(store, url):
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE reforge_cloud.version SET version = 2")
    with pytest.raises(InputError, match="ledger: .* has format 2, but this version .* knows only 1"):
        open_store(Place(url, True), SCOPE, ["a"])


@pytest.mark.parametrize(
    "statement, words",
    [
        ("ALTER ROLE guest SET default_transaction_read_only = on", "read-only"),
        ("REVOKE INSERT ON reforge_cloud.ledger FROM guest", "no permission"),
        ("DROP SCHEMA reforge_cloud CASCADE", "no permission"),
    ],
)
def test_a_database_that_cannot_be_written_is_found_when_the_ledger_is_opened(store, url, statement, words):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS guest")
        connection.execute("CREATE ROLE guest LOGIN")
        connection.execute("GRANT USAGE ON SCHEMA reforge_cloud TO guest")
        connection.execute("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA reforge_cloud TO guest")
        guest = Place(url.replace("reforge@", "guest@"), True)
        allowed = open_store(guest, SCOPE, ["a"])
        allowed.append(lambda news: [line(1)])
        allowed.close()
        connection.execute(statement)
        with pytest.raises(InputError, match=f"ledger: .* cannot be written: .*{words}"):
            open_store(guest, SCOPE, ["a"])
        connection.execute("DROP OWNED BY guest")


def test_a_writer_that_was_stopped_in_its_turn_holds_the_others_up_no_longer_than_its_transaction_may_idle(
    url, opened, store, monkeypatch
):
    monkeypatch.setattr(database, "LIMITS", database.LIMITS.replace("'20s'", "'300ms'"))
    began = []

    def slow(news):
        if not began:
            began.append(time.monotonic())
            time.sleep(1.0)
        return [line(2)]

    other = opened(url)
    with ThreadPoolExecutor(1) as pool:
        turn = pool.submit(store.append, slow)
        while not began:
            time.sleep(0.01)
        other.append(lambda news: [line(1)])
        assert time.monotonic() - began[0] < 0.9
        turn.result()
    assert numbers(url) == [0, 1, 2]
