# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How an instance's way through a call ends: with which outcome, why, and what the ledger says of its
request.
"""

from __future__ import annotations

from ..core.errors import ApiError, CloudError, Kind
from ..core.model import OUTCOME_WHEN_DONE, Outcome, RequestState, Status
from ..core.reason import Reason
from .attempt import Attempt, Finding, Progress
from .work_item import UNREACHABLE, Close, End, Step, WorkItem, kind_of

DISAPPOINTMENT = {
    Progress.FAILED: ("failed", Reason.CREATION_FAILED),
    Progress.NOT_STARTED: ("was not begun", Reason.NOT_STARTED),
    Progress.UNKNOWN: ("has an unknown end", Reason.UNKNOWN),
}
REASONS = {
    Kind.THROTTLED: Reason.THROTTLED,
    Kind.IN_PROGRESS: Reason.IN_PROGRESS,
    Kind.WRONG_STATE: Reason.WRONG_STATE,
    Kind.NOT_FOUND: Reason.NOT_FOUND,
    Kind.REJECTED: Reason.REJECTED,
    Kind.DENIED: Reason.NOT_PERMITTED,
}


def end_of(item: WorkItem, attempt: Attempt, finding: Finding) -> Step:
    progress, state = finding.progress, finding.progress.state
    if progress is Progress.DONE:
        if item.continued_since is None:
            return End(OUTCOME_WHEN_DONE[attempt.verb], state=state)
        options = ", with that call's options, which are not this one's" if item.other_options else ""
        sentence = f"the {attempt.verb.noun} that an earlier call requested has succeeded{options}"
        return End(OUTCOME_WHEN_DONE[attempt.verb], Reason.CONTINUED, sentence, state=state)
    if progress is Progress.NOT_STARTED and item.continued_since is not None:
        return Close(state)  # an earlier run was stopped before it could send this: it is still to be done
    phrase, reason = DISAPPOINTMENT[progress]
    sentence = f"the {attempt.verb.noun} {phrase}: {finding.sentence}"
    code = finding.code or progress.value.upper()
    outcome = Outcome.UNKNOWN if progress is Progress.UNKNOWN else Outcome.FAILED
    return End(outcome, reason, sentence, code, attempt.request_id, state)


def end_given_up(error: CloudError) -> End:
    """The end of an instance whose request was turned down for good: nothing was done."""
    if isinstance(error, ApiError):
        reason = REASONS.get(error.kind, Reason.UNKNOWN)
        return End(Outcome.FAILED, reason, str(error), error.code, error.request_id)
    if kind_of(error) == UNREACHABLE:
        return End(Outcome.FAILED, Reason.NETWORK, str(error), "NETWORK_ERROR")
    return End(Outcome.FAILED, Reason.NOT_NOTED, str(error), "LEDGER")


def end_timed_out(item: WorkItem, timeout: float, unread: CloudError | None = None) -> End:
    """The end of an instance when the time is up: what is under way, and how to go on.

    ``unread``: why it could not be read of late.
    """
    state = item.latest.vendor_status if item.latest else "not listed"
    state += f" as far as it could be read ({unread})" if unread else ""
    last = f"; the last answer was: {item.error}" if item.error else ""
    stopped = "; it was stopped for this and is still off" if _is_left_off(item) else ""
    again = "run the same task again to continue"
    sentence = f"after {timeout:.0f} s {_under_way(item)}, its state is {state}{last}{stopped}; {again}"
    known = RequestState.NOT_SEEN if item.attempt else None
    return End(Outcome.TIMEOUT, Reason.TIMEOUT, sentence, "TIMEOUT", state=known)


def _under_way(item: WorkItem) -> str:
    attempt = item.attempt
    if attempt:
        certain = attempt.answered or attempt.began_at is not None
        return f"its {attempt.verb.noun} {'is' if certain else 'may be'} under way"
    idle = item.predecessor is None and (item.latest is None or item.latest.settled)
    return "nothing is under way" if idle else "another operation is under way"


def _is_left_off(item: WorkItem) -> bool:
    return item.stopped_by_us and item.latest is not None and item.latest.status is Status.STOPPED


def end_not_seen(item: WorkItem, error: ApiError) -> End:
    """The end of an instance that may no longer be read: what was not sent did not happen, the rest is
    resolved later.
    """
    if item.attempt is None:
        return End(Outcome.FAILED, Reason.NOT_PERMITTED, str(error), error.code, error.request_id)
    sentence = (
        f"{error}. The request may still be under way: run the same task with a valid key to see its result"
    )
    state = RequestState.NOT_SEEN
    return End(Outcome.UNKNOWN, Reason.NOT_SEEN, sentence, error.code, error.request_id, state)
