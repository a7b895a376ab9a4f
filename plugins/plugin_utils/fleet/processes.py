# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a task has started, modules, ssh and its proxies, ends with the task, also on Ctrl-C.

ansible-core ends the process of a task by a signal, and some versions leave alone what that has started.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PROC = "/proc"
ENDS = (signal.SIGINT, signal.SIGTERM)
GENTLE, FORCED = 2.0, 2.0  # seconds for programs to clean up, and then until they are gone in any case
ZOMBIE = "Z"


@contextmanager
def ended_with_task() -> Iterator[None]:
    """End all that was started in this context if a signal ends this process.

    Any thread may get the signal, and no handler runs while the main one waits: another thread waits for
    the signal.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    watcher = threading.Thread(target=_watch, args=(reading,), daemon=True)
    watcher.start()
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    usual = {number: signal.signal(number, lambda _number, _frame: None) for number in ENDS}
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        os.close(writing)
        watcher.join()


def _watch(pipe: int) -> None:
    """Wait for one of the signals, or for the end of the context."""
    with open(pipe, "rb", buffering=0) as numbers:
        while number := numbers.read(1):
            if number[0] in ENDS:
                end_children()
                os._exit(1)


def end_children() -> None:
    """End what this process has started, and what that has started."""
    began, asked = time.monotonic(), set[int]()
    while children := _children_of(os.getpid()):
        elapsed = time.monotonic() - began
        if elapsed > GENTLE + FORCED:
            return
        forced = elapsed > GENTLE
        for child in children if forced else children - asked:
            with suppress(ProcessLookupError, PermissionError):  # over already, or of another user (sudo)
                os.kill(child, signal.SIGKILL if forced else signal.SIGINT)
        asked |= children
        time.sleep(0.02)


def _children_of(ancestor: int) -> set[int]:
    parents = dict(_parents() if os.path.isdir(f"{PROC}/{ancestor}") else _parents_by_ps())
    children = {ancestor}
    while more := {child for child, parent in parents.items() if parent in children} - children:
        children |= more
    return children - {ancestor}


def _parents() -> Iterator[tuple[int, int]]:
    """Each process that runs with its parent."""
    for name in filter(str.isdecimal, os.listdir(PROC)):
        with suppress(OSError), open(f"{PROC}/{name}/stat", encoding="utf-8", errors="replace") as file:
            state, parent = file.read().rpartition(")")[2].split()[:2]
            if state != ZOMBIE:
                yield int(name), int(parent)


def _parents_by_ps() -> Iterator[tuple[int, int]]:
    """The same where there is no /proc, as on macOS, without this look itself."""
    with subprocess.Popen(["ps", "-A", "-o", "pid=,ppid=,stat="], stdout=subprocess.PIPE, text=True) as ps:
        for line in ps.stdout or ():
            pid, parent, state = line.split()[:3]
            if int(pid) != ps.pid and not state.startswith(ZOMBIE):
                yield int(pid), int(parent)
