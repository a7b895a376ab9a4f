# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A request that was sent for an instance, what has been seen of it, and how far it is."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from ..core import timing
from ..core.model import Instance, Operation, Phase, RequestState, Status, Verb
from ..core.provider import Proof


class Progress(str, Enum):
    """How far a request of ours is."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    NOT_STARTED = "not_started"
    UNKNOWN = "unknown"

    @property
    def state(self) -> RequestState:
        """What the ledger says of it at its end."""
        return RequestState(self.value)


class Finding(NamedTuple):
    """What the record shows, with a sentence for people and, for a failure, the vendor's word for it."""

    progress: Progress
    sentence: str = ""
    code: str = ""


class Attempt(NamedTuple):
    """One request that was sent for an instance, and what has been seen of it. Times are monotonic seconds.

    ``answered`` is False when its reply was lost; ``began_at`` is when it was first seen under way;
    ``in_flight`` is for how long after ``sent_at`` it may have been on its way. ``watched``: since it was
    sent the instance was looked at so often that it cannot have failed and been started by somebody else
    unseen; ``missing`` counts the last looks that did not list it; ``reset_since`` says that a reset was seen
    under way after it began. ``known`` is how it has ended, where a call about something else has seen that.
    """

    verb: Verb
    baseline: Instance
    sent_at: float
    target: str = ""
    mode: str = ""
    answered: bool = True
    request_id: str = ""
    began_at: float | None = None
    in_flight: float = 0.0
    watched: bool = True
    looked_at: float | None = None
    missing: int = 0
    reset_since: bool = False
    known: Finding | None = None

    def seen(self, proof: Proof, instance: Instance | None, at: float) -> Attempt:
        """This attempt with what a read that began at ``at`` adds to it."""
        if instance is None:
            return self._replace(missing=self.missing + 1)
        gap = at - (self.sent_at if self.looked_at is None else self.looked_at)
        attempt = self._replace(
            missing=0,
            looked_at=at,
            watched=self.watched and gap <= timing.UNWATCHED_SECONDS,
            request_id=self.request_id or self._id_in(instance.operation),
        )
        return attempt._in_state(proof, instance.status, at)

    def _id_in(self, operation: Operation | None) -> str:
        """The request's id in a record of the same verb that is new; empty in any other."""
        if operation is None or operation == self.baseline.operation or operation.verb is not self.verb:
            return ""
        return operation.request_id

    def _in_state(self, proof: Proof, status: Status, at: float) -> Attempt:
        """This attempt with what the instance's state adds."""
        if self.began_at is None:
            return self._replace(began_at=at) if status is proof.under_way.get(self.verb) else self
        begun = at - self.began_at >= timing.STALE_SECONDS
        if begun and status is Status.RESETTING and self.verb is not Verb.RESET:
            return self._replace(reset_since=True)
        return self


def under_way(proof: Proof, instance: Instance, attempt: Attempt) -> bool:
    """Whether the provider shows it under way: by its id, where the record has one, else its verb."""
    operation = instance.operation
    running = operation is not None and operation.verb is attempt.verb and operation.phase is Phase.RUNNING
    if operation and proof.by_request_id:
        return running and operation.request_id == attempt.request_id
    return running or instance.status is proof.under_way.get(attempt.verb)
