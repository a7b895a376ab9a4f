# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The next step for one instance, from what was asked, what was sent and what is seen. Nothing here does any I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ..core.errors import ApiError, CloudError, Kind, NetworkError
from ..core.model import (
    Decision,
    Instance,
    Outcome,
    Status,
    Verb,
    Verdict,
)
from ..core.provider import Fields, Provider
from .evidence import STALE_SECONDS, Attempt, Finding, Progress, judge
from .verdicts import Facts, accepts

# Seconds that a soft stop or reboot is given before the hard one.
SOFT_SECONDS = 90.0
# How often an answer that says "nothing was done" may be met by asking again, by its kind; others are final.
PATIENCE = {Kind.THROTTLED: 1000, Kind.IN_PROGRESS: 1000, Kind.WRONG_STATE: 4}
UNREACHABLE_TRIES = 4
POWER_TRIES = 3
# How often an instance that was stopped for a reset that then did not come about is asked to start again.
START_TRIES = 8

DISAPPOINTED = {
    Progress.FAILED: "failed",
    Progress.NOT_STARTED: "was not begun",
    Progress.UNKNOWN: "has an unknown end",
}
REACHED = {
    Verb.RESET: Outcome.RESET,
    Verb.REBOOT: Outcome.REBOOTED,
    Verb.START: Outcome.STARTED,
    Verb.STOP: Outcome.STOPPED,
}


@dataclass(frozen=True)
class Goal:
    """What a call is after: how it decides, what it sends, and how it stops or reboots.

    ``fields`` gives the body for the verb besides ids and mode.
    """

    verb: Verb
    provider: Provider
    decide: Callable[[Instance | None, Facts], Verdict]
    fields: Callable[[Instance, Facts], Fields] = lambda instance, facts: {}
    modes: Mapping[Verb, str] = field(default_factory=dict)
    wait: bool = True

    def body(self, verb: Verb, mode: str, instance: Instance, facts: Facts) -> Fields:
        """Everything that is sent besides the ids."""
        own = self.fields(instance, facts) if verb is self.verb else {}
        return {**own, **self.provider.modes.get(verb, {}).get(mode, {})}


@dataclass(frozen=True)
class Wait:
    """Look again later."""


@dataclass(frozen=True)
class Send:
    """Send this verb now."""

    verb: Verb
    mode: str = ""


@dataclass(frozen=True)
class Attach:
    """Treat what is running as our own."""

    verb: Verb


@dataclass(frozen=True)
class End:
    """It is over. ``code`` and ``sentence`` say why when it is not what was asked for."""

    outcome: Outcome
    reason: str = ""
    sentence: str = ""
    code: str = ""
    request_id: str = ""


Step = Wait | Send | Attach | End


@dataclass
class WorkItem:
    """One instance's way through a call. Times are monotonic seconds, except for the two that are shown."""

    id: str
    before: Instance | None
    latest: Instance | None
    facts: Facts
    verdict: Verdict
    read_at: float = 0.0
    attempt: Attempt | None = None
    error: CloudError | None = None  # why the last request was turned down
    turned_down: int = 0
    power_tries: int = 0
    target: str = ""  # the image that a reset installs
    same_image: bool = False  # none was asked for: the target is what ran when this was planned
    recovered: bool = False  # the attempt was sent by an earlier run, and found in the ledger
    not_before: float = 0.0
    alone: bool = False  # a batch with it was turned down: it goes by itself from now on
    reset_seen_at: float | None = None  # a reset that is not ours was seen under way
    stopped_by_us: bool = False
    touched: bool = False  # a write was accepted, or may have been
    ending: End | None = None  # decided, but the instance is first started again
    starts: int = 0  # how often that was asked for
    end: End | None = None
    request_ids: list[str] = field(default_factory=list)
    started_at: float | None = None
    finished_at: float | None = None
    sent_at: float = 0.0  # when something was last sent, or the call began


def next_step(goal: Goal, item: WorkItem) -> Step:
    """The next step after the look that is in ``work.latest``."""
    step = _after_attempt(goal, item, item.attempt) if item.attempt else None
    if step is None:
        item.attempt = None
        step = item.ending or _by_verdict(goal, item)
    if isinstance(step, End) and _left_stopped(goal, item, step):
        item.ending = step
        if item.starts >= START_TRIES:
            return replace(
                step, sentence=f"{step.sentence}; it was stopped for this, and could not be started again"
            )
        return Send(Verb.START) if item.read_at >= item.not_before else Wait()
    return step


def _after_attempt(goal: Goal, item: WorkItem, attempt: Attempt) -> Step | None:
    """What the attempt under way comes to, or None when the way is free for another."""
    if item.read_at <= attempt.sent_at:
        return Wait()
    overtaken = item.latest is not None and item.latest.status in (Status.STOPPED, Status.RESETTING)
    if attempt.verb is Verb.STOP and goal.verb is Verb.RESET and overtaken:
        return None  # stopped, or someone was faster; a reset on a stale look is refused by the provider, and we look again
    finding = judge(goal.provider.proof, attempt, item.latest, item.read_at)
    if finding.progress is Progress.PENDING:
        return _harder(goal, item, attempt) or _not_waited_for(goal, attempt) or Wait()
    if (
        goal.verb is Verb.RESET and attempt.verb is not Verb.RESET
    ):  # a stop before it, or a start instead of it
        if finding.progress is Progress.DONE:
            return None
        if finding.progress in (Progress.NOT_STARTED, Progress.FAILED) and item.power_tries < POWER_TRIES:
            return None
        if item.ending:
            return item.ending
    if finding.progress is Progress.DONE:
        return End(REACHED[attempt.verb])
    if finding.progress is Progress.NOT_STARTED and item.recovered:
        return None  # an earlier run was stopped before it could send this: it is still to be done
    return _disappointed(attempt, finding)


def _disappointed(attempt: Attempt, finding: Finding) -> End:
    outcome = Outcome.UNKNOWN if finding.progress is Progress.UNKNOWN else Outcome.FAILED
    code = finding.code or finding.progress.value.upper()
    what = f"the {attempt.verb.value} {DISAPPOINTED[finding.progress]}: {finding.sentence}"
    return End(outcome, finding.progress.value, what, code, attempt.request_id)


def _not_waited_for(goal: Goal, attempt: Attempt) -> End | None:
    """Without waiting, an accepted request is the end; one whose answer was lost is still found out."""
    if goal.wait or not attempt.answered or attempt.verb is not goal.verb:
        return None
    return End(Outcome.ACCEPTED, "not_waited", "the provider accepted it; its end was not waited for")


def _harder(goal: Goal, item: WorkItem, attempt: Attempt) -> Send | None:
    """The hard way, where the soft one has had its time and the provider has no such order of its own."""
    native = "soft_then_hard" in goal.provider.modes.get(attempt.verb, {})
    if goal.modes.get(attempt.verb) != "soft_then_hard" or native or attempt.mode != "soft":
        return None
    if attempt.verb is Verb.REBOOT and (item.latest is None or item.latest.settled):
        return None  # the soft one may be over, unseen: only what is seen to hang is worth a second reboot
    refused = item.error is not None and item.turned_down > _patience(item.error)
    if refused or item.read_at < max(item.not_before, attempt.sent_at + SOFT_SECONDS):
        return None
    return Send(attempt.verb, "hard")


def is_harder(attempt: Attempt | None, step: Send) -> bool:
    """Whether what is sent is the hard way of what is under way already."""
    return attempt is not None and (attempt.verb, attempt.mode, step.mode) == (step.verb, "soft", "hard")


def _by_verdict(goal: Goal, item: WorkItem) -> Step:
    """From the verdict on what is seen now, as at the beginning."""
    if item.read_at < item.not_before:
        return Wait()
    instance = item.latest
    verdict = goal.decide(instance, item.facts)
    if (
        goal.verb is Verb.RESET
        and instance
        and instance.status is Status.RESETTING
        and item.reset_seen_at is None
    ):
        item.reset_seen_at = item.read_at
    if verdict.decision is Decision.REFUSE:
        return End(Outcome.REFUSED, verdict.reason, verdict.sentence)
    if verdict.decision is Decision.SETTLE:
        return Wait()
    if verdict.decision is Decision.ATTACH:
        return Attach(verdict.verb or goal.verb)
    if item.reset_seen_at is not None and instance:  # someone's reset has ended under our eyes
        if item.read_at - item.reset_seen_at < STALE_SECONDS:
            return Wait()
        if instance.image_id == item.target and instance.status is not Status.RESET_FAILED:
            return End(Outcome.RESET, "attached", "a reset to this image that was already running has ended")
    if verdict.decision is Decision.UNCHANGED:
        return End(Outcome.UNCHANGED, verdict.reason, verdict.sentence)
    if goal.verb is Verb.RESET and item.same_image and instance and instance.image_id != item.target:
        changed = f"{item.target} was to be installed again, and it runs {instance.image_id} by now: nothing was sent"
        return End(Outcome.REFUSED, "image_changed", changed)
    if instance is None or verdict.verb is None:
        return Wait()
    unsure = _undocumented(goal.provider, instance, item.error)
    if item.error and item.turned_down > (0 if unsure else _patience(item.error)):
        end = _given_up(item.error)
        return replace(end, sentence=f"{end.sentence}; {unsure}") if unsure else end
    if accepts(goal.provider, verdict.verb, instance):
        return _send(goal, verdict.verb)
    if instance.status is not Status.RUNNING:
        return Wait()
    if item.power_tries >= POWER_TRIES:
        return End(
            Outcome.FAILED,
            "not_stopped",
            f"it still runs after {POWER_TRIES} requests to stop",
            "NOT_STOPPED",
        )
    return _send(goal, Verb.STOP)


def _send(goal: Goal, verb: Verb) -> Send:
    mode = goal.modes.get(verb, "")
    modes = goal.provider.modes.get(verb, {})
    return Send(verb, "soft" if mode == "soft_then_hard" and mode not in modes else mode)


def _undocumented(provider: Provider, instance: Instance, error: CloudError | None) -> str:
    """Why the refusal of a reset is final in this state, or an empty string."""
    refused = isinstance(error, ApiError) and error.kind in (Kind.WRONG_STATE, Kind.REJECTED)
    return provider.rules.undocumented_states.get(instance.status, "") if refused else ""


def _patience(error: CloudError) -> int:
    if isinstance(error, ApiError):
        return PATIENCE.get(error.kind, 0)
    return UNREACHABLE_TRIES if isinstance(error, NetworkError) else 0


def _given_up(error: CloudError) -> End:
    if isinstance(error, ApiError):
        return End(Outcome.FAILED, error.kind.value, str(error), error.code, error.request_id)
    if isinstance(error, NetworkError):
        return End(Outcome.FAILED, "network", str(error), "NETWORK_ERROR")
    return End(Outcome.FAILED, "not_noted", str(error), "LEDGER")


def _left_stopped(goal: Goal, item: WorkItem, end: End) -> bool:
    """Whether we stopped the instance for a reset that then did not come about: it is not left like that."""
    return (
        goal.verb is Verb.RESET
        and item.stopped_by_us
        and end.outcome in (Outcome.FAILED, Outcome.UNCHANGED, Outcome.REFUSED)
        and item.latest is not None
        and item.latest.status is Status.STOPPED
    )
