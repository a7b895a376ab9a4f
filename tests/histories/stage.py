# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One emulated account on a virtual clock: calls of ours, acts of people, faults, kills, and time that
passes.

The calls are the bodies of the modules, as ansible-core would run them, with a ledger on disk. The truth is
the emulator's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.reforge.cloud.plugins.module_utils.api.client import Client
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import Pacer
from ansible_collections.reforge.cloud.plugins.module_utils.commands.options import (
    GUARDS,
    PASSWORD as PASSWORD_OPTIONS,
    POWER,
    REBOOT,
    REBOOT_TARGETS,
    RESET,
    RESET_TARGETS,
    TARGETS,
    WAITING,
)
from ansible_collections.reforge.cloud.plugins.module_utils.commands.password import password
from ansible_collections.reforge.cloud.plugins.module_utils.commands.power import power, reboot
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.commands.reset import reset
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import CloudError, NetworkError
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply, Request
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Account, Secrets
from emulator.clock import VirtualClock
from emulator.dispatch import Emulation
from emulator.journal import Journal
from emulator.loading import load
from emulator.wire import Request as Arrived
from emulator.wires import WIRES
from simulation.sites import PASSWORD, SITES, Site

START = 1_760_000_000.0
BODIES = {
    "reset": (reset, (RESET_TARGETS, RESET)),
    "reboot": (reboot, (REBOOT_TARGETS, REBOOT)),
    "power": (power, (TARGETS, POWER)),
    "password": (password, (TARGETS, PASSWORD_OPTIONS)),
}
OTHER_IMAGE = "other000"


class Killed(BaseException):
    """The process is gone in the middle of its call."""


class Clock:
    """Time that passes when somebody waits, for the calls and for the vendor."""

    def __init__(self) -> None:
        self.now, self.vendor = START, VirtualClock(START)

    def time(self) -> float:
        """Seconds since 1970."""
        return self.now

    def monotonic(self) -> float:
        """The same clock: nobody sets it."""
        return self.now - START + 1000.0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.vendor.advance(seconds)


@dataclass
class Call:
    """What a body knows of its call, and what came of it.

    ``killed_at``: which write it dies at, and on which side.
    """

    verb: str
    params: Mapping[str, Any]
    began: float
    check_mode: bool = False
    warnings: list[str] = field(default_factory=list)
    result: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    killed: bool = False
    ended: float = 0.0
    request_ids: set[str] = field(default_factory=set)  # of its writes that the provider took on

    def warn(self, warning: str) -> None:
        """Keep a warning."""
        self.warnings.append(warning)

    @property
    def ids(self) -> list[str]:
        """The instances that it is about."""
        return list(
            self.params["instance_ids"] or (entry["instance_id"] for entry in self.params["instances"])
        )

    @property
    def rows(self) -> dict[str, Mapping[str, Any]]:
        """The rows by instance."""
        return {row["instance_id"]: row for row in self.result.get("instances", ())}


class _Tally(Journal):
    """A journal that says which writes were taken on, as they come."""

    def __init__(self, accepted: Callable[[str], None]) -> None:
        super().__init__()
        self._accepted = accepted

    def add(self, **values: Any) -> None:
        """Write one entry, and tell of it."""
        super().add(**values)
        if values["writes"] and values["outcome"] == "accepted":
            self._accepted(values["request_id"])


class Stage:
    """A provider's account, a ledger, and everybody who acts on it."""

    def __init__(self, provider: str, ledger: str, count: int = 1, **instance: Any) -> None:
        self.site: Site = SITES[provider]
        self.provider, self.ledger = PROVIDERS[provider], ledger
        self.clock = Clock()
        self.emulation = Emulation(self.clock.vendor, self.clock.time, WIRES)
        self.emulation.journal = _Tally(self._accepted)
        self.fleet = self.emulation.fleet
        self.ids = [self.site.instance_id(number) for number in range(count)]
        plain = {"status": "running", "image_id": self.site.old, "durations": DURATIONS}
        document = self.site.document(
            [
                {"id": instance_id, "name": f"web-{number}", **plain, **instance}
                for number, instance_id in enumerate(self.ids)
            ],
            "end",
        )
        other = {"provider": provider, "id": self.other, "name": "Rocky 9", "category": "Rocky"}
        self.fleet.seed(load({**document, "images": [*document["images"], other]}, START))
        self.calls: list[Call] = []
        self.kill: tuple[str, str] | None = None  # an action, and before or after it arrives
        self.kill_later = 0  # how many such moments pass first
        self.between: list[tuple[str, Callable[[], object]]] = []  # after the first request of this kind
        self._current: Call | None = None
        self.key = "AK"  # which access key our calls have

    @property
    def second_ledger(self) -> str:
        """The ledger of somebody who does not share the first one."""
        return f"{self.ledger}.second"

    @property
    def other(self) -> str:
        """A third image."""
        return f"{self.site.image_prefix}-{OTHER_IMAGE}"

    # our calls

    def call(self, verb: str, ids: Sequence[str] | None = None, check: bool = False, **params: Any) -> Call:
        """One module call from its beginning to its end, whatever that is."""
        body, groups = BODIES[verb]
        options = (*groups, GUARDS, WAITING)
        defaults = {name: option.get("default") for group in options for name, option in group.items()}
        surroundings = {"ledger": self.ledger, "request_timeout": 60, "wait_timeout": 900}
        login = {"password": PASSWORD} if verb in ("reset", "password") else {}
        given = {"instance_ids": list(ids or self.ids), **surroundings, **login, **params}
        call = Call(verb, {**defaults, **given}, self.clock.now, check)
        self.calls.append(call)
        outer, self._current = self._current, call
        try:
            call.result = body(call, self._client())
        except CloudError as error:
            call.error = str(error)
        except Killed:
            call.killed = True
        self._current, call.ended = outer, self.clock.now
        return call

    def reset(self, image: str | None = None, **params: Any) -> Call:
        """A reset to the new image, or to another one."""
        return self.call("reset", image_id=image or self.site.new, **params)

    def reboot(self, **params: Any) -> Call:
        """A reboot."""
        return self.call("reboot", **params)

    def _client(self) -> Client:
        account = Account(Secrets(self.key, "SK"), self.site.region if self.site.regional else "")
        return Client(self.provider, account, self, Pacer(self.clock), self.clock, workers=1)

    def send(self, request: Request) -> Reply:
        """The way of a request of ours. Raises NetworkError, and Killed."""
        self._die(request.action, "before")
        self.clock.sleep(0.05)
        parts = urlsplit(request.url)
        headers = {"host": request.host, **{name.lower(): value for name, value in request.headers.items()}}
        answer = self.emulation.handle(
            Arrived(request.method, parts.path, parts.query, headers, request.body)
        ).reply
        due = [event for event in self.between if event[0] in (request.action, "any")]
        self.between = [event for event in self.between if event not in due]
        for _kind, deed in due:  # which may make calls of their own
            deed()
        self._die(request.action, "after")
        if answer is None:
            raise NetworkError(f"{request.action} got no answer", sent=True)
        date = formatdate(self.clock.vendor(), usegmt=True)
        return Reply(answer.status, {"content-type": answer.content_type, "date": date}, answer.body)

    def _die(self, action: str, side: str) -> None:
        """Raises Killed where this is the moment."""
        if self.kill != (action, side):
            return
        self.kill_later -= 1
        if self.kill_later < 0:
            self.kill, self.kill_later = None, 0
            raise Killed

    def after(self, action: str, deed: Callable[[], object], skip: int = 0) -> None:
        """Have something done after the next request of an action (``any``), or after a later one."""
        self.between.append((action, lambda: self.after(action, deed, skip - 1) if skip else deed()))

    def _accepted(self, request_id: str) -> None:
        if self._current:
            self._current.request_ids.add(request_id)

    # what others do, and what happens

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.sleep(seconds)

    def fault(self, effect: str, *actions: str, **settings: Any) -> None:
        """Something goes wrong with requests; see the emulator's README."""
        self.emulation.faults.add({"effect": effect, "actions": list(actions), **settings})

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self.emulation.faults.clear()

    def somebody(self, deed: str, instance_id: str | None = None, image: str | None = None) -> bool:
        """Somebody else acts, if the vendor lets them: start, stop, reboot, install, recycle."""
        target = instance_id or self.ids[0]
        truth = self.fleet.look(target)
        busy = truth is not None and truth.operation and truth.operation.state(self.clock.now) == "operating"
        if truth is None or busy or truth.status not in STATES[deed]:
            return False
        order = {"request_id": f"somebody-{len(self.calls)}-{self.clock.now:.0f}"}
        if deed == "recycle":
            self.fleet.amend(target, status="recycled", operation=None, previous=None)
        elif deed == "delete":  # its history stays
            self.fleet.amend(target, account="nobody", operation=None, previous=None)
        elif deed == "install":
            self.fleet.reinstall(
                target, action=self.site.reset, image_id=image or self.other, changes={}, **order
            )
        elif deed == "start":
            self.fleet.start(target, action="StartInstances", **order)
        elif deed == "stop":
            self.fleet.stop(target, action="StopInstances", **order)
        else:
            self.fleet.reboot(target, action=self.site.reboot, **order)
        return True

    def wipes(self, instance_id: str | None = None) -> int:
        """How often the instance was wiped, by anybody."""
        return next(
            instance.wipes
            for instance in self.fleet.everything()
            if instance.id == (instance_id or self.ids[0])
        )

    def withdraw(self, image: str) -> None:
        """The provider offers an image no longer."""
        self.fleet.withdraw(self.provider.name, image)

    def replace_key(self, access_key: str) -> None:
        """The account has another access key from now on, and the old one is not known any more."""
        self.fleet.replace_key(self.provider.name, access_key)

    def close(self) -> None:
        """Leave nothing behind."""
        for path in (self.ledger, self.second_ledger):
            if os.path.exists(path):
                os.remove(path)


DURATIONS = {"start": 5.0, "stop": 5.0, "soft_stop": 5.0, "reboot": 8.0, "reset": 30.0}
STATES: Mapping[str, tuple[str, ...]] = {
    "start": ("stopped", "reset_failed"),
    "stop": ("running",),
    "reboot": ("running",),
    "install": ("stopped", "running"),
    "recycle": ("running", "stopped"),
    "delete": ("running", "stopped"),
}
