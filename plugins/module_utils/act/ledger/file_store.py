# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The ledger as a file: one JSON object a line, appended under a lock and flushed to the disk.

Several processes can share it, one of them may be killed at any moment, and a person can read it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress

from ...core.errors import CloudError, InputError
from .lines import Answer, Fold, Line, about, key_of, parse, text_of

# How many seconds the lock is waited for: it is held for milliseconds, unless its holder was stopped.
PATIENCE, PAUSE = 60.0, 0.01


class FileStore:
    """The lines of one scope about some instances, in a file. See Store for the contract.

    ``make_folder``: the file's folder is made where it is missing, for its owner alone.
    """

    def __init__(
        self,
        path: str,
        scope: str,
        instance_ids: Collection[str],
        fold: Fold | None = None,
        make_folder: bool = False,
    ) -> None:
        self.name = repr(path)
        self._path, self._scope, self._fold, self._make_folder = path, scope, fold, make_folder
        self._keys = frozenset(key_of(one) for one in instance_ids)
        self._lock = threading.Lock()
        self._file: tuple[int, int] | None = None  # which file was read, and up to where
        self._read, self._named = 0, False
        self._known: dict[str, list[Line]] = {}  # by request, what was read or written

    def check(self) -> None:
        """Raise InputError unless the file can be read and written, or made. Creates nothing."""
        try:
            mode = os.stat(self._path).st_mode
        except FileNotFoundError:
            self._check_folder()
            return
        except OSError as error:
            raise InputError(f"ledger: {self.name} cannot be read: {error.strerror}") from error
        if not stat.S_ISREG(mode):
            raise InputError(f"ledger: {self.name} cannot be read: it is no file")
        for flag, what in ((os.R_OK, "read"), (os.W_OK, "written")):
            if not os.access(self._path, flag):
                raise InputError(f"ledger: {self.name} cannot be {what}: no permission")

    def _check_folder(self) -> None:
        folder = os.path.dirname(self._path) or "."
        while self._make_folder and not os.path.exists(folder) and folder != os.path.dirname(folder):
            folder = os.path.dirname(folder)
        if not os.path.isdir(folder):
            raise InputError(f"ledger: {self.name} cannot be written: there is no folder {folder!r}")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise InputError(f"ledger: {self.name} cannot be written: no permission for {folder!r}")

    def unread(self) -> list[Line]:
        """What was added since this object last read. A file that is not there yet is an empty one."""
        with self._lock, self._trouble("read"):
            try:
                with self._opened(os.O_RDONLY, fcntl.LOCK_SH) as descriptor:
                    return self._rest(descriptor)
            except FileNotFoundError:
                return []

    def append(self, answer: Answer) -> None:
        """Add the lines with which ``answer`` meets the unread ones; on disk when this returns."""
        with self._lock, self._trouble("written"):
            if self._make_folder:
                self._make(os.path.dirname(self._path))
            with self._opened(os.O_RDWR | os.O_APPEND | os.O_CREAT, fcntl.LOCK_EX) as descriptor:
                texts = [text_of(line) for line in answer(self._rest(descriptor))]
                if texts:
                    self._write(descriptor, texts)

    def read_all(self, instance_ids: Collection[str] = ()) -> list[Line]:
        """All lines of all scopes, or those about some instances."""
        keys = frozenset(key_of(one) for one in instance_ids) if instance_ids else None
        with self._trouble("read"):
            try:
                with self._opened(os.O_RDONLY, fcntl.LOCK_SH) as descriptor:
                    return list(about(_whole_lines(descriptor, 0), keys))
            except FileNotFoundError:
                return []

    def close(self) -> None:
        """Nothing is held between two calls."""

    @contextmanager
    def _trouble(self, what: str) -> Iterator[None]:
        """Say of an error that it is the ledger's."""
        try:
            yield
        except OSError as error:
            raise InputError(f"ledger: {self.name} cannot be {what}: {error.strerror or error}") from error

    @contextmanager
    def _opened(self, flags: int, lock: int) -> Iterator[int]:
        """A descriptor of the file that is at the path once the lock is held. Raises OSError."""
        deadline = time.monotonic() + PATIENCE
        while True:
            descriptor = os.open(self._path, flags | os.O_CLOEXEC, 0o600)
            try:
                _wait_for(descriptor, lock, deadline)
                if _same_file(descriptor, self._path):
                    yield descriptor
                    return
            finally:
                os.close(descriptor)

    def _rest(self, descriptor: int) -> list[Line]:
        """Our lines that were not read yet, without what another file at this place says once more."""
        found = os.fstat(descriptor)
        file = (found.st_dev, found.st_ino)
        anew = file != self._file or self._read > found.st_size
        texts, end = _whole_lines_and_end(descriptor, 0 if anew else self._read)
        lines = [line for line in self._ours(texts) if not (anew and self._knows(line))]
        for line in lines:
            self._remember(line)
        self._file, self._read = file, end
        return lines

    def _ours(self, texts: Sequence[bytes]) -> list[Line]:
        try:
            return [line for line in about(texts, self._keys) if line.get("scope") == self._scope]
        except CloudError as error:
            raise InputError(f"ledger: {self.name} {error}") from error

    def _knows(self, line: Line) -> bool:
        """Whether the line, or all that it was folded from, was read or written before."""
        known = self._known.get(str(line.get("request")), [])
        return line in known or bool(known and self._fold and self._fold(known) == line)

    def _remember(self, line: Line) -> None:
        self._known.setdefault(str(line.get("request")), []).append(line)

    def _write(self, descriptor: int, texts: Sequence[bytes]) -> None:
        """Add whole lines, or nothing: what a full disk took in part is taken away again. Raises OSError."""
        end = os.lseek(descriptor, 0, os.SEEK_END)
        data = b"".join(texts)
        if end and os.pread(descriptor, 1, end - 1) != b"\n":  # left behind by a process that was killed
            data = b"\n" + data
        try:
            while data:  # a disk that is almost full takes a part without an error, and refuses the rest
                data = data[os.write(descriptor, data) :]
            os.fsync(descriptor)
            if not self._named:  # whoever made the file may have been killed before this
                flush_folder(os.path.dirname(self._path))
                self._named = True
        except OSError:
            with suppress(OSError):
                os.ftruncate(descriptor, end)
            raise
        self._read = os.lseek(descriptor, 0, os.SEEK_END)
        for line in filter(None, map(parse, texts)):
            self._remember(line)

    def _make(self, folder: str) -> None:
        """Make the folder for its owner alone, and those above it, for good."""
        if os.path.isdir(folder):
            return
        parent = os.path.dirname(folder)
        self._make(parent)
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            return
        flush_folder(parent)


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


def _wait_for(descriptor: int, lock: int, deadline: float) -> None:
    """Take the lock. Raises OSError when somebody holds it for too long."""
    while True:
        try:
            fcntl.flock(descriptor, lock | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError(
                    errno.ETIMEDOUT, f"another process holds its lock for {PATIENCE:.0f} s"
                ) from None
        time.sleep(PAUSE)


def _same_file(descriptor: int, path: str) -> bool:
    """Whether the file is still at the path: it may have been compacted while its lock was waited for."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _whole_lines_and_end(descriptor: int, start: int) -> tuple[list[bytes], int]:
    """The lines from there on, without what may still become longer, and where they end."""
    data = os.pread(descriptor, max(os.fstat(descriptor).st_size - start, 0), start)
    whole = data[: data.rfind(b"\n") + 1]
    return whole.split(b"\n")[:-1], start + len(whole)


def _whole_lines(descriptor: int, start: int) -> list[bytes]:
    return _whole_lines_and_end(descriptor, start)[0]
