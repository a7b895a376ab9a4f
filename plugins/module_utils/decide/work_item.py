# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One instance's way through a call: what was planned, sent and seen, and how that changes with each look and
answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ..core.errors import ApiError, CloudError, InputError, Kind, NetworkError
from ..core.model import Instance, Outcome, RequestState, Verb, Verdict
from ..core.provider import Fields, Proof, Provider
from ..core.reason import Reason
from .facts import Facts

if TYPE_CHECKING:
    from .attempt import Attempt

# What an answer that says "nothing was done" is called where it is no answer of the provider at all.
UNREACHABLE, UNNOTED = "network", "not_noted"


class Goal(NamedTuple):
    """What a call is after: how it decides, what it sends, and how it stops or reboots.

    ``fields`` gives the body for the verb besides ids and mode; ``modes`` how a verb is done to an instance:
    soft, hard, or soft_then_hard.
    """

    verb: Verb
    provider: Provider
    decide: Callable[[Instance | None, Facts], Verdict]
    fields: Callable[[Instance, Facts], Fields] = lambda instance, facts: {}
    modes: Mapping[Verb, Callable[[str], str]] = {}
    wait: bool = True

    def mode(self, verb: Verb, instance_id: str) -> str:
        """How the verb is to be done to the instance; empty where it has no modes."""
        return self.modes[verb](instance_id) if verb in self.modes else ""

    def body(self, verb: Verb, mode: str, instance: Instance, facts: Facts) -> Fields:
        """Everything that is sent besides the ids."""
        own = self.fields(instance, facts) if verb is self.verb else {}
        return {**own, **self.provider.modes.get(verb, {}).get(mode, {})}


@dataclass(frozen=True)
class Wait:
    """Look again later."""


class Send(NamedTuple):
    """Send this verb now."""

    verb: Verb
    mode: str = ""


class Close(NamedTuple):
    """A request has come to an end that is not the end of the call for its instance: note it, and decide
    anew.
    """

    state: RequestState


class End(NamedTuple):
    """It is over.

    ``code`` and ``sentence`` say why when it is not what was asked for; ``state`` is the request's own end.
    """

    outcome: Outcome
    reason: Reason | None = None
    sentence: str = ""
    code: str = ""
    request_id: str = ""
    state: RequestState | None = None


Step: TypeAlias = "Wait | Send | Close | End"


def is_harder(attempt: Attempt | None, step: Send) -> bool:
    """Whether what is sent is the hard way of what is under way already."""
    return attempt is not None and (attempt.verb, attempt.mode, step.mode) == (step.verb, "soft", "hard")


def kind_of(error: CloudError | None) -> str:
    """Under which name refusals of this kind are counted."""
    if isinstance(error, ApiError):
        return error.kind.value
    return UNREACHABLE if isinstance(error, NetworkError) and not error.lasting else UNNOTED


@dataclass(slots=True)
class WorkItem:
    """One instance in a call. Times are monotonic seconds, except for the two that are shown."""

    id: str
    before: Instance | None
    latest: Instance | None
    facts: Facts
    verdict: Verdict
    read_at: float = 0.0
    target: str = ""  # the image that a reset installs
    same_image: bool = False  # none was asked for: the target is what ran when this was planned
    digest: str = ""  # what would be done, in short

    # what was sent, by this call or by an earlier one that it continues
    attempt: Attempt | None = None
    continued_since: float | None = None  # the attempt is an earlier call's, of this time (since 1970)
    other_options: bool = False  # that call asked for other options, as far as they are no secrets
    predecessor: Attempt | None = None  # a request of another run, to be resolved before anything is done
    # what the plan found that such requests had come to
    resolved: list[tuple[Verb, RequestState]] = field(default_factory=list)
    touched: bool = False  # a write of this call was accepted, or may have been
    stopped_by_us: bool = False
    power_tries: int = 0
    starts: int = 0  # how often it was asked to start again

    # what was turned down
    error: CloudError | None = None  # why the last request was
    refusals: Counter[str] = field(default_factory=Counter)  # since the last success, by kind
    not_before: float = 0.0
    alone: bool = False  # a batch with it was turned down: it goes by itself from now on

    # what was seen
    missing: int = 0  # how many looks in a row have not listed it
    attached_at: float | None = None  # when an operation that is not ours was first seen under way
    attached_verb: Verb | None = None

    # how it ends
    ending: End | None = None  # decided, but the instance is first started again
    end: End | None = None
    request_ids: list[str] = field(default_factory=list)
    started_at: float | None = None
    finished_at: float | None = None
    sent_at: float = 0.0  # when something was last sent, or the call began

    def look(self, proof: Proof, instance: Instance | None, at: float) -> bool:
        """Take in a look that began at ``at``; says whether the instance shows another state than before."""
        states = [look.vendor_status if look else None for look in (self.latest, instance)]
        self.missing = self.missing + 1 if instance is None else 0
        self.latest, self.read_at = instance, at
        self.attempt = self.attempt and self.attempt.seen(proof, instance, at)
        self.predecessor = self.predecessor and self.predecessor.seen(proof, instance, at)
        return states[0] != states[1]

    def unsent(self, error: CloudError) -> None:
        """What was to be sent could not be noted."""
        self.error = error
        self.refusals[kind_of(error)] += 1
        self.starts += self.ending is not None

    def refused(self, step: Send, error: CloudError, now: float, wait: float) -> None:
        """The request was turned down for sure: decide anew, ``wait`` seconds from now."""
        self._answered(error, now)
        # The soft way is still under way when the hard one was turned down: its end is still to be seen.
        self.attempt = self.attempt if is_harder(self.attempt, step) else None
        self.refusals[kind_of(error)] += 1
        self.not_before = now + wait

    def isolate(self) -> None:
        """Others in its batch may be to blame: it goes by itself from now on, with a clean record."""
        self.alone, self.error = True, None
        self.refusals.clear()

    def accepted(self, goal: Goal, step: Send, request_id: str, error: CloudError | None, now: float) -> None:
        """The request was accepted, or its answer was lost: then it may have been."""
        if self.latest is None:
            raise ValueError(f"nothing is sent for {self.id}, which the provider does not list")
        from .attempt import Attempt  # compiled in every call, and not needed by one that sends nothing

        self._answered(error, now)
        self.touched = True
        self.power_tries += step.verb is not goal.verb
        self.stopped_by_us = self.stopped_by_us or (step.verb is Verb.STOP and goal.verb.may_stop)
        if error is None:
            self.refusals.clear()
        # What was seen of the soft way still counts when it is not known whether the hard one came after it.
        softer = self.attempt if error is not None and is_harder(self.attempt, step) else None
        self.continued_since = None
        self.attempt = Attempt(
            verb=step.verb,
            baseline=self.latest,
            sent_at=now,
            began_at=softer.began_at if softer else None,
            target=self.target,
            mode=step.mode,
            answered=error is None,
            request_id=request_id if error is None else "",
        )

    def _answered(self, error: CloudError | None, now: float) -> None:
        self.sent_at, self.error = now, error
        self.starts += self.ending is not None

    def resume(self, proof: Proof, attempt: Attempt, asked_at: float) -> None:
        """Continue a request of an earlier call, asked for at ``asked_at`` (since 1970), as this call's
        own.
        """
        self.attempt = attempt.seen(proof, self.latest, self.read_at)
        self.continued_since = asked_at

    def closed(self, verb: Verb, state: RequestState) -> None:
        """The request under way has ended, and what was asked for is decided anew."""
        self.attempt = self.predecessor = self.continued_since = None
        if verb is Verb.RESET and state in (RequestState.DONE, RequestState.FAILED):
            self.facts = self.facts._replace(failed=state is RequestState.FAILED)


def nothing_was_done(error: CloudError) -> bool:
    """Whether a write that ended with this error was certainly not acted on."""
    if isinstance(error, ApiError):
        return error.kind is not Kind.UNKNOWN
    return isinstance(error, InputError) or (isinstance(error, NetworkError) and not error.sent)
