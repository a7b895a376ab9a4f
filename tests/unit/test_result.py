# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a module returns for what was planned and done."""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.execute import Execution
from ansible_collections.reforge.cloud.plugins.module_utils.act.plan_id import PLAN_PARTS, digest_of, plan_of
from ansible_collections.reforge.cloud.plugins.module_utils.commands.result import problems_of, result_of
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Disk, Outcome, Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.reason import Reason
from ansible_collections.reforge.cloud.plugins.module_utils.decide.facts import act, refuse, unchanged
from ansible_collections.reforge.cloud.plugins.module_utils.decide.verdicts import settle
from ansible_collections.reforge.cloud.plugins.module_utils.decide.work_item import End, Goal

RESET = act(Verb.RESET, Reason.IMAGE_DIFFERS, "install new")
SAME = unchanged(Reason.IMAGE_MATCHES, "it runs new already")
NO = refuse(Reason.PROTECTED, "it carries a tag")
LISTS = {
    "reset_ids",
    "accepted_ids",
    "unchanged_ids",
    "refused_ids",
    "failed_ids",
    "unknown_ids",
    "timeout_ids",
}


@pytest.fixture
def goal(zec):
    return Goal(Verb.RESET, zec, lambda instance, known: RESET)


def result(goal, *items, acted=True, rehearsal=False, keep=None):
    entries = {item.id: {"keep_data_disks": keep} for item in items}
    return result_of(goal, Execution(items, "plan", acted), entries, None, rehearsal)


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome.RESET,
        Outcome.ACCEPTED,
        Outcome.UNCHANGED,
        Outcome.REFUSED,
        Outcome.FAILED,
        Outcome.UNKNOWN,
        Outcome.TIMEOUT,
    ],
)
def test_each_outcome_puts_the_id_into_its_own_list_and_all_lists_are_there(goal, make_work, outcome):
    found = result(goal, make_work(RESET, end=End(outcome, Reason.ASKED, "because")))
    assert {name: found[name] for name in found if name.endswith("_ids")} == {
        name: (["i-1"] if name == f"{outcome.value}_ids" else []) for name in LISTS
    }


@pytest.mark.parametrize(
    "outcome, touched, changed",
    [
        (Outcome.RESET, True, True),
        (Outcome.RESET, False, True),
        (Outcome.ACCEPTED, True, True),
        (Outcome.UNCHANGED, False, False),
        (Outcome.REFUSED, False, False),
        (Outcome.FAILED, False, False),
        (Outcome.FAILED, True, True),
        (Outcome.UNKNOWN, True, True),
        (Outcome.TIMEOUT, True, True),
        (Outcome.TIMEOUT, False, False),
    ],
)
def test_changed_is_what_was_or_may_have_been_changed(goal, make_work, outcome, touched, changed):
    found = result(goal, make_work(RESET, end=End(outcome), touched=touched))
    assert (found["changed"], found["instances"][0]["changed"]) == (changed, changed)
    assert bool(found["diff"]) is changed and bool(found["instances"][0]["erases"]) is changed


@pytest.mark.parametrize(
    "verdict, changed, ids",
    [
        (RESET, True, ["i-1"]),
        (SAME, False, []),
        (NO, False, []),
    ],
)
def test_a_rehearsal_tells_what_would_be(goal, make_work, verdict, changed, ids):
    found = result(goal, make_work(verdict), acted=False, rehearsal=True)
    row = found["instances"][0]
    assert (row["changed"], row["outcome"], row["after"], found["reset_ids"]) == (changed, None, None, ids)


def test_a_rehearsal_expects_what_comes_after_something_else_has_ended(goal, make_work, make_instance):
    busy = make_instance(status=Status.REBOOTING)
    row = result(goal, make_work(settle(busy), busy), acted=False, rehearsal=True)["instances"][0]
    assert (row["verdict"], row["changed"]) == ("settle", True)


def test_a_call_that_sent_nothing_expects_nothing(goal, make_work):
    found = result(
        goal, make_work(RESET), make_work(NO, end=End(Outcome.REFUSED, Reason.PROTECTED, "tag")), acted=False
    )
    assert (found["changed"], found["reset_ids"], found["refused_ids"]) == (False, [], ["i-1"])
    assert found["instances"][0]["outcome"] is None and found["instances"][0]["erases"] == []


@pytest.mark.parametrize("keep, erased", [(None, ["s"]), (True, ["s"]), (False, ["s", "d", "data"])])
def test_the_disks_that_are_erased_are_named(goal, make_work, make_instance, keep, erased):
    disks = make_instance(system_disk=Disk("s", 40), data_disks=(Disk("d", 9), Disk("")))
    found = result(goal, make_work(RESET, disks, end=End(Outcome.RESET)), keep=keep)
    assert found["instances"][0]["erases"] == erased


def test_a_row_tells_times_images_requests_and_the_error_with_advice(goal, make_work):
    end = End(Outcome.FAILED, Reason.CREATION_FAILED, "the provider shows it", "REINSTALL_FAILED")
    row = result(
        goal,
        make_work(RESET, end=end, touched=True, request_ids=["T1", "T2"], started_at=1.0, finished_at=61.24),
    )["instances"][0]
    assert (row["started_at"], row["finished_at"], row["seconds"]) == (
        "1970-01-01T00:00:01Z",
        "1970-01-01T00:01:01Z",
        60.2,
    )
    assert (
        row["error"]["code"] == "REINSTALL_FAILED"
        and row["error"]["request_id"] == "T2"
        and row["error"]["advice"]
    )
    assert (row["before"]["image"], row["after"]["vendor_status"]) == ("old", "RUNNING")


def test_an_instance_that_there_is_none_of_has_a_row_without_a_name(goal, make_work):
    item = make_work(NO, end=End(Outcome.REFUSED, Reason.NOT_FOUND, "no such instance"))
    item.before = item.latest = None
    row = result(goal, item)["instances"][0]
    assert (row["name"], row["before"], row["after"], row["error"]) == (None, None, None, None)


def test_the_diff_shows_image_and_state_before_and_after(goal, make_work):
    (diff,) = result(goal, make_work(RESET), acted=False, rehearsal=True)["diff"]
    assert (diff["before"], diff["after"]) == (
        {"image": "old", "status": "running"},
        {"image": "new", "status": "running"},
    )
    assert "i-1" in diff["before_header"] and "web-1" in diff["after_header"]


def test_the_diff_of_a_stop_says_stopped(zec, make_work):
    stop = Goal(Verb.STOP, zec, lambda instance, known: RESET)
    item = make_work(act(Verb.STOP, Reason.ASKED, "stop it"), target="")
    assert result(stop, item, acted=False, rehearsal=True)["diff"][0]["after"] == {
        "image": "old",
        "status": "stopped",
    }


@pytest.mark.parametrize(
    "outcomes, words",
    [
        ([], []),
        ([Outcome.RESET, Outcome.UNCHANGED, Outcome.ACCEPTED], []),
        ([Outcome.REFUSED], ["1 refused of 1", "web-1", "because"]),
        ([Outcome.FAILED, Outcome.RESET], ["1 failed of 2"]),
        ([Outcome.UNKNOWN, Outcome.TIMEOUT], ["1 unknown, 1 timeout of 2"]),
        ([Outcome.FAILED] * 8, ["8 failed of 8", "and 3 more"]),
    ],
)
def test_the_sentence_of_a_failure_counts_and_names_the_instances(goal, make_work, outcomes, words):
    items = [make_work(RESET, end=End(outcome, Reason.ASKED, "because")) for outcome in outcomes]
    message = problems_of(result(goal, *items), Execution(items, "plan", True), rehearsal=False)
    assert bool(message) is bool(words) and [word for word in words if word not in message] == []


@pytest.mark.parametrize(
    "acted, rehearsal, expected",
    [
        (False, False, True),
        (True, False, False),
        (False, True, False),
    ],
)
def test_a_failure_says_when_nothing_was_sent(goal, make_work, acted, rehearsal, expected):
    found = result(
        goal, make_work(NO, end=End(Outcome.REFUSED, Reason.PROTECTED, "s")), acted=acted, rehearsal=rehearsal
    )
    assert ("Nothing was sent" in problems_of(found, Execution((), "plan", acted), rehearsal)) is expected


def plan(goal, items, options):
    """The name of a plan for instances that all have the same options."""
    for item in items:
        item.digest = digest_of(goal, item, options)
    return plan_of(items)


def test_a_plan_has_one_name_whatever_the_order_and_the_states_that_come_and_go(
    goal, make_work, make_instance
):
    first, two = make_work(RESET), make_work(RESET, make_instance(status=Status.STOPPED))
    first.id, two.id = "i-1", "i-2"
    assert plan(goal, [first, two], {"image_id": "new"}) == plan(goal, [two, first], {"image_id": "new"})
    moved = make_work(RESET, make_instance(status=Status.STOPPED))
    assert plan(goal, [moved], {}) == plan(goal, [make_work(RESET)], {})


@pytest.mark.parametrize("then", [RESET, SAME])
def test_a_plan_has_the_same_name_whether_something_else_has_to_end_first_or_not(
    zec, make_work, make_instance, then
):
    goal = Goal(Verb.RESET, zec, lambda instance, known: then)
    busy = make_work(settle(make_instance()), make_instance(status=Status.REBOOTING))
    assert plan(goal, [busy], {}) == plan(goal, [make_work(then)], {})


@pytest.mark.parametrize(
    "change, part",
    [
        ("verdict", "the actions"),
        ("image", "the images"),
        ("target", "the images"),
        ("id", "the instances"),
        ("options", "the options"),
        ("fewer", "the instances"),
    ],
)
def test_a_plan_that_would_do_something_else_has_another_name_that_tells_the_part(
    goal, make_work, make_instance, change, part
):
    items, options = [make_work(RESET)], {"image_id": "new"}
    before = plan(goal, items, options)
    other = {
        "verdict": [make_work(SAME)],
        "image": [make_work(RESET, make_instance(image_id="third"))],
        "target": [make_work(RESET, target="third")],
        "fewer": [],
    }.get(change, items)
    if change == "id":
        other[0].id = "i-2"
    after = plan(goal, other, {**options, "force": True} if change == "options" else options)
    parts = zip(PLAN_PARTS, before.split("-"), after.split("-"))
    assert part in [name for name, part, two in parts if part != two]
