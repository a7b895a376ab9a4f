# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A writing call from its plan to its result: read, decide for all, guard, and only then act."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..api.client import Client
from ..core.errors import Refused
from ..core.model import (
    Decision,
    Instance,
    Outcome,
    Status,
    Verb,
    Verdict,
)
from ..decide.next_step import Goal, WorkItem
from ..decide.verdicts import Facts
from .ledger.entry import NOT_WAITED
from .ledger.ledger import Ledger
from .lookups import read_instances
from .reconcile import Listener, Reconciler, end_of_plan

ReadFacts = Callable[[Sequence[Instance]], Mapping[str, Facts]]


@dataclass(frozen=True)
class Guards:
    """What holds a call back besides the rules. ``timeout`` in seconds."""

    on_refusal: str = "stop"
    max_instances: int | None = None
    expect_plan: str | None = None
    timeout: float = 3600.0


@dataclass(frozen=True)
class Execution:
    """What a call planned and what came of it. ``acted`` is False when nothing was to be sent, or might be."""

    items: Sequence[WorkItem]
    plan_id: str
    acted: bool
    troubles: Sequence[str] = ()


def make_plan(
    client: Client,
    goal: Goal,
    ids: Sequence[str],
    read_facts: ReadFacts,
    image_id: str | None,
    ledger: Ledger | None,
) -> list[WorkItem]:
    """Look at all instances and give each its verdict. Sends no write. Raises CloudError when it cannot be read."""
    read_at = client.clock.monotonic()
    found = read_instances(client, ids)
    facts = read_facts(list(found.values()))
    items = []
    for instance_id in ids:
        instance = found.get(instance_id)
        own = facts.get(instance_id, Facts())
        target = (image_id or (instance.image_id if instance else "")) if goal.verb is Verb.RESET else ""
        verdict = goal.decide(instance, own)
        item = WorkItem(
            instance_id, instance, instance, own, verdict, read_at, target=target, same_image=not image_id
        )
        if ledger and instance:
            _resume(client, goal, item, instance, ledger)
        items.append(item)
    return items


def _resume(client: Client, goal: Goal, item: WorkItem, instance: Instance, ledger: Ledger) -> None:
    """Take up a request that an earlier run may have sent, unless a rule forbids to touch the instance at all."""
    entry = ledger.unfinished(item.id, goal.verb)
    if entry is None or item.verdict.decision is Decision.REFUSE or entry.target != item.target:
        return
    if entry.state in (NOT_WAITED, Outcome.UNKNOWN.value) and item.verdict.decision is Decision.UNCHANGED:
        return  # its end was of no interest, or could not be told, and now nothing is left to do
    ledger.adopt(item.id, entry)
    item.attempt, item.recovered = entry.attempt(item.id, client.clock).seen(instance, item.read_at), True
    item.verdict = Verdict(
        Decision.ATTACH,
        "unfinished",
        "the ledger shows a request whose end was not seen: find out first",
        goal.verb,
    )


def carry_out(
    client: Client,
    goal: Goal,
    items: Sequence[WorkItem],
    plan_id: str,
    guards: Guards,
    listeners: Sequence[Listener],
    rehearsal: bool,
) -> Execution:
    """Act on the plan, unless a guard stops it. Raises Refused, before anything is sent, where a guard does.

    A ``rehearsal`` (check mode) goes just as far as the first step and takes none.
    """
    acting = [item for item in items if item.verdict.decision not in (Decision.REFUSE, Decision.UNCHANGED)]
    if guards.expect_plan and guards.expect_plan != plan_id:
        raise Refused(
            "plan_changed",
            f"expect_plan: {guards.expect_plan!r} is not what this call would do now, which is {plan_id!r}; "
            "look at the plan again in check mode",
        )
    if guards.max_instances is not None and len(acting) > guards.max_instances:
        raise Refused(
            "max_instances",
            f"max_instances: {len(acting)} instances would be acted on; {guards.max_instances} are allowed",
        )
    for item in items:
        end_of_plan(item)
    refused = any(item.verdict.decision is Decision.REFUSE for item in items)
    if rehearsal:
        return Execution(items, plan_id, acted=False)
    for listener in listeners:
        for item in items:
            listener.planned(item)
    if not acting or (refused and guards.on_refusal == "stop"):
        return Execution(items, plan_id, acted=False)
    reconciler = Reconciler(client, goal, listeners, guards.timeout)
    reconciler.run(items)
    return Execution(items, plan_id, acted=True, troubles=reconciler.troubles)


def plan_of(goal: Goal, items: Sequence[WorkItem], options: Mapping[str, Any]) -> str:
    """A short name for what would be done: the same as long as the instances and the options are.

    States that come and go are not a part of it, what is erased and installed is.
    """
    content = [
        [goal.provider.name, goal.verb.value, dict(options)],
        sorted(
            [item.id, _predicted(goal, item), item.before.image_id if item.before else "", item.target]
            for item in items
        ),
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _predicted(goal: Goal, item: WorkItem) -> str:
    """What the instance comes to: the same whether something else has to end first or not."""
    if would_change(goal, item):
        return goal.verb.value
    return Decision.UNCHANGED.value if item.verdict.decision is Decision.SETTLE else item.verdict.word


def would_change(goal: Goal, item: WorkItem) -> bool:
    """What is to be expected: after something else has ended, too."""
    if item.verdict.decision is Decision.SETTLE and item.before:
        calm = replace(item.before, status=Status.RUNNING, operation=None)
        return goal.decide(calm, item.facts).changes
    return item.verdict.changes
