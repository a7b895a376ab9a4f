# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the three modules that write have in common: from their parameters to the plan, the run and the result."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from ..act.events import Events
from ..act.execute import Guards, ReadFacts, carry_out, make_plan, plan_of
from ..act.ledger.ledger import Ledger
from ..act.reconcile import Listener
from ..api.client import Client
from ..api.rate_limits import RateWait
from ..core.errors import CloudError, InputError
from ..core.provider import Provider
from ..decide.next_step import Goal
from ..decide.verdicts import PROTECT_TAG
from .result import problems_of, result_of
from .run_module import Call


def protecting_tags(provider: Provider, params: Mapping[str, Any]) -> tuple[str, ...]:
    """The tags that protect. Raises InputError when some are wanted and the provider has no tags."""
    given = params["protect_tags"]
    if given and not provider.tags:
        raise InputError(
            f"protect_tags cannot be honoured by provider {provider.name}: its API tells no tags"
        )
    return (PROTECT_TAG,) if given is None else tuple(given)


def open_ledger(client: Client, params: Mapping[str, Any], since: float = math.inf) -> Ledger | None:
    """The ledger, if one is wanted. Its lines belong to a provider and an endpoint, and name no key."""
    if not params.get("ledger"):
        return None
    scope = f"{client.provider.name} {client.account.endpoint or client.provider.api.host}"
    return Ledger(params["ledger"], scope, params.get("run_id") or "", client.clock, since)


def write(
    call: Call,
    client: Client,
    goal: Goal,
    ids: tuple[str, ...],
    read_facts: ReadFacts,
    ledger: Ledger | None,
    public: Mapping[str, Any],
) -> dict[str, Any]:
    """Plan and carry out. ``public`` are the options that make the plan what it is, without any secret."""
    params = call.params
    listeners: list[Listener] = [ledger] if ledger else []
    if params["events"] and not call.check_mode:
        events = Events(params["events"], client.provider.name, client.clock)
        listeners.append(events)
        client.pacer.tell = _telling(call, client, events)
    items = make_plan(client, goal, ids, read_facts, params.get("image_id"), ledger)
    guards = Guards(
        params["on_refusal"], params["max_instances"], params["expect_plan"], float(params["wait_timeout"])
    )
    plan_id = plan_of(goal, items, public)
    execution = carry_out(client, goal, items, plan_id, guards, listeners, rehearsal=call.check_mode)
    for trouble in execution.troubles:
        call.warn(trouble)
    result = result_of(goal, execution, params.get("keep_data_disks"), rehearsal=call.check_mode)
    problems = problems_of(result, execution.acted, rehearsal=call.check_mode)
    return {**result, "failed": True, "msg": problems} if problems else result


def _telling(call: Call, client: Client, events: Events) -> Callable[[RateWait], None]:
    """What tells waits for a rate. It is called while a request is on its way out, so trouble with the file is kept from it."""

    def tell(wait: RateWait) -> None:
        try:
            events.rate(wait)
        except CloudError as problem:
            client.pacer.tell = None
            call.warn(str(problem))

    return tell
