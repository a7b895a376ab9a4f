# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a plan is called, and the part of it about one instance: the same name as long as the same would be
done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..core.disks import system_disk
from ..core.model import Decision, Status, Verb
from ..decide.work_item import Goal, WorkItem

# The parts of a plan's id, each a short digest: so that a refusal can say what has changed.
PLAN_PARTS = ("the instances", "the options", "the actions", "the images")


def plan_of(items: Sequence[WorkItem]) -> str:
    """A short name for what would be done: the same as long as the instances, the options and the images are.

    States that come and go are not a part of it, what is erased and installed is.
    """
    digests = [item.digest.split("-") for item in sorted(items, key=lambda item: item.id)]
    return "-".join(_short([parts[number] for parts in digests]) for number in range(len(PLAN_PARTS)))


def digest_of(goal: Goal, item: WorkItem, options: Mapping[str, Any]) -> str:
    """A short name for what would be done to one instance, in the same parts."""
    image = item.before.image_id if item.before else ""
    call = [goal.provider.name, goal.verb.value]
    parts = (
        [*call, item.id],
        [*call, item.id, dict(options)],
        _prediction(goal, item, options),
        [item.id, image, item.target],
    )
    return "-".join(map(_short, parts))


def same_options(digest: str, other: str) -> bool:
    """Whether two digests of one instance are of the same options."""
    part = PLAN_PARTS.index("the options")
    return digest.split("-")[part : part + 1] == other.split("-")[part : part + 1]


def _short(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:8]


def _prediction(goal: Goal, item: WorkItem, options: Mapping[str, Any]) -> Sequence[str]:
    """What the instance comes to: the same whether something else has to end first or not.

    Not the system disk, which is erased in any case and may have another id after it.
    """
    if would_change(goal, item):
        system = item.before and system_disk(item.before)
        return [goal.verb.value, *sorted({*erased_disks(goal, item, options)} - {system})]
    return [Decision.UNCHANGED.value if item.verdict.decision is Decision.SETTLE else item.verdict.word]


def erased_disks(goal: Goal, item: WorkItem, options: Mapping[str, Any]) -> list[str]:
    """The ids of the disks that a reset with these options erases, or would."""
    provider, instance = goal.provider, item.before
    if goal.verb is not Verb.RESET or instance is None:
        return []
    everything = provider.erases_all(options.get("provider_options"), options.get("keep_data_disks"))
    return list(provider.all_disks(instance)) if everything else [system_disk(instance)]


def would_change(goal: Goal, item: WorkItem) -> bool:
    """What is to be expected: after something else has ended, too."""
    if item.verdict.decision is Decision.SETTLE and item.before:
        calm = replace(item.before, status=Status.RUNNING, operation=None)
        return goal.decide(calm, item.facts).changes
    return item.verdict.changes
