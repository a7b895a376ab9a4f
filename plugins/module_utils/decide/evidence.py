# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether something that was sent has happened: pure functions over what the provider shows.

An old RUNNING, or an old SUCCESS, proves nothing: it was true before. Neither does RUNNING by itself:
somebody else starts machines, too. What proves is tied to the request: its own id in the record of the last
operation, the operation seen under way since it was sent, a record that changed, or an image that changed to
the one that was asked for. Reads may be stale for some seconds, so a state that was true shortly before is
believed only after that time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..core import timing
from ..core.model import GONE, STABLE, STATUS_WHEN_DONE, Instance, Operation, Phase, Status, Verb
from ..core.provider import Proof
from .attempt import Attempt, Finding, Progress
from .view import View

# How many looks in a row must miss an instance before it counts as gone: pages shift while others are
# deleted.
MISSING_LOOKS = 2

PENDING = Finding(Progress.PENDING)
DONE = Finding(Progress.DONE)
NOT_STARTED = Finding(
    Progress.NOT_STARTED, "the request got no answer, and the instance shows that nothing started"
)
NO_TRACE = Finding(Progress.UNKNOWN, "it was accepted, but the instance shows no trace of it")
SAME_RECORD = Finding(
    Progress.UNKNOWN, "the request got no answer, and the record would look the same either way"
)
NO_RECORD = Finding(Progress.UNKNOWN, "the request got no answer, and a reboot leaves no record")
SOMEBODY_ELSE = Finding(Progress.UNKNOWN, "no answer came, and somebody else may have caused this state")
OTHER_IMAGE = Finding(
    Progress.UNKNOWN, "no answer came, and the current system may have been installed since"
)
NO_PASSWORD = Finding(Progress.UNKNOWN, "no answer came, and no record shows which password is set")
RESET_SINCE = Finding(Progress.UNKNOWN, "a reset was under way before its end was seen")
ENDED_STOPPED = Finding(Progress.UNKNOWN, "it is stopped now, but a reset leaves it running")


def judge(proof: Proof, attempt: Attempt, instance: Instance | None, at: float) -> Finding:
    """What a read that began at ``at`` proves about the attempt."""
    if attempt.known:
        return attempt.known
    if instance is None or instance.status in GONE:
        return _gone(attempt, instance, at)
    view = View(proof, attempt, instance, at)
    finding = next((finding for rule in _rules(view) if (finding := rule(view))), PENDING)
    return NO_TRACE if finding is PENDING and view.traceless else finding


Rule = Callable[[View], "Finding | None"]


def _rules(view: View) -> Sequence[Rule]:
    if view.proof.by_operation:
        return BY_RECORD
    return BY_STATE.get(view.attempt.verb, POWER_BY_STATE)


def _gone(attempt: Attempt, instance: Instance | None, at: float) -> Finding:
    if at - attempt.sent_at < timing.NO_TRACE_SECONDS or (
        instance is None and attempt.missing < MISSING_LOOKS
    ):
        return PENDING
    what = f"it is {instance.status.value}" if instance else "the provider no longer lists it"
    return Finding(Progress.UNKNOWN, f"{what}, so its result is not known")


# by the record of the last operation


def _own_record(view: View) -> Finding | None:
    operation, instance = view.instance.operation, view.instance
    if operation is None or not _is_ours(view, operation):
        return None
    if operation.phase is Phase.RUNNING or instance.status not in STABLE:
        return PENDING
    if operation.phase is Phase.FAILED:
        return Finding(Progress.FAILED, operation.error or f"{operation.name} failed", "OPERATION_FAILED")
    if view.attempt.verb is not Verb.RESET or view.arrived:
        return DONE
    return _wrong_image(view) if view.age >= timing.NO_TRACE_SECONDS else PENDING


def _is_ours(view: View, operation: Operation) -> bool:
    """By the request's id, or where the record has none by a change of it that was seen."""
    attempt = view.attempt
    if view.proof.by_request_id:
        return bool(attempt.request_id) and operation.request_id == attempt.request_id
    if operation.verb is not attempt.verb:
        return False
    if operation == attempt.baseline.operation and operation.phase is not Phase.RUNNING:
        return view.begun
    return not view.unseen or view.old


def _too_early(view: View) -> Finding | None:
    return None if view.traceable else PENDING


def _old_record(view: View) -> Finding | None:
    operation, attempt = view.instance.operation, view.attempt
    if operation is not None and operation != attempt.baseline.operation:
        return None
    if attempt.answered or not view.unseen:
        return PENDING
    if operation is None or view.proof.by_request_id:
        return NOT_STARTED
    return _record_without_ids(view, operation)


def _record_without_ids(view: View, operation: Operation) -> Finding:
    """What a record that is as it was says of a request without an answer: a second one of a kind leaves the
    same as the first, and so may what others did while nobody looked.
    """
    alike = operation.verb is view.attempt.verb or not view.attempt.watched
    if view.attempt.verb is not Verb.RESET:
        return SAME_RECORD if alike else NOT_STARTED
    unsure = alike and view.arrived
    return _by_another_image(view) or (SAME_RECORD if unsure else NOT_STARTED)


def _by_another_image(view: View) -> Finding | None:
    """What an image that was not there before says of a reset without an answer."""
    if view.instance.image_id == view.attempt.baseline.image_id:
        return None
    return DONE if view.arrived else OTHER_IMAGE


def _later_record(view: View) -> Finding | None:
    if view.attempt.verb is Verb.RESET and view.changed:
        return DONE if view.instance.settled else PENDING
    name = view.instance.operation.name if view.instance.operation else ""
    return Finding(Progress.UNKNOWN, f"the record shows a later operation, {name}, instead of ours")


# a reset, by the instance's state and image


def _reset_failed(view: View) -> Finding | None:
    instance = view.instance
    if instance.status not in (Status.RESET_FAILED, Status.FAILED):
        return None
    # It may be the failure of before, also in a look that is older than the one that showed ours under way.
    news = view.attempt.baseline.status is not instance.status
    if view.begun or (news and (not view.unseen or view.old)):
        return Finding(
            Progress.FAILED, f"the provider shows {instance.vendor_status}", instance.vendor_status
        )
    return None


def _reset_running(view: View) -> Finding | None:
    if view.instance.status is not Status.RUNNING:
        return None
    # Where a reset is sent to a stopped instance and starts it, no look that shows it running lags behind.
    if view.proof.ends_running and view.changed:
        return DONE
    if not view.begun:
        return _reset_unseen(view)
    return DONE if view.arrived else _wrong_image(view)


def _reset_unseen(view: View) -> Finding | None:
    """A reset that was not seen under way: another image, or the start that it ends with, shows it."""
    if not view.unseen or not view.old:
        return None
    started = view.proof.ends_running and view.arrived and view.taken_on
    return DONE if view.changed or started else None


def _reset_stopped(view: View) -> Finding | None:
    if view.instance.status is not Status.STOPPED or not (view.begun or view.traceable):
        return None
    return DONE if view.changed else (ENDED_STOPPED if view.begun else None)


def _reset_lost(view: View) -> Finding | None:
    if not view.lost:
        return None
    another = _by_another_image(view)
    if another:
        return another
    untouched = view.proof.ends_running and view.instance.status is Status.STOPPED
    return NOT_STARTED if untouched or not view.arrived else SAME_RECORD


# a reboot, start or stop, by the instance's state


def _at_goal(view: View) -> Finding | None:
    if view.instance.status is not STATUS_WHEN_DONE[view.attempt.verb]:
        return None
    if view.attempt.verb is Verb.REBOOT and view.attempt.reset_since:
        return RESET_SINCE  # which leaves it running, too
    if view.attempt.verb is Verb.REBOOT:
        return DONE if view.begun else None
    return DONE if not view.unseen or (view.attempt.answered and view.old) else None


def _elsewhere(view: View) -> Finding | None:
    verb, status = view.attempt.verb, view.instance.status
    if not view.begun or not view.instance.settled:
        return None
    sentence = f"it is {status.value} now, which is not how a {verb.value} ends"
    return Finding(Progress.UNKNOWN if verb is Verb.REBOOT else Progress.FAILED, sentence)


def _power_lost(view: View) -> Finding | None:
    if not view.lost:
        return None
    if view.attempt.verb is Verb.REBOOT:
        return NO_RECORD
    return SOMEBODY_ELSE if view.instance.status is STATUS_WHEN_DONE[view.attempt.verb] else NOT_STARTED


# a new password, of which the state shows no more than that it is being set


def _password_answered(view: View) -> Finding | None:
    """Where nothing shows it under way, the provider's answer is the result."""
    return DONE if Verb.PASSWORD not in view.proof.under_way and view.attempt.answered else None


def _password_set(view: View) -> Finding | None:
    if view.begun:
        return DONE if view.instance.settled else None
    # Where the provider starts the instance with it, no look that shows it running lags behind.
    starts = view.proof.under_way.get(Verb.PASSWORD) is Status.STARTING
    started = starts and (view.attempt.baseline.status, view.instance.status) == (
        Status.STOPPED,
        Status.RUNNING,
    )
    return DONE if started and view.attempt.answered and view.attempt.watched and view.old else None


def _password_lost(view: View) -> Finding | None:
    return NO_PASSWORD if view.lost else None


BY_RECORD: Sequence[Rule] = (_own_record, _too_early, _old_record, _later_record)
POWER_BY_STATE: Sequence[Rule] = (_at_goal, _elsewhere, _power_lost)
BY_STATE: Mapping[Verb, Sequence[Rule]] = {
    Verb.RESET: (_reset_failed, _reset_running, _reset_stopped, _reset_lost),
    Verb.PASSWORD: (_password_answered, _password_set, _password_lost),
}


def _wrong_image(view: View) -> Finding:
    """Somebody else may have installed that, unless the record names the request that was answered."""
    proven = view.proof.by_request_id and view.attempt.answered
    progress = Progress.FAILED if proven else Progress.UNKNOWN
    sentence = f"it now has image {view.instance.image_id}, not {view.attempt.target}"
    return Finding(progress, sentence, "WRONG_IMAGE")
