# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options of an inventory file as values: checked, with defaults, the sources complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.common.validation import (
    check_type_bool,
    check_type_dict,
    check_type_int,
    check_type_list,
    check_type_path,
    check_type_str,
)

from ...module_utils.commands.connection_options import CONNECTION
from ...module_utils.commands.info import check_filters
from ...module_utils.commands.option_types import Option
from ...module_utils.commands.options import SECRET_OPTIONS
from ...module_utils.commands.registry import PROVIDERS
from ...module_utils.commands.validate import check_positive
from ...module_utils.core.errors import InputError
from ...module_utils.core.provider import Provider
from .options import (
    CREDENTIALS,
    INVENTORY,
    NAMES_OF_HOSTS,
    SOURCE,
    TAG,
)

# What turns a value into its type, and how the type is called for people.
TYPES: Mapping[str, tuple[Callable[[Any], Any], str]] = {
    "str": (check_type_str, "text"),
    "path": (check_type_path, "a path"),
    "int": (check_type_int, "a whole number"),
    "bool": (check_type_bool, "true or false"),
    "list": (check_type_list, "a list"),
    "dict": (check_type_dict, "a mapping"),
}


@dataclass(frozen=True)
class Source:
    """One source with the defaults of the top level.

    ``params`` are its connection options; they hold its secrets.
    """

    name: str
    provider: Provider = field(repr=False)
    params: Mapping[str, Any] = field(repr=False)
    regions: tuple[str, ...]  # empty: wherever the account's settings say
    filters: Mapping[str, Any] | None


@dataclass(frozen=True)
class Settings:
    """What the file asks for, checked."""

    sources: tuple[Source, ...]
    hostnames: tuple[str, ...]
    ansible_host_from: str
    include_gone: bool
    include_raw: bool
    on_error: str


def read_settings(params: Mapping[str, Any], others: Collection[str] = ()) -> Settings:
    """The plugin's own options as values; ``others`` are names that the file may have besides them.

    Raises InputError that names the option, its value and what would be right.
    """
    # The sources are checked one by one, so that a message can name the one that is wrong.
    outer = {**INVENTORY, "sources": {**INVENTORY["sources"], "options": None}}
    values = _checked(outer, params, "", others)
    _check_hostnames(values["hostnames"])
    if values["sources"] == []:
        raise InputError(
            "sources is empty: name at least one, or omit it to use the top level as the only source"
        )
    check_positive(values, "request_timeout", "rate_share")
    top = {name: values[name] for name in CONNECTION}
    sources = [_source(number, entry, top) for number, entry in enumerate(values["sources"] or [{}], 1)]
    for name, times in Counter(source.name for source in sources).items():
        if times > 1:
            raise InputError(f"sources: the name {name!r} is used {times} times; names must be unique")
    return Settings(
        tuple(sources),
        tuple(values["hostnames"]),
        values["ansible_host_from"],
        values["include_gone"],
        values["include_raw"],
        values["on_error"],
    )


def _check_hostnames(hostnames: Sequence[str]) -> None:
    for name in hostnames:
        if name not in NAMES_OF_HOSTS and not (name.startswith(TAG) and name != TAG):
            raise InputError(f"hostnames: {name!r} is none of {', '.join(NAMES_OF_HOSTS)}, {TAG}KEY")


def _source(number: int, entry: Mapping[str, Any], top: Mapping[str, Any]) -> Source:
    name = str(entry.get("name") or f"source-{number}")
    where = f"source {name}: "
    own = _checked(SOURCE, entry, where)
    if own["regions"] is not None and (not own["regions"] or own["region"]):
        raise InputError(f"{where}regions must name at least one region, and excludes region")
    params = _connection(own, top)
    if not params["provider"]:
        raise InputError(
            f"{where}provider is missing: set one of {', '.join(PROVIDERS)}, here or at the top level"
        )
    provider = PROVIDERS[params["provider"]]
    try:
        check_positive(own, "request_timeout", "rate_share")
        check_filters(provider, own["filters"])
    except InputError as error:
        raise InputError(f"{where}{error}") from error
    regions = own["regions"] or [region for region in [params["region"]] if region]
    return Source(name, provider, params, tuple(dict.fromkeys(regions)), own["filters"])


def _connection(own: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    """The connection options of a source: its own, then those of the top level. Credentials are not mixed."""
    has_credentials = any(own[option] for option in CREDENTIALS)
    inherited = {**top, **dict.fromkeys(CREDENTIALS)} if has_credentials else top
    return {option: inherited[option] if own[option] is None else own[option] for option in top}


def _checked(
    group: Mapping[str, Option], params: Mapping[str, Any], where: str, others: Collection[str] = ()
) -> dict[str, Any]:
    """The values in their types, with defaults; None is one that was not given.

    The validator of ansible-core does as much, but some versions of it do not say which value is wrong.
    Raises InputError.
    """
    names = {alias: name for name, option in group.items() for alias in (name, *option.get("aliases", ()))}
    values = {name: option.get("default") for name, option in group.items()}
    for name, value in params.items():
        if name not in names:
            raise InputError(
                f"{where}there is no option {name!r}; the options are: {', '.join(sorted([*group, *others]))}"
            )
        if value is not None:
            values[names[name]] = _value(names[name], group[names[name]], value, where)
    return values


def _value(name: str, option: Option, value: Any, where: str) -> Any:
    """One value in its type. Raises InputError that shows it, unless it is secret or may hold what is."""
    shown = f"{where}{name}: {'its value (not shown)' if _is_hidden(name, value) else repr(value)}"
    typed = _typed(option["type"], value, shown)
    if option["type"] == "list":
        element = {**option, "type": option["elements"]}
        return [_value(f"{name}[{number}]", element, member, where) for number, member in enumerate(typed)]
    if option.get("choices") and typed not in option["choices"]:
        raise InputError(f"{shown} is none of {', '.join(option['choices'])}")
    return _checked(option["options"], typed, f"{where}{name}: ") if option.get("options") else typed


def _is_hidden(name: str, value: Any) -> bool:
    """Whether a value is secret, or may hold what is."""
    return name in SECRET_OPTIONS or name.startswith("sources") or isinstance(value, (Mapping, list))


def _typed(type_name: str, value: Any, shown: str) -> Any:
    convert, words = TYPES[type_name]
    if type_name in ("str", "path") and isinstance(value, (Mapping, list)):
        raise InputError(f"{shown} must be {words}")
    try:
        return convert(value)
    except (TypeError, ValueError):
        raise InputError(f"{shown} must be {words}") from None
