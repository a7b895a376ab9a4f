# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The hosts to run again, in a file for ``--limit @file``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.reforge.cloud.plugins.plugin_utils.files import write_file

AGAIN = ("failed", "unknown", "timeout", "not proven")
IDLE = ("refuse", "unchanged")  # verdicts after which nothing is sent


def hosts_again(planned: Mapping[str, Mapping[str, Any]], outcomes: Mapping[str, str]) -> list[str]:
    """Those that did not get where they should, and those of the plan that are still to come."""
    return [
        host
        for host, row in planned.items()
        if (outcomes[host] in AGAIN if host in outcomes else row["verdict"] not in IDLE)
    ]


def outcomes_of(summary: Mapping[str, Any] | None) -> dict[str, str]:
    """What became of each host that a summary tells of."""
    return {host: str(row["outcome"]) for host, row in summary["hosts"].items()} if summary else {}


def leave_limit(path: str, hosts: Sequence[str]) -> None:
    """Write the names, or take away what an earlier run left. Raises AnsibleActionFail where that cannot be done."""
    if hosts:
        write_file(path, "limit_file", "".join(f"{host}\n" for host in hosts))
    elif os.path.exists(path):
        os.unlink(path)
