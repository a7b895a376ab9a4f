# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs that are killed with all that they have started."""

from __future__ import annotations

import os
import signal
import subprocess


def kill_all(run: subprocess.Popen[bytes]) -> None:
    """The controller and all that it has started: its workers have sessions of their own."""
    lines = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    parents = {int(pid): int(parent) for pid, parent in (line.split() for line in lines)}
    doomed = {run.pid}
    while more := {pid for pid, parent in parents.items() if parent in doomed} - doomed:
        doomed |= more
    for pid in doomed:
        os.kill(pid, signal.SIGKILL)
    run.wait()
