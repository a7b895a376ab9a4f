# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What is proven from inside, noted in the ledger: until then an instance stays unproven, whatever other runs
do.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...module_utils.act.ledger.place import place_of
from ...module_utils.act.ledger.stores import open_store
from ...module_utils.core.clock import iso
from ...module_utils.core.errors import CloudError

PROVEN, UNPROVEN, DONE, RESET = "proven", "unproven", "done", "reset"


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
            lines = list(_proofs(awaiting(store.read_all(list(providers))), providers))
        finally:
            store.close()
        for scope in {line["scope"] for line in lines}:
            _append(place, scope, [line for line in lines if line["scope"] == scope])
    except CloudError as error:
        return f"what was proven is not noted, and is looked at again in the next run: {error}"
    return ""


def awaiting(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The requests for a reset that was done and not proven yet, as the lines of the ledger tell."""
    requests: dict[str, dict[str, Any]] = {}
    for line in lines:
        if "request" not in line:
            continue
        request = requests.setdefault(line["request"], {**line, "states": set()})
        request["states"].add(line["state"])
        if line["state"] in (PROVEN, UNPROVEN):
            request["proof"] = line["state"]
    return [one for one in requests.values() if _awaits(one)]


def _awaits(request: Mapping[str, Any]) -> bool:
    return request.get("verb") == RESET and request.get("proof") == UNPROVEN and DONE in request["states"]


def _proofs(requests: Iterable[Mapping[str, Any]], providers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The lines to add. The scope begins with the provider, whose ids are not another one's."""
    at = iso(time.time())
    for request in requests:
        if request["scope"].split(" ")[0] == providers.get(request["instance_id"]):
            known = {name: request[name] for name in ("instance_id", "scope", "request", "verb")}
            yield {**known, "state": PROVEN, "at": at}


def _append(place: Any, scope: str, lines: list[dict[str, Any]]) -> None:
    store = open_store(place, scope, [line["instance_id"] for line in lines])
    try:
        store.append(lambda _unread: lines)
    finally:
        store.close()
