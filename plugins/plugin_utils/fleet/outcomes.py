# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who is to be run again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

AGAIN = ("failed", "unknown", "timeout", "not proven")
IDLE = ("refuse", "unchanged")  # verdicts after which nothing is sent


def hosts_again(planned: Mapping[str, Mapping[str, Any]], outcomes: Mapping[str, str]) -> list[str]:
    """Those that did not get where they should, and those of the plan that are still to come."""
    return [
        host
        for host, row in planned.items()
        if (
            outcomes[host] in AGAIN if host in outcomes else row["verdict"] not in IDLE or row.get("unproven")
        )
    ]


def hosts_elsewhere(
    summaries: Iterable[Mapping[str, Any]], planned: Mapping[str, Any], limit_file: str | None
) -> list[str]:
    """Those that other plays of this run have left in the same file, and that this one does not take up."""
    found = [host for one in summaries if one.get("limit_file") == limit_file for host in one["again"]]
    return [host for host in dict.fromkeys(found) if host not in planned]


def outcomes_of(summary: Mapping[str, Any] | None) -> dict[str, str]:
    """What became of each host that a summary tells of."""
    return {host: str(row["outcome"]) for host, row in summary["hosts"].items()} if summary else {}


def named_in(path: str | None) -> set[str]:
    """The hosts that the limit file of an earlier run names; none without a file."""
    if not path or not os.path.isfile(path):
        return set()
    with open(path, encoding="utf-8") as file:
        return {line.strip() for line in file}
