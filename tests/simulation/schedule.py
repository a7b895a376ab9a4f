# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a seed to everything that a simulated call is: the fleet, the options, what goes wrong and when."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from simulation.catalogue import CATALOGUE, Fault, draw, within_limits
from simulation.sites import PASSWORD, SITES, Site

CALM = "calm"
MIXTURE = "mixture"
MODES = ("soft", "hard", "soft_then_hard", "soft_then_hard")
SUBJECTS = (CALM, *CATALOGUE)


@dataclass(frozen=True)
class Schedule:
    """One simulated call, and maybe a second one.

    ``again``: seconds until the same call is made once more; 0: it is not. ``one_by_one``: each read is of
    one instance, so that most looks are at a sample, as they are where thousands take several requests.
    """

    seed: int
    provider: str
    verb: str
    instances: Sequence[Mapping[str, Any]]
    image_changes: str
    params: Mapping[str, Any]
    faults: Sequence[Fault]
    again: float = 0.0
    one_by_one: bool = False

    @property
    def site(self) -> Site:
        """The provider's names."""
        return SITES[self.provider]

    @property
    def subject(self) -> str:
        """What the tables call it by: its only fault, or that it has none or several."""
        return self.faults[0].name if len(self.faults) == 1 else MIXTURE if self.faults else CALM

    def document(self) -> dict[str, Any]:
        """Everything, to be shown. There is no secret in it but the emulator's password."""
        return {**asdict(self), "subject": self.subject}


def schedule_for(
    seed: int, provider: str = "", kinds: Sequence[str] | None = None, verb: str = ""
) -> Schedule:
    """The schedule of a seed: providers and subjects take turns, and every second one is a mixture of
    troubles.

    What is named is not drawn, and all the rest stays by chance.
    """
    chance = random.Random(seed)
    names = list(SITES)
    provider = provider or names[seed % len(names)]
    turn = seed // len(names)
    verb = verb or ("reboot" if chance.random() < 0.2 else "reset")
    mixed = chance.sample(list(CATALOGUE), chance.choice((2, 2, 3, 4)))
    if kinds is None:
        subject = SUBJECTS[turn // 2 % len(SUBJECTS)]
        kinds = mixed if turn % 2 else [] if subject == CALM else [subject]
    faults = within_limits([draw(kind, chance) for kind in kinds])
    site = SITES[provider]
    count = chance.choice((1, 1, 2, 3, 5, 12))
    instances = [_instance(chance, site, number, faults) for number in range(count)]
    noted = chance.random() < 0.7
    params = (_reset_params if verb == "reset" else _reboot_params)(chance, site, noted)
    again = chance.choice((1.0, 30.0, 600.0)) if chance.random() < 0.15 else 0.0
    return Schedule(
        seed,
        provider,
        verb,
        instances,
        chance.choice(("begin", "end")),
        {"instance_ids": [instance["id"] for instance in instances], **_common_params(chance), **params},
        faults,
        again,
        chance.random() < 0.3,
    )


def _instance(chance: random.Random, site: Site, number: int, faults: Sequence[Fault]) -> dict[str, Any]:
    durations = {
        "start": chance.choice((1.0, 15.0, 60.0)),
        "stop": chance.choice((0.5, 10.0, 40.0)),
        "soft_stop": chance.choice((2.0, 20.0, 80.0, 100_000.0)),
        "reboot": chance.choice((2.0, 30.0, 110.0)),
        "reset": chance.choice((1.0, 25.0, 60.0, 120.0, 400.0)),
    }
    for fault in faults:
        if fault.layer == "fleet":
            durations.update(fault.settings)
    return {
        "id": site.instance_id(number),
        "name": f"web-{number}",
        "durations": durations,
        "status": chance.choice(("running",) * 12 + ("stopped",) * 6 + ("reset_failed", "recycled")),
        "image_id": site.old if chance.random() < 0.7 else site.new,
    }


def _common_params(chance: random.Random) -> dict[str, Any]:
    return {
        "wait": chance.random() < 0.85,
        "wait_timeout": chance.choice((300, 900, 3600)),
        "on_refusal": chance.choice(("stop", "skip", "skip", "skip")),
    }


def _reset_params(chance: random.Random, site: Site, noted: bool) -> dict[str, Any]:
    force = chance.random() < 0.5
    return {
        "ledger": noted,
        "image_id": None if force and chance.random() < 0.3 else site.new,
        "force": force,
        "run_id": "run-1" if noted and chance.random() < 0.6 else None,
        "password": PASSWORD,
        "stop_first": chance.random() < 0.9,
        "stop_mode": chance.choice(MODES) if site.stop_modes else None,
    }


def _reboot_params(chance: random.Random, site: Site, noted: bool) -> dict[str, Any]:
    # "since" needs the ledger, but for the one provider whose record tells when an instance was rebooted.
    return {
        "ledger": noted,
        "mode": chance.choice(MODES) if site.reboot_modes else None,
        "if_stopped": chance.choice(("refuse", "start", "skip")),
        "since": chance.random() < 0.5 and (noted or site.provider == "tencent_lighthouse"),
    }
