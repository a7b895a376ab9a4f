# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A line now and then while a module waits, from the events that it writes."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any

from ...module_utils.api.rate_limits import REPORTED_FROM
from ..text.table import WIDTH, wrapped
from ..text.words import duration


class Follower:
    """What one group's events file says so far. The file may not be there yet, and other groups may write
    to it too.
    """

    def __init__(self, name: str, path: str, instance_ids: set[str]) -> None:
        self._name, self._path, self._ids = name, path, instance_ids
        self._offset = os.path.getsize(path) if os.path.exists(path) else 0
        self._rest = b""
        self._states: dict[str, str] = {}
        self._took: list[float] = []
        self._rate: dict[str, Any] = {}  # the latest wait for a rate
        self._began = time.monotonic()

    def read(self) -> None:
        """Take in what was appended since the last time."""
        try:
            with open(self._path, "rb") as file:
                file.seek(self._offset)
                text = file.read()
        except OSError:
            return
        self._offset += len(text)
        *lines, self._rest = (self._rest + text).split(b"\n")
        for line in lines:
            event = json.loads(line)
            # A rate is the account's: another group's wait for it at the same provider is one for this
            # group, too.
            if event["event"] == "rate" and event["provider"] == self._name.partition(" ")[0]:
                self._rate = event
            elif event.get("instance_id") in self._ids:
                self._note(event)

    def _note(self, event: dict[str, Any]) -> None:
        certain = {"refuse": "refused", "unchanged": "unchanged"}.get(event.get("verdict", ""))
        if event["event"] == "ended":
            certain = event["outcome"]
            self._took.append(time.monotonic() - self._began)
        self._states[event["instance_id"]] = certain or f"({event['status']})"

    @property
    def ended(self) -> bool:
        """Whether every instance has its outcome."""
        return sum(not state.startswith("(") for state in self._states.values()) == len(self._ids)

    def line(self) -> str:
        """Done, failed, waiting in which state, elapsed and, from those that are done, expected."""
        counts = Counter(self._states.values())
        parts = [
            f"{count} {state.strip('()')}"
            for state, count in sorted(counts.items(), key=lambda item: item[0])
        ]
        done = sum(count for state, count in counts.items() if not state.startswith("("))
        elapsed = duration(time.monotonic() - self._began)
        expected = f", the first were done in {duration(self._took[0])}" if self._took else ""
        states = ", ".join(parts) or "starting"
        return (
            f"{self._name}: {done} of {len(self._ids)} done ({states}), {elapsed}{expected}{self._waiting()}"
        )

    def _waiting(self) -> str:
        """What is said of a wait for a rate, unless it is over: the next line of it would have been here."""
        rate = self._rate
        if not rate or time.time() > rate["until"] + REPORTED_FROM:
            return ""
        per_second = f"{rate['per_second']:g}/s"
        return f", waiting {duration(rate['seconds'])} for the rate limit of {rate['action']} ({per_second})"


class Progress:
    """Shows a line for each group at every interval, from a thread of its own.

    An interval of 0 shows none.
    """

    def __init__(self, followers: list[Follower], interval: float, show: Callable[[str], None]) -> None:
        self._followers, self._interval, self._show = followers, interval, show
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Progress:
        if self._interval > 0:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._interval):
            for follower in self._followers:
                if not follower.ended:
                    follower.read()
                    self._show("\n  ".join(wrapped(follower.line(), WIDTH)))
