# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a call may send of a plan: each host as it was planned, by the digest of its row, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .groups import Group
from .rows import error_of
from .sealed import seal, unseal


def stopped(plan: Mapping[str, Any], group: Group) -> Mapping[str, Any] | None:
    """Why nothing may be sent for the hosts of a group, as the answer of a call that failed; None where it
    may be.

    Hosts whose plan could not be made have no digest: nobody has seen, or confirmed, what would be done to
    them.
    """
    rows = {host: plan["hosts"][host] for host in group.hosts}
    for row in rows.values():
        if row["group"] not in plan["plan_ids"]:
            return {"failed": True, "msg": row["message"], "error": row["error"]}
    refused = _refused_beside(plan, rows)
    if refused and group.options.get("on_refusal", "stop") == "stop":
        why = plan["hosts"][refused]["message"]
        message = f"nothing was sent: host {refused} of its group is refused, {why}, and on_refusal is stop"
        return {"failed": True, "msg": message, "error": error_of("REFUSED", message)}
    return None


def _refused_beside(plan: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> str | None:
    """A host of the same groups of the plan, and none of these, that was refused."""
    names = {row["group"] for row in rows.values()}
    return next(
        (
            host
            for host, row in plan["hosts"].items()
            if host not in rows and row["group"] in names and row["verdict"] == "refuse"
        ),
        None,
    )


def bound(plan: Mapping[str, Any], group: Group, logs_in: bool, systems: Mapping[str, str]) -> Group:
    """The group with the digest that each host had in the plan; ``logs_in``: whether the reset is proven
    from inside, ``systems``: what identifies the systems that run now, as far as they were seen. What the
    plan has read besides the instances goes with it.
    """

    def proof(host: str) -> dict[str, Any]:
        if not logs_in or not group.logins[host]:
            return {}
        return {"awaits_proof": True, **({"system_before": systems[host]} if systems.get(host) else {})}

    own = {
        host: {
            **group.own.get(host, {}),
            "expect_digest": plan["hosts"][host].get("digest"),
            **proof(host),
        }
        for host in group.hosts
    }
    return replace(group, own=own, options={**_facts_for(plan, group), **group.options})


def sealed_facts(groups: Sequence[Group], answers: Sequence[Mapping[str, Any]]) -> str | None:
    """What was read for each group of the plan, by its name, for the calls of this run and no others."""
    facts = {group.name: answer["facts"] for group, answer in zip(groups, answers) if answer.get("facts")}
    return seal(facts)


def _facts_for(plan: Mapping[str, Any], group: Group) -> dict[str, Any]:
    """The option that hands on what was read for the group of the plan that all of these hosts were in."""
    names = {plan["hosts"][host]["group"] for host in group.hosts}
    facts = (unseal(plan.get("facts")) or {}).get(names.pop()) if len(names) == 1 else None
    return {"facts": facts} if facts else {}


def systems_in(looks: Mapping[str, Any] | None) -> dict[str, str]:
    """What identifies the system of each host, from the result of a task that asked them."""
    hosts = (looks or {}).get("hosts") or {}
    return {host: look["identity"] for host, look in hosts.items() if look.get("identity")}
