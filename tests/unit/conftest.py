# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A clock that only the test moves, records to begin with, and a cloud in this process with everything
between.

The cloud is the emulator without its sockets: the collection's own client signs, and what arrives is
verified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings

from ansible_collections.reforge.cloud.plugins.module_utils.act.execute import (
    Execution,
    Guards,
    Spec,
    carry_out,
    make_plan,
)
from ansible_collections.reforge.cloud.plugins.module_utils.api.client import Client
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import Pacer
from ansible_collections.reforge.cloud.plugins.module_utils.commands.reset import facts_reader
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import NetworkError
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply, Request
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import (
    Disk,
    Image,
    Instance,
    Status,
    Verb,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Account, Provider, Secrets
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import ResetOptions
from ansible_collections.reforge.cloud.plugins.module_utils.decide.facts import Facts
from ansible_collections.reforge.cloud.plugins.module_utils.decide.verdicts import (
    decide_power,
    decide_reboot,
    decide_reset,
    refusal_for_any,
)
from ansible_collections.reforge.cloud.plugins.module_utils.decide.work_item import Goal, WorkItem
from ansible_collections.reforge.cloud.plugins.module_utils.providers.zenlayer_zec import PROVIDER as ZEC
from emulator.clock import VirtualClock
from emulator.dispatch import Emulation
from emulator.loading import load
from emulator.wire import Request as Arrived
from emulator.wires import WIRES

# How long an example takes says something about the machine, and nothing about the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

START = 1_760_000_000.0


class FakeClock:
    """Time that passes only when somebody sleeps; ``also`` are told how much."""

    def __init__(self) -> None:
        self.now = START
        self.slept: list[float] = []
        self.also: list[Callable[[float], None]] = []

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now - START + 1000.0

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.slept.append(seconds)
        self.now += seconds
        for tell in self.also:
            tell(seconds)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def zec() -> Provider:
    return ZEC


@pytest.fixture
def make_instance() -> Callable[..., Instance]:
    plain = Instance(
        "i-1",
        "web-1",
        Status.RUNNING,
        "RUNNING",
        "old",
        region="asia-east-1",
        zone="asia-east-1a",
        tags={},
        memory=4,
        system_disk=Disk("d-1", 40),
        data_disks=(),
        guest_agent=True,
    )

    def make(**changes: Any) -> Instance:
        status = changes.get("status", plain.status)
        return replace(plain, **{"vendor_status": status.value.upper(), **changes})

    return make


@pytest.fixture
def make_image() -> Callable[..., Image]:
    plain = Image("new", "New", "linux", "AVAILABLE", True, size=10)

    def make(**changes: Any) -> Image:
        return replace(plain, **changes)

    return make


def world(
    zones: Sequence[tuple[str, str]] = (("asia-east-1a", "asia-east-1"),), **instances: Mapping[str, Any]
) -> dict[str, Any]:
    """A fleet for the emulator: the instances that are named, each running the image old unless it says
    otherwise.
    """
    return {
        "accounts": [{"name": "main", "provider": ZEC.name, "access_key": "AK", "secret_key": "SK"}],
        "zones": [{"id": zone, "provider": ZEC.name, "region": region} for zone, region in zones],
        "images": [
            {"provider": ZEC.name, **image}
            for image in (
                {"id": "old", "category": "Debian"},
                {"id": "new", "category": "Ubuntu"},
                {"id": "windows", "category": "Windows", "os_type": "windows"},
            )
        ],
        "keys": [{"id": "key-1", "provider": ZEC.name, "account": "main", "public_key": "ssh-ed25519 AAAA"}],
        "instances": [
            {
                "id": name,
                "name": f"name-{name}",
                "provider": ZEC.name,
                "account": "main",
                "zone": "asia-east-1a",
                "image_id": "old",
                **more,
            }
            for name, more in instances.items()
        ],
    }


class Cloud:
    """The emulated provider as a sender, with the clock of the client.

    ``hooks`` see each request before it arrives.
    """

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        vendor = VirtualClock(START)
        clock.also.append(vendor.advance)
        self.emulation = Emulation(vendor, clock.time, WIRES)
        self.hooks: list[Callable[[Request], None]] = []
        self.client = Client(ZEC, Account(Secrets("AK", "SK")), self, Pacer(clock), clock, workers=1)

    def seed(self, **instances: Any) -> None:
        self.emulation.fleet.seed(load(world(**instances), self.emulation.fleet.clock()))

    def send(self, request: Request) -> Reply:
        for hook in self.hooks:
            hook(request)
        self.clock.sleep(0.05)
        headers = {"host": request.host, **{name.lower(): value for name, value in request.headers.items()}}
        path = request.url.removeprefix("https://console.zenlayer.com")
        reply = self.emulation.handle(Arrived(request.method, path, headers=headers, body=request.body)).reply
        if reply is None:
            raise NetworkError(f"{request.action} got no answer", sent=True)
        return Reply(reply.status, {"content-type": reply.content_type}, reply.body)

    def fault(self, effect: str, *actions: str, **more: Any) -> None:
        self.emulation.faults.add({"effect": effect, "actions": list(actions), **more})

    def requests(self, action: str) -> list[dict[str, Any]]:
        return self.emulation.journal.listed(action=action)

    def wipes(self) -> dict[str, int]:
        return {instance.id: instance.wipes for instance in self.emulation.fleet.everything()}

    def truth(self, instance_id: str) -> Any:
        return self.emulation.fleet.look(instance_id)

    def reset(
        self,
        ids: Sequence[str],
        guards: Guards = Guards(),
        listeners: Sequence[Any] = (),
        ledger: Any = None,
        rehearsal: bool = False,
        wait: bool = True,
        **asked: Any,
    ) -> Execution:
        """What instance_reset does between its options and its result."""
        options = ResetOptions(**{"image_id": "new", "key_ids": ("key-1",), **asked})

        def decide(instance: Instance | None, facts: Facts) -> Any:
            barred = refusal_for_any(Verb.RESET, instance, facts, "", ())
            return barred or (decide_reset(ZEC, options, instance, facts) if instance else None)

        def fields(instance: Instance, facts: Facts) -> Any:
            return ZEC.reset_body(options, instance, None)

        goal = Goal(Verb.RESET, ZEC, decide, fields, {Verb.STOP: lambda instance_id: options.stop_mode}, wait)
        read_facts = facts_reader(self.client, dict.fromkeys(ids, options), ledger)
        images = dict.fromkeys(ids, options.image_id or "")
        return self._run(goal, ids, read_facts, guards, listeners, ledger, rehearsal, images)

    def act(
        self,
        verb: Verb,
        ids: Sequence[str],
        guards: Guards = Guards(),
        mode: str = "soft",
        if_stopped: str = "refuse",
        wait: bool = True,
    ) -> Execution:
        """What instance_reboot and instance_power do between their options and their result."""

        def decide(instance: Instance | None, facts: Facts) -> Any:
            barred = refusal_for_any(verb, instance, facts, "", ())
            if barred or instance is None:
                return barred
            return (
                decide_reboot(ZEC, instance, if_stopped, False)
                if verb is Verb.REBOOT
                else decide_power(ZEC, instance, verb)
            )

        goal = Goal(verb, ZEC, decide, modes={verb: lambda instance_id: mode}, wait=wait)
        return self._run(
            goal, ids, lambda found: {instance.id: Facts() for instance in found}, guards, (), None, False, {}
        )

    def _run(
        self,
        goal: Goal,
        ids: Sequence[str],
        read_facts: Any,
        guards: Guards,
        listeners: Sequence[Any],
        ledger: Any,
        rehearsal: bool,
        image_ids: Mapping[str, str],
    ) -> Execution:
        items = make_plan(self.client, goal, Spec(ids, {}, image_ids), read_facts, ledger)
        noted = [ledger, *listeners] if ledger else list(listeners)
        return carry_out(self.client, goal, items, guards, noted, rehearsal)


@pytest.fixture
def sky(clock: FakeClock) -> Cloud:
    """A cloud without instances: seed it."""
    return Cloud(clock)


@pytest.fixture
def make_work(make_instance: Callable[..., Instance]) -> Callable[..., WorkItem]:
    """A piece of work on a plain instance; ``latest`` is what was seen last, at 1000.0 s."""

    def make(verdict: Any, latest: Instance | None = None, **changes: Any) -> WorkItem:
        shown = latest or make_instance()
        item = WorkItem("i-1", shown, shown, Facts(), verdict, read_at=1000.0, target="new")
        for name, value in changes.items():
            setattr(item, name, value)
        return item

    return make
