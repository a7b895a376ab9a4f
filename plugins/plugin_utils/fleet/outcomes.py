# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who is to be run again."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

AGAIN = ("failed", "unknown", "timeout", "not proven")
IDLE = ("refuse", "unchanged")  # verdicts after which nothing is sent


def hosts_again(planned: Mapping[str, Mapping[str, Any]], outcomes: Mapping[str, str]) -> list[str]:
    """Those that did not get where they should, and those of the plan that are still to come.

    Whom the plan was to wipe, and who was refused when it came to it, did not: the world was another one by
    then.
    """
    return [host for host, row in planned.items() if _is_left(row, outcomes.get(host))]


def _is_left(row: Mapping[str, Any], outcome: str | None) -> bool:
    acts = row["verdict"] not in IDLE
    if outcome is None:
        return acts or bool(row.get("to_prove") and row["ssh"])
    return outcome in AGAIN or (outcome == "refused" and acts)


def outcomes_of(summary: Mapping[str, Any] | None) -> dict[str, str]:
    """What became of each host that a summary tells of."""
    return {host: str(row["outcome"]) for host, row in summary["hosts"].items()} if summary else {}


def touched_in(rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The hosts of which what was known before does not hold any more."""
    return [host for host, row in rows.items() if row["changed"] or row["to_prove"]]


def foreign_in(path: str, ours: Collection[str]) -> list[str]:
    """The lines of a limit file that are none of our hosts: hosts of another play, run or inventory, and
    groups and patterns.
    """
    if not os.path.isfile(path):
        return []
    with open(path, encoding="utf-8") as file:
        names = [line.strip() for line in file]
    return [name for name in dict.fromkeys(names) if name and name not in ours]
