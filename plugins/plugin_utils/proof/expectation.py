# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which hosts are logged in to, and what each of them has to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...module_utils.core.clock import since_epoch

# An answer; another installation than before; another boot than before.
ANY, INSTALLATION, BOOT = "any", "installation", "boot"


@dataclass(frozen=True)
class Expectation:
    """What settles a look. ``before`` is what an earlier look returned, ``began_at`` when the reset began.

    ``brought`` is the public half of the key that the new system was given; empty where it has made its own.
    """

    what: str
    before: Mapping[str, Any] = field(default_factory=dict)
    began_at: float | None = None
    brought: str = ""


Registered = Mapping[str, Any]  # a result of a task: "hosts" has something for each host


def before_it(batch: Sequence[str], rows: Registered, _before: Registered) -> dict[str, Expectation]:
    """Those that run and will be wiped; without a plan all."""
    known = rows.get("hosts")
    return {host: Expectation(ANY) for host in batch if known is None or _will_be_wiped(known.get(host))}


def after_reset(_batch: Sequence[str], rows: Registered, before: Registered) -> dict[str, Expectation]:
    """Those that were reset, and those of which the ledger says that an earlier reset was not proven.

    What the ledger has noted counts where this run has not seen the system before, and where the reset began
    in an earlier run.
    """
    looks, brought = before.get("hosts") or {}, rows.get("brought") or {}
    return {
        host: _installation(row, looks.get(host) or {}, rows["began_at"], brought.get(host) or "")
        for host, row in rows["hosts"].items()
        if row["outcome"] == "reset" or row.get("to_prove")
    }


def _installation(
    row: Mapping[str, Any], look: Mapping[str, Any], began_at: float, brought: str
) -> Expectation:
    noted = {"identity": row.get("system_before") or ""}
    noted_at = since_epoch(row["unproven_since"]) if row.get("unproven_since") else None
    if row["outcome"] != "reset":
        return Expectation(INSTALLATION, noted, noted_at)
    began_at = min(noted_at or began_at, began_at)
    return Expectation(INSTALLATION, look if look.get("identity") else noted, began_at, brought)


def after_reboot(_batch: Sequence[str], rows: Registered, before: Registered) -> dict[str, Expectation]:
    """Those that answered before it, as far as the provider does not say that it failed."""
    ended = [host for host, row in rows["hosts"].items() if row["outcome"] in ("rebooted", "unknown")]
    looks = before.get("hosts") or {}
    return {host: Expectation(BOOT, looks[host]) for host in ended if looks.get(host, {}).get("boot_id")}


def _will_be_wiped(row: Mapping[str, Any] | None) -> bool:
    return row is not None and row["verdict"] == "reset" and row["before"]["status"] == "running"


EXPECTATIONS = {ANY: before_it, INSTALLATION: after_reset, BOOT: after_reboot}
