# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Many hosts asked side by side, each again and again until it is settled, so that a late one holds up no
other.
"""

from __future__ import annotations

import contextlib
import contextvars
import queue
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

# Seconds between two attempts at a host, which grow by a half each time.
PAUSE, LONGEST_PAUSE = 1.0, 10.0
AT_ONCE = 4  # hosts that are made ready before those that are ready are asked
GRACE = 20.0  # seconds for attempts that are under way when the time is over


@dataclass
class Task:
    """One host: ``ask`` makes one attempt, and its answer says by ``settled`` whether it was the last."""

    ask: Callable[[], Any]
    timeout: float  # seconds; 0: one attempt
    attempts: int = 0
    due: float = 0.0
    answer: Any = None


@dataclass
class Rounds:
    """The attempts at all hosts, by at most ``workers`` at a time.

    ``take`` gets the settled answers as they come in, ``idle`` those that have not settled, again and again.
    """

    workers: int
    take: Callable[[dict[str, Any]], None]
    idle: Callable[[dict[str, Any]], None]
    patience: float = 0.0  # seconds without a settled answer until the rest is left as late; 0: none is
    tasks: dict[str, Task] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)  # at the end: the hosts that were left as late
    _settled_at: float = field(default_factory=time.monotonic)
    _asked: queue.SimpleQueue[str | None] = field(default_factory=queue.SimpleQueue)
    _answered: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)

    def run(self, arrivals: Iterator[tuple[str, Task]]) -> dict[str, Any]:
        """The last answer of each host; None for one whose attempt had no end in time.

        Hosts are taken from ``arrivals`` as there are workers for them: the first ones are asked while the
        last are made ready.
        """
        began = time.monotonic()
        self._hire(self.workers)
        waiting, running = self._arrive(arrivals, AT_ONCE), set[str]()
        while (waiting or running) and not self._leaves(waiting, running, began):
            for host in self._due(waiting, self.workers - len(running)):
                del waiting[host]
                running.add(host)
                self._asked.put(host)
            new = self._arrive(arrivals, min(self.workers - len(running), AT_ONCE))
            ready = self._collect(0.0 if new else 0.1 if waiting else 1.0)
            running -= set(ready)
            waiting.update({**new, **self._sort(ready, began)})
            self.idle({host: self.tasks[host].answer for host in (*waiting, *running)})
        self.left = [*waiting, *running]
        for _number in range(self.workers):
            self._asked.put(None)
        return {host: task.answer for host, task in self.tasks.items()}

    def _leaves(self, waiting: Mapping[str, Task], running: Collection[str], began: float) -> bool:
        """Whether those that have not settled are left alone: the time is over, or they hold up others.

        Everybody has a right to a first attempt, however few workers there are.
        """
        if any(not task.attempts for task in waiting.values()):
            return False
        now, rest = time.monotonic(), len(waiting) + len(running)
        late = bool(self.patience) and rest < len(self.tasks) and now - self._settled_at > self.patience
        return late or now > self._end(began)

    def _arrive(self, arrivals: Iterator[tuple[str, Task]], most: int) -> dict[str, Task]:
        """The next hosts to ask, at most so many."""
        new = dict(islice(arrivals, max(most, 0)))
        self.tasks.update(new)
        return new

    def _end(self, began: float) -> float:
        """When even the last attempt has to be over."""
        return began + max([0.0, *(task.timeout for task in self.tasks.values())]) + GRACE

    def _hire(self, crew: int) -> None:
        """Start the threads.

        Each gets the context of this one, in which newer ansible-core keeps the state of the task. A daemon
        does not keep the process, should an attempt hang.
        """
        for _number in range(crew):
            context = contextvars.copy_context()
            threading.Thread(target=context.run, args=(self._work,), daemon=True).start()

    def _sort(self, ready: Sequence[str], began: float) -> dict[str, Task]:
        """Hand on what is settled; the rest has to be asked again."""
        settled = {host: self.tasks[host].answer for host in ready if self._over(host, began)}
        if settled:
            self._settled_at = time.monotonic()
            self.take(settled)
        return {host: self.tasks[host] for host in ready if host not in settled}

    def _due(self, waiting: Mapping[str, Task], free: int) -> list[str]:
        """Who is next: whoever had the fewest attempts, so that many that hang hold up nobody for longer than
        one.
        """
        now = time.monotonic()
        due = [host for host, task in waiting.items() if task.due <= now]
        return sorted(due, key=lambda host: self.tasks[host].attempts)[: max(free, 0)]

    def _collect(self, seconds: float) -> list[str]:
        """The hosts that have answered; waits for the first."""
        ready: list[str] = []
        with contextlib.suppress(queue.Empty):
            ready.append(self._answered.get(block=seconds > 0, timeout=seconds or None))
            while True:
                ready.append(self._answered.get_nowait())
        return ready

    def _over(self, host: str, began: float) -> bool:
        """Whether the host needs no other attempt, or has no time for one; says else when it is due."""
        task, now = self.tasks[host], time.monotonic()
        pause = min(PAUSE * 1.5 ** (task.attempts - 1), LONGEST_PAUSE)
        task.due = now + pause
        return bool(task.answer.settled) or task.due > began + task.timeout

    def _work(self) -> None:
        while (host := self._asked.get()) is not None:
            task = self.tasks[host]
            task.answer = task.ask()
            task.attempts += 1
            self._answered.put(host)
