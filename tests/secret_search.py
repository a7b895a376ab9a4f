# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks for marked secrets in everything that a run leaves or shows, also in what is there for a moment
only.
"""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

PAUSE = 0.05
# Larger files are logs, which grow and stay: they are read when the run has ended.
READ_AT_ONCE = 2_000_000


def forms(mark: str) -> tuple[bytes, ...]:
    """The mark as it is written, and those parts of its base64 that are the same whatever stands before and
    after it.
    """
    raw = mark.encode()
    encoded = [
        base64.b64encode(bytes(before) + raw + bytes(3))[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        for before in range(3)
    ]
    return (raw, *encoded)


def marks_in(content: bytes, marks: Iterable[str]) -> set[str]:
    """The marks that stand in the content in any form."""
    return {mark for mark in marks if any(form in content for form in forms(mark))}


class Watch:
    """Watches folders and all processes of this machine from its beginning to its end; ``found`` maps places
    to marks.

    Files that are there before are what the user wrote, and are passed over for as long as they stay as they
    were. ``surrounding`` are marks that the user put into the environment, where every child process has
    them.
    """

    def __init__(self, *folders: Path, marks: Sequence[str], surrounding: Sequence[str] = ()) -> None:
        self._folders, self._marks, self._surrounding = folders, marks, surrounding
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._seen: dict[str, tuple[int, int]] = {}
        self._processes: set[tuple[str, bytes]] = set()
        self.found: dict[str, set[str]] = {}
        self.files: set[str] = set()  # everything that was looked at
        self.programs: set[str] = set()

    def __enter__(self) -> Watch:
        self._seen = dict(self._stamps())
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()
        self._look_at_files(everything=True)

    def _follow(self) -> None:
        while not self._ended.wait(PAUSE):
            self._look_at_files(everything=False)
            self._look_at_processes()

    def _stamps(self) -> Iterator[tuple[str, tuple[int, int]]]:
        for top in self._folders:
            for folder, _folders, names in os.walk(top):
                for name in names:
                    path = os.path.join(folder, name)
                    try:
                        status = os.lstat(path)
                    except OSError:
                        continue  # gone since the folder was listed
                    yield path, (status.st_size, status.st_mtime_ns)

    def _look_at_files(self, everything: bool) -> None:
        for path, stamp in list(self._stamps()):
            if self._seen.get(path) == stamp or (not everything and stamp[0] > READ_AT_ONCE):
                continue
            try:
                content = Path(path).read_bytes() if not os.path.islink(path) else os.readlink(path).encode()
            except OSError:
                continue
            self._seen[path] = stamp
            self.files.add(path)
            self._note(path, content + path.encode(), self._marks)

    def _look_at_processes(self) -> None:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            if int(pid) == os.getpid():
                continue
            try:
                command = Path("/proc", pid, "cmdline").read_bytes()
                if (pid, command) in self._processes:
                    continue
                environment = Path("/proc", pid, "environ").read_bytes()
            except OSError:
                continue  # gone, or somebody else's
            self._processes.add((pid, command))
            program = " ".join(
                os.path.basename(word.decode(errors="replace")) for word in command.split(b"\0")[:2]
            )
            self.programs.add(program)
            self._note(f"command line of {program}", command, self._marks)
            own = [mark for mark in self._marks if mark not in self._surrounding]
            self._note(f"environment of {program}", environment, own)

    def _note(self, place: str, content: bytes, marks: Sequence[str]) -> None:
        present = marks_in(content, marks)
        if present:
            self.found.setdefault(place, set()).update(present)
