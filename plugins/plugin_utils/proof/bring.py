# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which hosts get a key from here, where it is handed over, and where its public half is trusted before the
first login.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase

from ...module_utils.commands.known_hosts import renew
from ...module_utils.commands.registry import PROVIDERS, providers_with
from ..fleet.groups import LOGIN, FleetError
from .places import Place, Places
from .shells import Shell, Unreachable, open_shells
from .user_data import new_key, with_key
from .visit import BRING


def bring_keys(
    action: ActionBase,
    task_vars: Mapping[str, Any],
    members: Mapping[str, dict[str, Any]],
    plan: Mapping[str, Any] | None,
    login_from: str,
) -> dict[str, str]:
    """Put a new key into the user data of each host that is to bring one; the result is their public halves.

    Without a plan nothing is trusted: the call is rehearsed, with user data of the same size. With one the
    public halves are in the files of known hosts when this returns, beside the old keys, so that a run that
    is killed has not lost them. Raises FleetError, which names the host, where no key can be brought.
    """
    chosen = [host for host, options in members.items() if _brings(options, plan and plan["hosts"][host])]
    if not chosen:
        return {}
    public: dict[str, str] = {}
    places = Places()
    for host, shell, _login in open_shells(action, task_vars, chosen, login_from):
        place = _place(host, shell, places)
        private, public[host] = new_key()
        members[host]["user_data"] = _merged(host, members[host], private, public[host])
        if plan:
            renew(place.writable[0], {place.name: [public[host]]}, keep_others=True)
    return public


def _brings(options: Mapping[str, Any], row: Mapping[str, Any] | None) -> bool:
    login = options.get(LOGIN) or {}
    wiped = row is None or row.get("verdict") == "reset"
    return wiped and bool(login.get("ssh")) and login.get("host_keys") == BRING


def _place(host: str, shell: Shell | str, places: Places) -> Place:
    if not isinstance(shell, Shell) or not shell.openssh:
        raise FleetError(f"host {host}: rebuild_host_keys: bring needs the connection plugin ssh; use leave")
    try:
        place = places.of(shell)
    except Unreachable as error:
        raise FleetError(f"host {host}: rebuild_host_keys: {error}") from error
    if not place.writable:
        raise FleetError(
            f"host {host}: rebuild_host_keys: bring needs a known_hosts file (UserKnownHostsFile)"
        )
    return place


def _merged(host: str, options: Mapping[str, Any], private: str, public: str) -> str:
    provider = PROVIDERS.get(str(options.get("provider")))
    if provider and "user_data" not in provider.options:
        able = providers_with("user_data")
        raise FleetError(
            f"host {host}: rebuild_host_keys: bring needs user data, which {provider.name} does not have "
            f"({able} do); use accept"
        )
    try:
        return with_key(str(options.get("user_data") or ""), private, public)
    except ValueError as error:
        raise FleetError(
            f"host {host}: rebuild_host_keys: the key cannot be passed in user data, since {error}; use "
            "accept"
        ) from error
