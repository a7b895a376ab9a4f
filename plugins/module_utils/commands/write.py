# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules that write have in common: from their parameters to the plan, the run and the result."""

from __future__ import annotations

import getpass
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from ..act.execute import Guards, ReadFacts, Spec, carry_out, make_plan
from ..act.ledger.caller import Caller
from ..act.ledger.ledger import Ledger
from ..act.ledger.lines import Line
from ..act.ledger.place import place_of
from ..act.ledger.stores import open_or_warn
from ..act.listener import Listener
from ..act.lookups import denials
from ..api.client import Client
from ..api.rate_limits import RateWait
from ..core import timing
from ..core.errors import CloudError, InputError
from ..core.model import Instance, Verb, Verdict
from ..core.provider import Provider
from ..core.reason import Reason
from ..decide.facts import Facts
from ..decide.verdicts import NOT_FOUND, PROTECT_TAG, refusal_for_any
from ..decide.work_item import Goal
from .options import SECRET_OPTIONS
from .result import problems_of, result_of
from .run_module import Call

if TYPE_CHECKING:
    from ..act.events import Events

Decide = Callable[[Instance, Facts], Verdict]

# Where AWX and automation controller say which job runs.
JOB_VARIABLES = ("AWX_JOB_ID", "TOWER_JOB_ID", "JOB_ID")


def protecting_tags(provider: Provider, params: Mapping[str, Any]) -> tuple[str, ...]:
    """The tags that protect. Raises InputError when some are wanted and the provider has no tags."""
    tags = params["protect_tags"]
    if tags and not provider.tags:
        raise InputError(f"protect_tags is not supported by provider {provider.name}: its API has no tags")
    return (PROTECT_TAG,) if tags is None else tuple(tags)


def scope_of(client: Client) -> str:
    """Whose requests a ledger keeps apart: the provider and the endpoint.

    An instance is the same by any key, and by the vendor's host of any region.
    """
    own, endpoint = client.provider.api.host, client.account.endpoint
    return f"{client.provider.name} {endpoint if endpoint and not _is_vendors(endpoint, own) else own}"


def _is_vendors(endpoint: str, own: str) -> bool:
    """Whether a base URL leads to the same service of the vendor, as cvm.ap-tokyo.example.com does beside
    cvm.example.com.
    """
    labels, wanted = [(urlsplit(url).hostname or "").split(".") for url in (endpoint, own)]
    return (labels[0], labels[-2:]) == (wanted[0], wanted[-2:])


def asked_by() -> dict[str, str]:
    """Who makes this call: the user, the machine, and the job of AWX if there is one."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = str(os.getuid())
    job = next((os.environ[name] for name in JOB_VARIABLES if os.environ.get(name)), "")
    return {"user": user, "machine": platform.node(), **({"job": job} if job else {})}


def open_ledger(
    call: Call, client: Client, entries: Mapping[str, Mapping[str, Any]], stops: bool = False
) -> Ledger | None:
    """The ledger, unless it is switched off. ``stops``: what is stopped has to be started again.

    Raises CloudError for one that was asked for and cannot be used.
    """
    params, scope = call.params, scope_of(client)
    store = open_or_warn(place_of(params.get("ledger")), scope, list(entries), call.warn, _folded)
    if store is None:
        return None
    caller = Caller(
        params.get("run_id") or "",
        asked_by(),
        timing.in_flight_seconds(params["request_timeout"]),
        lambda instance_id: bool(entries[instance_id].get("awaits_proof")),
        lambda instance_id: entries[instance_id].get("system_before") or "",
        stops,
        lambda: client.ahead,
    )
    return Ledger(store, scope, caller, client.clock)


def _folded(lines: Sequence[Line]) -> Line | None:
    """One line for all lines of a closed request."""
    from ..act.ledger.record import folded  # compiled in every call; few read a ledger that is long

    return folded(lines)


def barring(
    call: Call, client: Client, verb: Verb, decide: Decide
) -> Callable[[Instance | None, Facts], Verdict]:
    """The decision, after the rules that hold for every verb."""
    protect_tags = protecting_tags(client.provider, call.params)

    def decide_one(instance: Instance | None, facts: Facts) -> Verdict:
        if instance is None:
            return NOT_FOUND
        refusal = refusal_for_any(verb, instance, facts, client.account.region, protect_tags)
        return refusal or decide(instance, facts)

    return decide_one


def done_in_run(ledger: Ledger | None, instance_id: str, verb: Verb) -> Reason | None:
    """The reason to leave the instance alone when the verb was done under this call's run id."""
    return Reason.DONE_IN_RUN if ledger and ledger.done_in_run(instance_id, verb) else None


def facts_reader(client: Client, done: Callable[[str], Reason | None]) -> ReadFacts:
    """What reads for each instance what the provider denies, and whether the ledger says that it is done."""

    def read(instances: Sequence[Instance]) -> Mapping[str, Facts]:
        denied = denials(client, [instance.id for instance in instances])
        return {
            instance.id: Facts(denials=denied.get(instance.id, {}), done=done(instance.id))
            for instance in instances
        }

    return read


class Order(NamedTuple):
    """What a module's body has made of its parameters.

    ``public`` names the options that make the plan what it is.
    """

    goal: Goal
    entries: Mapping[str, Mapping[str, Any]]  # the parameters of each instance
    read_facts: ReadFacts
    ledger: Ledger | None
    public: tuple[str, ...]
    since: float | None = None
    targets: Mapping[str, str] = {}  # what a reset installs, where that is known


def write(call: Call, client: Client, order: Order) -> dict[str, Any]:
    """Plan and carry out. Raises CloudError before anything is sent."""
    listeners = _listeners(call, client, order)
    items = make_plan(client, order.goal, _spec(order), order.read_facts, order.ledger)
    guards = _guards(call.params, order.entries)
    execution = carry_out(client, order.goal, items, guards, listeners, rehearsal=call.check_mode)
    for listener in listeners:
        listener.finish()
    for trouble in execution.troubles:
        call.warn(trouble)
    result = result_of(order.goal, execution, order.entries, order.ledger, rehearsal=call.check_mode)
    problems = problems_of(result, execution, rehearsal=call.check_mode)
    if not problems:
        return result
    guard = execution.refusal
    error = {"code": guard.reason, "message": str(guard), "request_id": "", "advice": None} if guard else None
    return {**result, "failed": True, "msg": problems, **({"error": error} if error else {})}


def _listeners(call: Call, client: Client, order: Order) -> list[Listener]:
    """Who is told what happens. Raises InputError where the events cannot be written."""
    path = call.params["events"]
    listeners: list[Listener] = [order.ledger] if order.ledger else []
    if path:
        from ..act.events import Events, check_events

        check_events(path)
        if not call.check_mode:
            events = Events(path, client.provider.name, client.clock)
            listeners.append(events)
            client.pacer.tell = _telling(call, client, events)
    return listeners


def _spec(order: Order) -> Spec:
    names = [name for name in order.public if name not in SECRET_OPTIONS]
    # Thousands of instances can have the same parameters.
    different = {id(entry): entry for entry in order.entries.values()}
    options = {key: {name: entry.get(name) for name in names} for key, entry in different.items()}
    return Spec(
        ids=list(order.entries),
        options={instance_id: options[id(entry)] for instance_id, entry in order.entries.items()},
        image_ids=order.targets,
        since=order.since,
    )


def _guards(params: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]) -> Guards:
    digests = {
        instance_id: entry["expect_digest"]
        for instance_id, entry in entries.items()
        if entry.get("expect_digest")
    }
    return Guards(
        params["on_refusal"],
        params["max_instances"],
        params["expect_plan"],
        digests,
        float(params["wait_timeout"]),
    )


def _telling(call: Call, client: Client, events: Events) -> Callable[[RateWait], None]:
    """What tells waits for a rate.

    It is called while a request is on its way out, so trouble with the file is kept from it.
    """

    def tell(wait: RateWait) -> None:
        try:
            events.rate(wait)
        except CloudError as problem:
            client.pacer.tell = None
            call.warn(str(problem))

    return tell
