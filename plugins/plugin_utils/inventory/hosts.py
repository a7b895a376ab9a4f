# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Hosts of an inventory: which instances are hosts, what they are called and which variables they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ansible.utils.unsafe_proxy import wrap_var

from ...module_utils.commands.info import INSTANCE_TESTS, matching
from ...module_utils.core.model import GONE, Disk, Instance
from ...module_utils.core.text import some
from ..text.names import is_address, is_pattern
from .fetch import Share
from .options import TAG
from .settings import Settings

# The variables that hold fields of an instance, by field; all hosts share the texts of their names.
FIELDS = {
    field.name: f"instance_{field.name}"
    for field in fields(Instance)
    if field.name not in ("raw", "operation", "guest_agent")
}
LOCALHOST = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Host:
    """An instance as a host. ``name`` is final."""

    name: str
    instance: Instance
    share: Share


def choose(share: Share, instances: Iterable[Instance], include_gone: bool) -> list[Instance]:
    """The instances of the share's region that pass its filters, by name and id."""
    filters = share.source.filters
    statuses = {} if not filters else filters.get("status") or {}
    kept = [
        instance
        for instance in instances
        if (not share.region or instance.region in (share.region, None))
        and (include_gone or instance.status not in GONE or instance.status.value in statuses)
    ]
    return matching(kept, filters, INSTANCE_TESTS)


def each_once(chosen: Iterable[tuple[Share, Instance]]) -> list[tuple[Share, Instance]]:
    """What several sources see is a host of the first of them."""
    first: dict[tuple[str, str, str], tuple[Share, Instance]] = {}
    for share, instance in chosen:
        key = (share.source.provider.name, str(share.source.params["endpoint"] or ""), instance.id)
        first.setdefault(key, (share, instance))
    return list(first.values())


def name_hosts(
    chosen: Sequence[tuple[Share, Instance]], hostnames: Sequence[str], is_taken: Callable[[str, str], bool]
) -> tuple[list[Host], list[str]]:
    """The hosts with names that are theirs alone, and warnings.

    ``is_taken`` says whether a name means something else already, for an instance other than that with the
    given id.
    """
    passed_over: list[str] = []
    first_names = [_first_name(instance, hostnames, passed_over) for _share, instance in chosen]
    counts = Counter(first_names)
    names: set[str] = {name for name in first_names if counts[name] == 1}
    hosts: list[Host] = []
    clashing: dict[str, None] = {}
    for name, (share, instance) in zip(first_names, chosen):
        if counts[name] > 1 or is_taken(name, instance.id):
            clashing[name] = None
            name = _free_name(name, instance.id if instance.id != name else share.source.name, names)
            names.add(name)
        hosts.append(Host(name, instance, share))
    warnings = []
    if passed_over:
        warnings.append(f"Skipped names that a host cannot have: {_quoted(passed_over)}.")
    if clashing:
        warnings.append(
            f"Several instances have the name {_quoted(clashing)}: their ids are appended, as in name_id."
        )
    return hosts, warnings


def rename(hosts: Sequence[Host], clashes: Collection[str]) -> tuple[list[Host], str]:
    """The hosts, those whose names are in ``clashes`` with their ids added, and a warning."""
    names = {host.name for host in hosts}
    renamed = []
    for host in hosts:
        if host.name in clashes:
            host = replace(host, name=_free_name(host.name, host.instance.id, names))
            names.add(host.name)
        renamed.append(host)
    names_of_groups = _quoted(sorted(clashes))
    return (
        renamed,
        f"A group has the name {names_of_groups}: the id of the instance is appended, as in name_id.",
    )


def _first_name(instance: Instance, hostnames: Sequence[str], passed_over: list[str]) -> str:
    for preference in hostnames:
        name = _candidate(instance, preference).strip()
        if name and _misleading(name):
            passed_over.append(name)
        elif name:
            return name
    return instance.id


def _candidate(instance: Instance, preference: str) -> str:
    if preference.startswith(TAG):
        return str((instance.tags or {}).get(preference[len(TAG) :]) or "")
    if preference in ("public_ip", "private_ip"):
        return _address(instance, preference)
    return instance.id if preference == "instance_id" else instance.name


def _misleading(name: str) -> bool:
    """Whether a host must not be called so: whoever may name an instance must not become the controller
    (``delegate_to: localhost``), a template, another path where Ansible keeps a file for each host, or a
    pattern, which in a limit file would choose others: "!db" is all hosts but one; nor an option of ssh,
    where it has no address.
    """
    if name.lower() in LOCALHOST or name in (".", "..") or is_pattern(name) or name.startswith("-"):
        return True
    return "/" in name or "{" in name or not name.isprintable()


def _free_name(name: str, instance_id: str, names: Collection[str]) -> str:
    """The name with the id, or the id alone where that would be a pattern: an address is none, but with an id
    it is.
    """
    whole = f"{name}_{instance_id}"
    name = instance_id if is_pattern(whole) else whole
    number, free = 1, name
    while free in names:
        number += 1
        free = f"{name}_{number}"
    return free


def _quoted(names: Iterable[str]) -> str:
    return some(map(repr, names))


def variables(host: Host, settings: Settings) -> dict[str, Any]:
    """The variables of the host, in which nothing is a template. None is what the provider does not tell."""
    instance, source = host.instance, host.share.source
    values: dict[str, Any] = {
        **{name: getattr(instance, field) for field, name in FIELDS.items()},
        "instance_status": instance.status.value,
        "instance_region": instance.region or host.share.region or None,
        "instance_provider": source.provider.name,
        "instance_source": source.name,
    }
    values.update(_connection(source.params))
    if settings.include_raw:
        values["instance_raw"] = instance.raw
    address = _address(instance, settings.ansible_host_from)
    if address:
        values["ansible_host"] = address
    return {name: mark_unsafe(value) for name, value in values.items()}


def _connection(params: Mapping[str, Any]) -> dict[str, Any]:
    """How to reach the host's provider, without credentials; whether the source has some of its own."""
    own = any(params.get(name) for name in ("access_key", "secret_key", "token"))
    return {
        **{f"instance_{name}": params[name] for name in ("endpoint", "profile") if params[name]},
        **({"instance_source_has_keys": True} if own else {}),
    }


def _address(instance: Instance, source: str) -> str:
    kinds: Mapping[str, Sequence[str]] = {
        "public_ip": instance.public_ips,
        "private_ip": instance.private_ips,
        "public_then_private": (*instance.public_ips, *instance.private_ips),
    }
    # ssh would take "-o..." for an option, and known_hosts two words for two hosts.
    return next((address for address in kinds.get(source, ()) if is_address(address)), "")


def mark_unsafe(value: Any) -> Any:
    """The value in types of its own, with every text in it that could be a template marked as none.

    ansible-core from 2.19 on takes no text for a template unless it is told to; before, all but what is
    marked is one.
    """
    if isinstance(value, str):
        return wrap_var(value) if "{" in value else value
    if isinstance(value, Mapping):
        return {mark_unsafe(name): mark_unsafe(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [mark_unsafe(member) for member in value]
    return mark_unsafe(asdict(value)) if isinstance(value, Disk) else value
