# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What goes wrong on purpose: faults that match requests, used up one by one."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from emulator.clock import Clock
from emulator.fleet import Tampering

EFFECTS = {
    "delay": "answer `seconds` (real ones) later; what was asked for is done at once",
    "throttle": "refuse as if the request rate were exceeded",
    "drop_before": "close the connection without an answer, nothing done",
    "drop_after": "do it, then close the connection without an answer",
    "error_before": "answer `status` with the vendor's error `code`, or with the raw `body`; nothing done",
    "error_after": "do it, then answer `status` with the vendor's error `code`, or with the raw `body`",
    "stale": "a read shows the world as it was `seconds` (the vendor's) ago",
    "deny": "refuse the action with `code`, `message` and HTTP `status`",
    "revoke": "the credential is not known any more",
    "list_failed": "an id of a batch is reported as failed and not acted on",
    "fail_install": "the reset is taken on and ends as failed",
    "slow_install": "the operation takes `factor` times as long",
    "endless_install": "the operation never ends",
    "idle_install": "the reset is said to be done, and has not touched the disk",
    "late_record": "readers see the operation only `seconds` (the vendor's) after it began",
}


@dataclass(frozen=True)
class Fault:
    """One fault. Empty ``provider``, ``account``, ``actions`` and ``ids`` match everything.

    The first ``skip`` matches pass unharmed, the next ``count`` (0: all) are hit, each with ``probability``,
    drawn from a generator seeded with ``seed``. After ``lasts`` vendor seconds (0: never) the fault is over.
    What happens to one instance (a failed install, say) counts per id; all else counts per request.
    """

    effect: str
    provider: str = ""
    account: str = ""
    actions: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    skip: int = 0
    count: int = 0
    probability: float = 1.0
    seed: int = 0
    lasts: float = 0.0
    seconds: float = 0.0
    factor: float = 1.0
    status: int = 500
    code: str = ""
    message: str = ""
    body: str | None = None
    content_type: str = "text/html"


@dataclass(frozen=True)
class Target:
    """What a fault is compared with: one request as its wire file understood it."""

    provider: str
    account: str
    action: str
    ids: tuple[str, ...] = ()


@dataclass
class _Armed:
    """A fault in use: how many matches it had, and its own random numbers."""

    number: int
    fault: Fault
    since: float
    draw: random.Random
    seen: int = 0
    hits: int = 0


class FaultBook:
    """The faults in force. The first that matches and is not used up is the one that strikes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._armed: list[_Armed] = []
        self._number = 0

    def add(self, description: Any) -> int:
        """Arm a fault from a JSON object and return its number; ValueError for what is not a fault."""
        fault = _parse(description)
        self._number += 1
        self._armed.append(_Armed(self._number, fault, self._clock(), random.Random(fault.seed)))
        return self._number

    def clear(self) -> None:
        """Forget all faults."""
        self._armed.clear()

    def listed(self) -> list[dict[str, Any]]:
        """All faults, with how often they matched (``seen``) and struck (``hits``)."""
        return [
            {"number": armed.number, **asdict(armed.fault), "seen": armed.seen, "hits": armed.hits}
            for armed in self._armed
        ]

    def strike(self, effect: str, target: Target, named: bool = False) -> Fault | None:
        """The fault with this effect that hits this request now, used up by one; else None.

        With ``named``, only a fault that names its actions.
        """
        return next((armed.fault for armed in self._armed if self._hits(armed, effect, target, named)), None)

    def failed_ids(self, target: Target) -> tuple[str, ...]:
        """Those ids of a batch which are to be reported as failed."""
        return tuple(each for each in target.ids if self.strike("list_failed", _narrowed(target, each)))

    def tampering(self, target: Target, instance_id: str, install: bool) -> Tampering:
        """What happens to the operation that is about to begin on one instance.

        The faults of installs hit other operations (``install`` False) only where they name the action.
        """
        narrowed = _narrowed(target, instance_id)
        slow = self.strike("slow_install", narrowed, named=not install)
        late = self.strike("late_record", narrowed)
        return Tampering(
            fails=self.strike("fail_install", narrowed, named=not install) is not None,
            factor=slow.factor if slow else 1.0,
            idle=install and self.strike("idle_install", narrowed) is not None,
            endless=self.strike("endless_install", narrowed, named=not install) is not None,
            late=late.seconds if late else 0.0,
        )

    def _hits(self, armed: _Armed, effect: str, target: Target, named: bool) -> bool:
        fault = armed.fault
        matches = fault.effect == effect and _matches(fault, target) and (fault.actions or not named)
        if not matches or self._is_over(armed):
            return False
        armed.seen += 1
        if armed.seen <= fault.skip or (fault.count and armed.hits >= fault.count):
            return False
        if armed.draw.random() >= fault.probability:
            return False
        armed.hits += 1
        return True

    def _is_over(self, armed: _Armed) -> bool:
        return armed.fault.lasts > 0 and self._clock() > armed.since + armed.fault.lasts


def _matches(fault: Fault, target: Target) -> bool:
    return (
        fault.provider in ("", target.provider)
        and fault.account in ("", target.account)
        and (not fault.actions or target.action in fault.actions)
        and (not fault.ids or not set(fault.ids).isdisjoint(target.ids))
    )


def _narrowed(target: Target, instance_id: str) -> Target:
    return Target(target.provider, target.account, target.action, (instance_id,))


_POSITIVE = "a number that is not negative"
_LISTS = ("actions", "ids")
_FORMS: tuple[tuple[tuple[type, ...], tuple[str, ...], str], ...] = (
    ((int,), ("skip", "count", "seed", "status"), "an integer"),
    ((int, float), ("probability", "lasts", "seconds", "factor"), _POSITIVE),
    ((str,), ("provider", "account", "code", "message", "body", "content_type"), "a string"),
)


def _parse(description: Any) -> Fault:
    known = [each.name for each in fields(Fault)]
    if not isinstance(description, dict) or not set(description) <= set(known):
        raise ValueError(f"a fault is an object with these fields: {', '.join(known)}")
    if description.get("effect") not in EFFECTS:
        raise ValueError(f"effect must be one of {', '.join(EFFECTS)}")
    for kinds, names, rule in _FORMS:
        for name in names:
            _check_value(name, description.get(name, kinds[0]()), kinds, rule)
    values: dict[str, Any] = {**description}
    values.update({name: _tuple(values[name]) for name in _LISTS if name in values})
    return Fault(**values)


def _check_value(name: str, value: Any, kinds: tuple[type, ...], rule: str) -> None:
    negative = isinstance(value, (int, float)) and value < 0
    if not isinstance(value, kinds) or (rule == _POSITIVE and negative):
        raise ValueError(f"{name} must be {rule}")


def _tuple(value: Iterable[str]) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError("actions and ids must be lists of strings")
    return tuple(value)
