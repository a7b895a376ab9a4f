# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The body of instance_reset: what has to be known for a reset, and how it is decided and sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..act.ledger.ledger import Ledger
from ..act.lookups import (
    denials,
    images_for,
    known_keys,
    known_timezones,
)
from ..api.client import Client
from ..core.errors import InputError
from ..core.model import Instance, Status, Verb, Verdict
from ..core.provider import ResetOptions
from ..decide.next_step import Goal
from ..decide.verdicts import Facts, decide_reset, refusal_for_any
from .options import SECRET_OPTIONS
from .run_module import Call
from .validate import check_ids, check_reset
from .write import open_ledger, protecting_tags, write


def reset(call: Call, client: Client) -> dict[str, Any]:
    """Reset the instances that the call's parameters name. Raises CloudError before anything is sent."""
    provider, params = client.provider, call.params
    ids = check_ids(provider, params["instance_ids"])
    options = check_reset(provider, params, ids)
    protect_tags = protecting_tags(provider, params)
    ledger = open_ledger(client, params)
    _check_timezone(client, options)
    if provider.rules.no_login and not any(getattr(options, way) for way in provider.rules.login_ways):
        call.warn(provider.rules.no_login)

    def decide(instance: Instance | None, facts: Facts) -> Verdict:
        barred = refusal_for_any(Verb.RESET, instance, facts, client.account.region, protect_tags)
        if barred or instance is None:
            return barred
        return decide_reset(provider, options, instance, facts)

    goal = Goal(
        verb=Verb.RESET,
        provider=provider,
        decide=decide,
        fields=lambda instance, facts: provider.reset_fields(
            options, instance, facts.images.get(options.image_id or instance.image_id)
        ),
        modes={Verb.STOP: options.stop_mode},
        wait=params["wait"],
    )
    public = {name: value for name, value in asdict(options).items() if name not in SECRET_OPTIONS}
    return write(call, client, goal, ids, facts_reader(client, options, ledger), ledger, public)


def facts_reader(client: Client, options: ResetOptions, ledger: Ledger | None) -> Any:
    """What reads, for the instances that were found, everything that a verdict needs besides them."""

    def read_facts(instances: Sequence[Instance]) -> Mapping[str, Facts]:
        images = images_for(
            client,
            [
                (instance, (options.image_id or instance.image_id, instance.image_id))
                for instance in instances
                if _needs_images(options, instance)
            ],
        )
        keys = known_keys(client, options.key_ids or ())
        denied = denials(client, [instance.id for instance in instances])
        return {
            instance.id: Facts(
                images=images.get(instance.id, {}),
                key_ids=keys,
                denials=denied.get(instance.id, {}),
                done=bool(ledger and ledger.done(instance.id, Verb.RESET)),
            )
            for instance in instances
        }

    return read_facts


def _needs_images(options: ResetOptions, instance: Instance) -> bool:
    """Not where the instance runs the image already, whole, and nothing depends on what kind of image it is."""
    login = options.password or options.key_ids or options.keep_image_login
    runs_it = instance.image_id == options.image_id and instance.status in (Status.RUNNING, Status.STOPPED)
    return options.force or bool(login) or not runs_it or not instance.settled


def _check_timezone(client: Client, options: ResetOptions) -> None:
    if options.timezone is None:
        return
    facts = known_timezones(client)
    if facts is not None and options.timezone not in facts:
        raise InputError(
            f"timezone: {options.timezone!r} is not one of the {len(facts)} that {client.provider.name} knows, "
            "such as Asia/Tokyo or UTC"
        )
