# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The body of ledger_info: who asked for what, and what became of it. No provider is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..act.ledger.lines import UNREADABLE_LINE
from ..act.ledger.place import place_of
from ..act.ledger.record import PROVEN, Record, folded, records_of
from ..act.ledger.stores import open_store
from ..core.clock import iso
from ..core.errors import CloudError, InputError
from .validate import moment_of


def read_ledger(params: Mapping[str, Any]) -> dict[str, Any]:
    """The result of ledger_info. Raises CloudError when the ledger cannot be read."""
    place = place_of(params["ledger"])
    if place is None:
        raise InputError("ledger is empty: name a ledger, or omit the option for the default one")
    since = moment_of(params["since"]) or 0.0
    store = open_store(place, "", (), folded)
    records = _records(store.read_all(params["instance_ids"] or ()), store.name)
    store.close()
    chosen = [record for record in records if _matches(record, params, since)]
    return {"ledger": store.name, "requests": [_row(record) for record in sorted(chosen, key=_age)]}


def _age(record: Record) -> tuple[float, str]:
    return record.asked_at, record.name


def _records(lines: Iterable[Mapping[str, Any]], name: str) -> list[Record]:
    try:
        return records_of(lines)
    except (KeyError, TypeError, ValueError) as error:
        problem = f"ledger: {name} {UNREADABLE_LINE} ({type(error).__name__})"
        raise CloudError(problem) from error


def _matches(record: Record, params: Mapping[str, Any], since: float) -> bool:
    wanted = (
        params["run_id"] is None or record.run_id == params["run_id"],
        params["verb"] is None or record.verb.value == params["verb"],
        params["open"] is None or record.state.open is params["open"],
        params["unproven"] is None or record.unproven is params["unproven"],
        record.asked_at >= since,
    )
    return all(wanted)


def _row(record: Record) -> dict[str, Any]:
    provider, _space, endpoint = record.scope.partition(" ")
    return {
        "request": record.name,
        "instance_id": record.instance_id,
        "provider": provider,
        "endpoint": endpoint,
        "verb": record.verb.value,
        "state": record.state.value,
        "open": record.state.open,
        "image_before": record.baseline.get("image_id"),
        "image_id": record.target or None,
        "run_id": record.run_id,
        "asked_by": dict(record.asked_by),
        "asked_at": iso(record.asked_at),
        "ended_at": record.ended_at or None,
        "request_id": record.request_id,
        "proven": None if not record.proof else record.proof == PROVEN,
    }
