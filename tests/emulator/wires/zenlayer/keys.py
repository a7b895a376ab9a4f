# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The key pairs of an account: service ccs, version 2025-09-01.

They serve all products, so an account is its access key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.model import KeyPair
from emulator.wire import Context
from emulator.wires.zenlayer import records
from emulator.wires.zenlayer.fields import PAGE, SOME_IDS, Action, Field
from emulator.wires.zenlayer.listing import contains, is_in, page

SHARED_WITH = ("zenlayer_bmc", "zenlayer_vm")


def key_pairs(context: Context) -> list[KeyPair]:
    """The key pairs of whoever calls, whichever product they were seeded for; each id once."""
    fleet, caller = context.fleet, context.call.account
    accounts = [
        account
        for provider in ("zenlayer_zec", *SHARED_WITH)
        for account in fleet.accounts(provider)
        if account.access_key == caller.access_key
    ]
    return list({key.id: key for account in accounts for key in fleet.keys(account)}.values())


def _describe_key_pairs(context: Context) -> Mapping[str, Any]:
    given = context.call.parameters
    return page(
        [
            records.key_pair(key)
            for key in key_pairs(context)
            if is_in(given, "keyIds", key.id) and contains(given, "keyName", key.name)
        ],
        given,
    )


ACTIONS = (Action("DescribeKeyPairs", {"keyIds": SOME_IDS, "keyName": Field(), **PAGE}, _describe_key_pairs),)
