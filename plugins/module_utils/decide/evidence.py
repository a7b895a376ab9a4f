# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether something that was sent has happened: pure functions over what the provider shows.

An old RUNNING, or an old SUCCESS, proves nothing: it was true before. What proves is the request's own id in the
record of the last operation, a record that changed, or a state that can only come after the one that was there.
Reads may be stale for some seconds, so a state that was true shortly before is believed only after that time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from ..core.model import GONE, STABLE, Instance, Operation, Phase, Status, Verb
from ..core.provider import Proof

# How many seconds an answer may lag behind the truth; Terraform's provider waits 10 for Tencent's records.
STALE_SECONDS = 15.0
# After how many seconds without any trace a request whose answer was lost has not been acted on.
NO_TRACE_SECONDS = 30.0
# After how many seconds without any trace an accepted request can no longer be told from one that came to nothing.
TRACE_SECONDS = 120.0

UNDER_WAY = {
    Verb.RESET: Status.RESETTING,
    Verb.REBOOT: Status.REBOOTING,
    Verb.START: Status.STARTING,
    Verb.STOP: Status.STOPPING,
}
GOAL = {Verb.REBOOT: Status.RUNNING, Verb.START: Status.RUNNING, Verb.STOP: Status.STOPPED}


class Progress(str, Enum):
    """How far a request of ours is."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    NOT_STARTED = "not_started"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """What the record shows, with a sentence for people and, for a failure, the vendor's word for it."""

    progress: Progress
    sentence: str = ""
    code: str = ""


@dataclass(frozen=True)
class Attempt:
    """One request that was sent for an instance, and what has been seen of it. Times are monotonic seconds.

    ``answered`` is False when its reply was lost; ``began_at`` is when it was first seen under way; ``in_flight`` is for
    how long after ``sent_at`` it may have been on its way.
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

    def seen(self, instance: Instance, at: float) -> Attempt:
        """This attempt with what a read that began at ``at`` adds to it."""
        operation, attempt = instance.operation, self
        if (
            operation
            and operation.verb is self.verb
            and operation != self.baseline.operation
            and not self.request_id
        ):
            attempt = replace(attempt, request_id=operation.request_id)
        if instance.status is UNDER_WAY[self.verb] and self.began_at is None:
            attempt = replace(attempt, began_at=at)
        return attempt

    def since_begun(self, at: float) -> float:
        """Seconds since it was first seen under way; -1 when it was not."""
        return -1.0 if self.began_at is None else at - self.began_at

    def settled(self, at: float) -> bool:
        """Whether what shows no trace of it by now never will."""
        return at - self.sent_at >= NO_TRACE_SECONDS + self.in_flight


PENDING = Finding(Progress.PENDING)
DONE = Finding(Progress.DONE)
NOT_STARTED = Finding(
    Progress.NOT_STARTED, "the request got no answer, and the instance shows that nothing was started"
)


def judge(proof: Proof, attempt: Attempt, instance: Instance | None, at: float) -> Finding:
    """What a read that began at ``at`` proves about the attempt."""
    age = at - attempt.sent_at
    if instance is None or instance.status in GONE:
        what = f"it is {instance.status.value}" if instance else "the provider no longer lists it"
        return (
            PENDING
            if age < NO_TRACE_SECONDS
            else Finding(Progress.UNKNOWN, f"{what}, so its end cannot be told")
        )
    if proof.by_operation:
        finding = _by_record(proof, attempt, instance, at)
    elif attempt.verb is Verb.RESET:
        finding = _reset_by_state(proof, attempt, instance, at)
    else:
        finding = _by_state(attempt, instance, at)
    untold = attempt.verb in (Verb.RESET, Verb.REBOOT) and attempt.began_at is None and instance.settled
    if finding is PENDING and untold and age >= TRACE_SECONDS:
        return Finding(Progress.UNKNOWN, "it was accepted, but the instance shows no trace of it")
    return finding


def _by_record(proof: Proof, attempt: Attempt, instance: Instance, at: float) -> Finding:
    """By the record of the last operation."""
    operation, age = instance.operation, at - attempt.sent_at
    if operation and _is_ours(proof, attempt, operation, at):
        if operation.phase is Phase.RUNNING or instance.status not in STABLE:
            return PENDING
        if operation.phase is Phase.FAILED:
            return Finding(Progress.FAILED, operation.error or f"{operation.name} failed", "OPERATION_FAILED")
        if attempt.verb is not Verb.RESET or instance.image_id == attempt.target:
            return DONE
        return _wrong_image(proof, attempt, instance) if age >= NO_TRACE_SECONDS else PENDING
    if not attempt.settled(at):
        return PENDING
    if operation is None or operation == attempt.baseline.operation:
        if attempt.answered or attempt.began_at is not None:
            return PENDING
        # Without ids a second reset leaves the same record as the one before; then only another image can tell.
        alike = operation is not None and operation.verb is attempt.verb and not proof.by_request_id
        if alike and (attempt.verb is not Verb.RESET or instance.image_id == attempt.target):
            return Finding(
                Progress.UNKNOWN, "the request got no answer, and the record looks the same either way"
            )
        return NOT_STARTED
    if attempt.verb is Verb.RESET and _image_changed(attempt, instance) and instance.settled:
        return DONE
    return Finding(
        Progress.UNKNOWN, f"the record shows a later operation, {operation.name}, in place of ours"
    )


def _is_ours(proof: Proof, attempt: Attempt, operation: Operation, at: float) -> bool:
    """By the request's id, or where the record has none by a change of it that was seen."""
    if proof.by_request_id:
        return bool(attempt.request_id) and operation.request_id == attempt.request_id
    if operation.verb is not attempt.verb:
        return False
    if operation == attempt.baseline.operation and operation.phase is not Phase.RUNNING:
        return attempt.since_begun(at) >= STALE_SECONDS
    return (
        operation.phase is Phase.RUNNING
        or attempt.began_at is not None
        or at - attempt.sent_at >= STALE_SECONDS
    )


def _reset_by_state(proof: Proof, attempt: Attempt, instance: Instance, at: float) -> Finding:
    """By the instance's state and image, where the provider records no operation."""
    age, begun, status = at - attempt.sent_at, attempt.since_begun(at), instance.status
    arrived, changed = instance.image_id == attempt.target, _image_changed(attempt, instance)
    if status in (Status.RESET_FAILED, Status.FAILED):
        # It may be the failure of before, also in a look that is older than the one that showed ours under way.
        old = attempt.baseline.status is status
        if begun >= STALE_SECONDS or (not old and (attempt.began_at is not None or age >= STALE_SECONDS)):
            return Finding(
                Progress.FAILED, f"the provider shows {instance.vendor_status}", instance.vendor_status
            )
    elif status is Status.RUNNING:
        moved = (
            proof.ends_running
        )  # it was stopped when the reset was sent, and nothing but its end starts it
        if moved and changed:
            return DONE
        if begun >= STALE_SECONDS:
            return DONE if arrived else _wrong_image(proof, attempt, instance)
        if attempt.began_at is None and age >= STALE_SECONDS and (changed or (moved and arrived)):
            return DONE
    elif status is Status.STOPPED and begun >= STALE_SECONDS:
        return DONE if changed else Finding(Progress.UNKNOWN, "it ended stopped, which a reset does not")
    if attempt.began_at is None and not attempt.answered and attempt.settled(at) and instance.settled:
        if not arrived or (proof.ends_running and status is Status.STOPPED):
            return NOT_STARTED
        return Finding(
            Progress.UNKNOWN, "the request got no answer, and the record looks the same either way"
        )
    return PENDING


def _by_state(attempt: Attempt, instance: Instance, at: float) -> Finding:
    """A reboot, start or stop by the instance's state."""
    age, begun = at - attempt.sent_at, attempt.since_begun(at)
    if instance.status is GOAL[attempt.verb]:
        if attempt.verb is Verb.REBOOT:
            if begun >= STALE_SECONDS:
                return DONE
        elif attempt.began_at is not None or age >= STALE_SECONDS:
            return DONE
    elif begun >= STALE_SECONDS and instance.settled:
        what = f"it ended {instance.status.value}, which a {attempt.verb.value} does not"
        return Finding(Progress.UNKNOWN if attempt.verb is Verb.REBOOT else Progress.FAILED, what)
    if attempt.began_at is None and not attempt.answered and attempt.settled(at) and instance.settled:
        if attempt.verb is Verb.REBOOT:
            return Finding(Progress.UNKNOWN, "the request got no answer, and a reboot leaves no record")
        return NOT_STARTED
    return PENDING


def _image_changed(attempt: Attempt, instance: Instance) -> bool:
    return instance.image_id == attempt.target != attempt.baseline.image_id


def _wrong_image(proof: Proof, attempt: Attempt, instance: Instance) -> Finding:
    """Where the record names no request, someone else may have installed that over ours."""
    progress = Progress.FAILED if proof.by_request_id else Progress.UNKNOWN
    return Finding(progress, f"it ended with image {instance.image_id}, not {attempt.target}", "WRONG_IMAGE")
