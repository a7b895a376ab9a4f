# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The hosts of a play as groups that can be sent together."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...module_utils.commands.options import SECRET_OPTIONS

ID = "instance_id"
# What is no part of what a plan is called: the run can be another one, and slices of a job, which share the
# rates, carry out parts of it.
NOT_NAMED = (*SECRET_OPTIONS, "run_id", "rate_share")
# Options that empty text is a value of; it is none of any other, since a survey sends it for what was left
# blank.
EMPTY_COUNTS = ("ledger",)
# How a host is logged in to; ``ssh_timeout`` in seconds, ``connection`` the plugin, where the host's
# variables name one.
LOGIN = "login"
LOGINS = {
    "ssh": {"type": "bool", "default": True},
    "ssh_timeout": {"type": "int", "default": 300},
    "host_keys": {"type": "str", "choices": ["accept", "bring", "leave"], "default": "accept"},
    "os_type": {"type": "str"},
    "connection": {"type": "str"},
    "port": {"type": "int", "default": 22},
}
# Options of the modules that a play says in another way.
ELSEWHERE = {
    "expect_plan": "set rebuild_confirm to the plan id instead",
    "wait": "a play always waits; wait_timeout says for how long",
}


class FleetError(Exception):
    """The hosts' variables cannot be carried out; the text names the host and the variable."""


@dataclass(frozen=True)
class Group:
    """Hosts that one module call can act on. ``options`` are the module's, for all of them."""

    name: str
    options: Mapping[str, Any]
    hosts: Mapping[str, str]  # host -> instance id
    logins: Mapping[str, Mapping[str, Any]]  # host -> how it is logged in to; empty for one that is not
    # host -> its own options, where they differ
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def options_of(self, host: str) -> Mapping[str, Any]:
        """The options that count for a host."""
        return {**self.options, **self.own.get(host, {})}

    def public(self, *hosts: str) -> str:
        """A short name for what is to be done to these hosts, secrets aside: another one for something else,
        or elsewhere.
        """
        shown = [
            {name: value for name, value in self.options_of(host).items() if name not in NOT_NAMED}
            for host in hosts or self.hosts
        ]
        return hashlib.sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()[:16]

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the module call."""
        if not any(self.own.values()):
            return {**self.options, "instance_ids": list(self.hosts.values())}
        instances = [{ID: instance_id, **self.own.get(host, {})} for host, instance_id in self.hosts.items()]
        return {**self.options, "instances": instances}


def group_hosts(members: Mapping[str, Mapping[str, Any]], own_options: Collection[str] = ()) -> list[Group]:
    """The groups, in the order of their first host. ``members`` maps a host to its options with its
    instance_id and its ``login``. Hosts can differ in their ``own_options`` and be one group.

    Raises FleetError for a host without an id, or for two hosts that are the same instance.
    """
    drafts: dict[str, _Draft] = {}
    owners: dict[str, str] = {}
    for host, given in members.items():
        options = _given(host, given)
        instance_id = str(options.pop(ID))
        login = login_of(host, options.pop(LOGIN, None) or {"ssh": False})
        # By the id alone: providers and endpoints can have several names for the same thing.
        owner = owners.setdefault(instance_id, host)
        if owner != host:
            raise FleetError(
                f"hosts {owner} and {host} are the same instance, {instance_id}: remove one from the play"
            )
        own = {name: options.pop(name) for name in own_options if name in options}
        draft = drafts.setdefault(json.dumps(options, sort_keys=True, default=str), _Draft(options))
        draft.hosts[host], draft.logins[host], draft.own[host] = instance_id, login, own
    names = _names([draft.options for draft in drafts.values()])
    return [draft.group(name) for name, draft in zip(names, drafts.values())]


@dataclass
class _Draft:
    """A group in the making."""

    options: dict[str, Any]
    hosts: dict[str, str] = field(default_factory=dict)
    logins: dict[str, dict[str, Any]] = field(default_factory=dict)
    own: dict[str, dict[str, Any]] = field(default_factory=dict)

    def group(self, name: str) -> Group:
        """The group; what is equal for all its hosts is said once."""
        first, *others = self.own.values()
        shared = {
            option: value
            for option, value in first.items()
            if all(option in other and other[option] == value for other in others)
        }
        own = {
            host: {option: value for option, value in options.items() if option not in shared}
            for host, options in self.own.items()
        }
        return Group(name, {**self.options, **shared}, self.hosts, self.logins, own)


def _given(host: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that have a value. Raises FleetError where one is missing, or is not taken here."""
    options = {
        name: value
        for name, value in given.items()
        if value is not None and value != [] and (value != "" or name in EMPTY_COUNTS)
    }
    for name in ELSEWHERE.keys() & options.keys():
        raise FleetError(f"host {host}: {name}: {options[name]!r} is not accepted here: {ELSEWHERE[name]}")
    for name, variable in ((ID, ID), ("provider", "instance_provider")):
        if not options.get(name):
            raise FleetError(
                f"host {host} has no {name}: set {variable} in the inventory, or leave the host out"
            )
    return options


def name_run(members: Mapping[str, dict[str, Any]], prefix: str) -> tuple[str, bool]:
    """Give the run of these hosts its id: what it is, and whether it was given. Raises FleetError for two
    of them.

    It is what the ledger knows the run by: what is done in it stays done. Without a ledger there is none.
    """
    given = {str(options["run_id"]): host for host, options in members.items() if options.get("run_id")}
    if len(given) > 1:
        both = " and ".join(f"{run_id!r} for host {host}" for run_id, host in list(given.items())[:2])
        raise FleetError(f"{prefix}run_id: {both}: it must be the same for all hosts of a play")
    new_id = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.urandom(3).hex()}"
    run_id = next(iter(given), new_id)
    recorded = [options for options in members.values() if options.get("ledger") != ""]
    for options in recorded:
        options["run_id"] = run_id
    return (run_id if recorded or given else ""), bool(given)


def login_of(host: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """How the host is logged in to; empty for one that is not.

    Raises FleetError, which names what is wrong.
    """
    checked = ArgumentSpecValidator(LOGINS).validate(
        {name: value for name, value in given.items() if value not in (None, "")}
    )
    if checked.error_messages:
        raise FleetError(f"host {host}: {'; '.join(checked.error_messages)}")
    login: dict[str, Any] = checked.validated_parameters
    if login["ssh_timeout"] < 1:
        raise FleetError(f"host {host}: ssh_timeout: {login['ssh_timeout']} is not 1 or more")
    port = login.pop("port")  # only to be checked: the connection plugin reads it by itself
    if not 1 <= port <= 65535:
        raise FleetError(f"host {host}: port: {port} is not between 1 and 65535")
    return login if login["ssh"] else {}


def _names(groups: Sequence[Mapping[str, Any]]) -> list[str]:
    """Short names for people: provider and region, numbered where that is not enough.

    No option's value besides.
    """
    names: list[str] = []
    for options in groups:
        name = " ".join(str(options[part]) for part in ("provider", "region") if options.get(part))
        same = sum(other == name or other.startswith(f"{name} #") for other in names)
        names.append(f"{name} #{same + 1}" if same else name)
    return names


def plan_name(plan_ids: Mapping[str, str], groups: Sequence[Group]) -> str:
    """One name for the plans of all groups, and for where they are carried out."""
    content = [sorted(plan_ids.items()), sorted(group.public() for group in groups)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]
