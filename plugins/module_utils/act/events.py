# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One JSON line for each transition of an instance, and for long waits, for whoever follows the file."""

from __future__ import annotations

import json
import os
import threading
from typing import Any

from ..api.rate_limits import RateWait
from ..core.clock import Clock
from ..core.errors import CloudError, InputError
from ..core.model import Verb
from ..decide.work_item import WorkItem, nothing_was_done
from .listener import Listener


def check_events(path: str) -> None:
    """Raises InputError when the file cannot be appended to. Creates nothing."""
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path):
        problem = "it is a folder"
    elif os.path.exists(path):
        problem = "" if os.access(path, os.W_OK) else "permission denied"
    elif not os.path.isdir(folder):
        problem = f"there is no folder {folder!r}"
    else:
        problem = "" if os.access(folder, os.W_OK | os.X_OK) else "permission denied"
    if problem:
        raise InputError(f"events: {path!r} cannot be written: {problem}")


class Events(Listener):
    """Appends to a file. Times are seconds since 1970.

    Raises InputError when the file cannot be opened, and each method CloudError when a line cannot be
    written.
    """

    def __init__(self, path: str, provider: str, clock: Clock) -> None:
        self._path, self._provider, self._clock, self._lock = path, provider, clock, threading.Lock()
        try:
            self._file = open(path, "a", encoding="utf-8", buffering=1)
        except OSError as error:
            raise InputError(f"events: {path!r} cannot be written: {error.strerror}") from error

    def planned(self, item: WorkItem) -> None:
        """The first verdict."""
        self._write("planned", item, verdict=item.verdict.word, reason=item.verdict.reason.value)

    def answered(self, verb: Verb, item: WorkItem) -> None:
        """A write was accepted, turned down or lost."""
        answer = "accepted"
        if item.error:
            answer = "turned_down" if nothing_was_done(item.error) else "lost"
        self._write(
            "sent", item, verb=verb.value, answer=answer, error=str(item.error) if item.error else None
        )

    def seen(self, item: WorkItem) -> None:
        """Another state."""
        self._write("seen", item)

    def ended(self, item: WorkItem) -> None:
        """The outcome."""
        if item.end:
            end = item.end
            self._write(
                "ended",
                item,
                outcome=end.outcome.value,
                reason=end.reason.value if end.reason else "",
                error=end.code or None,
            )

    def rate(self, wait: RateWait) -> None:
        """Requests wait for the rate of their action.

        It concerns the call, and no instance more than another.
        """
        until = round(wait.until, 3)
        self._append(
            "rate",
            action=wait.action,
            per_second=wait.per_second,
            seconds=round(wait.seconds, 1),
            until=until,
        )

    def _write(self, event: str, item: WorkItem, **more: Any) -> None:
        instance = item.latest or item.before
        self._append(
            event,
            instance_id=item.id,
            name=instance.name if instance else None,
            status=instance.status.value if instance else None,
            vendor_status=instance.vendor_status if instance else None,
            **more,
        )

    def _append(self, event: str, **fields: Any) -> None:
        line = {"time": round(self._clock.time(), 3), "event": event, "provider": self._provider, **fields}
        with self._lock:
            try:
                self._file.write(json.dumps(line) + "\n")
            except OSError as error:
                raise CloudError(f"events: {self._path!r} cannot be written: {error.strerror}") from error
