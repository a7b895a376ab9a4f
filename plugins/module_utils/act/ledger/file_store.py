# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The ledger as a file: one JSON object a line, appended under a lock and flushed to the disk.

Several processes can share it, one of them may be killed at any moment, and a person can read it.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import stat
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from ...core.errors import CloudError, InputError
from .layout import Layout, identity_of, layout_of, sorted_about
from .lines import Answer, Fold, Line, about, key_of, text_of
from .locked_file import append, flush_folder, locked, make_folder

Texts = dict[tuple[str, str], list[bytes]]  # lines by instance and request


class FileStore:
    """The lines of one scope about some instances, in a file. See Store for the contract.

    ``in_own_folder``: the file's folder is made where it is missing, for its owner alone.
    """

    def __init__(
        self,
        path: str,
        scope: str,
        instance_ids: Collection[str],
        fold: Fold | None = None,
        in_own_folder: bool = False,
    ) -> None:
        self.name = repr(path)
        self._path, self._scope, self._fold, self._in_own_folder = path, scope, fold, in_own_folder
        self._keys = frozenset(key_of(instance_id) for instance_id in instance_ids)
        self._lock = threading.Lock()
        self._file: tuple[int, int, bytes] | None = None  # which file was read, and up to where
        self._read, self._named, self._layout = 0, False, Layout()
        # The lines that were read or written: as text, which takes a fourth of the memory of their values.
        self._known: Texts = {}
        self._lost: Texts = {}  # of what is known, what the file that is there now does not hold

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
            raise InputError(f"ledger: {self.name} cannot be read: it is not a file")
        for flag, what in ((os.R_OK, "read"), (os.W_OK, "written")):
            if not os.access(self._path, flag):
                raise InputError(f"ledger: {self.name} cannot be {what}: no permission")

    def _check_folder(self) -> None:
        folder = os.path.dirname(self._path) or "."
        while self._in_own_folder and not os.path.exists(folder) and folder != os.path.dirname(folder):
            folder = os.path.dirname(folder)
        if not os.path.isdir(folder):
            raise InputError(f"ledger: {self.name} cannot be written: there is no folder {folder!r}")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise InputError(f"ledger: {self.name} cannot be written: no permission for {folder!r}")

    def unread(self) -> list[Line]:
        """What was added since this object last read. A file that is not there yet is an empty one."""
        with (
            self._lock,
            self._trouble("read"),
            suppress(FileNotFoundError),
            locked(self._path, os.O_RDONLY, fcntl.LOCK_SH) as descriptor,
        ):
            return self._rest(descriptor)
        return []

    def append(self, answer: Answer) -> None:
        """Add the lines with which ``answer`` meets the unread ones; on disk when this returns."""
        with self._lock, self._trouble("written"), self._open() as descriptor:
            new = list(answer(self._rest(descriptor)))
            if new:
                self._write(descriptor, new)

    def rehearse(self, lines: Sequence[Line]) -> None:
        """Raise InputError unless these lines could be added now: as many bytes go to the disk and are taken
        back. They are blank, in case the process is killed in between.
        """
        room = sum(len(text_of(line)) for line in lines)
        with self._lock, self._trouble("written"), self._open() as descriptor:
            end = os.fstat(descriptor).st_size
            append(descriptor, b" " * room + b"\n")
            os.ftruncate(descriptor, end)

    def read_all(self, instance_ids: Collection[str] = ()) -> list[Line]:
        """All lines of all scopes, or those about some instances."""
        keys = frozenset(key_of(instance_id) for instance_id in instance_ids) if instance_ids else None
        with self._trouble("read"), suppress(FileNotFoundError):
            with locked(self._path, os.O_RDONLY, fcntl.LOCK_SH) as descriptor:
                data = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
            with self._malformed():
                return list(about(data.split(b"\n"), keys))
        return []

    def close(self) -> None:
        """Compact the file where that pays. What goes wrong with that is no matter: the file is as it was."""
        if self._fold and self._layout.pays(self._read):
            with suppress(ImportError, OSError, CloudError, AttributeError, KeyError, TypeError, ValueError):
                from .compaction import compact  # few calls need it

                compact(self._path, self._fold)

    @contextmanager
    def _open(self) -> Iterator[int]:
        """The file, which is made where there is none, for this process alone. Raises OSError."""
        if self._in_own_folder:
            make_folder(os.path.dirname(self._path))
        with locked(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, fcntl.LOCK_EX) as descriptor:
            yield descriptor

    @contextmanager
    def _trouble(self, what: str) -> Iterator[None]:
        """Say of an error that it is the ledger's."""
        try:
            yield
        except OSError as error:
            raise InputError(f"ledger: {self.name} cannot be {what}: {error.strerror or error}") from error

    @contextmanager
    def _malformed(self) -> Iterator[None]:
        """Say whose content it is that cannot be read."""
        try:
            yield
        except CloudError as error:
            raise InputError(f"ledger: {self.name} {error}") from error

    def _rest(self, descriptor: int) -> list[Line]:
        """Our lines that were not read yet, without what another file at this place says once more."""
        size, file = os.fstat(descriptor).st_size, identity_of(descriptor)
        anew = file != self._file or self._read > size
        self._named = self._named and not anew
        with self._malformed():
            start, texts = self._sorted(descriptor) if anew else (self._read, [])
            data = os.pread(descriptor, size - start, start)
            whole = data[: data.rfind(b"\n") + 1]  # the rest may still become longer
            matches = about([*texts, *whole.split(b"\n")], self._keys)
            lines = [line for line in matches if line.get("scope") == self._scope]
        return self._taken(lines, file, start + len(whole), anew)

    def _taken(self, lines: Sequence[Line], file: Any, read: int, anew: bool) -> list[Line]:
        """Remember lines that were read, and where that was; returns those that say something new.

        What another file at this place does not hold, because somebody deleted the one before, is written
        there again.
        """
        before = {**self._lost, **self._known} if anew else {}
        self._file, self._read, self._known = file, read, {} if anew else self._known
        for line in lines:
            self._remember(line, text_of(line))
        if anew:
            self._lost = {request: texts for request, texts in before.items() if request not in self._known}
        return [line for line in lines if not self._says(before.get(_request_of(line), []), line)]

    def _sorted(self, descriptor: int) -> tuple[int, list[bytes]]:
        """Our lines in the sorted part of the file, and where the other lines begin."""
        with _mapped(descriptor) as data:
            self._layout = layout_of(data) if data else Layout()
            return self._layout.tail, sorted_about(data, self._layout, self._keys) if data else []

    def _says(self, texts: Sequence[bytes], line: Line) -> bool:
        """Whether a line says nothing beyond what is known of its request."""
        known = list(about(texts, None))
        return line in known or bool(known and self._fold and self._fold(known) == line)

    def _remember(self, line: Mapping[str, Any], text: bytes) -> None:
        self._known.setdefault(_request_of(line), []).append(text)

    def _write(self, descriptor: int, new: Sequence[Mapping[str, Any]]) -> None:
        """Append lines, after those that somebody has deleted."""
        texts = list(map(text_of, new))
        append(descriptor, b"".join([*(text for known in self._lost.values() for text in known), *texts]))
        if not self._named:  # whoever made the file may have been killed before this
            flush_folder(os.path.dirname(self._path))
            self._named = True
        self._read = os.lseek(descriptor, 0, os.SEEK_END)
        for request, known in self._lost.items():
            self._known.setdefault(request, []).extend(known)
        self._lost = {}
        for line, text in zip(new, texts):
            self._remember(line, text)


def _request_of(line: Mapping[str, Any]) -> tuple[str, str]:
    return line["instance_id"], str(line.get("request"))


@contextmanager
def _mapped(descriptor: int) -> Iterator[mmap.mmap | None]:
    """The file's bytes, read where they are needed; None for an empty one, which cannot be mapped."""
    if not os.fstat(descriptor).st_size:
        yield None
        return
    with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as data:
        yield data
