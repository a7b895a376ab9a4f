# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the ledger takes for the module ``os``: a real file, a process that can be killed while writing, lost
power.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulation.fuse import Fuse, Killed


class Disk:
    """Passes on to ``os``, of which ``path`` is a part, so that the file is called ``name``.

    What was not flushed can be lost. Each run has a thread, and there a fuse, of its own.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._flushed, self._named = 0, False
        self._local = threading.local()

    @property
    def fuse(self) -> Fuse:
        """How the run that is moving is killed."""
        return self._local.fuse

    @fuse.setter
    def fuse(self, fuse: Fuse) -> None:
        self._local.fuse = fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def write(self, descriptor: int, data: bytes) -> int:
        """Write, or die before, in the middle or after."""
        self.fuse.step("before noting")
        if self.fuse.burns("while noting"):
            os.write(descriptor, data[: len(data) // 2])
            raise Killed("while noting")
        written = os.write(descriptor, data)
        self.fuse.step("after noting")
        return written

    def fsync(self, descriptor: int) -> None:
        """From now on it survives anything. (Waiting for a real disk would prove nothing here.)"""
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            self._named = True
        else:
            self._flushed = found.st_size

    def lose_power(self) -> None:
        """What was not flushed is gone, and the whole file where its folder was not."""
        if not self._named:
            self.remove()
        elif os.path.exists(self.name):
            os.truncate(self.name, self._flushed)

    def states(self, verb: str) -> dict[str, str]:
        """By instance, the last state of a verb that stands in the file; lines that are not whole are left
        out.
        """
        found = {}
        for line in Path(self.name).read_text("utf-8").splitlines() if os.path.exists(self.name) else ():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            found.update({entry["instance_id"]: entry["state"]} if entry["verb"] == verb else {})
        return found

    def hold(self) -> Callable[[], None]:
        """Let nobody read or write the file, until what is returned is called."""
        descriptor = os.open(self.name, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return lambda: os.close(descriptor)

    def remove(self) -> None:
        """Delete the file."""
        if os.path.exists(self.name):
            os.remove(self.name)
