# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each kind of evidence switched off: made to hold always, or never, or left out of the rules; and which look
notices, for each verb and each way in which a provider shows what became of it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import (
    STABLE,
    Operation,
    Phase,
    Status,
    Verb,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Proof
from ansible_collections.reforge.cloud.plugins.module_utils.core.timing import (
    NO_TRACE_SECONDS,
    STALE_SECONDS,
    TRACE_SECONDS,
)
from ansible_collections.reforge.cloud.plugins.module_utils.decide import evidence
from ansible_collections.reforge.cloud.plugins.module_utils.decide.attempt import Attempt, Finding, Progress
from histories.looks import LOOKS, SENT, Look, way

Patch = pytest.MonkeyPatch
# What a look says about an attempt; see the docstrings of View.
QUALITIES = ("old", "traceable", "begun", "unseen", "arrived", "changed", "taken_on", "traceless", "lost")
RULES: Mapping[str, tuple[str, ...]] = {
    "BY_RECORD": ("_own_record", "_too_early", "_old_record", "_later_record"),
    "RESET": ("_reset_failed", "_reset_running", "_reset_stopped", "_reset_lost"),
    "POWER_BY_STATE": ("_at_goal", "_elsewhere", "_power_lost"),
    "PASSWORD": ("_password_answered", "_password_set", "_password_lost"),
}


def _fix(quality: str, value: bool, patch: Patch) -> None:
    patch.setattr(evidence.View, quality, property(lambda view: value))


def _own(value: bool, patch: Patch) -> None:
    patch.setattr(evidence, "_is_ours", lambda view, operation: value)


def _leave_out(table: str, name: str, patch: Patch) -> None:
    rule = getattr(evidence, name)
    if table in ("RESET", "PASSWORD"):
        verb = Verb[table]
        patch.setitem(
            evidence.BY_STATE,  # type: ignore[arg-type]
            verb,
            tuple(other for other in evidence.BY_STATE[verb] if other is not rule),
        )
    else:
        patch.setattr(
            evidence, table, tuple(other for other in getattr(evidence, table) if other is not rule)
        )


def _believe_one_miss(patch: Patch) -> None:
    patch.setattr(evidence, "MISSING_LOOKS", 1)


def _be_gone_at_once(patch: Patch) -> None:
    patch.setattr(evidence, "_gone", lambda attempt, instance, at: Finding(Progress.UNKNOWN, "it is gone"))


def _blame(progress: Progress, patch: Patch) -> None:
    patch.setattr(evidence, "_wrong_image", lambda view: Finding(progress, "", "WRONG_IMAGE"))


def _know(name: str, value: object, patch: Patch) -> None:
    patch.setattr(Attempt, name, property(lambda attempt: value, lambda attempt, other: None))


def _compare_no_image(patch: Patch) -> None:
    patch.setattr(evidence, "_by_another_image", lambda view: None)


EVIDENCE: Mapping[str, Callable[[Patch], None]] = {
    **{
        f"{quality}: {'always' if value else 'never'}": partial(_fix, quality, value)
        for quality in QUALITIES
        for value in (True, False)
    },
    "a record is ours: always": partial(_own, True),
    "a record is ours: never": partial(_own, False),
    **{
        f"without the rule {name.strip('_')}": partial(_leave_out, table, name)
        for table, names in RULES.items()
        for name in names
    },
    "one look that misses it: enough": _believe_one_miss,
    "what is gone: at once": _be_gone_at_once,
    "another image at the end: always a failure": partial(_blame, Progress.FAILED),
    "another image at the end: never a failure": partial(_blame, Progress.UNKNOWN),
    "another image after a lost answer: ignored": _compare_no_image,
    "watched: always": partial(_know, "watched", True),
    "watched: never": partial(_know, "watched", False),
    "followed by a reset: always": partial(_know, "reset_since", True),
    "followed by a reset: never": partial(_know, "reset_since", False),
    "what another call has seen: ignored": partial(_know, "known", None),
}

VERBS = tuple(Verb)
# One provider for each way to show what became of a verb.
PROOFS: Mapping[tuple[Verb, str], Proof] = {
    (verb, way(provider.proof, verb)): provider.proof for verb in VERBS for provider in PROVIDERS.values()
}
GUESSES = 200  # for each verb and way
AGES = tuple(
    moment + more for moment in (STALE_SECONDS, NO_TRACE_SECONDS, TRACE_SECONDS) for more in (-1.0, 0.0, 2.0)
)


@cache
def guesses() -> Sequence[Look]:
    """Looks by chance, the same each time, with what they prove as the rules are."""
    chance = random.Random("looks")
    looks = [
        _guess(chance, proof, verb) for (verb, _way), proof in PROOFS.items() for _number in range(GUESSES)
    ]
    return [replace(look, expected=look.finding.progress) for look in looks]


def _guess(chance: random.Random, proof: Proof, verb: Verb) -> Look:
    """Whatever a provider of this kind can show after a request of this verb."""
    age, records = chance.choice(AGES), [None]
    if proof.by_operation:
        ids = ("req-1", "req-2") if proof.by_request_id else ("",)
        names = (verb, verb, Verb.STOP)
        records = [Operation(verb, phase, "it", name) for verb in names for phase in Phase for name in ids]
    stable = sorted(STABLE, key=lambda status: status.value)
    before = {"status": chance.choice(stable), "image_id": chance.choice(("old", "new"))}
    baseline = {**before, "operation": chance.choice([None, *records])}
    seen = {
        "status": chance.choice((before["status"], *stable, *Status)),
        "image_id": chance.choice((before["image_id"], "old", "new", "third")),
        "operation": chance.choice((baseline["operation"], *records)),
    }
    attempt = {
        "watched": chance.random() < 0.7,
        **chance.choice(({}, {"answered": False, "request_id": ""})),
        **chance.choice(({}, {"began_at": SENT + 2} if verb in proof.under_way else {})),
        **chance.choice((*[{}] * 9, {"known": Finding(Progress.DONE)})),
    }
    attempt |= {"reset_since": True} if verb is not Verb.RESET and chance.random() < 0.1 else {}
    unlisted = chance.random() < 0.05
    attempt |= {"missing": chance.choice((1, 2))} if unlisted else {}
    return Look(proof, age, None if unlisted else seen, baseline, attempt, Progress.PENDING, verb)


def missed(looks: Sequence[Look]) -> list[Look]:
    """The looks that do not prove what they should."""
    return [look for look in looks if look.finding.progress is not look.expected]


def places(looks: Sequence[Look]) -> set[tuple[Verb, str]]:
    """The verbs that looks are about, and the ways in which these show."""
    return {(look.verb, way(look.proof, look.verb)) for look in looks}


def table() -> Iterator[str]:
    """What notices each kind of evidence that is switched off, as lines of Markdown."""
    yield f"| switched off | {' | '.join(verb.value for verb in VERBS)} | the first look that notices |"
    yield "|---" * (len(VERBS) + 2) + "|"
    for name, switch in EVIDENCE.items():
        with pytest.MonkeyPatch.context() as patch:
            switch(patch)
            looks = missed(LOOKS)
        ways = [", ".join(sorted({way for verb, way in places(looks) if verb is column})) for column in VERBS]
        yield f"| {name} | {' | '.join(ways)} | {looks[0].text if looks else 'none'} |"
