# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A file of JSON objects, one a line, that several processes append to at once and that survives a killed one."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any


class LineFile:
    """Each line is read once, in order, whoever wrote it, except for those that were written through this object."""

    def __init__(self, path: str) -> None:
        self._path, self._read = path, 0

    def unread(self) -> list[Any]:
        """What was added since the last time. Raises OSError; a file that is not there yet is an empty one."""
        try:
            with open(self._path, "rb") as file:
                return self._rest(file.fileno())
        except FileNotFoundError:
            return []

    def append(self, answer: Callable[[Sequence[Any]], Iterable[Any]]) -> None:
        """Add the lines with which ``answer`` meets what others have added; on disk when this returns. Raises OSError.

        Nobody else writes in between.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            text = "".join(json.dumps(line) + "\n" for line in answer(self._rest(descriptor)))
            end = os.lseek(descriptor, 0, os.SEEK_END)
            if not text:
                return
            if end and os.pread(descriptor, 1, end - 1) != b"\n":  # left behind by a process that was killed
                text = "\n" + text
            data = text.encode()
            while data:  # a disk that is almost full takes a part without an error, and refuses the rest
                data = data[os.write(descriptor, data) :]
            os.fsync(descriptor)
            if not end:
                self._flush_name()
            self._read = os.lseek(descriptor, 0, os.SEEK_END)
        finally:
            os.close(descriptor)

    def _flush_name(self) -> None:
        """That a file is there at all is on disk only when its folder is; where folders cannot be flushed, it has to do."""
        folder = os.open(os.path.dirname(self._path) or ".", os.O_RDONLY)
        try:
            os.fsync(folder)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
        finally:
            os.close(folder)

    def _rest(self, descriptor: int) -> list[Any]:
        """The whole lines that were not read yet. What a killed process left half written is passed over."""
        size = os.lseek(descriptor, 0, os.SEEK_END)
        data = os.pread(descriptor, max(size - self._read, 0), self._read)
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        found = []
        for line in whole.splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found
