# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Protections of the collection that can be switched off, to see whether the histories would notice."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act import reconcile
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.ledger import Ledger
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.record import Record
from ansible_collections.reforge.cloud.plugins.module_utils.act.reconcile import Reconciler
from ansible_collections.reforge.cloud.plugins.module_utils.api.client import Client
from ansible_collections.reforge.cloud.plugins.module_utils.core import timing
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import RequestState, Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.decide import evidence, next_step

Patch = pytest.MonkeyPatch


def later_facts_win(patch: Patch) -> None:
    """The last thing that is said of a request is what it is."""
    patch.setattr(
        RequestState, "strength", property(lambda state: 9 if state is RequestState.NOT_SEEN else 1)
    )
    patch.setattr(RequestState, "open", property(lambda state: state in LOOSE))


LOOSE = (RequestState.INTENDED, RequestState.LOST, RequestState.ACCEPTED, RequestState.NOT_SEEN)


def continue_everything(patch: Patch) -> None:
    """Whatever is open is ours."""
    patch.setattr(Record, "continued_by", lambda self, run_id, under_way, now: self.state.open)


def continue_nothing(patch: Patch) -> None:
    """What is open is resolved, and then asked for once more."""
    patch.setattr(Record, "continued_by", lambda self, run_id, under_way, now: False)


def forget_failures(patch: Patch) -> None:
    """What a provider shows is all there is to know."""
    patch.setattr(Ledger, "failed", lambda self, instance_id: False)


def forget_runs(patch: Patch) -> None:
    """A run id is only a name."""
    patch.setattr(Ledger, "done_in_run", lambda self, instance_id, verb: False)


def count_every_request_since(patch: Patch) -> None:
    """A reboot that was asked for is a reboot."""
    patch.setattr(
        Ledger, "done_since", lambda self, instance_id, verb, moment: self.last(instance_id, verb) is not None
    )


def forget_what_was_not_seen(patch: Patch) -> None:
    """What nobody saw is over."""
    whole = Ledger.open

    def open_one(self: Ledger, instance_id: str, verb: Verb) -> Any:
        record = whole(self, instance_id, verb)
        return None if record and record.state is RequestState.NOT_SEEN else record

    patch.setattr(Ledger, "open", open_one)


def believe_running(patch: Patch) -> None:
    """An instance that was stopped for its reset and runs with the image was reset."""

    def rule(view: evidence.View) -> evidence.Finding | None:
        started = view.proof.ends_running and view.instance.status is Status.RUNNING
        return evidence.DONE if started and view.arrived and view.old else None

    patch.setitem(evidence.BY_STATE, Verb.RESET, (rule, *evidence.BY_STATE[Verb.RESET]))  # type: ignore[arg-type]


def believe_unwatched(patch: Patch) -> None:
    """What happened while nobody looked is what was asked for."""
    attempt = Record.attempt
    patch.setattr(Record, "attempt", lambda self, *when: attempt(self, *when)._replace(watched=True))


def look_away(patch: Patch) -> None:
    """A call knows all that happens between two of its looks."""
    patch.setattr(timing, "UNWATCHED_SECONDS", math.inf)


def believe_one_miss(patch: Patch) -> None:
    """What one look misses is gone."""
    patch.setattr(evidence, "MISSING_LOOKS", 1)
    patch.setattr(next_step, "MISSING_LOOKS", 1)


def believe_pages(patch: Patch) -> None:
    """What is on no page of a list is gone."""
    by_id = Client.by_id

    def listed(self: Client, action: Any, ids: Any, fields: Any = None) -> Any:
        if fields or len(ids) <= action.at_once:
            return by_id(self, action, ids, fields)
        return [row for row in self.list(action) if row[action.row_id] in ids]

    patch.setattr(Client, "by_id", listed)
    believe_one_miss(patch)


def give_up_reading(patch: Patch) -> None:
    """A look that is refused is the end."""
    patch.setattr(timing, "REFUSED_READS_SECONDS", 0.0)


def blame_all(patch: Patch) -> None:
    """What is refused for one of a batch is refused for all of it."""
    patch.setattr(reconcile, "BLAMED", ())


def count_all_refusals_alike(patch: Patch) -> None:
    """Patience is one number, whatever the provider says."""
    patch.setattr(next_step, "_out_of_patience", lambda item: bool(item.error) and item.refusals.total() > 4)


def overhear_nothing(patch: Patch) -> None:
    """What other runs note while this one runs is of no interest."""
    patch.setattr(Ledger, "_overtaking", lambda self, verb, item: None)


def decide_without_a_trace(patch: Patch) -> None:
    """A request without a trace was not acted on."""
    patch.setattr(timing, "NO_TRACE_SECONDS", 0.0)


def plan_only(patch: Patch) -> None:
    """What the plan has refused is decided anew when the others go on."""
    run = Reconciler.run

    def forgetful(self: Reconciler, items: Any) -> None:
        for item in items:
            item.end = None
        run(self, items)

    patch.setattr(Reconciler, "run", forgetful)


def share_nothing(patch: Patch) -> None:
    """What another run has done for this one is not noted under its name."""
    patch.setattr(Ledger, "_share", lambda self, item, end: None)


def look_alone(patch: Patch) -> None:
    """Only what this call sees itself counts."""
    patch.setattr(Ledger, "end_by_others", lambda self, item, verb: None)


def take_any_image(patch: Patch) -> None:
    """A run id may stand for several images."""
    patch.setattr(Ledger, "other_target", lambda self, instance_id, verb, target: "")


def resolve_nothing(patch: Patch) -> None:
    """What other runs have left open is of no interest."""
    patch.setattr(Ledger, "open", lambda self, instance_id, verb: None)


PROTECTIONS: Mapping[str, Callable[[Patch], None]] = {
    "the strongest fact about a request wins": later_facts_win,
    "only what is ours is continued": continue_everything,
    "what is ours is continued": continue_nothing,
    "a failed reset is remembered": forget_failures,
    "what is done under a run id stays done": forget_runs,
    "since counts reboots that succeeded": count_every_request_since,
    "what was not seen is still open": forget_what_was_not_seen,
    "running is no evidence": believe_running,
    "what nobody watched is no evidence": believe_unwatched,
    "runs hear of each other": overhear_nothing,
    "no trace proves nothing for some time": decide_without_a_trace,
    "what happens between two looks that are far apart is not known": look_away,
    "one look that misses an instance proves nothing": believe_one_miss,
    "what a list lacks is asked for by its id": believe_pages,
    "reads that are refused must be so for some time": give_up_reading,
    "one that is to blame goes alone": blame_all,
    "patience is counted by kind of error": count_all_refusals_alike,
    "what the plan has refused stays refused": plan_only,
    "what is done for a run stays done under its name": share_nothing,
    "what another run saw to its end is no secret": look_alone,
    "a run id stands for one image": take_any_image,
    "what is open is resolved first": resolve_nothing,
}
