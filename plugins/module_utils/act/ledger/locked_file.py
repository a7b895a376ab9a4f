# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A file that processes take turns at, and what it takes to have something on the disk for good."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# How many seconds the lock is waited for: it is held for milliseconds, unless its holder was stopped.
PATIENCE, PAUSE = 60.0, 0.01


@contextmanager
def locked(path: str, flags: int, lock: int) -> Iterator[int]:
    """A descriptor of the file that is at the path once the lock is held. Raises OSError."""
    deadline = time.monotonic() + PATIENCE
    while True:
        descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
        try:
            wait_for(descriptor, lock, deadline)
            if is_at(descriptor, path):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def wait_for(descriptor: int, lock: int, deadline: float | None = None) -> None:
    """Take the lock. Raises OSError when somebody holds it for too long."""
    deadline = time.monotonic() + PATIENCE if deadline is None else deadline
    while True:
        try:
            fcntl.flock(descriptor, lock | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                sentence = f"another process has held its lock for {PATIENCE:.0f} s"
                raise TimeoutError(errno.ETIMEDOUT, sentence) from None
        time.sleep(PAUSE)


def is_at(descriptor: int, path: str) -> bool:
    """Whether the file is still at the path: it may have been replaced while its lock was waited for."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def write_all(descriptor: int, data: bytes) -> None:
    """Write it all: a disk that is almost full takes a part without an error, and refuses the rest."""
    while data:
        data = data[os.write(descriptor, data) :]


def append(descriptor: int, data: bytes) -> None:
    """Add lines, on disk when this returns, or nothing at all. Raises OSError."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    if end and os.pread(descriptor, 1, end - 1) != b"\n":  # left behind by a process that was killed
        data = b"\n" + data
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    except OSError:
        with suppress(OSError):
            os.ftruncate(descriptor, end)
        raise


def flush_folder(folder: str) -> None:
    """Flush the names of the files in a folder to the disk, on systems that can do so."""
    descriptor = os.open(folder or ".", os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def make_folder(folder: str) -> None:
    """Make a folder, and those above it, for their owner alone. Raises OSError."""
    if os.path.isdir(folder):
        return
    parent = os.path.dirname(folder)
    make_folder(parent)
    with suppress(FileExistsError):
        os.mkdir(folder, 0o700)
        flush_folder(parent)
