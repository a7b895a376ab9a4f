# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who shares the pace of an action: the threads of a process, or all processes of a user on a machine."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Callable

from .pace import Pace, pace_of


class Slots:
    """The paces of actions, for the threads of this process. What shares them further only has to redefine
    ``change``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paces: dict[str, Pace] = {}

    def change(self, name: str, step: Callable[[Pace], Pace]) -> Pace:
        """Apply a step to the pace of an action, and return the pace; no other step comes between."""
        with self._lock:
            self._paces[name] = pace = step(self._paces.get(name, Pace()))
        return pace

    def take(self, name: str, interval: float, now: float) -> Pace:
        """The pace whose ``slot`` is ours; ``interval`` is that of the documented rate, 0 where there is
        none.
        """
        return self.change(name, lambda pace: pace.taken(interval, now))


def slot_name(account: str, action: str) -> str:
    """What the slot of an account's action is called where others can see it: nothing can be read from it."""
    return hashlib.sha256(f"{account} {action}".encode()).hexdigest()[:32]


class SharedSlots(Slots):
    """The same for all processes of this user on this machine, by one small locked file for each action of an
    account.

    Raises OSError when the folder cannot be used; where it vanishes later, or its disk is full, each process
    goes on by itself. The times in it are those of the machine's monotonic clock, which all processes share;
    a pace forgets times that are far from now, as those of an earlier start of the machine.
    """

    def __init__(self, folder: str, account: str) -> None:
        super().__init__()
        self._folder, self._account = folder, account
        self._make_folder()

    def _make_folder(self) -> None:
        folder = self._folder
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if os.stat(folder).st_uid != os.getuid() or os.path.islink(folder):
            raise PermissionError(f"{folder} belongs to somebody else")

    def change(self, name: str, step: Callable[[Pace], Pace]) -> Pace:
        """Apply a step to the pace of an action, among all processes."""
        try:
            if not os.path.isdir(self._folder):
                self._make_folder()
            return self._change(name, step)
        except OSError:
            return super().change(name, step)

    def _change(self, name: str, step: Callable[[Pace], Pace]) -> Pace:
        descriptor = os.open(
            os.path.join(self._folder, slot_name(self._account, name)),
            os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW,
            0o600,
        )
        with os.fdopen(descriptor, "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            pace = step(pace_of(file.read()))
            file.seek(0)
            file.truncate()
            file.write(json.dumps(pace._asdict()))
        return pace


def local_slots(account: str) -> Slots:
    """The slots that the processes of this user share on this machine; without a folder, those of this
    process.

    ``account`` says whose rate it is; only a digest of it is stored.
    """
    folder = os.path.join(tempfile.gettempdir(), f"reforge-cloud-{os.getuid()}")
    try:
        return SharedSlots(folder, account)
    except OSError:
        return Slots()
