# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether what the runs did and said was right, by what really happened.

Every sentence that comes back is a defect.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Verb
from simulation.play import Play
from simulation.truth import Claim, Deed, claims_of, deeds_of, truth_at
from simulation.world import REQUEST_TIMEOUT, Run

STALE = 15.0  # how far a look may lag behind
SOFT = 90.0  # what the soft way is given before the hard one
OPEN = ("intended", "accepted", "lost", "not_seen")
# After so many seconds an end that readers can see must have been seen: a look every half minute, and one
# that fails.
OVERDUE = 200.0


@dataclass(frozen=True)
class Case:
    """One instance: what happened to it, what was asked of it, and what was said."""

    played: Play
    instance_id: str
    deeds: Sequence[Deed]
    claims: Sequence[Claim]

    @property
    def params(self) -> Mapping[str, Any]:
        """What was asked for."""
        return self.played.schedule.params

    @property
    def verb(self) -> str:
        """The kind of deed that was asked for."""
        return self.played.schedule.verb

    def target(self, claim: Claim) -> str:
        """The image that a reset has to install: the one that is named, or the one that was there when it was
        planned.
        """
        return self.params.get("image_id") or (claim.row["before"] or {}).get("image", "")

    @property
    def blind(self) -> float:
        """For how many seconds at most nobody looks: looks are some seconds apart, and some may fail."""
        reads = [
            fault
            for fault in self.played.schedule.faults
            if fault.settings.get("on", "any") in ("read", "any")
        ]
        # Looks wait until everything is sent, and so for the time limit of a request that gets no answer.
        faults = self.played.schedule.faults
        sends = sum(fault.settings["count"] for fault in faults if fault.settings.get("effect") == "timeout")
        return (250.0 if reads else 40.0) + sends * (REQUEST_TIMEOUT + 1.0)

    def unfinished(self, last: Deed, deed: Deed) -> bool:
        """Whether the ledger said, when a run began, that an earlier request had no end yet.

        One that nobody waited for is this run's only if it was to be seen under way: else it is closed, and
        what is asked for today is asked for anew.
        """
        run = deed.run
        noted = run.noted.get(self.instance_id) if run and self.params["ledger"] else None
        if run is None or noted is None or last.started >= run.began:
            return False
        seen_for = min(last.ends, deed.started) - max(last.visible, run.began)
        return noted in OPEN or (noted == "not_waited" and seen_for > self.blind)

    def mine(self, run: Run) -> list[Deed]:
        """What this run had done of what was asked for."""
        return [deed for deed in self.deeds if deed.run is run and deed.kind == self.verb]

    def others(self, since: float) -> list[Deed]:
        """What someone else did from then on."""
        return [deed for deed in self.deeds if deed.run is None and deed.started >= since]

    def chain_began(self, run: Run) -> float:
        """From when on a deed may be what this run is about: an earlier run's request is taken up by the
        ledger.
        """
        return min(run.began for run in self.played.runs) if self.params["ledger"] else run.began


def judge(played: Play) -> list[str]:
    """All that is wrong; nothing, if all is well."""
    problems = [f"{run.name}: {run.stuck}" for run in played.runs if run.stuck]
    for instance in played.schedule.instances:
        name = instance["id"]
        case = Case(played, name, deeds_of(played, name), claims_of(played, name))
        problems += [f"{name}: {problem}" for problem in _problems(case)]
    return problems


def _problems(case: Case) -> Iterator[str]:
    yield from _too_often(case)
    for run in case.played.runs:
        if run.error and any(deed.run is run for deed in case.deeds):
            yield f"{run.name} failed as a whole ({run.error}), and had something done"
    for claim in case.claims:
        claimed = f"{claim.run.name} says {claim.outcome or 'nothing'} ({claim.row['reason']})"
        for problem in (
            *CLAIMS.get(claim.outcome, _says_nothing_was_done)(case, claim),
            *_changed(case, claim),
        ):
            yield f"{claimed}, {problem}"


def _too_often(case: Case) -> Iterator[str]:
    """Each deed but the first needs a request of its own."""
    ours = [deed for deed in case.deeds if deed.run and deed.kind == case.verb]
    for number, deed in enumerate(ours[1:], 1):
        why = (_second_reset if case.verb == "reset" else _second_reboot)(case, ours[:number], deed)
        if why:
            yield f"{case.verb} {number + 1} times: {why}"


def _second_reset(case: Case, before: Sequence[Deed], deed: Deed) -> str:
    """Why the instance must not have been wiped once more; empty where it was asked for."""
    last, params = before[-1], case.params
    assert deed.run and last.run
    if any(other.run is deed.run for other in before):
        return f"{deed.run.name} sent it twice"
    if not last.succeeds and last.ends <= deed.started:
        return ""  # the last one failed, and this is another run
    if _undone_by_others(case, last, deed):
        return ""
    if params["run_id"]:
        return f"{last.run.name} and {deed.run.name} have the same run_id"
    if case.unfinished(last, deed):
        return "the ledger shows an unfinished request"
    if params["force"] or any(other.kind == "reset" for other in case.others(last.started)):
        return ""  # each call is a request of its own, or someone installed something else in between
    seen = case.played.world.views[deed.request_id, case.instance_id]
    operation = seen.operation if seen else None
    if operation and operation.request_id == last.request_id:
        return "the record had shown the other one long enough"
    return ""  # nothing that could be read told of it


def _undone_by_others(case: Case, last: Deed, deed: Deed) -> bool:
    """Whether someone else has installed again what ran before a reset of which no answer came.

    Where the record tells of no operation, the instance then looks as it would had the request never arrived:
    nothing that could be read tells of it.
    """
    noted = deed.run.noted.get(case.instance_id) if deed.run else None
    before = truth_at(case.played, case.instance_id, last.started - 0.001).image_id
    by_state = not PROVIDERS[case.played.schedule.provider].proof.by_operation
    theirs = [
        other for other in case.others(last.started) if other.kind == "reset" and other.ends <= deed.started
    ]
    again = bool(theirs) and theirs[-1].image_id == before
    return by_state and noted in ("intended", "lost") and again


def _second_reboot(case: Case, before: Sequence[Deed], deed: Deed) -> str:
    """Why the instance must not have been rebooted once more."""
    last, params = before[-1], case.params
    assert deed.run and last.run
    own = [other for other in before if other.run is deed.run]
    if own:
        harder = params["mode"] == "soft_then_hard" and not case.played.schedule.site.native_soft_then_hard
        softly, left = (case.played.world.left[step.request_id] for step in (last, deed))
        patient = len(own) == 1 and left - softly >= SOFT and last.ends > left - STALE - 2.0
        return "" if harder and patient else f"{deed.run.name} sent it twice"
    if not last.succeeds and last.ends <= deed.started:
        return ""
    if case.unfinished(last, deed):
        return "the ledger shows an unfinished request"
    if deed.run.noted.get(case.instance_id) == "unknown":
        # ``since`` counts what succeeded. What cannot be known was reported so (see _says_unknown), and is
        # asked for anew by the same task.
        return ""
    return (
        f"{last.run.name} and {deed.run.name} have the same since"
        if params["since"] and params["ledger"]
        else ""
    )


# what is said of one instance


def _says_done(case: Case, claim: Claim) -> Iterator[str]:
    """Reset or rebooted: it was, whole, before that was said, and nothing but someone else has changed it
    since.
    """
    began = case.chain_began(claim.run)
    # What someone else does to an instance after our reboot boots it, too: by the state alone that is the
    # same.
    theirs = ("reset", "start") if case.verb == "reboot" and case.others(began) else ()
    boots = (case.verb, *theirs)
    proofs = [
        deed
        for deed in case.deeds
        if deed.kind in boots
        and deed.succeeds
        and began - STALE <= deed.ends <= claim.at
        and (case.verb == "reboot" or deed.image_id == case.target(claim))
    ]
    if not proofs:
        yield "and it was not"
        return
    truth = truth_at(case.played, case.instance_id, claim.at)
    right = truth.status == "running" and (case.verb == "reboot" or truth.image_id == case.target(claim))
    later = [deed for deed in case.deeds if deed.run is not claim.run and deed.started >= proofs[0].started]
    if not right and not later and truth.status != "recycled":
        yield f"and it is {truth.status} with {truth.image_id}"


def _says_started(case: Case, claim: Claim) -> Iterator[str]:
    """Started: by us, or by someone else who did something that leaves it running."""
    proof = PROVIDERS[case.played.schedule.provider].proof
    # Where a reboot shows as a start does, nobody can tell which one another run had under way.
    alike = claim.row["reason"] == "attached" and proof.under_way[Verb.REBOOT] is proof.under_way[Verb.START]
    boots = ("start", "reboot") if alike else ("start",)
    ours = any(deed.kind in boots and deed.run and deed.ends <= claim.at for deed in case.deeds)
    theirs = (
        case.others(claim.run.began) and truth_at(case.played, case.instance_id, claim.at).status == "running"
    )
    if not ours and not theirs:
        yield "and it was not"


def _says_failed(case: Case, claim: Claim) -> Iterator[str]:
    """Failed: nothing was begun by this run, or the emulator let it fail."""
    for deed in case.mine(claim.run):
        if deed.succeeds and deed.ends < math.inf:
            yield f"and it was done from {_when(case, deed.started)} to {_when(case, deed.ends)}"
        if not deed.succeeds and deed.ends > claim.at:
            yield "before it had failed"
    if claim.row["reason"] == "not_permitted":  # this key could not look any more
        return
    for deed in case.deeds:  # another run of ours installed what this one was asked to, for all to see
        theirs = (
            deed.run and deed.run is not claim.run and deed.kind == case.verb == "reset" and deed.succeeds
        )
        if (
            theirs
            and claim.run.began <= deed.ends <= claim.at - STALE - 5.0
            and not case.others(deed.started)
        ):
            yield f"and {deed.run and deed.run.name} had it done"


def _says_unchanged(case: Case, claim: Claim) -> Iterator[str]:
    yield from _says_nothing_was_done(case, claim)
    truth = truth_at(case.played, case.instance_id, max(claim.at, claim.run.began))
    if (
        claim.row["reason"] == "image_matches"
        and truth.image_id != case.target(claim)
        and not case.others(-math.inf)
    ):
        yield f"and it runs {truth.image_id}"
    if claim.row["reason"] == "done_in_run":
        done = [
            deed
            for deed in case.deeds
            if deed.kind == "reset" and deed.succeeds and deed.ends <= claim.run.ended
        ]
        if not done:
            yield "and it was not done"


def _says_nothing_was_done(case: Case, claim: Claim) -> Iterator[str]:
    if case.mine(claim.run):
        yield "and this run had it done"


def _says_accepted(case: Case, claim: Claim) -> Iterator[str]:
    """Accepted: the vendor said so, or something of the kind was running already."""
    knew = (claim.run, case.instance_id) in case.played.world.taken
    began = case.chain_began(claim.run)
    if not knew and not any(deed.kind in (case.verb, "start") and deed.ends >= began for deed in case.deeds):
        yield "and nothing was"


def _says_timeout(case: Case, claim: Claim) -> Iterator[str]:
    """The time is over, and no end was there to see for a long while."""
    if claim.run.ended - claim.run.began < case.params["wait_timeout"]:
        yield "before the time was over"
    for deed in case.mine(claim.run)[-1:]:
        # What another run, or somebody, has done since may hide the end.
        since = any(other.run is not claim.run and other.started >= deed.started for other in case.deeds)
        if deed.ends < claim.at - OVERDUE and not since:
            yield f"and it has been over since {_when(case, deed.ends)}"


def _says_unknown(case: Case, claim: Claim) -> Iterator[str]:
    """Unknown: someone else came between, we may not look any more, or the record does not name the request.

    Then a request that left no trace can be one that was over too soon, or whose traces came too late, to be
    seen.
    """
    world, mine = case.played.world, case.mine(claim.run)
    began = case.chain_began(claim.run)
    between = any(deed.run is not claim.run and deed.ends >= began for deed in case.deeds)
    between = between or case.instance_id in world.recycled
    left_out = (
        not mine and (claim.run, case.instance_id) in world.taken
    )  # the vendor said yes, and did nothing
    if between or left_out or claim.row["reason"] == "not_seen":
        return
    proof = PROVIDERS[case.played.schedule.provider].proof
    if proof.by_request_id:
        yield "and the record names the request"
    for deed in mine[-1:]:
        stopped = (
            case.verb == "reboot" and not deed.succeeds
        )  # someone may have stopped it after a reboot that was over
        if not stopped and min(deed.ends, claim.at) - max(deed.visible, claim.run.began) > case.blind:
            yield f"and it was there to see from {_when(case, deed.visible)} to {_when(case, deed.ends)}"
    if not mine and case.verb == "reset" and (claim.row["before"] or {}).get("image") != case.target(claim):
        yield "and the image that is still there tells"


def _changed(case: Case, claim: Claim) -> Iterator[str]:
    if case.mine(claim.run) and not claim.row["changed"]:
        yield "and that it was not changed"


def _when(case: Case, moment: float) -> str:
    return f"{moment - case.played.runs[0].began:.1f} s"


CLAIMS = {
    "reset": _says_done,
    "rebooted": _says_done,
    "started": _says_started,
    "failed": _says_failed,
    "unchanged": _says_unchanged,
    "refused": _says_nothing_was_done,
    "accepted": _says_accepted,
    "timeout": _says_timeout,
    "unknown": _says_unknown,
}
