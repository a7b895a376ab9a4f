# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What earlier calls have left for a plan: requests that are open, and instances that were stopped."""

from __future__ import annotations

from ..core.model import Decision, Instance, RequestState, Status, Verb, Verdict
from ..core.reason import Reason
from ..decide.attempt import Attempt, Finding, Progress, under_way
from ..decide.facts import act, refuse
from ..decide.work_item import Goal, WorkItem
from .ledger.ledger import Ledger
from .ledger.record import Record, describe

# What says something about a request that is to be sent, and nothing about one that was sent before.
OF_WHAT_IS_SENT = (
    Reason.IMAGE_NOT_FOUND,
    Reason.IMAGE_UNAVAILABLE,
    Reason.IMAGE_BLOCKED,
    Reason.KEY_NOT_FOUND,
)
# Whose end another verb can hide: a reset and a reboot show by the last operation, or by a state that passes.
BESIDE = (Verb.RESET, Verb.REBOOT)
SUPERSEDED = Finding(
    Progress.UNKNOWN,
    "its end could not be seen, and another one was asked for since: under this run_id nothing is sent again",
)


def take_up(
    goal: Goal,
    since: float | None,
    item: WorkItem,
    instance: Instance,
    ledger: Ledger,
) -> None:
    """Take in what the ledger knows of the instance.

    ``since`` (seconds since 1970): a request of any run from then on counts as this call's.
    """
    _consult(goal, since, item, instance, ledger)
    for verb in BESIDE:
        record = ledger.open(item.id, verb) if verb is not goal.verb else None
        if record and not _is_settled(item):
            _look_after(goal, item, instance, ledger, record)
    _start_again(item, instance, ledger)


def _consult(goal: Goal, since: float | None, item: WorkItem, instance: Instance, ledger: Ledger) -> None:
    """Take in what the ledger knows of the instance, unless a rule forbids to touch it at all."""
    if item.verdict.decision is Decision.REFUSE and item.verdict.reason not in OF_WHAT_IS_SENT:
        return
    other = ledger.other_target(item.id, goal.verb, item.target)
    if other:
        sentence = f"run_id: it was used for image {other}, not {item.target}: use another run_id"
        item.verdict = refuse(Reason.RUN_ID_TAKEN, sentence)
        return
    superseded = ledger.superseded(item.id, goal.verb)
    if superseded and not _is_settled(item):
        _continue(goal, item, ledger, superseded, ledger.attempt_of(superseded)._replace(known=SUPERSEDED))
        return
    record = ledger.open(item.id, goal.verb)
    if record:
        _take_over(goal, since, item, instance, ledger, record)


def _take_over(
    goal: Goal, since: float | None, item: WorkItem, instance: Instance, ledger: Ledger, record: Record
) -> None:
    """Continue an open request where it is this call's own, else resolve it first."""
    from ..decide.evidence import judge  # few calls find an open request

    attempt = ledger.attempt_of(record).seen(goal.provider.proof, instance, item.read_at)
    finding = judge(goal.provider.proof, attempt, instance, item.read_at)
    unchanged = item.verdict.decision is Decision.UNCHANGED
    ours = _is_ours(goal, since, item, ledger, record, attempt)
    idle = unchanged and finding.progress is Progress.PENDING  # its end is not worth waiting for
    if idle or (item.verdict.decision is Decision.REFUSE and not ours):
        return
    if ours and not unchanged:
        _continue(goal, item, ledger, record, attempt)
        return
    ledger.resolve_first(record)
    _resolve(goal, item, record, attempt, finding)


def _continue(goal: Goal, item: WorkItem, ledger: Ledger, record: Record, attempt: Attempt) -> None:
    ledger.adopt(record)
    item.resume(goal.provider.proof, attempt, record.asked_at)
    sentence = f"{describe(record)}, and its end was not seen: resolve it first"
    item.verdict = Verdict(Decision.ATTACH, Reason.UNFINISHED, sentence, goal.verb)


def _is_settled(item: WorkItem) -> bool:
    return item.verdict.decision in (Decision.REFUSE, Decision.UNCHANGED)


def _look_after(goal: Goal, item: WorkItem, instance: Instance, ledger: Ledger, record: Record) -> None:
    """A request about something else, before its end is hidden by what this call sends.

    A reboot that nobody waited for is not waited for now.
    """
    from ..decide.evidence import judge  # few calls find an open request

    attempt = ledger.attempt_of(record).seen(goal.provider.proof, instance, item.read_at)
    finding = judge(goal.provider.proof, attempt, instance, item.read_at)
    if finding.progress is not Progress.PENDING:
        ledger.look_after(record)
        item.resolved.append((record.verb, finding.progress.state))
    elif item.attempt is None and item.predecessor is None and _is_wanted(record):
        ledger.look_after(record)
        item.predecessor = attempt
        sentence = f"{describe(record)}, and its end was not seen: wait for it first"
        item.verdict = Verdict(Decision.SETTLE, Reason.OPEN_REQUEST, sentence)


def _is_wanted(record: Record) -> bool:
    return record.verb is Verb.RESET or record.state is not RequestState.NOT_WAITED


def _start_again(item: WorkItem, instance: Instance, ledger: Ledger) -> None:
    """What an earlier call stopped, and has not seen run again, is started again by this one."""
    record = ledger.left_off(item.id)
    if record is None:
        return
    item.stopped_by_us = True
    if instance.status is not Status.STOPPED:
        return
    verdict, off = item.verdict, f"it has been stopped since {describe(record)}"
    if verdict.decision is Decision.REFUSE:
        item.verdict = verdict._replace(sentence=f"{verdict.sentence}; {off}: start it with instance_power")
    elif verdict.decision is Decision.UNCHANGED:
        item.verdict = act(Verb.START, Reason.LEFT_OFF, f"{verdict.sentence}; {off}: start it again")
    else:
        item.verdict = verdict._replace(sentence=f"{verdict.sentence}; {off}: start it again, too")


def _is_ours(
    goal: Goal, since: float | None, item: WorkItem, ledger: Ledger, record: Record, attempt: Attempt
) -> bool:
    """Whether the open request is this call's to continue."""
    if record.target != item.target or item.latest is None:
        return False
    if since is not None and not record.run_id:
        return ledger.asked_since(record, since)
    running = under_way(goal.provider.proof, item.latest, attempt)
    return ledger.continues(record, running) or (since is not None and ledger.asked_since(record, since))


def _resolve(goal: Goal, item: WorkItem, record: Record, attempt: Attempt, finding: Finding) -> None:
    """The request of another run comes first; where its end shows already, the verdict is the one after
    it.
    """
    if finding.progress is Progress.PENDING:
        item.predecessor = attempt
        sentence = f"{describe(record)}, and its end was not seen: resolve it first"
        item.verdict = Verdict(Decision.SETTLE, Reason.OPEN_REQUEST, sentence)
        return
    item.resolved.append((goal.verb, finding.progress.state))
    item.closed(goal.verb, finding.progress.state)
    item.verdict = goal.decide(item.latest, item.facts)
