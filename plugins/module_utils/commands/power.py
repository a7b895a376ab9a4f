# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The bodies of instance_reboot and instance_power."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..act.ledger.ledger import Ledger
from ..act.lookups import denials
from ..api.client import Client
from ..core.clock import since_epoch
from ..core.errors import InputError
from ..core.model import Instance, Verb, Verdict
from ..core.provider import Provider
from ..decide.next_step import Goal
from ..decide.verdicts import (
    Facts,
    decide_power,
    decide_reboot,
    refusal_for_any,
)
from .run_module import Call
from .validate import check_ids
from .write import open_ledger, protecting_tags, write


def reboot(call: Call, client: Client) -> dict[str, Any]:
    """Reboot the instances that the call's parameters name. Raises CloudError before anything is sent."""
    provider, params = client.provider, call.params
    since = _since(provider, params)

    def decide(instance: Instance, facts: Facts) -> Verdict:
        operation = instance.operation
        recorded = (
            operation is not None
            and operation.verb is Verb.REBOOT
            and _seconds(operation.started_at) >= since
        )
        return decide_reboot(provider, instance, params["if_stopped"], facts.done or recorded)

    public = {name: params[name] for name in ("mode", "if_stopped", "since")}
    ledger = open_ledger(client, params, since)
    return _write(call, client, Verb.REBOOT, decide, {Verb.REBOOT: params["mode"]}, public, ledger)


def power(call: Call, client: Client) -> dict[str, Any]:
    """Start or stop the instances that the call's parameters name. Raises CloudError before anything is sent."""
    provider, params = client.provider, call.params
    verb = Verb.START if params["state"] == "started" else Verb.STOP

    def decide(instance: Instance, facts: Facts) -> Verdict:
        return decide_power(provider, instance, verb)

    public = {name: params[name] for name in ("state", "stop_mode")}
    return _write(call, client, verb, decide, {Verb.STOP: params["stop_mode"]}, public)


def _write(
    call: Call,
    client: Client,
    verb: Verb,
    decide: Callable[[Instance, Facts], Verdict],
    modes: Mapping[Verb, str],
    public: Mapping[str, Any],
    ledger: Ledger | None = None,
) -> dict[str, Any]:
    provider = client.provider
    ids = check_ids(provider, call.params["instance_ids"])
    protect_tags = protecting_tags(provider, call.params)

    def decide_one(instance: Instance | None, facts: Facts) -> Verdict:
        barred = refusal_for_any(verb, instance, facts, client.account.region, protect_tags)
        return barred if barred or instance is None else decide(instance, facts)

    def read_facts(instances: Sequence[Instance]) -> Mapping[str, Facts]:
        denied = denials(client, [instance.id for instance in instances])
        return {
            instance.id: Facts(
                denials=denied.get(instance.id, {}), done=bool(ledger and ledger.done(instance.id, verb))
            )
            for instance in instances
        }

    goal = Goal(verb=verb, provider=provider, decide=decide_one, modes=modes, wait=call.params["wait"])
    return write(call, client, goal, ids, read_facts, ledger, public)


def _since(provider: Provider, params: Mapping[str, Any]) -> float:
    """The time in seconds since 1970, infinity where none is given.

    Raises InputError when it cannot be read, or nothing could be compared with it.
    """
    if params["since"] is None:
        return math.inf
    moment = _seconds(params["since"])
    if not moment:
        raise InputError(f"since: {params['since']!r} is not a time such as 2026-01-31T12:00:00Z")
    if not params["ledger"] and not provider.proof.records_start:
        raise InputError(
            f"since: {params['since']!r} needs ledger with provider {provider.name}, whose record does not say when "
            "an instance was rebooted"
        )
    return moment


def _seconds(moment: str) -> float:
    """Seconds since 1970 of an ISO 8601 time in UTC; 0 when it is none."""
    try:
        return since_epoch(moment)
    except ValueError:
        return 0.0
