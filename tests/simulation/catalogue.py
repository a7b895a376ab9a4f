# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong, as data: one row for each kind of trouble, with the settings from which a schedule
draws.

Layers: ``vendor`` is a fault of the emulator (tests/emulator/README.md); ``line`` is the way there and back;
``other`` is someone else who uses the same account; ``clock`` and ``kill`` happen to the machine that runs
us; ``second`` is another run of ours at the same time. ``on`` says which requests are meant: those that the
call is about (main), stops and starts (power), looks at the instances (read), or any.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

ON = ("main", "main", "main", "power", "read", "any")
FEW = (1, 1, 2)
PAGES: Sequence[Mapping[str, Any]] = (
    {"status": 502, "body": "<html>Bad Gateway</html>"},
    {"status": 200, "body": "<html>Sign in</html>"},
    {"status": 504, "body": "<html>Gateway Timeout</html>"},
)
EMPTY: Sequence[Mapping[str, Any]] = ({"status": 200, "body": ""}, {"status": 502, "body": ""})
BROKEN: Sequence[Mapping[str, Any]] = ({"status": 500}, {"status": 502}, {"status": 503})


@dataclass(frozen=True)
class Kind:
    """One kind of trouble.

    ``choices``: for each setting, what may be drawn; ``answer`` stands for several settings.
    """

    layer: str
    choices: Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Fault:
    """One trouble that was drawn."""

    name: str
    layer: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def _requests(layer: str, effect: str, **more: Sequence[Any]) -> Kind:
    """A trouble of single requests."""
    return Kind(layer, {"effect": (effect,), "on": ON, "skip": (0, 0, 0, 1, 3), "count": FEW, **more})


def _installs(effect: str, **more: Sequence[Any]) -> Kind:
    """A trouble of what is being done to an instance: to one, or to all."""
    return Kind("vendor", {"effect": (effect,), "on": ("main",), "target": ("one", "all"), **more})


def _others(deed: str, **more: Sequence[Any]) -> Kind:
    """Someone else acts some seconds after one of our requests, or at any time."""
    return Kind(
        "other",
        {
            "deed": (deed,),
            "after": ("start", "read", "power", "main"),
            "skip": (0, 0, 1, 4),
            "seconds": (0.0, 0.5, 3.0, 12.0, 25.0, 60.0, 200.0),
            "target": ("one", "all"),
            **more,
        },
    )


CATALOGUE: Mapping[str, Kind] = {
    "connection refused": _requests("line", "refuse", count=(1, 2, 4, 12)),
    "lost before it is read": _requests("vendor", "drop_before"),
    "lost after acting": _requests("vendor", "drop_after"),
    "lost, then acted": _requests("line", "late", seconds=(1.0, 4.0, 8.0)),
    "read timeout, then acted": _requests("line", "timeout", seconds=(0.1, 10.0, 40.0, 59.0)),
    "5xx before acting": _requests("vendor", "error_before", answer=BROKEN),
    "5xx after acting": _requests("vendor", "error_after", answer=BROKEN),
    "page before acting": _requests("vendor", "error_before", answer=PAGES),
    "page after acting": _requests("vendor", "error_after", answer=PAGES),
    "empty before acting": _requests("vendor", "error_before", answer=EMPTY),
    "empty after acting": _requests("vendor", "error_after", answer=EMPTY),
    "throttled": _requests(
        "vendor", "throttle", count=(0,), lasts=(60.0, 90.0), after=("start", "main", "power")
    ),
    "stale reads": Kind(
        "vendor",
        {
            "effect": ("stale",),
            "on": ("read",),
            "seconds": (2.0, 8.0, 14.0),
            "skip": (0, 1, 3),
            "count": (0, 0, 5),
        },
    ),
    "late record": _installs("late_record", seconds=(2.0, 8.0, 20.0)),
    "late begin": Kind("fleet", {"register": (3.0, 10.0, 20.0)}),
    "install fails": _installs("fail_install"),
    "install never ends": _installs("endless_install"),
    "batch partly failed": _installs("list_failed", on=("main", "power"), skip=(0, 2), count=FEW),
    "someone resets": _others("reset", image=("old", "new")),
    "someone stops": _others("stop"),
    "someone reboots": _others("reboot"),
    "someone recycles": _others("recycle"),
    "two runs": Kind("second", {"seconds": (0.0, 0.0, 0.1, 1.0, 5.0, 20.0, 90.0, 300.0)}),
    "clock off": Kind(
        "clock",
        {
            "off": (-3000.0, -250.0, 250.0, 3000.0),
            "after": ("start", "start", "main", "power"),
            "seconds": (0.0, 5.0),
        },
    ),
    "credentials revoked": Kind(
        "vendor",
        {
            "effect": ("revoke",),
            "on": ("any",),
            "skip": (0, 0, 2),
            "after": ("start", "power", "main", "main"),
        },
    ),
    "killed": Kind(
        "kill",
        {
            "moment": (
                "before sending",
                "on the way",
                "after sending",
                "before noting",
                "while noting",
                "after noting",
                "looking",
            ),
            "number": (0, 0, 0, 0, 1, 1, 2, 5),
            "pause": (0.5, 5.0, 40.0, 1000.0),
            "power": (False, True),
        },
    ),
}


# What hides the trace of a request, and the setting that says for how many seconds.
HIDING = {
    "stale reads": "seconds",
    "late record": "seconds",
    "late begin": "register",
    "lost, then acted": "seconds",
}
# The collection takes 30 seconds without a trace for proof that a lost request was not acted on: no vendor
# documents a number. So all that hides it must not come to more; a world in which it does cannot be told from
# one without the request.
MOST_HIDDEN = 28.0


def within_limits(faults: Sequence[Fault]) -> list[Fault]:
    """The same faults, with those that hide the trace made shorter where they come to more than the limit
    together.
    """
    hidden = sum(fault.settings[HIDING[fault.name]] for fault in faults if fault.name in HIDING)
    share = min(1.0, MOST_HIDDEN / hidden) if hidden else 1.0
    return [
        replace(
            fault, settings={**fault.settings, HIDING[fault.name]: fault.settings[HIDING[fault.name]] * share}
        )
        if fault.name in HIDING
        else fault
        for fault in faults
    ]


def draw(name: str, chance: random.Random) -> Fault:
    """One trouble of a kind, by chance."""
    kind = CATALOGUE[name]
    drawn = {setting: chance.choice(choices) for setting, choices in kind.choices.items()}
    return Fault(name, kind.layer, {**drawn, **drawn.pop("answer", {})})
