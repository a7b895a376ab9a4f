# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What is proven from inside, noted in the ledger: until then an instance stays unproven, whatever other runs
do.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from ...module_utils.act.ledger.place import place_of
from ...module_utils.act.ledger.record import PROVEN, Record, records_of
from ...module_utils.act.ledger.stores import open_store
from ...module_utils.core.clock import iso
from ...module_utils.core.errors import CloudError


def note_proven(location: str | None, providers: Mapping[str, str]) -> str:
    """Note for each instance id, with its provider, that its last reset is proven. The result is a problem,
    or empty.

    ``location`` is the option ``ledger``: None for the default, empty for none.
    """
    place = place_of(location)
    if place is None or not providers:
        return ""
    try:
        store = open_store(place, "", list(providers))
        try:
            lines = _proofs(records_of(store.read_all(list(providers))), providers)
        finally:
            store.close()
        for scope in {line["scope"] for line in lines}:
            _append(place, scope, [line for line in lines if line["scope"] == scope])
    except (CloudError, KeyError, TypeError, ValueError) as error:
        return f"the proofs could not be recorded, so the next run logs in again: {error}"
    return ""


def _proofs(records: Iterable[Record], providers: Mapping[str, str]) -> list[dict[str, Any]]:
    """The lines to add. The scope begins with the provider, whose ids are not another one's."""
    at = iso(time.time())
    return [
        {
            "instance_id": record.instance_id,
            "scope": record.scope,
            "request": record.name,
            "verb": record.verb.value,
            "state": PROVEN,
            "at": at,
        }
        for record in records
        if record.unproven and record.scope.split(" ")[0] == providers.get(record.instance_id)
    ]


def _append(place: Any, scope: str, lines: list[dict[str, Any]]) -> None:
    store = open_store(place, scope, [line["instance_id"] for line in lines])
    try:
        store.append(lambda _unread: lines)
    finally:
        store.close()
