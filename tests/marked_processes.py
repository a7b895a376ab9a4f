# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Processes known by a variable of their environment, which all that they start inherit, also in sessions of
their own and after their parents are gone.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 10.0


def marked(name: str, value: str) -> list[int]:
    """The processes that were started with this variable, except those that are over and not waited for."""
    mark, found = f"{name}={value}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile, or somebody else's
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def kill_marked(name: str, value: str) -> None:
    """Kill them, and those that they start meanwhile."""
    assert value, name
    deadline = time.monotonic() + PATIENCE
    while doomed := set(marked(name, value)) - {os.getpid()}:
        assert time.monotonic() < deadline, f"processes do not end: {sorted(doomed)}"
        for pid in doomed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
