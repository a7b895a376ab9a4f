# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The bodies of instance_reboot and instance_power."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..act.ledger.place import place_of
from ..api.client import Client
from ..core.clock import since_epoch
from ..core.errors import InputError
from ..core.model import Instance, Operation, Phase, Verb, Verdict
from ..core.provider import Provider
from ..core.reason import Reason
from ..decide.facts import Facts
from ..decide.verdicts import decide_power, decide_reboot
from ..decide.work_item import Goal
from .own_ids import by_own_ids
from .run_module import Call
from .validate import check_instances, check_run, mode_of, moment_of
from .write import Order, barring, done_in_run, facts_reader, open_ledger, write


@by_own_ids
def reboot(call: Call, client: Client) -> dict[str, Any]:
    """Reboot the instances that the call's parameters name. Raises CloudError before anything is sent."""
    provider, params = client.provider, call.params
    entries = {
        instance_id: {**entry, "mode": mode_of(provider, Verb.REBOOT, "mode", entry["mode"])}
        for instance_id, entry in check_instances(provider, params).items()
    }
    check_run(params)
    since = _since(provider, params)
    ledger = open_ledger(call, client, entries)

    def decide(instance: Instance, facts: Facts) -> Verdict:
        # The time may have been taken from this machine, whose clock may be behind the provider's.
        behind = max(-(client.ahead or 0.0), 0.0)
        recorded = since is not None and _succeeded_since(instance.operation, since + behind)
        done = facts.done or (Reason.REBOOTED_SINCE if recorded else None)
        return decide_reboot(provider, instance, entries[instance.id]["if_stopped"], done)

    def done(instance_id: str) -> Reason | None:
        if ledger and since is not None and ledger.done_since(instance_id, Verb.REBOOT, since):
            return Reason.REBOOTED_SINCE
        return done_in_run(ledger, instance_id, Verb.REBOOT)

    goal = Goal(
        Verb.REBOOT,
        provider,
        barring(call, client, Verb.REBOOT, decide),
        modes={Verb.REBOOT: lambda instance_id: str(entries[instance_id]["mode"])},
        wait=params["wait"],
    )
    public = ("mode", "if_stopped", "since")
    return write(call, client, Order(goal, entries, facts_reader(client, done), ledger, public, since))


@by_own_ids
def power(call: Call, client: Client) -> dict[str, Any]:
    """Start or stop the instances that the call's parameters name.

    Raises CloudError before anything is sent.
    """
    provider, params = client.provider, call.params
    mode = mode_of(provider, Verb.STOP, "stop_mode", params["stop_mode"])
    entries = {
        instance_id: {**entry, "stop_mode": mode}
        for instance_id, entry in check_instances(provider, params).items()
    }
    verb = Verb.START if params["state"] == "started" else Verb.STOP
    goal = Goal(
        verb,
        provider,
        barring(call, client, verb, lambda instance, facts: decide_power(provider, instance, verb)),
        modes={Verb.STOP: lambda instance_id: mode},
        wait=params["wait"],
    )
    facts = facts_reader(client, lambda instance_id: None)
    return write(call, client, Order(goal, entries, facts, None, ("state", "stop_mode")))


def _since(provider: Provider, params: Mapping[str, Any]) -> float | None:
    """The time in seconds since 1970, None where none is given.

    Raises InputError when it cannot be read, or nothing could be compared with it.
    """
    moment = moment_of(params["since"])
    if moment is not None and place_of(params["ledger"]) is None and not provider.proof.records_start:
        raise InputError(
            f"since: {params['since']!r} needs the ledger with provider {provider.name}, whose records do "
            "not show when an instance was rebooted"
        )
    return moment


def _succeeded_since(operation: Operation | None, moment: float) -> bool:
    """Whether the provider's record shows a reboot that began at that time or later and has succeeded."""
    if operation is None or operation.verb is not Verb.REBOOT or operation.phase is not Phase.SUCCEEDED:
        return False
    try:
        return since_epoch(operation.started_at) >= moment
    except ValueError:
        return False
