# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A writing call from its plan to its outcomes: read, decide for all, guard, and only then act."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..api.client import Client
from ..core.errors import Refused
from ..core.model import Decision, Instance, Outcome, Verb
from ..core.reason import Reason
from ..core.text import FEW, some
from ..decide.facts import Facts, not_permitted
from ..decide.work_item import End, Goal, WorkItem
from .ledger.ledger import Ledger
from .listener import Listener
from .lookups import read_instances
from .plan_id import PLAN_PARTS, digest_of, plan_of, same_options

ReadFacts = Callable[[Sequence[Instance]], Mapping[str, Facts]]


class Spec(NamedTuple):
    """What a call asks for, besides its goal. ``options`` maps an instance to all that makes its plan,
    without secrets.

    ``since`` (seconds since 1970): a request of any run from then on counts as this call's.
    """

    ids: Sequence[str]
    options: Mapping[str, Mapping[str, Any]]
    image_ids: Mapping[str, str] = {}
    since: float | None = None

    def target(self, verb: Verb, instance_id: str, instance: Instance | None) -> str:
        """The image that a reset installs: the one that was asked for, else the current one."""
        current = instance.image_id if instance else ""
        return (self.image_ids.get(instance_id) or current) if verb is Verb.RESET else ""


class Guards(NamedTuple):
    """What holds a call back besides the rules. ``timeout`` in seconds; ``expect_digests`` by instance id."""

    on_refusal: str = "stop"
    max_instances: int | None = None
    expect_plan: str | None = None
    expect_digests: Mapping[str, str] = {}
    timeout: float = 3600.0


class Execution(NamedTuple):
    """What a call planned and what came of it. ``acted`` is False when nothing was to be sent, or might be.

    ``refusal`` is why a guard stopped the whole call before anything was sent.
    """

    items: Sequence[WorkItem]
    plan_id: str
    acted: bool
    troubles: Sequence[str] = ()
    refusal: Refused | None = None


def make_plan(
    client: Client, goal: Goal, spec: Spec, read_facts: ReadFacts, ledger: Ledger | None
) -> list[WorkItem]:
    """Look at all instances and give each its verdict.

    Sends no write. Raises CloudError when it cannot be read.
    """
    read_at = client.clock.monotonic()
    instances = read_instances(client, spec.ids)
    denied = dict(client.denied_ids)
    facts = read_facts(list(instances.values()))
    items = []
    for instance_id in spec.ids:
        instance, own_facts = instances.get(instance_id), facts.get(instance_id, Facts())
        denial = denied.get(instance_id)
        item = WorkItem(
            instance_id,
            before=instance,
            latest=instance,
            facts=own_facts,
            verdict=not_permitted(denial) if denial else goal.decide(instance, own_facts),
            read_at=read_at,
            target=spec.target(goal.verb, instance_id, instance),
            same_image=not spec.image_ids.get(instance_id),
        )
        if ledger and instance and ledger.knows(instance_id):
            from .earlier import take_up  # compiled in every call, and needed by few

            take_up(goal, spec.since, item, instance, ledger)
        item.digest = digest_of(goal, item, spec.options.get(instance_id, {}))
        if ledger and item.continued_since is not None:
            item.other_options = not same_options(ledger.digest_of(item.id, goal.verb), item.digest)
        items.append(item)
    return items


def carry_out(
    client: Client,
    goal: Goal,
    items: Sequence[WorkItem],
    guards: Guards,
    listeners: Sequence[Listener],
    rehearsal: bool,
) -> Execution:
    """Act on the plan, unless a guard stops it; then nothing is sent, and the rows say so.

    A ``rehearsal`` (check mode) goes just as far as the first step and takes none.
    """
    plan_id = plan_of(items)
    refusal = _refusal(items, plan_id, guards)
    for item in items:
        end_of_plan(item, refusal)
    if rehearsal:
        return Execution(items, plan_id, acted=False, refusal=refusal)
    _announce(items, listeners)
    refused = guards.on_refusal == "stop" and any(_is_refused(item) for item in items)
    if refusal or refused or not _acting(items):
        return Execution(items, plan_id, acted=False, refusal=refusal)
    from .reconcile import Reconciler  # compiled in every call, and not needed by one that changes nothing

    reconciler = Reconciler(client, goal, listeners, guards.timeout)
    reconciler.run(items)
    return Execution(items, plan_id, acted=True, troubles=reconciler.troubles)


def _announce(items: Sequence[WorkItem], listeners: Sequence[Listener]) -> None:
    """Tell the listeners of the plan, and of what it found that requests of other runs had come to."""
    for listener in listeners:
        for item in items:
            listener.planned(item)
            for verb, state in item.resolved:
                listener.closed(item, verb, state)
        listener.flush()


def _is_refused(item: WorkItem) -> bool:
    return item.verdict.decision is Decision.REFUSE


def _acting(items: Sequence[WorkItem]) -> list[WorkItem]:
    return [item for item in items if item.verdict.decision not in (Decision.REFUSE, Decision.UNCHANGED)]


def _refusal(items: Sequence[WorkItem], plan_id: str, guards: Guards) -> Refused | None:
    """Why a guard stops the call, saying what is not as it was expected."""
    changed = _changed_digests(items, guards) or _changed_plan(plan_id, guards)
    if changed:
        return Refused(Reason.PLAN_CHANGED.value, f"{changed}; review the plan again in check mode")
    count, most = len(_acting(items)), guards.max_instances
    if most is None or count <= most:
        return None
    sentence = f"max_instances: the call would act on {count} instances; {most} are allowed"
    return Refused(Reason.MAX_INSTANCES.value, sentence)


def _changed_digests(items: Sequence[WorkItem], guards: Guards) -> str:
    others = [
        item.id
        for item in _acting(items)  # what stays as it is breaks no approval: a run again finds a part done
        if guards.expect_digests.get(item.id, item.digest) != item.digest
    ]
    if not others:
        return ""
    return f"expect_digest: what would happen to {some(others, FEW)} is not what was approved"


def _changed_plan(plan_id: str, guards: Guards) -> str:
    expected = guards.expect_plan
    if not expected or expected == plan_id:
        return ""
    pairs = zip(PLAN_PARTS, plan_id.split("-"), expected.split("-"))
    parts = " and ".join(part for part, now, then in pairs if now != then)
    what = f"{parts} differ" if parts else "it is not a plan id of this version"
    return f"expect_plan: {expected!r} is not what this call would do, which is {plan_id!r} ({what})"


def end_of_plan(item: WorkItem, refusal: Refused | None = None) -> None:
    """Give the outcomes that are certain without doing anything: what is refused, and what stays as it is."""
    decision, verdict = item.verdict.decision, item.verdict
    if decision is Decision.UNCHANGED:
        item.end = End(Outcome.UNCHANGED, verdict.reason, verdict.sentence)
    elif decision is Decision.REFUSE:
        item.end = End(Outcome.REFUSED, verdict.reason, verdict.sentence)
    elif refusal:
        item.end = End(Outcome.REFUSED, Reason.of(refusal.reason), str(refusal))
