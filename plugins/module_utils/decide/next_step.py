# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The next step for one instance, from what was asked, what was sent and what is seen.

Nothing here does any I/O.
"""

from __future__ import annotations

from ..core import timing
from ..core.errors import ApiError, Kind
from ..core.model import (
    OUTCOME_WHEN_DONE,
    STATUS_WHEN_DONE,
    Decision,
    Instance,
    Outcome,
    RequestState,
    Status,
    Verb,
    Verdict,
)
from ..core.reason import Reason
from .attempt import Attempt, Finding, Progress
from .ends import end_given_up, end_of
from .evidence import MISSING_LOOKS, judge
from .verdicts import accepts
from .work_item import UNREACHABLE, Close, End, Goal, Send, Step, Wait, WorkItem, kind_of

# How often an answer that says "nothing was done" may be met by asking again, by its kind; others are final.
PATIENCE = {
    Kind.THROTTLED.value: 1000,
    Kind.IN_PROGRESS.value: 1000,
    Kind.WRONG_STATE.value: 4,
    UNREACHABLE: 4,
}
POWER_TRIES = 3
# How often an instance that was stopped for a reset that then did not come about is asked to start again.
START_TRIES = 8


def next_step(goal: Goal, item: WorkItem) -> Step:
    """The next step after the look that is in ``item.latest``."""
    step = _after_predecessor(goal, item) or _after_attempt(goal, item)
    if step is None:
        item.attempt = None
        step = item.ending or _by_verdict(goal, item)
    if isinstance(step, End) and _left_stopped(goal, item, step):
        item.ending = step
        if item.starts >= START_TRIES:
            return step._replace(
                sentence=f"{step.sentence}; it was stopped for this and could not be started again"
            )
        return Send(Verb.START) if item.read_at >= item.not_before else Wait()
    return step


def _after_predecessor(goal: Goal, item: WorkItem) -> Step | None:
    """What the open request of another run comes to: it is resolved before anything is done."""
    if item.predecessor is None:
        return None
    finding = judge(goal.provider.proof, item.predecessor, item.latest, item.read_at)
    if finding.progress is not Progress.PENDING:
        return Close(finding.progress.state)
    if _being_reset(goal, item.latest):
        _attach(item, goal.verb)
    return Wait()


def _after_attempt(goal: Goal, item: WorkItem) -> Step | None:
    """What the attempt under way comes to, or None when the way is free for another."""
    attempt = item.attempt
    if attempt is None:
        return None
    if item.read_at <= attempt.sent_at:
        return Wait()
    helps = goal.verb.may_stop and attempt.verb is not goal.verb
    if helps and _is_overtaken(item, attempt):
        return None
    finding = judge(goal.provider.proof, attempt, item.latest, item.read_at)
    if finding.progress is Progress.PENDING:
        return _meanwhile(goal, item, attempt)
    if not helps:
        return end_of(item, attempt, finding)
    return None if _way_is_free(item, finding) else item.ending or end_of(item, attempt, finding)


def _meanwhile(goal: Goal, item: WorkItem, attempt: Attempt) -> Step:
    return _harder(goal, item, attempt) or _not_waited_for(goal, item, attempt) or Wait()


def _is_overtaken(item: WorkItem, attempt: Attempt) -> bool:
    """Stopped, or someone was faster; a reset on a stale look is refused by the provider, and we look
    again.
    """
    if attempt.verb is not Verb.STOP or item.latest is None:
        return False
    return item.latest.status in (Status.STOPPED, Status.RESETTING)


def _way_is_free(item: WorkItem, finding: Finding) -> bool:
    """After a stop before a reset, or a start in place of it: whether the next thing can be tried."""
    if finding.progress is Progress.DONE:
        return True
    tried = finding.progress in (Progress.NOT_STARTED, Progress.FAILED)
    return tried and item.power_tries < POWER_TRIES


def _not_waited_for(goal: Goal, item: WorkItem, attempt: Attempt) -> End | None:
    """Without waiting, an accepted request is the end; one whose answer was lost is still found out."""
    accepted = attempt.answered or attempt.began_at is not None
    to_start = goal.verb is Verb.PASSWORD and item.stopped_by_us
    if goal.wait or not accepted or attempt.verb is not goal.verb or to_start:
        return None
    sentence = "the provider accepted it, and it is under way; the call did not wait for its end"
    return End(Outcome.ACCEPTED, Reason.NOT_WAITED, sentence, state=RequestState.NOT_WAITED)


def _harder(goal: Goal, item: WorkItem, attempt: Attempt) -> Send | None:
    """The hard way, where the soft one has had its time and the provider has no such order of its own."""
    native = "soft_then_hard" in goal.provider.modes.get(attempt.verb, {})
    if goal.mode(attempt.verb, item.id) != "soft_then_hard" or native or attempt.mode != "soft":
        return None
    if attempt.verb is Verb.REBOOT and (item.latest is None or item.latest.settled):
        return None  # the soft one may be over, unseen: only what is seen to hang is worth a second reboot
    if _out_of_patience(item) or item.read_at < max(item.not_before, attempt.sent_at + timing.SOFT_SECONDS):
        return None
    return Send(attempt.verb, "hard")


def _by_verdict(goal: Goal, item: WorkItem) -> Step:
    """From the verdict on what is seen now, as at the beginning; the first rule that applies decides."""
    if item.read_at < item.not_before:
        return Wait()
    verdict = goal.decide(item.latest, item.facts)
    rules = (_gone_for_now, _ended, _attached, _overtaken, _nothing_to_do, _given_up)
    step = next((step for rule in rules if (step := rule(goal, item, verdict))), None)
    return step or _to_send(goal, item, verdict)


def _gone_for_now(goal: Goal, item: WorkItem, verdict: Verdict) -> Step | None:
    return Wait() if item.latest is None and 0 < item.missing < MISSING_LOOKS else None


def _ended(goal: Goal, item: WorkItem, verdict: Verdict) -> Step | None:
    if verdict.decision is not Decision.REFUSE:
        return None
    return End(Outcome.REFUSED, verdict.reason, verdict.sentence)


def _attached(goal: Goal, item: WorkItem, verdict: Verdict) -> Step | None:
    """What somebody else began is waited for, and remembered."""
    if verdict.decision not in (Decision.ATTACH, Decision.SETTLE):
        return None
    if verdict.decision is Decision.ATTACH or _being_reset(goal, item.latest):
        _attach(item, verdict.verb or goal.verb)
    if verdict.decision is Decision.ATTACH and not goal.wait:
        return End(Outcome.ACCEPTED, Reason.NOT_WAITED, f"{verdict.sentence}, which was not requested")
    return Wait()


def _attach(item: WorkItem, verb: Verb) -> None:
    """Remember what somebody else has under way, and since when."""
    item.attached_verb = verb
    item.attached_at = item.read_at if item.attached_at is None else item.attached_at


def _being_reset(goal: Goal, instance: Instance | None) -> bool:
    return goal.verb is Verb.RESET and instance is not None and instance.status is Status.RESETTING


def _overtaken(goal: Goal, item: WorkItem, verdict: Verdict) -> Step | None:
    """Whether what somebody else began has ended as this call wants it; if not, it is decided anew."""
    if item.attached_at is None or item.latest is None:
        return None
    if item.read_at - item.attached_at < timing.STALE_SECONDS:
        return Wait()
    verb, status = item.attached_verb or goal.verb, item.latest.status
    item.attached_at = None
    if verb is Verb.RESET:
        attained = item.latest.image_id == item.target and status is not Status.RESET_FAILED
        if attained and not item.facts.failed:
            sentence = "a reset to this image that was already under way has succeeded"
            return End(Outcome.RESET, Reason.ATTACHED, sentence)
        return None
    if status is not STATUS_WHEN_DONE.get(verb):
        return None
    return End(
        OUTCOME_WHEN_DONE[verb], Reason.ATTACHED, f"a {verb.value} that was already under way has succeeded"
    )


def _nothing_to_do(goal: Goal, item: WorkItem, verdict: Verdict) -> Step | None:
    if verdict.decision is Decision.UNCHANGED:
        return End(Outcome.UNCHANGED, verdict.reason, verdict.sentence)
    instance = item.latest
    if goal.verb is Verb.RESET and item.same_image and instance and instance.image_id != item.target:
        now = f"it now runs {instance.image_id}: nothing was sent"
        sentence = f"{item.target} was to be installed again, and {now}"
        return End(Outcome.REFUSED, Reason.IMAGE_CHANGED, sentence)
    return None


def _given_up(goal: Goal, item: WorkItem, verdict: Verdict) -> Step | None:
    if item.error is None:
        return None
    doubt = _undocumented(goal, item)
    if not doubt:
        return end_given_up(item.error) if _out_of_patience(item) else None
    end = end_given_up(item.error)
    return end._replace(sentence=f"{end.sentence}; {doubt}")


def _undocumented(goal: Goal, item: WorkItem) -> str:
    """Why the refusal of a reset is final in this state, or an empty string."""
    refusals = (Kind.WRONG_STATE, Kind.REJECTED)
    if item.latest is None or not isinstance(item.error, ApiError) or item.error.kind not in refusals:
        return ""
    return goal.provider.rules.undocumented_states.get(item.latest.status, "")


def _to_send(goal: Goal, item: WorkItem, verdict: Verdict) -> Step:
    if item.latest is None or verdict.verb is None:
        return Wait()
    if accepts(goal.provider, verdict.verb, item.latest):
        return _send(goal, item, verdict.verb)
    if item.latest.status is not Status.RUNNING:
        return Wait()
    if item.power_tries >= POWER_TRIES:
        sentence = f"it still runs after {POWER_TRIES} stop requests"
        return End(Outcome.FAILED, Reason.NOT_STOPPED, sentence, "NOT_STOPPED")
    return _send(goal, item, Verb.STOP)


def _send(goal: Goal, item: WorkItem, verb: Verb) -> Send:
    mode = goal.mode(verb, item.id)
    modes = goal.provider.modes.get(verb, {})
    return Send(verb, "soft" if mode == "soft_then_hard" and mode not in modes else mode)


def _out_of_patience(item: WorkItem) -> bool:
    """Whether answers of the last one's kind have come too often since the last success."""
    kind = kind_of(item.error)
    return item.error is not None and item.refusals[kind] > PATIENCE.get(kind, 0)


def _left_stopped(goal: Goal, item: WorkItem, end: End) -> bool:
    """Whether we stopped the instance for what then did not come about, or does not start it: it is not left
    like that.
    """
    came_to_nothing = end.outcome in (Outcome.FAILED, Outcome.UNCHANGED, Outcome.REFUSED)
    stopped = item.latest is not None and item.latest.status is Status.STOPPED
    to_start = goal.verb is Verb.PASSWORD or (goal.verb is Verb.RESET and came_to_nothing)
    return item.stopped_by_us and to_start and stopped
