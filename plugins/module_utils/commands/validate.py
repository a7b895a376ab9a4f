# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Bad input, found before anything is sent: each error names the option, the value and what would be right."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..core.errors import InputError
from ..core.provider import PasswordRule, Provider, ResetOptions
from .options import PROVIDER_OPTIONS
from .registry import PROVIDERS


def check_ids(provider: Provider, ids: Sequence[Any], option: str = "instance_ids") -> tuple[str, ...]:
    """The ids, each once, in order. Raises InputError for an empty list, a word such as all, or a pattern."""
    if not ids:
        raise InputError(f"{option} is empty: name the instances to act on, at least one")
    for one in ids:
        if one == "all" or not re.fullmatch(provider.rules.id_pattern, str(one)):
            raise InputError(
                f"{option}: {one!r} is not the id of an instance of {provider.name} (no names, no patterns)"
            )
    return tuple(dict.fromkeys(map(str, ids)))


def check_positive(params: Mapping[str, Any], *names: str) -> None:
    """Raises InputError for a number below 1 where one from 1 is needed."""
    for name in names:
        if params.get(name) is not None and params[name] < 1:
            raise InputError(f"{name}: {params[name]} is too small; it must be 1 or more")


def check_reset(provider: Provider, params: Mapping[str, Any], ids: Sequence[str]) -> ResetOptions:
    """What the reset is asked to do. Raises InputError for whatever can be known to be wrong without asking the provider."""
    rules = provider.rules
    for option in PROVIDER_OPTIONS:
        if params.get(option) is not None and option not in provider.options:
            able = [name for name, other in PROVIDERS.items() if option in other.options]
            raise InputError(
                f"{option} cannot be honoured by provider {provider.name}; it can by: {', '.join(able) or 'none'}"
            )
    for option in (
        "image_id",
        "password",
        "key_ids",
        "instance_name",
        "user_data",
        "timezone",
        "run_id",
        "ledger",
    ):
        if params.get(option) is not None and not params[option]:
            raise InputError(f"{option} is empty: give a value or leave the option out")
    if not params.get("image_id") and not params.get("force"):
        raise InputError(
            "image_id is missing: without it there is nothing to compare with; give it, or force=true to install the "
            "current image of each instance again"
        )
    ways = [option for option in rules.login_ways if params.get(option)]
    if len(ways) > 1:
        raise InputError(
            f"{' and '.join(ways)} exclude each other: give one of {', '.join(rules.login_ways)}"
        )
    keys = params.get("key_ids") or ()
    if len(keys) > rules.key_limit > 0:
        raise InputError(
            f"key_ids: {len(keys)} were given, and {provider.name} takes {rules.key_limit} at most"
        )
    if params.get("password"):
        problems = [password_problem(params["password"], rule) for rule in rules.passwords.values()]
        if all(problems):
            raise InputError(f"password (not shown) {problems[0]}")
    name = params.get("instance_name")
    if name and not re.fullmatch(rules.name_pattern, name):
        raise InputError(f"instance_name: {name!r} must be {rules.name_rule}")
    if name and rules.name_for_one and len(ids) > 1:
        raise InputError(
            f"instance_name: {name!r} would be the name of {len(ids)} instances; reset one at a time with it"
        )
    if params.get("user_data") and 0 < rules.user_data_limit < len(params["user_data"].encode()):
        raise InputError(
            f"user_data has {len(params['user_data'].encode())} bytes (not shown); the limit is {rules.user_data_limit}"
        )
    if params.get("run_id") and not params.get("ledger"):
        raise InputError(f"run_id: {params['run_id']!r} needs ledger, the file in which the run is noted")
    check_positive(params, "system_disk_size")
    taken: Collection[str] = ResetOptions.__dataclass_fields__
    values = {option: params[option] for option in taken if params.get(option) is not None}
    return ResetOptions(**{**values, **({"key_ids": tuple(keys)} if keys else {})})


def password_problem(password: str, rule: PasswordRule) -> str:
    """Why the password breaks the rule, as the rest of a sentence; empty when it does not."""
    if not rule.shortest <= len(password) <= rule.longest:
        return f"has {len(password)} characters; {rule.shortest} to {rule.longest} are allowed"
    if any(all(character not in members for members in rule.classes.values()) for character in password):
        return f"has a character that is not allowed; allowed are {' '.join(rule.classes.values())}"
    if rule.not_first and password[0] in rule.not_first:
        return f"must not begin with {rule.not_first}"
    present = sum(any(character in members for character in password) for members in rule.classes.values())
    if present < rule.needs:
        return f"has {present} of the classes {', '.join(rule.classes)}; {rule.needs} are needed"
    return ""
