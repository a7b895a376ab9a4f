# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Instances to log in to: each on its own loopback address, and only while it is running.

Once in a while, and after every change of the fleet, what is listened on is made equal to what the fleet
says. A reset brings a new host key and a new machine id, a reboot a new boot id. Only root gets in, with the
key or the password that the latest reset (or the seed) gave; whatever was valid before that is not any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from pathlib import Path

import asyncssh

from emulator.fleet import Fleet
from emulator.model import Instance, Login
from emulator.system import Files, System

_LOOK_EVERY = 0.1
# The cheap ones only: dozens of hosts share one process.
_KEY_EXCHANGES = ("curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256")
_BANNER = "****************\nAuthorized use only.\n****************\n"  # as the lawyers of a fleet want it
_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr")


class Hosts:
    """All instances of a fleet that have an address. ``port`` is one for all (below 1024 needs root)."""

    def __init__(self, fleet: Fleet, port: int, directory: Path) -> None:
        self._fleet = fleet
        self._port = port
        self._directory = directory
        self._hosts: dict[str, _Host] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> asyncio.Task[None]:
        """Open what is running, and keep up with the fleet in a task, which only an OSError ends."""
        self._fleet.listeners.append(self._changed.set)
        await self._catch_up()
        self._task = asyncio.create_task(self._keep_up())
        return self._task

    async def stop(self) -> None:
        """Close everything."""
        if self._task:
            self._task.cancel()
        for host in self._hosts.values():
            host.close()

    async def _keep_up(self) -> None:
        while True:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _LOOK_EVERY)
            self._changed.clear()
            await self._catch_up()

    async def _catch_up(self) -> None:
        instances = {instance.id: instance for instance in self._fleet.addressed()}
        for gone in set(self._hosts) - set(instances):
            self._hosts.pop(gone).close()
        for instance in instances.values():
            host = self._hosts.setdefault(instance.id, _Host(self._fleet, instance, self._directory))
            host.close_if_changed(instance)
        for instance in instances.values():
            await self._hosts[instance.id].open(instance, self._port)


class _Host:
    """One instance: its system, once it was needed, and the listener while there is one."""

    def __init__(self, fleet: Fleet, instance: Instance, directory: Path) -> None:
        self._fleet = fleet
        self._id = instance.id
        self._directory = directory / instance.id
        self._system: System | None = None
        self._state = (0, 0, 0)
        self._listener: asyncssh.SSHAcceptor | None = None
        self.connections: set[asyncssh.SSHServerConnection] = set()

    def close_if_changed(self, instance: Instance) -> None:
        """Go away when the instance is not running, or has been reset or rebooted since the last look."""
        if self._listener and (instance.status != "running" or self._state != self._wanted(instance)):
            self.close()

    def close(self) -> None:
        """Stop listening, drop the connections and kill what runs."""
        if self._listener:
            self._listener.close()
            self._listener = None
        for connection in list(self.connections):
            connection.abort()
        if self._system:
            self._system.halt()

    async def open(self, instance: Instance, port: int) -> None:
        """Listen, if the instance is running and this does not happen yet."""
        if self._listener or instance.status != "running":
            return
        system = self._boot(instance)
        self._listener = await asyncssh.listen(
            instance.address,
            port,
            server_factory=lambda: _Door(self),
            server_host_keys=[system.host_key],
            process_factory=system.run,
            sftp_factory=lambda channel: Files(channel, system),
            allow_scp=True,
            encoding=None,
            line_editor=False,
            kex_algs=_KEY_EXCHANGES,
            encryption_algs=_CIPHERS,
            agent_forwarding=False,
            reuse_address=True,
        )

    def login(self) -> Login:
        """What root of this instance accepts at the moment."""
        instance = self._fleet.look(self._id)
        return instance.login if instance else Login()

    def _boot(self, instance: Instance) -> System:
        wanted = self._wanted(instance)
        if self._system is None:
            self._system = System(self._directory, instance.login.user_data)
        elif self._state[:2] != wanted[:2]:
            self._system.install(instance.login.user_data)
        elif self._state != wanted:
            self._system.start()
        self._state = wanted
        return self._system

    def _wanted(self, instance: Instance) -> tuple[int, int, int]:
        """What the system must be of: which world, which installation, which boot."""
        return self._fleet.seeds, instance.installation, instance.boot


class _Door(asyncssh.SSHServer):
    """Decides about one connection."""

    def __init__(self, host: _Host) -> None:
        self._host = host
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._host.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection:
            self._host.connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        if self._connection:
            self._connection.send_auth_banner(_BANNER)
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        known = [line.split()[:2] for line in self._host.login().public_keys]
        return username == "root" and key.export_public_key().decode("ascii").split()[:2] in known

    def password_auth_supported(self) -> bool:
        return bool(self._host.login().password)

    def validate_password(self, username: str, password: str) -> bool:
        expected = self._host.login().password
        return (
            username == "root"
            and bool(expected)
            and hmac.compare_digest(password.encode(), expected.encode())
        )
