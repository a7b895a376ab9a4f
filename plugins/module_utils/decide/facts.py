# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What was read besides the instance, and the verdicts that follow from it in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..core.errors import CloudError
from ..core.model import Decision, Image, Verb, Verdict
from ..core.reason import Reason


class Facts(NamedTuple):
    """What was read besides the instance itself. None where the provider does not tell."""

    images: Mapping[str, Image] = {}  # that this instance can see
    key_ids: frozenset[str] | None = None
    denials: Mapping[Verb, tuple[str, str]] = {}  # verb -> code and sentence
    done: Reason | None = None  # by what the ledger says that it is done already
    failed: bool = False  # by the ledger the last reset failed, whatever state somebody brought it to since


def refuse(reason: Reason, sentence: str) -> Verdict:
    """A refusal."""
    return Verdict(Decision.REFUSE, reason, sentence)


def not_permitted(error: CloudError) -> Verdict:
    """This key may not read the instance, while it may read others."""
    return refuse(Reason.NOT_PERMITTED, str(error))


def act(verb: Verb, reason: Reason, sentence: str) -> Verdict:
    """Something is to be done."""
    return Verdict(Decision.ACT, reason, sentence, verb)


# How a verdict says that nothing is left to do, by what the ledger says.
DONE = {
    Reason.DONE_IN_RUN: "the ledger says that a {noun} was done under this run_id",
    Reason.DONE_MEANWHILE: "another run has done the same {noun} since this call read the instance",
    Reason.REBOOTED_SINCE: "it was rebooted since the given time",
}


def done_already(verb: Verb, reason: Reason) -> Verdict:
    """Nothing is left to do, as the ledger says."""
    return unchanged(reason, DONE[reason].format(noun=verb.noun))


def unchanged(reason: Reason, sentence: str) -> Verdict:
    """Nothing is to be done."""
    return Verdict(Decision.UNCHANGED, reason, sentence)
