# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run in a process of its own, which may be killed at any moment and knows nothing of that.

The world stays with the one who forked it and is asked over a pipe. The run's workers go side by side, as
real threads, of which one moves at a time; the time is told with each message.
"""

from __future__ import annotations

import os
import random
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, TypeVar
from unittest import mock

from ansible_collections.reforge.cloud.plugins.module_utils.api.client import Client
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import Pacer
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.commands.reset import reset
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import CloudError
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply, Request
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Account, Secrets
from simulation.play import Call
from simulation.timeline import ActorClock, Machine, Timeline

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Life:
    """What a run begins with: the provider and region, the module's options, the true time, and what its
    waits depend on.
    """

    provider: str
    region: str
    params: Mapping[str, Any]
    now: float
    seed: int


class _Outside:
    """Everything that the run does not do by itself, by messages of which each gets an answer."""

    def __init__(self, pipe: Connection, timeline: Timeline) -> None:
        self._pipe, self._timeline = pipe, timeline

    def tell(self, kind: str, *content: Any) -> Any:
        """Say what is to be done, and at what time; what comes back."""
        self._pipe.send((kind, self._timeline.now, *content))
        return self._pipe.recv()


class _Clock(ActorClock):
    """A clock that tells of each wait."""

    def __init__(self, timeline: Timeline, outside: _Outside) -> None:
        super().__init__(timeline, Machine(), lambda: None)
        self._outside = outside

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._outside.tell("sleeps", seconds)
        super().sleep(seconds)


class _Line:
    """The run's transport: a request leaves, arrives some moments later, and its answer is there again some
    later.
    """

    def __init__(self, timeline: Timeline, outside: _Outside) -> None:
        self._timeline, self._outside, self._number = timeline, outside, 0

    def send(self, request: Request) -> Reply:
        """Send."""
        self._number += 1
        number, seconds = self._number, random.uniform(0.01, 0.1)
        self._outside.tell("leaves", number, request, seconds)
        self._timeline.sleep(seconds)
        reply = self._outside.tell("arrives", number)
        self._timeline.sleep(random.uniform(0.01, 0.1))
        return reply


class Crew:
    """What the client takes for its ThreadPoolExecutor: threads that share the run's timeline."""

    def __init__(self, timeline: Timeline, workers: int) -> None:
        self._timeline, self._workers = timeline, workers

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """The results in order, when all are there; the first error is raised then."""
        todo = deque(enumerate(items))
        done: dict[int, Result] = {}
        errors: dict[int, CloudError] = {}

        def work() -> None:
            while todo:
                number, item = todo.popleft()
                try:
                    done[number] = function(item)
                except CloudError as error:
                    errors[number] = error

        self._timeline.together([work] * min(self._workers, len(todo)))
        if errors:
            raise errors[min(errors)]
        return [done[number] for number in sorted(done)]


def live(life: Life, pipe: Connection) -> None:
    """The whole life of the process: one call. Does not return."""
    timeline = Timeline(life.now)
    outside = _Outside(pipe, timeline)
    try:
        outside.tell(*_end(life, timeline, outside))
    finally:
        os._exit(0)


def _end(life: Life, timeline: Timeline, outside: _Outside) -> tuple[str, Any]:
    """What is to be told last: the result, an error of ours, or that something broke."""
    random.seed(life.seed)
    clock, account = _Clock(timeline, outside), Account(Secrets("AK", "SK"), life.region)
    try:
        with mock.patch.object(Client, "_new_pool", lambda client: Crew(timeline, client._workers)):
            client = Client(PROVIDERS[life.provider], account, _Line(timeline, outside), Pacer(clock), clock)
            return "ended", reset(Call(life.params), client)
    except CloudError as error:
        return "failed", str(error)
    except BaseException:
        return "broke", traceback.format_exc()
