# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a seed to a history, from a history to what is wrong with it, and from that to its shortest form."""

from __future__ import annotations

import os
import random
import tempfile
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock

from ansible_collections.reforge.cloud.plugins.module_utils.core.clock import iso
from histories.judge import Judge
from histories.stage import Stage
from simulation.sites import SITES

RUN_IDS = (None, None, "week1", "week2")
PAUSES = (1.0, 20.0, 60.0, 600.0, 7200.0, 90000.0, 700000.0)
KINDS = (
    *("call",) * 12,
    *("meanwhile",) * 3,
    *("somebody",) * 6,
    *("fault",) * 7,
    *("calm",) * 4,
    *("kill",) * 2,
    *("sleep",) * 6,
    "withdraw",
)
VERBS = (*("reset",) * 8, *("reboot",) * 3, "power", "password")
# When something happens in the middle of the next call: after which requests, and how many of them.
MOMENTS = (
    ("any", 0),
    ("any", 0),
    ("any", 2),
    ("main", 0),
    ("DescribeInstances", 1),
    ("DescribeInstances", 4),
)
# How long before a call the time lies that it gives as ``since``, in seconds.
SINCE = {"long ago": 86400.0 * 30, "lately": 1200.0, "just now": 0.0}
PEOPLE = (*("start", "stop", "reboot", "install", "install") * 3, "recycle", "delete")
FAULTS: Sequence[tuple[str, str, dict[str, Any]]] = (
    ("throttle", "main", {"count": 3}),
    ("throttle", "main", {"count": 0}),
    ("drop_before", "main", {"count": 1}),
    ("drop_after", "main", {"count": 1}),
    ("error_before", "main", {"count": 1, "status": 502}),
    ("error_after", "main", {"count": 1, "status": 502}),
    ("fail_install", "main", {"count": 1}),
    ("endless_install", "main", {"count": 1}),
    ("slow_install", "main", {"count": 1, "factor": 8.0}),
    ("late_record", "main", {"count": 1, "seconds": 12.0}),
    ("revoke", "any", {"count": 1, "skip": 2}),
    ("revoke", "any", {"count": 0, "skip": 3}),
    ("stale", "read", {"seconds": 10.0, "count": 0}),
    ("error_before", "read", {"count": 3, "status": 502}),
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
    count: int = 1  # of instances


def history_for(seed: int, provider: str = "") -> History:
    """The history of a seed. Providers take turns; the rest is by chance."""
    chance = random.Random(f"history {seed}")
    provider = provider or list(SITES)[seed % len(SITES)]
    steps = [_step(chance) for _number in range(chance.randrange(3, 8))]
    if not any(step.kind == "call" for step in steps[-1:]):
        steps.append(_call(chance))
    status, count = chance.choice(("running", "running", "stopped")), chance.choice((1, 1, 2))
    return History(seed, provider, status, steps, count)


def _step(chance: random.Random) -> Step:
    kind = chance.choice(KINDS)
    if kind in ("call", "meanwhile"):
        return _call(chance, kind)
    if kind == "somebody":
        later = chance.choice(MOMENTS) if chance.random() < 0.4 else None
        deed, whom = chance.choice(PEOPLE), chance.randrange(2)
        image = chance.choice(("other", "other", "new")) if deed == "install" else None
        return Step(kind, deed, {"later": later, "whom": whom, "image": image})
    if kind == "fault":
        effect, on, settings = chance.choice(FAULTS)
        return Step(kind, effect, {"on": on, **settings})
    if kind == "kill":
        on = chance.choice(("main", "main", "StopInstances", "DescribeInstances"))
        skip = chance.choice((1, 2, 6)) if on == "DescribeInstances" else 0
        return Step(kind, chance.choice(("before", "after")), {"on": on, "skip": skip})
    if kind == "withdraw":
        return Step(kind, chance.choice(("new", "other")))
    return Step(kind, "", {"seconds": chance.choice(PAUSES)} if kind == "sleep" else {})


def _call(chance: random.Random, kind: str = "call") -> Step:
    verb = chance.choice(VERBS)
    settings: dict[str, Any] = {
        "run_id": chance.choice(RUN_IDS),
        "wait": chance.random() < 0.8,
        "wait_timeout": chance.choice((20, 200, 900)),
        "check": chance.random() < 0.1,
        "ledger": chance.choice((*("first",) * 16, "second", "none")),
        "on_refusal": chance.choice(("stop", "skip")),
    }
    if kind == "meanwhile":
        settings["at"] = chance.choice(MOMENTS)
    if settings["ledger"] == "none":
        settings["run_id"] = None
    if verb == "reset":
        image = chance.choice(("new", "new", "new", "other", "other", None))
        settings |= {"image": image, "force": image is None or chance.random() < 0.5}
        settings["stop_first"] = chance.random() < 0.9
    elif verb == "reboot":
        settings["since"] = chance.choice((None, None, "long ago", "lately", "just now"))
        settings["if_stopped"] = chance.choice(("refuse", "start", "skip"))
    elif verb == "power":
        settings["state"] = chance.choice(("started", "stopped"))
        del settings["run_id"], settings["ledger"]
    return Step(kind, verb, settings)


def play(history: History) -> list[str]:
    """What is wrong with a history; nothing, if all is well."""
    folder = "/dev/shm" if os.path.isdir("/dev/shm") else tempfile.gettempdir()
    random.seed(history.seed)  # the jitter of the collection's waits
    numbers = random.Random(history.seed)
    stage = Stage(
        history.provider,
        os.path.join(folder, f"history-{os.getpid()}.jsonl"),
        history.count,
        status=history.status,
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
    elif step.kind == "meanwhile":  # in the middle of the next call
        _later(stage, settings.pop("at"), lambda: _make(stage, step.what, settings))
    elif step.kind == "somebody":
        whom = stage.ids[settings["whom"] % len(stage.ids)]
        image = _image(stage, settings["image"]) if settings["image"] else None
        if settings["later"]:
            _later(stage, settings["later"], lambda: stage.somebody(step.what, whom, image))
        else:
            stage.somebody(step.what, whom, image)
    elif step.kind == "fault":
        stage.fault(step.what, *_actions(stage, settings.pop("on")), **settings)
    elif step.kind == "kill":
        stage.kill, stage.kill_later = (_actions(stage, settings["on"])[0], step.what), settings["skip"]
    elif step.kind == "sleep":
        stage.sleep(settings["seconds"])
    elif step.kind == "withdraw":
        stage.withdraw(_image(stage, step.what))
    else:
        stage.calm()


def _actions(stage: Stage, on: str) -> list[str]:
    groups = {"main": [stage.site.reset, stage.site.reboot], "read": ["DescribeInstances"], "any": []}
    return groups.get(on, [on])


def _later(stage: Stage, moment: tuple[str, int], deed: Callable[[], object]) -> None:
    on, skip = moment
    stage.after(stage.site.reset if on == "main" else on, deed, skip)


def _image(stage: Stage, name: str) -> str:
    return {"new": stage.site.new, "other": stage.other}[name]


def _make(stage: Stage, verb: str, settings: dict[str, Any]) -> None:
    if verb == "password" and stage.provider.password_change is None:
        return
    image, ledger = settings.pop("image", None), settings.pop("ledger", "first")
    params: dict[str, Any] = {"image_id": _image(stage, image)} if image else {}
    if ledger != "first":
        params["ledger"] = stage.second_ledger if ledger == "second" else ""
    since = settings.pop("since", None)
    if since and params.get("ledger") != "":
        settings["since"] = iso(stage.clock.now - SINCE[since])
    stage.call(verb, **params, **settings)


def shortest(history: History) -> History:
    """The same history with the fewest instances and without the steps that its defect does not need."""
    single = replace(history, count=1)
    history = single if play(single) else history
    steps = list(history.steps)
    number = 0
    while number < len(steps):
        fewer = replace(history, steps=steps[:number] + steps[number + 1 :])
        if fewer.steps and play(fewer):
            steps = list(fewer.steps)
        else:
            number += 1
    return replace(history, steps=steps)
