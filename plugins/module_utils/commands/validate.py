# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Bad input, found before anything is sent: each error names the option, the value and what would be
right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..act.plan_facts import is_handed_on
from ..core.clock import since_epoch
from ..core.errors import InputError
from ..core.extra_fields import excluded_pair, extra_problem
from ..core.model import Instance, Status, Verb
from ..core.provider import Provider
from ..core.rules import PasswordRule, ResetOptions
from ..decide.password import password_problem
from .options import PROVIDER_OPTIONS
from .registry import providers_where, providers_with


def check_ids(provider: Provider, ids: Sequence[Any], option: str = "instance_ids") -> tuple[str, ...]:
    """The ids, each once, in order. Raises InputError for an empty list, a word such as all, or a pattern."""
    if not ids:
        raise InputError(f"{option} is empty: name at least one instance")
    for instance_id in ids:
        if instance_id == "all" or not re.fullmatch(provider.rules.id_pattern, str(instance_id)):
            raise InputError(
                f"{option}: {instance_id!r} is not an instance id of {provider.name} (names and patterns are "
                "not allowed)"
            )
    return tuple(dict.fromkeys(map(str, ids)))


def check_password(password: str, rules: Mapping[str, PasswordRule]) -> None:
    """Raises InputError for a password that breaks the rules of every system."""
    problems = [password_problem(password, rule) for rule in rules.values()]
    if all(problems):
        raise InputError(f"password (not shown) {problems[0]}")


def check_positive(params: Mapping[str, Any], *names: str) -> None:
    """Raises InputError for a number below 1 where one from 1 is needed."""
    for name in names:
        if params.get(name) is not None and params[name] < 1:
            raise InputError(f"{name}: {params[name]} is too small; it must be 1 or more")


def mode_of(provider: Provider, verb: Verb, option: str, mode: str | None, default: str = "soft") -> str:
    """How the verb is to be done: as asked for, or the default way; empty where the provider has one way
    only.

    Raises InputError for a mode where there is none.
    """
    if provider.modes.get(verb):
        return mode or default
    if mode is None:
        return ""
    able = providers_where(lambda other: bool(other.modes.get(verb)))
    raise InputError(
        f"{option}: {mode!r} is not supported by provider {provider.name}, whose API has one way to "
        f"{verb.value} an instance: omit the option; supported by: {able}"
    )


def check_reset(provider: Provider, params: Mapping[str, Any]) -> ResetOptions:
    """What the reset of an instance is asked to do.

    Raises InputError for whatever is known to be wrong without asking.
    """
    for check in RESET_CHECKS:
        check(provider, params)
    values = {
        name: params[name] for name in ResetOptions.__dataclass_fields__ if params.get(name) is not None
    }
    keys = {"key_ids": tuple(values["key_ids"])} if values.get("key_ids") else {}
    options = ResetOptions(**{**values, **keys})
    check_extra_fields(provider, options)
    return options


def moment_of(since: str | None) -> float | None:
    """The option ``since`` in seconds since 1970; None where it is not given. Raises InputError."""
    if since is None:
        return None
    try:
        return since_epoch(since)
    except ValueError as error:
        raise InputError(f"since: {since!r} is not a time such as 2026-01-31T12:00:00Z") from error


def check_run(params: Mapping[str, Any]) -> None:
    """Raises InputError for a run id that nothing could be noted under."""
    if params.get("run_id") is not None and not params["run_id"]:
        raise InputError("run_id is empty: set a value or omit the option")
    if params.get("run_id") and params.get("ledger") == "":
        raise InputError(f'run_id: {params["run_id"]!r} needs the ledger, which is switched off by ledger=""')


def check_facts(
    params: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """What the plan has read, if it is handed on. Raises InputError for what does not belong to a plan that
    this call is held to.
    """
    facts: Mapping[str, Any] | None = params.get("facts")
    if facts is None:
        return None
    if not is_handed_on(facts):
        raise InputError("facts: give the complete facts that a call in check mode returned")
    if params["expect_plan"] != facts["plan_id"] and not all(
        entry.get("expect_digest") for entry in entries.values()
    ):
        raise InputError(
            f"facts: they belong to plan {facts['plan_id']!r}: set expect_plan to its id, or set the "
            "expect_digest of each instance"
        )
    return facts


def _check_supported(provider: Provider, params: Mapping[str, Any]) -> None:
    for option in PROVIDER_OPTIONS:
        if params.get(option) is not None and option not in provider.options:
            able = providers_with(option)
            raise InputError(f"{option} is not supported by provider {provider.name}; supported by: {able}")


def _check_empty(provider: Provider, params: Mapping[str, Any]) -> None:
    for option in ("image_id", "password", "key_ids", "instance_name", "user_data", "timezone"):
        if params.get(option) is not None and not params[option]:
            raise InputError(f"{option} is empty: set a value or omit the option")


def _check_image(provider: Provider, params: Mapping[str, Any]) -> None:
    if not params.get("image_id") and not params.get("force"):
        raise InputError(
            "image_id is missing: set it, or set force=true to reinstall the current image of each instance"
        )


def _check_login(provider: Provider, params: Mapping[str, Any]) -> None:
    rules = provider.rules
    ways = [option for option in rules.login_ways if params.get(option)]
    if len(ways) > 1:
        raise InputError(f"{' and '.join(ways)} exclude each other: use one of {', '.join(rules.login_ways)}")
    keys = params.get("key_ids") or ()
    if len(keys) > rules.key_limit > 0:
        raise InputError(
            f"key_ids: {len(keys)} were given, but {provider.name} accepts at most {rules.key_limit}"
        )


def _check_password(provider: Provider, params: Mapping[str, Any]) -> None:
    if params.get("password"):
        check_password(params["password"], provider.rules.passwords)


def _check_name(provider: Provider, params: Mapping[str, Any]) -> None:
    name = params.get("instance_name")
    names = provider.rules.names
    if name and not any(re.fullmatch(rule.pattern, name) for rule in names.values()):
        raise InputError(f"instance_name: {name!r} must be {names[''].sentence}")


def _check_user_data(provider: Provider, params: Mapping[str, Any]) -> None:
    size, limit = len((params.get("user_data") or "").encode()), provider.rules.user_data_limit
    if 0 < limit < size:
        raise InputError(f"user_data has {size} bytes (not shown); the limit is {limit}")


def _check_stop_mode(provider: Provider, params: Mapping[str, Any]) -> None:
    mode_of(provider, Verb.STOP, "stop_mode", params.get("stop_mode"))


def _check_disk(provider: Provider, params: Mapping[str, Any]) -> None:
    check_positive(params, "system_disk_size")


def check_extra_fields(provider: Provider, options: ResetOptions) -> None:
    """Raises InputError for a field in provider_options that we set, or that is no field at all."""
    nobody = Instance("", "", Status.UNKNOWN, "", "")
    body = provider.reset_fields(options, nobody, None)
    problem = extra_problem(options.provider_options or {}, provider.field_options, body)
    if problem:
        raise InputError(f"provider_options: {problem}")
    pair = excluded_pair(provider.reset_body(options, nobody, None), provider.rules.exclusive)
    if pair:
        names = [
            f"{name} ({provider.field_options[name]})" if name in provider.field_options else name
            for name in pair
        ]
        raise InputError(
            f"provider_options: {' and '.join(names)} exclude each other, according to the vendor's page"
        )


RESET_CHECKS: Sequence[Callable[[Provider, Mapping[str, Any]], None]] = (
    _check_supported,
    _check_empty,
    _check_image,
    _check_login,
    _check_password,
    _check_name,
    _check_user_data,
    _check_disk,
    _check_stop_mode,
)


def check_instances(provider: Provider, params: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The parameters of each instance by its id, in order: those that ``instances`` gives it over those for
    all.

    Raises InputError when neither ``instance_ids`` nor ``instances`` is there, or both are, or an id is given
    twice with different options.
    """
    ids, instances = params.get("instance_ids"), params.get("instances")
    if instances is None:
        shared = dict(params)  # thousands of ids need no copy each
        return dict.fromkeys(check_ids(provider, ids or ()), shared)
    if ids is not None:
        raise InputError("instance_ids and instances exclude each other: use one of them")
    options: dict[str, dict[str, Any]] = {}
    for given in instances:
        (instance_id,) = check_ids(provider, [given["instance_id"]], "instances: instance_id")
        own = {name: value for name, value in given.items() if value is not None}
        merged = {**params, **own}
        if options.setdefault(instance_id, merged) != merged:
            raise InputError(f"instances: {instance_id!r} is listed twice, with different options")
    check_ids(provider, list(options), "instances")
    return options
