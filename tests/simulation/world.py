# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The emulated provider, the way to it, and everything that goes wrong on purpose, for one schedule."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import CloudError, NetworkError
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply, Request
from emulator.dispatch import Emulation
from emulator.journal import Journal
from emulator.loading import load
from emulator.model import Instance
from emulator.wire import Request as Arrived
from emulator.wires import WIRES
from simulation.catalogue import Fault
from simulation.database import DatabaseHome
from simulation.disk import Disk
from simulation.fuse import Fuse, Killed
from simulation.schedule import Schedule
from simulation.timeline import START, Machine, Timeline

REQUEST_TIMEOUT = 60.0
# How many seconds a request may still take to arrive when the one who sent it is gone.
ON_THE_WAY = 55.0
# How many seconds before a write anybody could have known what was there to read: a look may be 15 s old, and
# what it is decided on 30 s.
KNOWABLE = 46.0
MOST_REQUESTS = 8000
OF_THE_VENDOR = ("effect", "skip", "count", "lasts", "seconds", "factor", "status", "body")


class Stuck(BaseException):
    """A run that does not come to an end."""


@dataclass(eq=False)
class Run:
    """One call of ours: when it was, and how it ended. Times are the true ones."""

    name: str
    fuse: Fuse
    began: float
    deadline: float
    ended: float = 0.0
    result: dict[str, Any] | None = None
    error: CloudError | None = None
    killed: bool = False
    stuck: str = ""
    requests: int = 0
    noted: dict[str, str] = field(
        default_factory=dict
    )  # instance -> what the ledger said last, when this run began


@dataclass
class _Trigger:
    """Something that follows a request: ``left`` more of those pass before."""

    actions: list[str]
    left: int
    seconds: float
    deed: Callable[[], None]


@dataclass
class _LineFault:
    """Something that happens to requests on their way; ``hits`` are left, after ``skip``."""

    effect: str
    actions: list[str]
    skip: int
    hits: int
    seconds: float = 0.0


class _Watched(Journal):
    """A journal that tells about each entry."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self._tell = tell

    def add(self, **values: Any) -> None:
        """Write one entry, and tell."""
        super().add(**values)
        self._tell(values)


class World:
    """Everything outside of the collection."""

    def __init__(self, schedule: Schedule, disk: Disk | DatabaseHome) -> None:
        self.schedule, self.disk = schedule, disk
        self.timeline, self.machine = Timeline(), Machine()
        self.chance = random.Random(schedule.seed)
        self.emulation = Emulation(lambda: self.timeline.now, lambda: self.timeline.now, WIRES)
        self.emulation.journal = _Watched(self._noted)
        self.fleet = self.emulation.fleet
        self.fleet.seed(load(schedule.site.document(schedule.instances, schedule.image_changes), START))
        self.log: list[tuple[float, str, str]] = []
        self.senders: dict[str, Run] = {}  # request id of a write that was accepted -> who sent it
        self.left: dict[str, float] = {}  # request id of such a write -> when it was sent
        self.taken: set[tuple[Run, str]] = (
            set()
        )  # a run and an instance for which it was told that a write was taken on
        # (request id of such a write, instance) -> what readers had seen long before it was sent
        self.views: dict[tuple[str, str], Instance | None] = {}
        self.recycled: dict[str, float] = {}  # instance -> when
        self._by: Run | None = None
        self._left = 0.0
        self._triggers: list[_Trigger] = []
        self._line: list[_LineFault] = []
        for fault in schedule.faults:
            self._arm(fault)

    @property
    def now(self) -> float:
        """The true time."""
        return self.timeline.now

    def say(self, who: str, text: str) -> None:
        """Write a line of what is shown of this run."""
        self.log.append((self.now - START, who, text))

    def send(self, run: Run, request: Request) -> Reply:
        """The way of one request, with whatever happens to it. Raises NetworkError, and Killed and Stuck."""
        run.requests += 1
        if run.requests > MOST_REQUESTS:
            raise Stuck("it sends without end")
        run.fuse.step("before sending" if request.writes else "looking")
        if request.writes and run.fuse.burns("on the way"):
            left = self.now
            self.timeline.at(left + ON_THE_WAY, lambda: self.deliver(run, request, left) and None)
            raise Killed("on the way")
        fault = self._on_the_line(request)
        if fault and fault.effect == "refuse":
            self.say(run.name, f"{request.action}: connection refused")
            raise NetworkError(f"{request.action} was refused", sent=False)
        self.timeline.sleep(self.chance.uniform(0.01, 0.1))
        if fault:
            self.say(
                run.name, f"{request.action}: no answer ({fault.effect}), it arrives in {fault.seconds} s"
            )
            left = self.now
            self.timeline.at(left + fault.seconds, lambda: self.deliver(run, request, left) and None)
            self.timeline.sleep(REQUEST_TIMEOUT if fault.effect == "timeout" else 0.1)
            raise NetworkError(f"{request.action} got no answer", sent=True)
        reply = self.deliver(run, request, self.now)
        if request.writes:
            run.fuse.step("after sending")
        self.timeline.sleep(self.chance.uniform(0.01, 0.1))
        if reply is None:
            raise NetworkError(f"{request.action} got no answer", sent=True)
        return reply

    def deliver(self, run: Run, request: Request, left: float) -> Reply | None:
        """Let a request that ``left`` us then arrive, and whatever it sets off."""
        parts = urlsplit(request.url)
        headers = {"host": request.host, **{name.lower(): value for name, value in request.headers.items()}}
        arrived = Arrived(request.method, parts.path, parts.query, headers, request.body)
        self._by, self._left = run, left
        answer = self.emulation.handle(arrived).reply
        self._by = None
        for trigger in self._triggers:
            if not trigger.actions or request.action in trigger.actions:
                trigger.left -= 1
                if trigger.left == -1:
                    self.timeline.at(self.now + trigger.seconds, trigger.deed)
        return answer and Reply(answer.status, {"content-type": answer.content_type}, answer.body)

    def _noted(self, entry: dict[str, Any]) -> None:
        run = self._by
        if run is None:
            return
        done = (
            [instance_id for instance_id in entry["ids"] if instance_id not in entry["failed_ids"]]
            if entry["outcome"] == "accepted"
            else []
        )
        if entry["writes"] and done:
            self.senders[entry["request_id"]], self.left[entry["request_id"]] = run, self._left
            ago = self.now - self._left + KNOWABLE
            self.views.update(
                {
                    (entry["request_id"], instance_id): self.fleet.look(instance_id, ago=ago, shown=True)
                    for instance_id in done
                }
            )
        known = done if self.schedule.site.tells_of_each else entry["ids"]
        self.taken.update((run, instance_id) for instance_id in known if entry["outcome"] == "accepted")
        answer = "no answer" if not entry["status"] else entry["status"]
        faults = f" ({', '.join(entry['faults'])})" if entry["faults"] else ""
        failed = f" without {' '.join(entry['failed_ids'])}" if entry["failed_ids"] else ""
        self.say(
            run.name,
            f"{entry['action']} {' '.join(entry['ids'])}: {entry['outcome']}{failed}, {answer}{faults}",
        )

    # what goes wrong

    def _arm(self, fault: Fault) -> None:
        given = dict(fault.settings)
        actions = self.schedule.site.actions(given.get("on", "any"), self.schedule.verb)
        if fault.layer == "vendor":
            description = {name: given[name] for name in OF_THE_VENDOR if name in given}
            description |= {"actions": actions, "ids": self._targets(given.get("target", "all"))}
            self._when(given, lambda: self.emulation.faults.add(description))
        elif fault.layer == "line":
            self._line.append(
                _LineFault(given["effect"], actions, given["skip"], given["count"], given.get("seconds", 0.0))
            )
        elif fault.layer == "clock":
            self._when(given, lambda: self.machine.set_clock(self.now, given["off"]))
        elif fault.layer == "other":
            for instance_id in self._targets(given["target"]):
                self._when(given, lambda instance_id=instance_id: self._interfere(given, instance_id, 120))

    def _targets(self, target: str) -> list[str]:
        ids = [instance["id"] for instance in self.schedule.instances]
        return ids if target == "all" else [ids[self.schedule.seed % len(ids)]]

    def _when(self, given: dict[str, Any], deed: Callable[[], object]) -> None:
        """At once, or after a request."""
        after, later = given.get("after", "start"), given["seconds"] if "deed" in given else 0.0
        if after == "start" and not later:
            deed()
        elif after == "start":
            self.timeline.at(self.now + later, deed)
        else:
            actions = self.schedule.site.actions(after, self.schedule.verb)
            self._triggers.append(
                _Trigger(actions, given.get("skip", 0) if "deed" in given else 0, later, deed)
            )

    def _on_the_line(self, request: Request) -> _LineFault | None:
        for fault in self._line:
            if fault.hits and (not fault.actions or request.action in fault.actions):
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.hits -= 1
                return fault
        return None

    def _interfere(self, given: dict[str, Any], instance_id: str, tries: int) -> None:
        """Someone else acts as soon as the vendor lets them: nothing is under way, and the state is right."""
        deed, truth = given["deed"], self.fleet.look(instance_id)
        if truth is None or tries == 0:
            return
        site, operation = self.schedule.site, truth.operation
        busy = operation is not None and operation.state(self.now) == "operating"
        states = {
            "reset": ("stopped",) if site.provider == "zenlayer_zec" else ("running", "stopped"),
            "stop": ("running",),
            "reboot": ("running",),
        }
        if deed != "recycle" and (busy or truth.status not in states[deed]):
            self.timeline.at(self.now + 1.0, lambda: self._interfere(given, instance_id, tries - 1))
            return
        self.say("someone", f"{deed} {instance_id}")
        order = {"request_id": f"someone-{len(self.log)}"}
        if deed == "recycle":
            self.recycled[instance_id] = self.now
            self.fleet.amend(instance_id, status="recycled", operation=None, previous=None)
        elif deed == "reset":
            image = site.new if given["image"] == "new" else site.old
            self.fleet.reinstall(instance_id, action=site.reset, image_id=image, changes={}, **order)
        elif deed == "stop":
            self.fleet.stop(instance_id, action="StopInstances", **order)
        else:
            self.fleet.reboot(instance_id, action=site.reboot, **order)
