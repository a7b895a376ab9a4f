# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An instance that is given by an older id is acted on, and noted in the ledger, under its own id; the result
names it as it was given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from ..act.lookups import read_instances
from ..api.client import Client
from .run_module import Body, Call


@dataclass
class _Renamed:
    """A call with other parameters."""

    params: Mapping[str, Any]
    check_mode: bool
    call: Call

    def warn(self, warning: str) -> None:
        self.call.warn(warning)


def by_own_ids(body: Body) -> Body:
    """The body of a module that writes, for calls that may give older ids, where the provider has such."""

    @wraps(body)
    def run(call: Call, client: Client) -> dict[str, Any]:
        pattern = client.provider.instances.older_id_pattern
        ids = _ids(call.params)
        if not pattern or not any(re.fullmatch(pattern, instance_id) for instance_id in ids):
            return body(call, client)
        names = _own_ids(client, ids)
        result = body(_Renamed(_with_ids(call.params, names), call.check_mode, call), client)
        return _as_given(result, {own: given for given, own in names.items()})

    return run


def _ids(params: Mapping[str, Any]) -> list[str]:
    entries = params.get("instances") or ()
    return [*map(str, params.get("instance_ids") or ()), *(str(entry["instance_id"]) for entry in entries)]


def _own_ids(client: Client, ids: list[str]) -> dict[str, str]:
    """The own ids by the given ones, of instances that exist. Raises InputError as ``read_instances``."""
    row_id = client.provider.instances.row_id
    instances = read_instances(client, ids, whole=True)
    return {name: str(instance.raw[row_id]) for name, instance in instances.items()}


def _with_ids(params: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    ids, entries = params.get("instance_ids"), params.get("instances")
    renamed = dict(params)
    if ids:
        renamed["instance_ids"] = [names.get(str(instance_id), instance_id) for instance_id in ids]
    if entries:
        renamed["instances"] = [
            {**entry, "instance_id": names.get(str(entry["instance_id"]), entry["instance_id"])}
            for entry in entries
        ]
    return renamed


def _as_given(result: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The result, with the ids of its rows and lists as they were given."""
    rows = [
        {**row, "instance_id": names.get(row["instance_id"], row["instance_id"])}
        for row in result["instances"]
    ]
    lists = {
        key: [names.get(given, given) for given in value]
        for key, value in result.items()
        if key.endswith("_ids")
    }
    return {**result, **lists, "instances": rows}
