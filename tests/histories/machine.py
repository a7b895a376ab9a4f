# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a seed to a history, from a history to what is wrong with it, and from that to its shortest form."""

from __future__ import annotations

import os
import random
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from histories.judge import Judge
from histories.stage import Stage
from simulation.sites import SITES

RUN_IDS = (None, None, "week1", "week2")
PAUSES = (1.0, 20.0, 60.0, 600.0, 7200.0, 90000.0, 700000.0)
KINDS = (
    *("call",) * 6,
    "meanwhile",
    *("somebody",) * 3,
    *("fault",) * 4,
    *("calm",) * 2,
    "kill",
    *("sleep",) * 3,
)
SINCE = "2025-10-01T00:00:00Z"  # before all histories begin
PEOPLE = ("start", "stop", "reboot", "install", "install")
FAULTS: Sequence[tuple[str, str, dict[str, Any]]] = (
    ("throttle", "main", {"count": 3}),
    ("throttle", "main", {"count": 0}),
    ("drop_before", "main", {"count": 1}),
    ("drop_after", "main", {"count": 1}),
    ("error_before", "main", {"count": 1, "status": 502}),
    ("error_after", "main", {"count": 1, "status": 502}),
    ("fail_install", "main", {"count": 1}),
    ("endless_install", "main", {"count": 1}),
    ("revoke", "any", {"count": 1, "skip": 2}),
    ("revoke", "any", {"count": 0, "skip": 3}),
    ("stale", "read", {"seconds": 10.0, "count": 0}),
)


@dataclass(frozen=True)
class Step:
    """One thing that happens: a call of ours, an act of somebody else, a fault, a kill, or time."""

    kind: str
    what: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The step in words."""
        details = " ".join(f"{name}={value}" for name, value in self.settings.items() if value is not None)
        return " ".join(filter(None, (self.kind, self.what, details)))


@dataclass(frozen=True)
class History:
    """What happens at a provider, from a first state on."""

    seed: int
    provider: str
    status: str
    steps: Sequence[Step]


def history_for(seed: int, provider: str = "") -> History:
    """The history of a seed. Providers take turns; the rest is by chance."""
    chance = random.Random(f"history {seed}")
    provider = provider or list(SITES)[seed % len(SITES)]
    steps = [_step(chance) for _number in range(chance.randrange(3, 8))]
    if not any(step.kind == "call" for step in steps[-1:]):
        steps.append(_call(chance))
    return History(seed, provider, chance.choice(("running", "running", "stopped")), steps)


def _step(chance: random.Random) -> Step:
    kind = chance.choice(KINDS)
    if kind in ("call", "meanwhile"):
        return _call(chance, kind)
    if kind == "somebody":
        return Step(kind, chance.choice(PEOPLE), {"later": chance.random() < 0.4})
    if kind == "fault":
        effect, on, settings = chance.choice(FAULTS)
        return Step(kind, effect, {"on": on, **settings})
    if kind == "kill":
        return Step(kind, chance.choice(("before", "after")))
    return Step(kind, "", {"seconds": chance.choice(PAUSES)} if kind == "sleep" else {})


def _call(chance: random.Random, kind: str = "call") -> Step:
    verb = chance.choice(("reset", "reset", "reset", "reboot"))
    settings: dict[str, Any] = {
        "run_id": chance.choice(RUN_IDS),
        "wait": chance.random() < 0.8,
        "wait_timeout": chance.choice((20, 200, 900)),
        "check": chance.random() < 0.1,
        "ledger": None if chance.random() < 0.9 else "",
    }
    if settings["ledger"] == "":
        settings["run_id"] = None
    if verb == "reset":
        settings |= {"image": chance.choice(("new", "new", "other")), "force": chance.random() < 0.5}
    else:
        settings["since"] = SINCE if chance.random() < 0.4 else None
    return Step(kind, verb, settings)


def play(history: History) -> list[str]:
    """What is wrong with a history; nothing, if all is well."""
    folder = "/dev/shm" if os.path.isdir("/dev/shm") else tempfile.gettempdir()
    random.seed(history.seed)  # the jitter of the collection's waits
    numbers = random.Random(history.seed)
    stage = Stage(
        history.provider, os.path.join(folder, f"history-{os.getpid()}.jsonl"), status=history.status
    )
    stage.close()
    judge, problems = Judge(stage), []
    try:
        with mock.patch.object(uuid, "uuid4", lambda: uuid.UUID(int=numbers.getrandbits(128))):
            for step in history.steps:
                judged = len(stage.calls)
                _do(stage, step)
                for call in sorted(stage.calls[judged:], key=lambda call: call.ended):
                    problems += judge.problems(call)
    finally:
        stage.close()
    return problems


def _do(stage: Stage, step: Step) -> None:
    settings = dict(step.settings)
    if step.kind == "call":
        _make(stage, step.what, settings)
    elif step.kind == "meanwhile":  # another call, once the next one has made its first request
        stage.between.append(("any", lambda: _make(stage, step.what, settings)))
    elif step.kind == "somebody":
        if settings["later"]:
            stage.between.append(("any", lambda: stage.somebody(step.what) and None))
        else:
            stage.somebody(step.what)
    elif step.kind == "fault":
        on = {"main": [stage.site.reset, stage.site.reboot], "read": ["DescribeInstances"], "any": []}
        stage.fault(step.what, *on[settings.pop("on")], **settings)
    elif step.kind == "calm":
        stage.calm()
    elif step.kind == "kill":
        stage.kill = (stage.site.reset, step.what)
    else:
        stage.sleep(settings["seconds"])


def _make(stage: Stage, verb: str, settings: dict[str, Any]) -> None:
    image = settings.pop("image", None)
    params: dict[str, Any] = (
        {"image_id": {"new": stage.site.new, "other": stage.other}[image]} if image else {}
    )
    if settings.pop("ledger") is not None:
        params["ledger"] = ""
    stage.call(verb, **params, **settings)


def shortest(history: History) -> History:
    """The same history without the steps that its defect does not need."""
    steps = list(history.steps)
    number = 0
    while number < len(steps):
        fewer = History(history.seed, history.provider, history.status, steps[:number] + steps[number + 1 :])
        if fewer.steps and play(fewer):
            steps = list(fewer.steps)
        else:
            number += 1
    return History(history.seed, history.provider, history.status, steps)
