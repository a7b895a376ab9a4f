# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether a plan was approved: as a whole by a number or its id, or host by host by the digests of another
plan.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from .groups import FleetError
from .outcomes import IDLE

OPTION = "rebuild_approved"
WHAT_IT_IS = "use the digests that a plan in check mode returned: a dictionary of hosts, JSON, or a JSON file"


def digests_of(plan: Mapping[str, Any]) -> dict[str, str]:
    """What can be approved of a plan: the digest of each host that would be wiped."""
    return {
        host: str(row["digest"]) for host, row in plan["hosts"].items() if _acts(row) and row.get("digest")
    }


def read_approved(value: Any) -> dict[str, str] | None:
    """The approved digest of each host; None where nothing is given. Raises FleetError."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = _parsed(value)
    if not isinstance(value, Mapping) or not all(isinstance(digest, str) for digest in value.values()):
        raise FleetError(f"{OPTION}: {value!r} is not a dictionary of digests: {WHAT_IT_IS}")
    return {str(host): str(digest) for host, digest in value.items()}


def _parsed(text: str) -> Any:
    path = os.path.expanduser(text)
    try:
        if not text.lstrip().startswith("{"):
            with open(path, encoding="utf-8") as file:
                text = file.read()
        return json.loads(text)
    except OSError as error:
        raise FleetError(f"{OPTION}: {path!r} cannot be read: {error.strerror}; {WHAT_IT_IS}") from error
    except ValueError as error:
        raise FleetError(f"{OPTION}: {text[:60]!r} is not valid JSON ({error}): {WHAT_IT_IS}") from error


def hold_back_others(plan: dict[str, Any], approved: Mapping[str, str]) -> list[str]:
    """Refuse, in the rows of the plan, each host that was not approved to be wiped like this; says which."""
    others = [
        host for host, row in plan["hosts"].items() if _acts(row) and approved.get(host) != row.get("digest")
    ]
    for host in others:
        row = plan["hosts"][host]
        difference = _difference(approved.get(host), row.get("digest"))
        why = f"{OPTION}: {difference}; plan again with --check, and approve that plan"
        row.update(
            verdict="refuse",
            outcome="refused",
            reason="plan_changed",
            message=why,
            changed=False,
            erases=[],
            held=True,
        )
    plan["count"] = count_of(plan["hosts"].values())
    return others


def _difference(approved: str | None, now: str | None) -> str:
    if approved is None:
        return "this host is not approved to be wiped"
    return f"what would be done to it is not what was approved ({now or 'nothing'} and not {approved})"


def confirms(given: str, plan: Mapping[str, Any], goes_on: bool) -> bool:
    """Whether the number or the id confirms the plan. A run that ``goes_on`` has less left to do than was
    confirmed.
    """
    count = plan["count"]
    return given in (str(count), plan["plan_id"]) or (goes_on and given.isdecimal() and int(given) > count)


def count_of(rows: Sequence[Mapping[str, Any]] | Any) -> int:
    """How many hosts would be wiped."""
    return sum(_acts(row) for row in rows)


def _acts(row: Mapping[str, Any]) -> bool:
    return row["verdict"] not in (*IDLE, None)
