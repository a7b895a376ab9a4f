# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Hosts of an inventory whose sources have keys of their own: the roles do not get them, and say what to do
instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CREDENTIALS = {"access_key", "secret_key", "token", "profile"}


def hosts_of_unknown_accounts(
    rows: Mapping[str, Mapping[str, Any]], members: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Hosts that could not be read, or are not in the account, and that say nothing of an account
    themselves.
    """
    lost = [host for host, row in rows.items() if row["verdict"] is None or row["reason"] == "not_found"]
    return [host for host in lost if not CREDENTIALS & members[host].keys()]


def say_whose_keys(
    rows: Mapping[str, dict[str, Any]], variables: Mapping[str, Mapping[str, Any]], prefix: str
) -> None:
    """Add to the rows of hosts whose source has keys of its own how the role gets them."""
    for host, known in variables.items():
        if known.get("instance_source_has_keys"):
            rows[host]["message"] += (
                f"; source {known.get('instance_source')!r} of the inventory has keys of its own, which are "
                "no variables of its hosts: give the source a profile, which is one, or set "
                f"{prefix}access_key and {prefix}secret_key"
            )
