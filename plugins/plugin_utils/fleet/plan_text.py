# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A plan as it is read before it is confirmed: who is touched is named, the others are counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..text.overview import Entry, kinds_of, overview
from ..text.words import counted

HEADINGS = ("VERDICT", "HOSTS", "REASON AND NAMES")
UNCHANGED = "unchanged"
# Verdicts in the order in which a reader wants to know of them.
ORDER = ("failed", "refuse", "reset", "reboot", "start", "stop", "wait", UNCHANGED)


def plan_text(plan: Mapping[str, Any], does: str) -> str:
    """The plan with its id, its numbers, and the hosts by verdict and reason.

    ``does``: what becomes of the hosts that count.
    """
    rows = plan["hosts"]
    run = f" (run {plan['run_id']})" if plan.get("run_id") else ""
    hosts, by = counted(len(rows), "host"), counted(plan["calls"], "call")
    head = f"Plan {plan['plan_id']}{run}: {plan['count']} of {hosts} {does}, by {by}"
    kinds = kinds_of((_entry(host, row) for host, row in rows.items()), ORDER)
    return f"\n{head}\n\n{overview(HEADINGS, kinds, counted_only=(UNCHANGED,))}\n\n"


def _entry(host: str, row: Mapping[str, Any]) -> Entry:
    image = (row["before"] or {}).get("image") or ""
    why = str(row["message"])
    if row["verdict"] != UNCHANGED and image and image not in why:
        why = f"{why} (it runs {image})"
    return Entry(row["verdict"] or "failed", why, host, (str(row["instance_id"]), host))
