# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How a rebuild is gone on with: the command for the hosts that are not done, which wipes nothing twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ...module_utils.act.ledger.place import place_of
from ...module_utils.commands.options import SECRET_OPTIONS
from ..text.command import broken
from ..text.names import is_pattern
from ..text.words import counted
from .outcomes import IDLE, foreign_in
from .rerun import Rerun, limit_of, names_of, rerun
from .sealed import unseal

# Taken over from the first run they would confirm, or limit, what is not the same any more.
ANSWERED = ("rebuild_confirm", "rebuild_approved", "rebuild_run_id")
HOSTS_IN_COMMAND = 20  # hosts that a command names where there is no limit file


def again(
    plan: Mapping[str, Any],
    path: str | None,
    hosts: Sequence[str],
    outcomes: Mapping[str, str],
    groups: Collection[str],
) -> Rerun | None:
    """The command for these hosts of a plan; None where there is none, since it could not name them.

    ``groups`` are those of the inventory, none of which a limit may take for a host. The ledger knows by the
    id of the run what is done in it. Without a ledger, ``force`` would wipe it once more.
    """
    members: Mapping[str, Mapping[str, Any]] = unseal(plan["sealed"]) or {}
    wiped = {host for host in hosts if _is_wiped(plan, host, outcomes)}
    variables: dict[str, object] = {"rebuild_run_id": plan["run_id"]} if plan["run_id"] else {}
    if not variables and _with("force", members, wiped):
        variables["rebuild_force"] = "false"
        hosts = _with("image_id", members, hosts)
    variables["rebuild_confirm"] = len(set(hosts) - wiped)
    variables.update(_place(members))
    limit = _limit(path, hosts, foreign_in(path, plan["hosts"]) if path else (), groups)
    return rerun(limit, variables, secrets_of(members), ANSWERED) if limit else None


def _place(members: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Where the ledger is, unless that is the default: another shell may lead to another one, which knows
    nothing of this run. With ``force``, which only the ledger keeps from a second wipe, the default is named,
    too: another user has another one.
    """
    options = {member.get("ledger") for member in members.values()}
    place = place_of(options.pop()) if len(options) == 1 else None
    named = place and (place.required or _with("force", members, members))
    return {"rebuild_ledger": place.location} if place and named else {}


def stopped_text(command: Rerun | None) -> str:
    """What is said at the end of a run that has sent something and never came to its summary."""
    ended = "The run was interrupted. Requests that were sent go on at the provider. To continue"
    if not command:
        return f"\n{ended}, run the same command again.\n"
    return "\n".join(["", f"{ended}:", broken(command.command), *advice(command), ""])


def _with(option: str, members: Mapping[str, Mapping[str, Any]], hosts: Collection[str]) -> list[str]:
    """Those of the hosts that have the option."""
    return [host for host in hosts if members.get(host, {}).get(option)]


def secrets_of(members: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The values that a command must not show."""
    return {str(member[name]) for member in members.values() for name in SECRET_OPTIONS if member.get(name)}


def advice(command: Rerun) -> list[str]:
    """What a reader has to do to the command before it is pasted."""
    if not command.secrets:
        return []
    names = ", ".join(command.secrets)
    return [f"Fill in {counted(len(command.secrets), 'secret')} in the command: {names}."]


def _is_wiped(plan: Mapping[str, Any], host: str, outcomes: Mapping[str, str]) -> bool:
    """Whether nothing is left to do to the host but to prove it."""
    if host in outcomes:
        return outcomes[host] == "not proven"
    return plan["hosts"][host]["verdict"] in IDLE


def _limit(path: str | None, hosts: Sequence[str], foreign: Sequence[str], groups: Collection[str]) -> str:
    hosts = [host for host in hosts if not is_pattern(host)]
    if not hosts:
        return ""
    if path:
        return limit_of(path, hosts, foreign, groups)
    return names_of(hosts) if len(hosts) <= HOSTS_IN_COMMAND else ""
