# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a plan has read besides the instances, handed on to the call that carries it out.

Images, keys and time zones stay what they are for some minutes. Instances do not: they are always read again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ..core import timing
from ..core.clock import Clock, iso, since_epoch

KINDS = ("images", "key_pairs", "timezones")
Record = Any  # as the provider gave it


class PlanFacts:
    """The looks of one call, after those of an earlier plan as long as these are good."""

    def __init__(self, clock: Clock, earlier: Mapping[str, Any] | None = None) -> None:
        self._until = iso(clock.time() + timing.FACTS_SECONDS)
        self._looks: dict[str, list[Mapping[str, Any]]] = {kind: [] for kind in KINDS}
        # Also not from further ahead than a plan could be: then a clock was set back.
        if earlier and 0 <= since_epoch(earlier["until"]) - clock.time() <= timing.FACTS_SECONDS:
            self._until = earlier["until"]
            self._looks = {kind: list(earlier[kind]) for kind in KINDS}

    def records(
        self, kind: str, scope: str, ids: Collection[str], read: Callable[[], Sequence[Record]]
    ) -> Sequence[Record]:
        """What there is of these ids, and maybe of others; of all where there are none.

        ``scope`` names what else the answer depends on. ``read`` asks the provider where nobody has yet.
        """
        for look in self._looks[kind]:
            if look["scope"] == scope and set(look["ids"]).issuperset(ids):
                return list(look["records"])
        records = read()
        self._looks[kind].append({"scope": scope, "ids": sorted(ids), "records": list(records)})
        return records

    def handed_on(self, plan_id: str) -> dict[str, Any]:
        """What a call that carries out the plan takes."""
        return {"plan_id": plan_id, "until": self._until, **self._looks}


def is_handed_on(facts: Mapping[str, Any]) -> bool:
    """Whether this has the form of what a plan hands on."""
    try:
        since_epoch(facts["until"])
        looks = [look for kind in KINDS for look in facts[kind]]
    except (KeyError, TypeError, ValueError):
        return False
    return isinstance(facts.get("plan_id"), str) and all(map(_is_look, looks))


def _is_look(look: Any) -> bool:
    return (
        isinstance(look, Mapping)
        and isinstance(look.get("scope"), str)
        and all(isinstance(look.get(name), list) for name in ("ids", "records"))
    )
