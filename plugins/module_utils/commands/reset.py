# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The body of instance_reset: what has to be known for a reset, and how it is decided and sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..act.execute import ReadFacts
from ..act.ledger.ledger import Ledger
from ..act.lookups import denials, images_for, known_keys, known_timezones
from ..act.plan_facts import PlanFacts
from ..api.client import Client
from ..core.errors import InputError
from ..core.model import Instance, Status, Verb, Verdict
from ..core.provider import Fields
from ..core.reason import Reason
from ..core.rules import ResetOptions
from ..decide.facts import Facts, refuse
from ..decide.verdicts import NOT_FOUND, decide_reset, refusal_for_any
from ..decide.work_item import Goal
from .own_ids import by_own_ids
from .run_module import Call
from .validate import check_facts, check_instances, check_reset, check_run
from .write import Order, done_in_run, open_ledger, protecting_tags, write

# A plan does not depend on how the instance is stopped for it.
PUBLIC = tuple(ResetOptions.__dataclass_fields__)


@by_own_ids
def reset(call: Call, client: Client) -> dict[str, Any]:
    """Reset the instances that the call's parameters name. Raises CloudError before anything is sent."""
    provider, params = client.provider, call.params
    entries = check_instances(provider, params)
    check_run(params)
    facts = PlanFacts(client.clock, None if call.check_mode else check_facts(params, entries))
    options, wrong = _checked(client, params, entries)
    _check_names(client, options)
    protect_tags = protecting_tags(provider, params)
    ledger = open_ledger(call, client, entries)
    if provider.rules.no_login and not all(_has_login(client, own) for own in options.values()):
        call.warn(provider.rules.no_login)

    def decide(instance: Instance | None, facts: Facts) -> Verdict:
        if instance is None:
            return NOT_FOUND
        if instance.id in wrong:
            return refuse(Reason.WRONG_OPTION, wrong[instance.id])
        refusal = refusal_for_any(Verb.RESET, instance, facts, client.account.region, protect_tags)
        return refusal or decide_reset(provider, options[instance.id], instance, facts)

    def fields(instance: Instance, facts: Facts) -> Fields:
        own = options[instance.id]
        image = facts.images.get(provider.installs(own) or instance.image_id)
        return provider.reset_body(own, instance, image)

    modes = {Verb.STOP: lambda instance_id: options[instance_id].stop_mode}
    goal = Goal(Verb.RESET, provider, decide, fields, modes, params["wait"])
    targets = {instance_id: provider.installs(own) for instance_id, own in options.items()}
    read_facts = facts_reader(client, options, ledger, facts)
    order = Order(goal, entries, read_facts, ledger, PUBLIC, targets=targets)
    result = write(call, client, order)
    return {**result, "facts": facts.handed_on(result["plan_id"])} if call.check_mode else result


def _checked(
    client: Client, params: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, ResetOptions], dict[str, str]]:
    """The options of each instance, and what is wrong with those that cannot work.

    Options for all raise InputError; those of one instance refuse that one.
    """
    options: dict[str, ResetOptions] = {}
    wrong: dict[str, str] = {}
    checked: dict[int, ResetOptions] = {}  # thousands of instances can have the same parameters
    for instance_id, entry in entries.items():
        try:
            if id(entry) not in checked:
                checked[id(entry)] = check_reset(client.provider, entry)
            options[instance_id] = checked[id(entry)]
        except InputError as error:
            if params.get("instances") is None:
                raise
            wrong[instance_id] = str(error)
    return options, wrong


def facts_reader(
    client: Client,
    options: Mapping[str, ResetOptions],
    ledger: Ledger | None,
    known: PlanFacts | None = None,
) -> ReadFacts:
    """What reads, for the instances that exist, everything that a verdict needs besides them.

    ``known`` is asked first for what does not change from a plan to its end.
    """

    def read(instances: Sequence[Instance]) -> Mapping[str, Facts]:
        instances = [instance for instance in instances if instance.id in options]
        failed = _failed(instances, ledger)
        looked_at = [
            instance
            for instance in instances
            if instance.id in failed or _matters(options[instance.id], instance, ledger)
        ]
        wanted = [options[instance.id] for instance in looked_at]
        _check_timezones(client, {own.timezone for own in wanted if own.timezone is not None}, known)
        images = images_for(client, [_images_of(instance, options) for instance in looked_at], known)
        keys = known_keys(client, sorted({key for own in wanted for key in own.key_ids or ()}), known)
        denied = denials(client, [instance.id for instance in instances])
        seen = {instance.id for instance in looked_at}
        return {
            instance.id: Facts(
                images=images.get(instance.id, {}),
                key_ids=keys if instance.id in seen else None,
                denials=denied.get(instance.id, {}),
                done=done_in_run(ledger, instance.id, Verb.RESET),
                failed=instance.id in failed,
            )
            for instance in instances
        }

    return read


def _failed(instances: Sequence[Instance], ledger: Ledger | None) -> set[str]:
    """The instances whose last reset failed by the ledger, and which nothing has mended since."""
    if ledger is None:
        return set()
    return {
        instance.id for instance in instances if ledger.failed(instance.id) and not ledger.mended(instance)
    }


def _images_of(instance: Instance, options: Mapping[str, ResetOptions]) -> tuple[Instance, Sequence[str]]:
    """The instance with the images that its verdict needs: the wanted one and the current one."""
    return instance, (options[instance.id].image_id or instance.image_id, instance.image_id)


def _matters(options: ResetOptions, instance: Instance, ledger: Ledger | None) -> bool:
    """Whether it matters which images, keys and time zones there are: not where the instance runs the image
    already, whole, and no request of an earlier call can show that it does not.
    """
    runs_it = instance.image_id == options.image_id and instance.status in (Status.RUNNING, Status.STOPPED)
    undecided = ledger is not None and ledger.open(instance.id, Verb.RESET) is not None
    return options.force or not runs_it or not instance.settled or undecided


def _has_login(client: Client, options: ResetOptions) -> bool:
    return any(getattr(options, way) for way in client.provider.rules.login_ways)


def _check_names(client: Client, options: Mapping[str, ResetOptions]) -> None:
    """Raises InputError where several instances would get the same name, and the provider wants it for one at
    a time.
    """
    names = [own.instance_name for own in options.values() if own.instance_name]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice and client.provider.rules.name_for_one:
        raise InputError(
            f"instance_name: {twice!r} would be the name of {names.count(twice)} instances; set one for "
            "each in instances"
        )


def _check_timezones(client: Client, timezones: set[str], facts: PlanFacts | None) -> None:
    known = known_timezones(client, facts) if timezones else None
    unknown = sorted(timezones - known) if known is not None else []
    if known is not None and unknown:
        raise InputError(
            f"timezone: {unknown[0]!r} is not one of the {len(known)} that {client.provider.name} knows, "
            "such as Asia/Tokyo or UTC"
        )
