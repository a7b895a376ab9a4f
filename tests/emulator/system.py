# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One installation of a system: a directory, a host key, a machine id and a boot id. Commands are real
processes.

The home directory lies in the emulator's state directory and is emptied by every reset. Apart from that the
file system is that of the computer which the emulator runs on, and commands run as the user who started it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import struct
import termios
import time
import uuid
from pathlib import Path

import asyncssh

from emulator.cloud_init import host_key

_CHUNK = 65536


class System:
    """What is installed on one instance.

    ``/etc/machine-id``, ``/proc/sys/kernel/random/boot_id`` and ``/proc/uptime`` are answered from the
    instance's own directory: where these paths stand in a command line or in an SFTP request, they are
    replaced. A program that opens them itself (a module that was sent over stdin, say) sees those of the
    computer. ``~root`` in a command line, which Ansible asks for to find its temporary directory, becomes the
    instance's home in the same way.
    """

    def __init__(self, directory: Path, user_data: str = "") -> None:
        self.home = directory / "home"
        self._own = {
            "/etc/machine-id": directory / "machine-id",
            "/proc/sys/kernel/random/boot_id": directory / "boot_id",
            "/proc/uptime": directory / "uptime",
        }
        self._directory = directory
        self._children: set[asyncio.subprocess.Process] = set()
        self.install(user_data)

    def install(self, user_data: str = "") -> None:
        """A new system: an empty home, another host key and machine id, and a first boot."""
        shutil.rmtree(self._directory, ignore_errors=True)
        self.home.mkdir(parents=True)
        self.host_key = host_key(user_data) or asyncssh.generate_private_key("ssh-ed25519")
        self._own["/etc/machine-id"].write_text(f"{uuid.uuid4().hex}\n", encoding="ascii")
        self.start()

    def start(self) -> None:
        """Another boot of the same system."""
        self._own["/proc/sys/kernel/random/boot_id"].write_text(f"{uuid.uuid4()}\n", encoding="ascii")

    def halt(self) -> None:
        """Kill whatever runs."""
        for child in self._children:
            if child.returncode is None:
                os.killpg(child.pid, signal.SIGKILL)

    def path(self, asked: bytes) -> bytes:
        """The real path behind one that a client names: relative to the home, with the system's own files."""
        own = self._own.get(os.fsdecode(asked))
        return os.fsencode(own or self.home / os.fsdecode(asked))

    async def run(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """Run one command, or a shell if there is none, and pass on input, output, errors and the exit
        status.
        """
        command = process.command
        booted_at = self._own["/proc/sys/kernel/random/boot_id"].stat().st_mtime
        self._own["/proc/uptime"].write_text(f"{time.time() - booted_at:.2f} 0.00\n", encoding="ascii")
        for asked, own in (*self._own.items(), ("~root", self.home)):
            command = command.replace(asked, str(own)) if command else None
        arguments = ["/bin/sh", "-c", command] if command else ["/bin/sh"]
        status = await (self._with_terminal if process.term_type else self._with_pipes)(process, arguments)
        if status < 0:
            process.exit_with_signal(signal.Signals(-status).name.removeprefix("SIG"))
        else:
            process.exit(status)

    async def _with_pipes(self, process: asyncssh.SSHServerProcess[bytes], arguments: list[str]) -> int:
        child = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self.home,
            env=self._environment(process),
            start_new_session=True,
        )
        assert child.stdin and child.stdout and child.stderr
        return await self._attend(
            child, process, child.stdin, [(child.stdout, process.stdout), (child.stderr, process.stderr)]
        )

    async def _with_terminal(self, process: asyncssh.SSHServerProcess[bytes], arguments: list[str]) -> int:
        outer, inner = os.openpty()
        columns, rows, width, height = process.get_terminal_size()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, width, height))
        child = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=inner,
            stdout=inner,
            stderr=inner,
            cwd=self.home,
            start_new_session=True,
            env={**self._environment(process), "TERM": process.term_type or "dumb"},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(inner)
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = _TerminalProtocol(reader)
        reading, _unused = await loop.connect_read_pipe(
            lambda: protocol, os.fdopen(os.dup(outer), "rb", buffering=0)
        )
        writing, writing_protocol = await loop.connect_write_pipe(
            asyncio.streams.FlowControlMixin, os.fdopen(outer, "wb", buffering=0)
        )
        try:
            return await self._attend(
                child,
                process,
                asyncio.StreamWriter(writing, writing_protocol, None, loop),
                [(reader, process.stdout)],
            )
        finally:
            reading.close()
            writing.close()

    async def _attend(
        self,
        child: asyncio.subprocess.Process,
        process: asyncssh.SSHServerProcess[bytes],
        stdin: asyncio.StreamWriter,
        outputs: list[tuple[asyncio.StreamReader, asyncssh.SSHWriter[bytes]]],
    ) -> int:
        """Move data both ways until all outputs are at their end; the client's end of input ends the
        child's.
        """
        self._children.add(child)
        feeding = asyncio.create_task(_feed(process.stdin, stdin, at_end_close=not process.term_type))
        try:
            await asyncio.gather(*(_drain(source, sink) for source, sink in outputs))
            return await child.wait()
        finally:
            feeding.cancel()
            self._children.discard(child)
            if child.returncode is None:
                os.killpg(child.pid, signal.SIGKILL)

    def _environment(self, process: asyncssh.SSHServerProcess[bytes]) -> dict[str, str]:
        return {
            **dict(process.env),
            "HOME": str(self.home),
            "USER": "root",
            "LOGNAME": "root",
            "SHELL": "/bin/sh",
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        }


class Files(asyncssh.SFTPServer):
    """SFTP and scp on a system."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], system: System) -> None:
        super().__init__(channel)
        self._system = system

    def map_path(self, path: bytes) -> bytes:
        """Where a path of the client really is."""
        return self._system.path(path)

    def exit(self) -> None:
        """The client has ended the session: tell it that all went well, or scp reports a failure."""
        if not self.channel.is_closing():
            self.channel.exit(0)


async def _feed(source: asyncssh.SSHReader[bytes], sink: asyncio.StreamWriter, at_end_close: bool) -> None:
    try:
        while data := await source.read(_CHUNK):
            sink.write(data)
            await sink.drain()
    except (OSError, asyncssh.Error):
        pass  # either side went away; the outputs tell
    if at_end_close:
        sink.close()


class _TerminalProtocol(asyncio.StreamReaderProtocol):
    """A terminal whose last process is gone fails with EIO: that is its end, and what it said before is still
    read.
    """

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(None)


async def _drain(source: asyncio.StreamReader, sink: asyncssh.SSHWriter[bytes]) -> None:
    try:
        while data := await source.read(_CHUNK):
            sink.write(data)
            await sink.drain()
    except (OSError, asyncssh.Error):
        pass  # the client may have gone
