# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much memory the processes below one take together, from Linux's /proc."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PAUSE = 0.2  # seconds between two looks


class Peak:
    """The most that was seen, in MB. Pages that processes share are counted once (PSS)."""

    def __init__(self) -> None:
        self.megabytes = 0.0


@contextmanager
def watched(but: frozenset[int] = frozenset()) -> Iterator[Peak]:
    """Watch what this process starts, without the processes that are there already and what they start."""
    peak, over = Peak(), threading.Event()
    others = frozenset(_children().get(os.getpid(), ())) | but

    def watch() -> None:
        while not over.wait(PAUSE):
            peak.megabytes = max(peak.megabytes, sum(map(_shared_out, _below(os.getpid(), others))) / 1024)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _children() -> dict[int, list[int]]:
    """The processes by their parent."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with suppress(OSError, ValueError, IndexError):
                parent = Path(f"/proc/{entry}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]
                children.setdefault(int(parent), []).append(int(entry))
    return children


def _below(top: int, others: frozenset[int]) -> list[int]:
    children = _children()
    found: list[int] = []
    todo = [child for child in children.get(top, ()) if child not in others]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], ())
    return found


def _shared_out(process: int) -> int:
    """KB of one process, of shared pages its share."""
    with suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
