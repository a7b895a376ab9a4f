# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The body of instance_password."""

from __future__ import annotations

from typing import Any

from ..api.client import Client
from ..core.errors import InputError
from ..core.model import Instance, Verb, Verdict
from ..core.provider import Provider
from ..core.rules import PasswordChange
from ..decide.facts import Facts
from ..decide.password_verdict import decide_password
from ..decide.work_item import Goal
from .own_ids import by_own_ids
from .registry import providers_where
from .run_module import Call
from .validate import check_instances, check_password, check_run, mode_of
from .write import Order, barring, done_in_run, facts_reader, open_ledger, write


@by_own_ids
def password(call: Call, client: Client) -> dict[str, Any]:
    """Set a new password on the instances that the call's parameters name.

    Raises CloudError before anything is sent.
    """
    provider, params = client.provider, call.params
    change = _supported(provider)
    entries = check_instances(provider, params)
    check_run(params)
    if not params["password"]:
        raise InputError("password is empty: set a value")
    check_password(params["password"], change.passwords)
    mode = mode_of(provider, Verb.STOP, "stop_mode", params["stop_mode"])
    ledger = open_ledger(call, client, entries, stops=True)

    def decide(instance: Instance, facts: Facts) -> Verdict:
        return decide_password(provider, params["password"], params["stop_first"], instance, facts)

    goal = Goal(
        Verb.PASSWORD,
        provider,
        barring(call, client, Verb.PASSWORD, decide),
        fields=lambda instance, facts: {change.field: params["password"]},
        modes={Verb.STOP: lambda instance_id: mode},
        wait=params["wait"],
    )
    read_facts = facts_reader(client, lambda instance_id: done_in_run(ledger, instance_id, Verb.PASSWORD))
    return write(call, client, Order(goal, entries, read_facts, ledger, ("stop_first",)))


def _supported(provider: Provider) -> PasswordChange:
    if provider.password_change is None:
        able = providers_where(lambda other: other.password_change is not None)
        raise InputError(
            f"provider: {provider.name} sets no password without a reset; instance_password is supported by: "
            f"{able}"
        )
    return provider.password_change
